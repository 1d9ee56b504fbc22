"""Report exports whose cells are inert (Oscar writes customer-supplied text raw, formulas included)."""

from oscar.apps.dashboard.reports import reports
from oscar.apps.dashboard.reports.reports import *

from shop.operations.csv_cells import InertRows


class ReportCSVFormatter(reports.ReportCSVFormatter):
    def get_csv_writer(self, file_handle, **kwargs):
        return InertRows(super().get_csv_writer(file_handle, **kwargs))
