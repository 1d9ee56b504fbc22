"""The company's credit in the account: what may still be bought on invoice, and what it is made of."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.companies.access import level_of
from shop.companies.capabilities import Capability, Level
from shop.companies.pages.base import CompanyPage
from shop.credit import selectors
from shop.credit.models import CreditEntry

PER_PAGE = 25


class CreditPage(CompanyPage):
    """For those who see all invoices of the company: the sum of them is what this page shows."""

    capability = Capability.VIEW_INVOICES
    section = "company-credit"

    def get(self, request: HttpRequest) -> HttpResponse:
        if level_of(self.membership, Capability.VIEW_INVOICES) != Level.COMPANY or self.membership.on_behalf:
            raise PermissionDenied(_("Your role sees its own invoices, and not what the whole company owes."))
        now, currency = timezone.now(), settings.OSCAR_DEFAULT_CURRENCY
        entries = CreditEntry.objects.filter(account__company=self.company, account__currency=currency)
        return self.page(
            "credit",
            _("Credit"),
            standing=selectors.standing(company=self.company, currency=currency, at=now),
            page_obj=Paginator(entries.select_related("order__purchase"), PER_PAGE).get_page(request.GET.get("page")),
        )
