"""The statement of account: on the page, as PDF and as CSV."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.billing import parties, selectors, statements
from shop.billing.pages.forms import PeriodForm
from shop.billing.pages.listing import InvoicePage
from shop.billing.papers import statement_files
from shop.billing.parties import Party
from shop.billing.statements import Statement


class StatementPage(InvoicePage):
    """What the person may see of the company's account, over a period."""

    def get(self, request: HttpRequest) -> HttpResponse:
        invoices = selectors.invoices_visible_to(self.membership)
        currencies = statements.currencies(invoices)
        form = PeriodForm(request.GET, currencies=currencies, today=timezone.localdate())
        statement = statements.of(invoices, **form.cleaned_data) if currencies and form.is_valid() else None
        kind = request.GET.get("as", "")
        if statement and kind in ("pdf", "csv"):
            return self.file(statement, kind)
        return self.page(
            "statement", _("Statement of account"), form=form, statement=statement, has_invoices=bool(currencies)
        )

    def file(self, statement: Statement, kind: str) -> HttpResponse:
        name = f"statement-{statement.first}-{statement.last}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        if kind == "csv":
            text = "\ufeff" + statement_files.csv_of(statement)  # the mark by which spreadsheets know UTF-8
            return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
        content = statement_files.pdf_of(
            statement,
            seller=parties.seller(),
            buyer=Party(name=self.company.name, country=self.company.country, vat_id=self.company.vat_id),
            made_at=timezone.now(),
        )
        return HttpResponse(content, content_type="application/pdf", headers=headers)
