"""The sentences of an explanation in the reader's language; the engine stores codes and parameters."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels.journeys.models import Credit
from channels.journeys.models.labels import MEDIA, TOUCH_KINDS

WHY: dict[str, str | Promise] = {
    "override": _("Two people decided the shares of this line: {reason}"),
    "override_nobody": _("Two people decided that nobody is credited for this line: {reason}"),
    "renewal_steward": _("{partner} was the renewal steward on the day of renewal {cycle}."),
    "steward_days": _("The renewal stewards of this term share it by their days."),
    "no_steward": _("No partner was the renewal steward on the day of renewal {cycle}."),
    "deal": _("{partner} held an approved deal registration on the day of the order."),
    "deal_reseller": _("{partner} held an approved deal registration; {reseller} was picked as the reseller."),
    "reseller_pick": _("The buyer picked {reseller} as the reseller at checkout."),
    "model": _("The {model} model shared the credit over {touches} touchpoints of the last {days} days."),
    "model_nobody": _("The {model} model gives none of the {touches} touchpoints of the last {days} days a share."),
    "incumbent": _("Nobody touched this order; {partner} was the partner of record."),
    "house_order": _("Nobody touched this order; {partner} is the only partner for {country}."),
    "none": _("No touchpoint, no partner of record and no single partner for the territory: nobody is credited."),
}
SKIPS: dict[str, str | Promise] = {
    "suspended": _("{partner} was suspended on the day of the order."),
    "terminated": _("The agreement of {partner} had ended, and so had its tail."),
    "not_active": _("{partner} was not an active partner on the day of the order."),
    "outside_window": _("The touchpoints of {partner} are all outside the window."),
    "deal_protected": _("{partner} touched the order, but a deal registration of another partner protects it."),
    "no_influence_pool": _("{partner} touched the order, but the policy shares no influence beside a picked reseller."),
    "no_share": _("{partner} touched the order, but the model gives its touchpoints no share."),
    "territory_shared": _("{partner} is one of several partners for the country, so none has the house order."),
    "incumbent_off": _("{partner} was the partner of record, but the policy credits touchpoints only."),
}
HELD: dict[str, str | Promise] = {
    "same_user": _("a person of the partner placed the order"),
    "same_company": _("the partner and the customer are one company"),
    "same_vat_id": _("the partner and the customer have one VAT id"),
    "same_bank_account": _("the partner and the customer have one bank account"),
    "same_email_domain": _("the partner and the customer share an e-mail domain"),
}
MODELS: dict[str, str | Promise] = {
    "first": _("first touch"),
    "last": _("last touch"),
    "last-non-direct": _("last non-direct touch"),
    "linear": _("linear"),
    "linear-distinct": _("linear per partner"),
    "position": _("position-based"),
    "time-decay": _("time decay"),
    "w-shape": _("W-shape"),
    "role": _("role-weighted"),
}
ROLES: dict[str, str | Promise] = {
    "sourcer": _("Sourcer"),
    "reseller": _("Reseller"),
    "renewal_steward": _("Renewal steward"),
    "influencer": _("Influencer"),
    "advisor": _("Advisor"),
    "implementer": _("Implementer"),
    "closer": _("Closer"),
    "incumbent": _("Partner of record"),
    "house_order": _("Territory partner"),
    "distributor": _("Distributor"),
}
_KINDS = dict(TOUCH_KINDS)
_MEDIA = dict(MEDIA)
_NAMED = ("partner", "reseller")


def why(found: Mapping[str, object], names: Mapping[str, str]) -> str:
    """Return the sentence of a stored {code, params, text}, with the partners' names in place of their codes.

    A partner missing from `names` is one that the reader may not know of: it becomes "another partner".
    """
    template = WHY.get(str(found["code"]))
    params = found.get("params")
    if template is None or not isinstance(params, Mapping):
        return str(found["text"])
    values = {name: str(value) for name, value in params.items()}
    for name in _NAMED:
        if name in values:
            values[name] = names.get(values[name], str(_("another partner")))
    if "model" in values:
        values["model"] = str(MODELS.get(values["model"], values["model"]))
    return str(template).format(**values)


def skip(found: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return the sentence of a stored {partner, reason, text}."""
    template = SKIPS.get(found["reason"])
    if template is None:
        return found["text"]
    return str(template).format(partner=names.get(found["partner"], str(_("another partner"))))


def held(reason: str) -> str:
    """Return why a credit waits for a person, or "" when it does not."""
    return str(HELD.get(reason, reason))


def role(code: str) -> str:
    return str(ROLES.get(code, code))


def pool(code: str) -> str:
    return str(Credit.Pool(code).label)


def touch_kind(code: str) -> str:
    return str(_KINDS.get(code, code))


def medium(code: str) -> str:
    return str(_MEDIA.get(code, code))
