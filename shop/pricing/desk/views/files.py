"""Files of prices: exports, the template, an upload, its report, and the button that takes it over."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from shop.operations.back_office import StaffOnly
from shop.pricing.desk import files
from shop.pricing.desk.engine.price_file import COLUMNS, REQUIRED
from shop.pricing.desk.engine.tables import MOST_ROWS
from shop.pricing.desk.forms import UploadForm
from shop.pricing.desk.models import PriceImport
from shop.pricing.desk.pages import PriceAct, PriceForm, PriceTemplate
from shop.pricing.desk.services import imports
from shop.pricing.desk.views.lists import VIEW, OfList
from shop.pricing.desk.wording import told

IMPORT = "shop_pricing_desk.add_priceimport"
MOST_SHOWN = 100
SECONDS = "2"
WHOLE_FILE = frozenset(
    ("empty", "too_large", "not_text", "old_workbook", "broken_workbook", "unpacks_too_large", "too_many_rows",
     "broken_quotes", "columns_missing", "columns_unknown", "columns_twice")
)  # fmt: skip


class PriceImports(OfList, PriceForm):
    """The files of a list so far, and a form for the next one."""

    permission_required = IMPORT
    page_title = gettext_lazy("Prices from files")
    form_class = UploadForm
    template_name = "shop/pricing/desk/imports.html"
    success_message = gettext_lazy("The file is here and is being checked. Nothing is changed before you say so.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.price_list.imports.defer("content", "problems", "changes").select_related("created_by")[:50]
        more = {"files": found, "columns": COLUMNS, "required": REQUIRED, "most_rows": MOST_ROWS}
        return {**super().get_context_data(**kwargs), **more}

    def act(self, form: UploadForm, now: datetime) -> None:
        file = form.cleaned_data["file"]
        self.found = imports.upload(
            price_list=self.price_list, name=file.name, content=file.read(), at=now, by=self.request.user
        )

    def get_success_url(self) -> str:
        return reverse("price_import", args=[self.found.pk])


class PriceImportDetail(PriceTemplate):
    """One file: how far it is, what is wrong with it, or what it would change. The page asks again while it is at work."""

    permission_required = IMPORT
    template_name = "shop/pricing/desk/import.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = PriceImport.objects.select_related("price_list", "created_by")
        self.found = get_object_or_404(rows, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return self.found.name

    def trail(self) -> list[dict[str, Any]]:
        found = self.found.price_list
        return [
            {"url": reverse("price_list", args=[found.pk]), "label": found.name},
            {"url": reverse("price_imports", args=[found.pk]), "label": _("Files")},
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if self.found.state in imports.AT_WORK:
            response["Refresh"] = SECONDS
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found
        is_whole = any(one["code"] in WHOLE_FILE for one in found.problems[:1])
        return {
            **super().get_context_data(**kwargs),
            "file": found,
            "price_list": found.price_list,
            "is_at_work": found.state in imports.AT_WORK,
            "rows_seen": imports.rows_seen(found),
            "problems": [told(**one) for one in found.problems[:MOST_SHOWN]],
            "most_shown": MOST_SHOWN,
            "has_mistakes_file": bool(found.content and found.problems) and not is_whole,
            "may_try_again": bool(found.content)
            and found.state not in (PriceImport.State.CHECKED, PriceImport.State.DONE),
        }


class PriceImportAccept(PriceAct):
    """Take over the prices of a checked file."""

    permission_required = IMPORT

    def act(self, now: datetime, *, pk: int) -> str:
        get_object_or_404(PriceImport.objects.only("pk"), pk=pk)
        imports.accept(import_id=pk, at=now)
        return _("The prices are being taken over.")

    def back(self, *, pk: int) -> str:
        return reverse("price_import", args=[pk])


class PriceImportAgain(PriceImportAccept):
    """Check a file anew, or send lost work on it once more."""

    def act(self, now: datetime, *, pk: int) -> str:
        get_object_or_404(PriceImport.objects.only("pk"), pk=pk)
        imports.again(import_id=pk, at=now)
        return _("Sent again.")


class PriceImportMistakes(StaffOnly, View):
    """The file again, with what is wrong and how to mend it beside each row."""

    permission_required = IMPORT

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        found = get_object_or_404(PriceImport, pk=pk)
        if not found.content or not found.problems or found.problems[0]["code"] in WHOLE_FILE:
            raise Http404
        return _file(f"prices-{found.pk}-mistakes", kind, files.mistake_rows(found))


class PriceExport(OfList, StaffOnly, View):
    """All prices of a list as a file that an import takes back."""

    permission_required = VIEW

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        name = f"prices-{self.price_list.code}-{timezone.localdate():%Y%m%d}"
        return _file(name, kind, files.list_rows(self.price_list))


class PriceFileTemplate(OfList, StaffOnly, View):
    """An empty file with the right columns, and two rows that show how they are filled in."""

    permission_required = IMPORT

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        return _file("prices-template", kind, files.template_rows(self.price_list))


def _file(name: str, kind: str, rows: Any) -> HttpResponseBase:
    if kind not in files.FORMATS:
        raise Http404
    return files.response(name, kind, rows)
