"""The English sentence of each code that a decision or a skip may carry.

The codes with their parameters are what is stored and translated; a page that has no
translation shows these.
"""

from __future__ import annotations

from channels.journeys.engine.decision import Skip, Why

WHY = {
    "override": "Two people decided the shares of this line: {reason}",
    "override_nobody": "Two people decided that nobody is credited for this line: {reason}",
    "renewal_steward": "{partner} was the renewal steward on the day of renewal {cycle}.",
    "steward_days": "The renewal stewards of this term share it by their days.",
    "no_steward": "No partner was the renewal steward on the day of renewal {cycle}.",
    "deal": "{partner} held an approved deal registration on the day of the order.",
    "deal_reseller": "{partner} held an approved deal registration; {reseller} was picked as the reseller.",
    "reseller_pick": "The buyer picked {reseller} as the reseller at checkout.",
    "model": "The {model} model shared the credit over {touches} touchpoints of the last {days} days.",
    "model_nobody": "The {model} model gives none of the {touches} touchpoints of the last {days} days a share.",
    "incumbent": "Nobody touched this order; {partner} was the partner of record.",
    "house_order": "Nobody touched this order; {partner} is the only partner for {country}.",
    "none": "No touchpoint, no partner of record and no single partner for the territory: nobody is credited.",
}

SKIPS = {
    "suspended": "{partner} was suspended on the day of the order.",
    "terminated": "{partner}'s agreement had ended, and so had its tail.",
    "not_active": "{partner} was not an active partner on the day of the order.",
    "unknown_partner": "{partner} is not a channel partner.",
    "outside_window": "{partner}'s touchpoints are all outside the window of {days} days.",
    "deal_protected": "{partner} touched the order, but a deal registration of {holder} protects it.",
    "no_influence_pool": "{partner} touched the order, but the policy shares no influence beside a picked reseller.",
    "no_share": "{partner} touched the order, but the {model} model gives its touchpoints no share.",
    "territory_shared": "{partner} is one of several partners for {country}, so none has the house order.",
    "incumbent_off": "{partner} was the partner of record, but the policy credits touchpoints only.",
}

HELD = {
    "same_user": "a person of the partner placed the order",
    "same_company": "the partner and the customer are one company",
    "same_vat_id": "the partner and the customer have one VAT id",
    "same_bank_account": "the partner and the customer have one bank account",
    "same_email_domain": "the partner and the customer share an e-mail domain",
}


def why(code: str, **params: str) -> Why:
    return Why(code=code, params=tuple(sorted(params.items())), text=WHY[code].format(**params))


def skip(partner: str, reason: str, **params: str) -> Skip:
    return Skip(partner=partner, reason=reason, text=SKIPS[reason].format(partner=partner, **params))
