"""gunicorn's settings in production: `gunicorn --config python:shop.gunicorn shop.wsgi:application`."""

from shop.operations.memory import freeze

_NAMES = {"asctime": "at", "levelname": "level"}

bind = "0.0.0.0:8000"
workers = 3
threads = 4
timeout = 60
# A worker that leaks a little is replaced before it matters, and not all at the same time.
max_requests = 5000
max_requests_jitter = 500
post_worker_init = freeze
worker_tmp_dir = "/dev/shm"  # noqa: S108  memory: a heartbeat on a slow disk would look like a hung worker
accesslog = "-"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": _NAMES,
        },
        "access": {
            "()": "shop.operations.access_log.AccessFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": _NAMES,
        },
    },
    "handlers": {
        "json": {"class": "logging.StreamHandler", "formatter": "json"},
        "access": {"class": "logging.StreamHandler", "formatter": "access"},
    },
    "root": {"handlers": ["json"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["json"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}
