"""The web server's access lines as JSON objects, each with the request id that the application's own lines carry."""

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter


class AccessFormatter(JsonFormatter):
    """Formats what gunicorn hands over; the query is left out, since it may hold what a buyer typed."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        atoms: Any = record.args
        log_data.pop("message", None)
        log_data |= {
            "method": atoms["m"],
            "path": atoms["U"],
            "status": int(atoms["s"]),
            "bytes": atoms["B"],
            "ms": atoms["M"],
            "client": atoms["h"],
            "request_id": atoms["{x-request-id}o"],
        }
