"""python -m bench.inside.count PLAN GROUP: how many queries each page takes, as JSON on the last line.

Each page is asked for three times and the third counts, so that what may be cached is. The buyers of GROUP place their
orders, and the last one's queries count.
"""

import json
import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.inside import which

which.shop()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402


def ask(request: dict[str, str]) -> tuple[int, Any]:
    """Return the number of queries of one request and its response."""
    client = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    client.cookies = SimpleCookie(request.get("cookie", ""))
    with CaptureQueriesContext(connection) as queries:
        if "body" in request:
            kind = "application/x-www-form-urlencoded"
            response = client.post(request["path"], request["body"], content_type=kind)
        else:
            response = client.get(request["path"])
    return len(queries), response


def main(plan: dict[str, Any], group: str) -> None:
    found: dict[str, int] = {}
    for name, requests in plan["pages"].items():
        for _ in range(3):
            found[name], response = ask(requests[0])
        if response.status_code != 200:
            raise SystemExit(f"{name}: {response.status_code} {urlsplit(requests[0]['path']).path}")
    for request in plan["orders"][group]:
        found["place order"], response = ask(request)
        if response.status_code != 302 or "thank" not in response["Location"]:
            raise SystemExit(f"place order: {response.status_code} {response.get('Location', '')}")
    print(json.dumps(found))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])
