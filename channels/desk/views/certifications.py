"""What partners are certified for, as rules of a programme may ask."""

from datetime import datetime
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.desk.forms import DayInput
from channels.desk.pages import DeskAct
from channels.desk.views.partners import CHANGE, OfPartner
from channels.partners.models import ChannelPartner
from channels.partners.services import certifications


class CertificationForm(forms.Form):
    """A certification and its half-open period."""

    code = forms.SlugField(
        label=gettext_lazy("Certification"),
        max_length=40,
        help_text=gettext_lazy("The short name that programmes use, such as pumps or renewals."),
    )
    valid_from = forms.DateField(label=gettext_lazy("Valid from"), widget=DayInput)
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("The first day on which it is no longer valid. Empty: until it is withdrawn."),
    )


class CertificationAdd(OfPartner):
    """Note a certification of a partner."""

    form_class = CertificationForm
    refusals = (certifications.CertificationRefused,)
    submit_label = gettext_lazy("Add")
    success_message = gettext_lazy("Added. Orders of its days count with it; orders already rated stay as they are.")

    def get_page_title(self) -> str:
        return _("Add a certification of %s") % self.partner.name

    def act(self, data: dict[str, Any], now: datetime) -> None:
        certifications.certify(partner_id=self.partner.pk, at=now, actor=self.request.user, **data)


class CertificationWithdraw(DeskAct):
    """End a certification today, with its reason."""

    permission = CHANGE
    refusals = (certifications.CertificationRefused,)

    def act(self, now: datetime, reason: str, *, pk: int, certification: int) -> str:
        partner = get_object_or_404(ChannelPartner, pk=pk)
        row = get_object_or_404(partner.certifications, pk=certification)
        certifications.withdraw(certification_id=row.pk, on=now.date(), reason=reason, at=now, actor=self.request.user)
        return _("%(partner)s is no longer certified for %(code)s.") % {"partner": partner.name, "code": row.code}

    def back(self, *, pk: int, certification: int) -> str:
        return reverse("desk_partner", args=[pk])
