"""As what one unit is bought: a kind of offering and the choices made, checked and priced by the server."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Option

from shop.offering.errors import NotOffered
from shop.offering.models import Kind, Offering, OfferingChoice

# The option of Oscar's under which a line keeps its kind; the standard keeps nothing.
KIND_CODE = "offered-as"


@dataclass(frozen=True, slots=True)
class Question:
    """An option with the choices that an offering gives."""

    option: Option
    choices: tuple[OfferingChoice, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """One way in which a customer may buy a product; `row` is None for a standard that nobody wrote down."""

    kind: Kind
    row: Offering | None = None
    questions: tuple[Question, ...] = ()

    @property
    def plan(self) -> Any:
        return self.row.support_plan if self.row else None

    @property
    def surcharge(self) -> Decimal:
        return self.row.surcharge if self.row else Decimal(0)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was chosen, with the surcharge for one unit (net, in `currency`; '' for the standard)."""

    kind: Kind = Kind.STANDARD
    choices: tuple[OfferingChoice, ...] = ()
    surcharge: Decimal = Decimal(0)
    currency: str = ""
    plan: Any = None

    @property
    def is_plain(self) -> bool:
        return self.kind == Kind.STANDARD

    @property
    def words(self) -> str:
        """The kind and the choices for people; '' for the standard."""
        if self.is_plain:
            return ""
        made = ", ".join(f"{choice.option.name} {choice.label}" for choice in self.choices)
        return f"{self.kind.label}: {made}" if made else str(self.kind.label)

    def titled(self, title: str) -> str:
        """The product's title with the choices, as order lines and everything made of them show it."""
        return f"{title} ({self.words})" if self.words else title

    def frozen(self) -> list[dict[str, str]]:
        return [
            {
                "option": choice.option.name,
                "choice": choice.code,
                "label": choice.label,
                "surcharge": str(choice.surcharge),
            }
            for choice in self.choices
        ]


PLAIN = Configuration()


def configure(ways: Sequence[Offered], answers: Mapping[str, str]) -> Configuration:
    """Check the answers (option code -> choice code, the kind among them) and price them, or raise NotOffered."""
    kind = answers.get(KIND_CODE, Kind.STANDARD.value)
    offered = next((way for way in ways if way.kind == kind), None)
    if offered is None:
        names = ", ".join(str(way.kind.label) for way in ways)
        if not names:
            raise NotOffered(_("This product is not offered to you at the moment."))
        raise NotOffered(_("This product is not offered like that. Choose one of: %(kinds)s.") % {"kinds": names})
    if offered.row is None or offered.kind == Kind.STANDARD:
        _refuse_unknown(set(answers) - {KIND_CODE})
        return PLAIN
    _refuse_unknown(set(answers) - {KIND_CODE} - {question.option.code for question in offered.questions})
    choices = tuple(filter(None, (_answer(question, answers) for question in offered.questions)))
    return Configuration(
        kind=offered.kind,
        choices=choices,
        surcharge=sum((choice.surcharge for choice in choices), offered.surcharge),
        currency=offered.row.currency,
        plan=offered.plan,
    )


def _refuse_unknown(codes: Iterable[str]) -> None:
    names = ", ".join(sorted(codes))
    if names:
        raise NotOffered(
            _("This product has no option “%(names)s”. Reload its page and choose again.") % {"names": names}
        )


def _answer(question: Question, answers: Mapping[str, str]) -> OfferingChoice | None:
    given = answers.get(question.option.code, "")
    if not given:
        if question.option.required:
            raise NotOffered(_("Choose “%(option)s”.") % {"option": question.option.name})
        return None
    found = next((choice for choice in question.choices if choice.code == given), None)
    if found is None:
        labels = ", ".join(choice.label for choice in question.choices)
        raise NotOffered(
            _("“%(option)s” has no such choice. Choose one of: %(labels)s.")
            % {"option": question.option.name, "labels": labels}
        )
    return found


FIELD = "offering"


def requested(data: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return Oscar's options from the fields of a product page: `offering`, and `option-<kind>-<code>` of that kind.

    Raises NotOffered for a kind or an option that nobody ever heard of; `configure` judges the rest.
    """
    kind = data.get(FIELD, "") or Kind.STANDARD.value
    if kind not in Kind.values:
        raise NotOffered(_("This product is not offered like that. Reload its page and choose again."))
    if kind == Kind.STANDARD:
        return []
    start = f"option-{kind}-"
    given = {name.removeprefix(start): value for name, value in data.items() if name.startswith(start) and value}
    return options_of({KIND_CODE: kind, **given})


def options_of(answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return answers (option code -> choice code) as Oscar's basket takes them, always in the same order.

    Raises NotOffered for an option that does not exist.
    """
    if not answers:
        return []
    if KIND_CODE in answers:
        Option.objects.get_or_create(code=KIND_CODE, defaults={"name": "Offered as"})
    known = {option.code: option for option in Option.objects.filter(code__in=answers).order_by("code")}
    _refuse_unknown(set(answers) - set(known))
    return [{"option": option, "value": answers[code]} for code, option in known.items()]
