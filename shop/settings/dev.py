"""The embedded store: SQLite, in-process cache and tasks, mail to the console."""

from shop.settings.base import *  # noqa: F403

DEBUG = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
