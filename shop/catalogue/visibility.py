"""What a visitor does not see, for every page: no query while it is remembered, and none at all without rules."""

from functools import lru_cache

from shop.catalogue.services import version
from shop.segments import audiences, selectors
from shop.segments.engine.profiles import EVERYWHERE, GROSS, ROUTES, Profile, profile_for
from shop.segments.engine.visibility import NOTHING, Hidden, resolve


def hidden_from(company_key: str) -> Hidden:
    """Return what the company does not see; '' is somebody about whom nothing is known."""
    token = version.audience_token()
    return _hidden(token, audiences.of(company_key).names()) if token else NOTHING


def sees_product(company_key: str, product_id: int) -> bool:
    """Whether the company may know of the stand-alone or parent product."""
    return not hidden_from(company_key).has_product(product_id)


def mode_of(company_key: str) -> str:
    """Return what the store does for the company: a SiteMode."""
    return profile_of(company_key).mode


def shows_gross(company_key: str) -> bool:
    """Whether prices are shown to the company with the tax that it will bear."""
    return profile_of(company_key).prices == GROSS


def profile_of(company_key: str) -> Profile:
    token = version.audience_token()
    if not token:
        return EVERYWHERE
    who = audiences.of(company_key)
    return profile_for(_profiles(token), group_ids=who.group_ids, segment=who.segment, country=who.country)


def routes_of(company_key: str) -> tuple[str, ...]:
    """Return the channels through which the company may order; the first is suggested."""
    return ROUTES[mode_of(company_key)]


@lru_cache(maxsize=256)
def _hidden(token: str, names: tuple[tuple[str, str], ...]) -> Hidden:
    """The token names one state of the rules, so that nothing here is ever out of date."""
    return resolve(selectors.spoken_by_level(names))


@lru_cache(maxsize=2)
def _profiles(token: str) -> tuple[Profile, ...]:
    return tuple(selectors.profiles())
