"""How often somebody may try: to sign in, to register, to have mail sent. Unknown addresses count as known ones do."""

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from channels import api


def count_login(request: HttpRequest, email: str) -> None:
    """Count a try to sign in, from this client and to this account. Raises TooManyTries."""
    api.count_try(settings.CLIENT_LIMIT, "login-client", client_of(request), or_here=True)
    api.count_try(settings.PASSWORD_LIMIT, "login", _name(email), or_here=True)


def forget_login(email: str) -> None:
    """The password was right, or is new."""
    api.forget_tries(settings.PASSWORD_LIMIT, "login", _name(email))


def count_request(request: HttpRequest, kind: str) -> None:
    """Count a registration or another request of a stranger's, by client. Raises TooManyTries."""
    api.count_try(settings.CLIENT_LIMIT, kind, client_of(request), or_here=True)


def may_mail(kind: str, email: str) -> bool:
    """Count a mail of this kind; False when the address has had enough, which nobody is told."""
    try:
        api.count_try(settings.MAIL_LIMIT, kind, _name(email), or_here=True)
    except api.TooManyTries:
        return False
    return True


def client_of(request: HttpRequest) -> str:
    """Return who asks: the IPv4 address, or the /64 network that an IPv6 client has to itself.

    Behind our proxy it is what the proxy saw, the last of X-Forwarded-For; the ones before it anybody can write.
    """
    written = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY_HEADERS:
        written = request.headers.get("X-Forwarded-For", written).rpartition(",")[2].strip()
    try:
        address = ip_address(written)
    except ValueError:
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


def _name(email: str) -> str:
    """The counts hold no addresses of people."""
    return sha256(email.strip().lower().encode()).hexdigest()
