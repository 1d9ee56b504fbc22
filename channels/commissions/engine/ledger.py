"""Which accounts move when: each function returns one balanced set of entries.

Debits are positive, credits negative. Balances are passed as what is owed to the partner
(held, payable) or owed by it (clawback), always as positive amounts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HELD = "Liability:Held"
PAYABLE = "Liability:Payable"
IN_TRANSIT = "Liability:InTransit"
CLAWBACK = "Asset:Clawback"
BANK = "Asset:Bank"
FX = "Equity:FX"
GENESIS = "0" * 64


def expense(commission_type: str) -> str:
    return f"Expense:Commission:{commission_type}"


@dataclass(frozen=True, slots=True)
class Entry:
    """`partner` is "" on the Bank account, which belongs to nobody."""

    account: str
    partner: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Owed:
    """What is left of one accrual, or of one partner: both never negative."""

    held_minor: int = 0
    payable_minor: int = 0


Entries = tuple[Entry, ...]


def accrue(*, partner: str, commission_type: str, amount_minor: int, currency: str) -> Entries:
    return _move(expense(commission_type), HELD, partner, amount_minor, currency)


def release(*, partner: str, amount_minor: int, currency: str) -> Entries:
    """After the hold."""
    return _move(HELD, PAYABLE, partner, amount_minor, currency)


def freeze(*, partner: str, amount_minor: int, currency: str) -> Entries:
    """A dispute puts back on hold what was released and not paid."""
    return _move(PAYABLE, HELD, partner, amount_minor, currency)


def reverse(*, partner: str, commission_type: str, amount_minor: int, currency: str, owed: Owed) -> Entries:
    """Takes earned commission back: from held first, then payable, and what was paid as clawback.

    `owed` is what is left of the very accrual that is reversed.
    """
    _check_amount(amount_minor)
    if owed.held_minor < 0 or owed.payable_minor < 0:
        raise ValueError("owed amounts must not be negative")
    from_held = min(amount_minor, owed.held_minor)
    from_payable = min(amount_minor - from_held, owed.payable_minor)
    parts = (
        (HELD, from_held),
        (PAYABLE, from_payable),
        (CLAWBACK, amount_minor - from_held - from_payable),
    )
    debits = [Entry(account, partner, part, currency) for account, part in parts if part]
    if not debits:
        return ()
    return (*debits, Entry(expense(commission_type), partner, -amount_minor, currency))


def net_clawback(*, partner: str, payable_minor: int, clawback_minor: int, currency: str) -> Entries:
    """Before a payout: what the partner owes is taken from what it is owed, as far as that goes."""
    _check_amount(payable_minor)
    _check_amount(clawback_minor)
    return _move(PAYABLE, CLAWBACK, partner, min(payable_minor, clawback_minor), currency)


def pay(*, partner: str, amount_minor: int, currency: str) -> Entries:
    return _move(PAYABLE, IN_TRANSIT, partner, amount_minor, currency)


def payout_confirmed(*, partner: str, amount_minor: int, currency: str) -> Entries:
    _check_amount(amount_minor)
    if amount_minor == 0:
        return ()
    return (
        Entry(IN_TRANSIT, partner, amount_minor, currency),
        Entry(BANK, "", -amount_minor, currency),
    )


def payout_returned(*, partner: str, amount_minor: int, currency: str) -> Entries:
    """The bank sent it back: it is payable again."""
    return _move(IN_TRANSIT, PAYABLE, partner, amount_minor, currency)


def convert(*, partner: str, owed_minor: int, currency: str, converted_minor: int, into: str) -> Entries:
    """What is owed in one currency is owed in another from now on; below zero it is what the partner owes.

    Each currency sums to zero against FX, which carries the partner: its balances stay the sum of their parts.
    Comes after netting, so that one side is all there is.
    """
    if (owed_minor > 0) != (converted_minor > 0) or not owed_minor or not converted_minor:
        return ()
    account = PAYABLE if owed_minor > 0 else CLAWBACK
    return (
        Entry(account, partner, owed_minor, currency),
        Entry(FX, partner, -owed_minor, currency),
        Entry(FX, partner, converted_minor, into),
        Entry(account, partner, -converted_minor, into),
    )


def opposite(entries: Iterable[Entry]) -> Entries:
    """The posting which undoes another one as a whole."""
    return tuple(Entry(e.account, e.partner, -e.amount_minor, e.currency) for e in entries)


def is_balanced(entries: Iterable[Entry]) -> bool:
    totals: dict[str, int] = {}
    for entry in entries:
        totals[entry.currency] = totals.get(entry.currency, 0) + entry.amount_minor
    return not any(totals.values())


def canonical(*, key: str, kind: str, facts: Mapping[str, str], entries: Sequence[Entry]) -> str:
    """The one JSON text of a posting; entry order is part of it, key order is not."""
    body = {
        "key": key,
        "kind": kind,
        "facts": dict(facts),
        "entries": [[e.account, e.partner, e.amount_minor, e.currency] for e in entries],
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def chain(prev_hash: str, canonical_posting: str) -> str:
    """The hash of a posting over its predecessor's; the first one follows GENESIS."""
    return hashlib.sha256(f"{prev_hash}\n{canonical_posting}".encode()).hexdigest()


def _move(debit: str, credit: str, partner: str, amount_minor: int, currency: str) -> Entries:
    _check_amount(amount_minor)
    if amount_minor == 0:
        return ()
    return (
        Entry(debit, partner, amount_minor, currency),
        Entry(credit, partner, -amount_minor, currency),
    )


def _check_amount(amount_minor: int) -> None:
    if amount_minor < 0:
        raise ValueError(f"an amount to post must not be negative: {amount_minor}")
