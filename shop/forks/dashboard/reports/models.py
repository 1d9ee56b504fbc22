from oscar.apps.dashboard.reports.models import *  # noqa: F403
