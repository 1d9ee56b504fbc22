"""Files of touchpoints on the desk: a template, an upload, the report, and the button that adds the rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from channels.desk import csv_files
from channels.desk.pages import DeskAct, DeskForm, DeskPermission, DeskTemplate
from channels.desk.touch_forms import UploadForm
from channels.journeys.engine.touch_file import COLUMNS, MOST_ROWS, REQUIRED, UnreadableFile
from channels.journeys.models import TouchImport
from channels.journeys.selectors import touch_file_wording
from channels.journeys.services import touch_imports

PERMISSION = "channels_journeys.add_touchimport"
TRAIL = (
    ("desk_touchpoints", gettext_lazy("Touchpoints")),
    ("desk_touch_imports", gettext_lazy("Files")),
)
State = TouchImport.State
MOST_SHOWN = 100
SECONDS = "2"
EXAMPLES = (
    (
        "visit-0815",
        "2026-03-01T14:30+01:00",
        "visit",
        "field_sales",
        "",
        "NO987654321",
        "",
        "250.00",
        "EUR",
        "Site audit",
    ),
    ("", "2026-03-04", "demo", "", "fjordtek", "havbris.example.com", "Spring fair", "", "", ""),
)


class ImportList(DeskForm):
    """The files so far, and a form for the next one."""

    permission = PERMISSION
    page_title = gettext_lazy("Touchpoints from files")
    form_class = UploadForm
    template_name = "channels/desk/touch_import_list.html"
    trail = TRAIL[:1]
    refusals = (UnreadableFile,)
    success_message = gettext_lazy("The file is here and is being checked. Nothing is added before you say so.")

    def files(self) -> QuerySet[TouchImport]:
        return TouchImport.objects.defer("content", "problems").select_related("created_by")[:50]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"files": self.files(), "columns": COLUMNS, "required": REQUIRED, "most_rows": MOST_ROWS}
        return {**super().get_context_data(**kwargs), **more}

    def act(self, data: dict[str, Any], now: datetime) -> None:
        file = data["file"]
        self.found = touch_imports.upload(name=file.name, content=file.read(), at=now, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("desk_touch_import", args=[self.found.pk])


class ImportDetail(DeskTemplate):
    """One file: how far it is, what is wrong with it, or what would be added. The page asks again while it is at work."""

    permission = PERMISSION
    act_permission = PERMISSION
    template_name = "channels/desk/touch_import.html"
    trail = TRAIL

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        files = TouchImport.objects.defer("content").select_related("created_by")
        self.found = get_object_or_404(files, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return self.found.name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if self.is_at_work:
            response["Refresh"] = SECONDS
        return response

    @property
    def is_at_work(self) -> bool:
        return self.found.state in touch_imports.AT_WORK and not self.found.last_error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "file": self.found,
            "is_at_work": self.is_at_work,
            "problems": list(told(self.found))[:MOST_SHOWN],
            "most_shown": MOST_SHOWN,
        }


def told(found: TouchImport) -> Iterator[touch_file_wording.Told]:
    return (touch_file_wording.told(**row) for row in found.problems)


class ImportAccept(DeskAct):
    """Add the rows of a checked file."""

    permission = PERMISSION
    refusals = (touch_imports.ImportNotAllowed,)

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        get_object_or_404(TouchImport.objects.only("pk"), pk=pk)
        touch_imports.accept(import_id=pk, at=now, actor=self.request.user)
        return _("The rows are being added.")

    def back(self, *, pk: int) -> str:
        return reverse("desk_touch_import", args=[pk])


class ImportAgain(ImportAccept):
    """Send the work on a file once more."""

    def act(self, now: datetime, reason: str, *, pk: int) -> str:
        get_object_or_404(TouchImport.objects.only("pk"), pk=pk)
        touch_imports.again(import_id=pk, at=now)
        return _("Sent again.")


class ImportTemplate(DeskPermission, View):
    """An empty file with the right columns and two rows that show how they are filled in."""

    permission = PERMISSION

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        return csv_files.streamed("touchpoints", COLUMNS, EXAMPLES)


class ImportProblems(DeskPermission, View):
    """The report of a file as a file."""

    permission = PERMISSION

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        found = get_object_or_404(TouchImport.objects.defer("content"), pk=pk)
        head = (_("row"), _("column"), _("value"), _("what is wrong"), _("what to do"))
        rows = ((str(one.row), one.column, one.value, one.problem, one.advice) for one in told(found))
        return csv_files.streamed(f"touchpoints-{found.pk}-problems", head, rows)
