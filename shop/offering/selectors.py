"""What is offered to whom, and how lines of baskets and orders were configured."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from shop.offering.configuration import PLAIN, Configuration, Offered, Question, configure
from shop.offering.errors import NotOffered
from shop.offering.models import Kind, Offering
from shop.segments.selectors import group_ids_of


def offered(products: Iterable[Any], *, company_key: str) -> dict[int, tuple[Offered, ...]]:
    """Return how a company may buy each product, the standard first. One query where nothing is said, else three.

    A child without rows of its own is offered as its parent.
    """
    wanted = list({product.pk: product for product in products}.values())
    owners = {pk for product in wanted for pk in (product.pk, product.parent_id) if pk}
    rows: dict[int, list[Offering]] = defaultdict(list)
    found = Offering.objects.filter(product__in=owners).select_related("support_plan")
    for row in found.prefetch_related("choices__option").order_by("pk"):
        rows[row.product_id].append(row)
    groups = group_ids_of(company_key) if rows else ()
    return {product.pk: _ways(rows[product.pk] or rows[product.parent_id], groups) for product in wanted}


def _ways(rows: Sequence[Offering], groups: Sequence[int]) -> tuple[Offered, ...]:
    found = []
    for kind in Kind:
        of_kind = {row.group_id: row for row in rows if row.kind == kind}
        row = next((of_kind[group] for group in (*groups, None) if group in of_kind), None)
        if row is not None:
            found.append(Offered(kind, row, _questions(row)))
        elif kind == Kind.STANDARD and not of_kind:
            found.append(Offered(kind))
    return tuple(found)


def _questions(row: Offering) -> tuple[Question, ...]:
    by_option: dict[Any, list[Any]] = defaultdict(list)
    for choice in row.choices.all():
        by_option[choice.option].append(choice)
    return tuple(Question(option, tuple(choices)) for option, choices in by_option.items())


def answers_of(line: Any) -> dict[str, str]:
    """Return what a line of a basket or an order keeps of its configuration: option code -> choice code."""
    return {made.option.code: str(made.value) for made in line.attributes.all() if made.option}


def configure_lines(lines: Iterable[Any], *, company_key: str) -> None:
    """Set each basket line's `configuration`, None where it is no longer offered.

    No query for lines without attributes: the standard is checked when a line is added and when it is ordered.
    """
    answers = [(line, answers_of(line)) for line in lines]
    configured = [line.product for line, given in answers if given]
    ways = offered(configured, company_key=company_key) if configured else {}
    for line, given in answers:
        line.configuration = _configured(ways[line.product_id], given) if given else PLAIN


def _configured(ways: Sequence[Offered], answers: dict[str, str]) -> Configuration | None:
    try:
        return configure(ways, answers)
    except NotOffered:
        return None


def refusals(lines: Iterable[Any], *, company_key: str) -> list[str]:
    """Return why priced basket lines cannot be ordered as they are: how they are offered, and in which quantities."""
    lines = list(lines)
    ways = offered((line.product for line in lines), company_key=company_key)
    found, pieces, plans = [], Counter[int](), Counter[int]()
    for line in lines:
        pieces[line.product_id] += line.quantity
        if line.configuration and line.configuration.plan is not None:
            plans[line.configuration.plan.pk] += line.quantity
        try:
            configure(ways[line.product_id], answers_of(line))
        except NotOffered as refusal:
            found.append(f"“{line.product.get_title()}”: {refusal}")
        if line.quantity_problem:
            found.append(f"“{line.title}”: {line.quantity_problem}")
    names = {
        line.configuration.plan.pk: line.configuration.plan.get_title()
        for line in lines
        if line.configuration and line.configuration.plan
    }
    return found + [
        _("The dedicated support needs %(number)d × “%(plan)s”. Add it, or choose the product without it.")
        % {"number": wanted - pieces[pk], "plan": names[pk]}
        for pk, wanted in plans.items()
        if pieces[pk] < wanted
    ]


def configuration(product: Any, options: Sequence[dict[str, Any]], *, company_key: str) -> Configuration:
    """Return what Oscar's `options` (dicts of option and value) make of the product, or raise NotOffered."""
    answers = {given["option"].code: str(given["value"]) for given in options}
    return configure(offered([product], company_key=company_key)[product.pk], answers)
