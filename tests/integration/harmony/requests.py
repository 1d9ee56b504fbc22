"""A request of staff that can carry messages."""

from typing import Any

from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory

from tests.factories import shop


def staff_request() -> Any:
    request: Any = RequestFactory().post("/")
    request.user, request.session = shop.user(is_staff=True), {}
    request._messages = FallbackStorage(request)
    return request
