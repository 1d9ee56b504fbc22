"""What a product page sells: the product, its versions or the terms of an edition, at the visitor's prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.urls import reverse

from shop.catalogue.attribute_words import text_of
from shop.catalogue.cards import shown_prices
from shop.catalogue.engine.snapshot import Snapshot
from shop.catalogue.engine.terms import Offer, Term, compare
from shop.catalogue.models import CatalogueEntry
from shop.offering import quantities
from shop.offering.engine.quantities import Rule, snap
from shop.offering.quantities import rule_of
from shop.pricing.contexts import PriceContext
from shop.pricing.engine.ladders import Origin, Step
from shop.pricing.resolver import ResolvedPrice


@dataclass(frozen=True, slots=True)
class Calculation:
    """What commitments to a product come to for a quantity; `note` says why it is another than asked for."""

    product_id: int
    quantity: int
    rule: Rule
    terms: tuple[Term, ...]
    selected: Term | None
    currency: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant without a term: one row of the choice."""

    product_id: int
    sku: str
    title: str
    price: Decimal | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OnOffer:
    """What there is to choose from, priced. `own` leaves out the terms that other products of the edition stand for."""

    offers: tuple[Offer, ...]
    own: tuple[Offer, ...]
    prices: Mapping[int, ResolvedPrice]
    terms: tuple[Term, ...]
    selected: Term | None
    choices: tuple[Choice, ...]


def on_offer(entry: CatalogueEntry, *, context: PriceContext, today: date, chosen: int | None) -> OnOffer:
    found = offers_of(entry)
    prices = shown_prices(found, context=context)
    offers = at_prices(found, prices)
    terms = compare(offers, today=today)
    return OnOffer(
        offers=tuple(offers),
        own=tuple(offer for offer in offers if entry.detail["variants"] or offer.product_id == entry.pk),
        prices=prices,
        terms=tuple(terms),
        selected=chosen_term(terms, entry.pk if entry.pk in hrefs_of(entry) else chosen),
        choices=() if terms else tuple(choices_of(entry, offers, chosen)),
    )


def first_calculation(
    catalogue: Snapshot, entry: CatalogueEntry, sold: OnOffer, *, context: PriceContext, today: date
) -> Calculation:
    """Return the terms for the smallest quantity that is sold."""
    rule = rule_of(entry.product)
    if not sold.terms or rule.lowest == 1:
        return Calculation(entry.pk, 1, rule, sold.terms, sold.selected, entry.currency)
    chosen = sold.selected.product_id if sold.selected else None
    return calculation(catalogue, entry, context=context, today=today, quantity=rule.lowest, chosen=chosen)


def calculation(
    catalogue: Snapshot, entry: CatalogueEntry, *, context: PriceContext, today: date, quantity: int, chosen: int | None
) -> Calculation:
    """Return the terms of an edition for a quantity, snapped to the product's rule, at the prices of that quantity."""
    forget_hidden(entry, catalogue)
    rule = rule_of(entry.product)
    snapped = snap(quantity, rule)
    offers = offers_of(entry)
    prices = shown_prices(offers, context=context, quantity=snapped.quantity)
    terms = compare(at_prices(offers, prices), today=today, quantity=snapped.quantity)
    note = quantities.words(rule, snapped)
    return Calculation(entry.pk, snapped.quantity, rule, tuple(terms), chosen_term(terms, chosen), entry.currency, note)


def forget_hidden(entry: CatalogueEntry, catalogue: Snapshot) -> None:
    """Keep of an edition's other terms only those that this visitor may know of."""
    entry.detail["siblings"] = [
        other for other in entry.detail["siblings"] if other["id"] == entry.pk or catalogue.has(other["id"])
    ]


def at_prices(offers: Sequence[Offer], prices: Mapping[int, ResolvedPrice]) -> list[Offer]:
    return [
        replace(offer, price=prices[offer.product_id].amount if offer.product_id in prices else None)
        for offer in offers
    ]


def offers_of(entry: CatalogueEntry) -> list[Offer]:
    """What this page sells: its own product or children, or one edition in the terms of its siblings."""
    siblings = entry.detail["siblings"]
    if len(siblings) > 1:
        return [
            Offer(
                other["id"],
                other["upc"],
                other["title"],
                None if other["price"] is None else Decimal(other["price"]),
                other["term_months"],
                other["currency"],
            )
            for other in siblings
        ]
    variants = {variant["id"]: variant for variant in entry.detail["variants"]}
    return [
        Offer(
            product_id=pk,
            sku=variants[pk]["upc"] if pk in variants else entry.upc,
            title=variants[pk]["title"] if pk in variants else entry.title,
            price=None if price is None else Decimal(price),
            term_months=months,
            currency=entry.currency,
        )
        for pk, price, months in entry.offers
    ]


def ladders_of(offers: Sequence[Offer], prices: Mapping[int, ResolvedPrice]) -> list[tuple[str, tuple[Step, ...]]]:
    """What a unit costs by quantity, where that differs; terms have a table of their own."""
    found = [(offer.title, prices[offer.product_id].ladder) for offer in offers if offer.product_id in prices]
    return [(title, ladder) for title, ladder in found if len(ladder) > 1]


def explained(offers: Sequence[Offer], prices: Mapping[int, ResolvedPrice]) -> list[tuple[str, ResolvedPrice]]:
    """Return the prices that have a reason to be told; a list price explains itself."""
    found = [(offer.title, prices[offer.product_id]) for offer in offers if offer.product_id in prices]
    return [(title, price) for title, price in found if price.source != Origin.STOCK_RECORD]


def hrefs_of(entry: CatalogueEntry) -> dict[int, str]:
    """Where each sibling's own page is; children have none."""
    base = reverse("catalogue:index")
    return {other["id"]: f"{base}{other['slug']}_{other['id']}/" for other in entry.detail["siblings"]}


def chosen_term(terms: Sequence[Term], chosen: int | None) -> Term | None:
    """The one asked for; else the yearly one, being what most buyers take; else the first."""
    wanted = next((term for term in terms if term.product_id == chosen), None)
    yearly = next((term for term in terms if term.months == 12), None)
    return wanted or yearly or next(iter(terms), None)


def choices_of(entry: CatalogueEntry, offers: Sequence[Offer], chosen: int | None) -> list[Choice]:
    if not entry.detail["variants"]:
        return []
    ids = [offer.product_id for offer in offers if offer.price is not None]
    marked = chosen if chosen in ids else next(iter(ids), None)
    texts = {
        variant["id"]: ", ".join(text for _name, value in variant["attributes"] if (text := text_of(value)))
        for variant in entry.detail["variants"]
    }
    return [
        Choice(
            offer.product_id,
            offer.sku,
            offer.title if offer.title != entry.title else texts[offer.product_id] or offer.sku,
            offer.price,
            offer.product_id == marked,
        )
        for offer in offers
    ]
