"""Where to go next: only to our own pages."""

from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request, *, default, url=None):
    """Return the wanted address if it is on this host and over this scheme, else the default."""
    wanted = url if url is not None else request.POST.get("next") or request.GET.get("next") or ""
    wanted = wanted.strip()
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return default
