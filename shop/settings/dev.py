"""The embedded store: SQLite, in-process cache and tasks, mail to the console."""

from shop.settings import env
from shop.settings.base import *

DEBUG = env.DEBUG
DEVELOPER_PAGES = True
ACCORD_SHOW_CONFIRMATION_LINK = True
SERVE_MEDIA = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
