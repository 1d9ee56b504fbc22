"""The form of an override: shares per pool, as rows that work without script."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.core.money import BASIS
from channels.journeys.models import Credit, OrderRecord
from channels.journeys.selectors.journeys import current_credits
from channels.partners.models import ChannelPartner

ROWS = 6
Pools = dict[str, dict[str, int]]


class OverrideForm(forms.Form):
    """Which lines, and who gets what of each pool. Rows left empty count for nothing."""

    lines = forms.MultipleChoiceField(
        label=gettext_lazy("Lines"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means the whole order."),
    )  # fmt: skip
    nobody = forms.BooleanField(label=gettext_lazy("Nobody is credited for these lines"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The partners whom it touches read this sentence."),
    )  # fmt: skip
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the person who decides: mails, minutes, references of touchpoints."),
    )  # fmt: skip

    def __init__(self, *args: Any, order: OrderRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        choices = [(line.key, f"{line.position}. {line.title}") for line in order.lines.order_by("position")]
        self.fields["lines"].choices = choices  # type: ignore[attr-defined]
        partners = [("", "–"), *((row.code, row.name) for row in ChannelPartner.objects.order_by("name"))]
        for number in range(ROWS):
            self.fields[f"pool_{number}"] = forms.ChoiceField(
                label=_("Pool"), required=False, choices=[("", "–"), *Credit.Pool.choices]
            )
            self.fields[f"partner_{number}"] = forms.ChoiceField(label=_("Partner"), required=False, choices=partners)
            self.fields[f"share_{number}"] = forms.DecimalField(
                label=_("Share (%)"), required=False, min_value=0, max_value=100, decimal_places=2
            )
        self.initial = {**shares_now(order), **self.initial}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the bound fields of each row."""
        for number in range(ROWS):
            yield {"number": number + 1, **{name: self[f"{name}_{number}"] for name in ("pool", "partner", "share")}}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pools: Pools = {}
        for number in range(ROWS):
            pool, partner, share = (cleaned.get(f"{name}_{number}") for name in ("pool", "partner", "share"))
            if not (pool or partner or share):
                continue
            if not (pool and partner and share):
                self.add_error(None, _("Row %s needs a pool, a partner and a share, or none of them.") % (number + 1))
            elif partner in pools.get(pool, {}):
                self.add_error(None, _("A partner has one row in each pool."))
            else:
                pools.setdefault(pool, {})[partner] = int(share * 100)
        if cleaned.get("nobody"):
            pools = {}
        elif not pools and not self.errors:
            self.add_error(None, _("Fill in a row, or say that nobody is credited."))
        for pool, shares in pools.items():
            if sum(shares.values()) != BASIS:
                label = Credit.Pool(pool).label
                self.add_error(None, _("The shares of the pool %s do not sum to 100 %%.") % label)
        return {**cleaned, "pools": pools}


def shares_now(order: OrderRecord) -> dict[str, Any]:
    """Start from the credits that the lines have now; where lines differ, from what most of them have."""
    found = Counter((credit.pool, credit.partner.code, credit.share_bp) for credit in current_credits(order))
    chosen: dict[tuple[str, str], int] = {}
    for (pool, code, share), _count in found.most_common():
        chosen.setdefault((pool, code), share)
    initial: dict[str, Any] = {}
    for number, ((pool, code), share) in enumerate(list(chosen.items())[:ROWS]):
        initial |= {f"pool_{number}": pool, f"partner_{number}": code, f"share_{number}": f"{share / 100:g}"}
    return initial
