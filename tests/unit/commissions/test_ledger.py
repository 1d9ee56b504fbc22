import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.commissions.engine import ledger
from channels.commissions.engine.ledger import Entry, Owed

WHO = {"partner": "A", "currency": "EUR"}
amounts = st.integers(0, 10**12)


def test_accounts_have_their_published_names() -> None:
    assert ledger.expense("RESALE") == "Expense:Commission:RESALE"
    names = (ledger.HELD, ledger.PAYABLE, ledger.IN_TRANSIT, ledger.CLAWBACK, ledger.BANK)
    assert names == ("Liability:Held", "Liability:Payable", "Liability:InTransit", "Asset:Clawback", "Asset:Bank")


@given(amounts, amounts, amounts)
def test_every_posting_is_balanced_and_has_no_empty_entry(amount: int, held: int, payable: int) -> None:
    postings = (
        ledger.accrue(commission_type="RESALE", amount_minor=amount, **WHO),
        ledger.release(amount_minor=amount, **WHO),
        ledger.reverse(commission_type="RESALE", amount_minor=amount, owed=Owed(held, payable), **WHO),
        ledger.net_clawback(payable_minor=amount, clawback_minor=held, **WHO),
        ledger.pay(amount_minor=amount, **WHO),
        ledger.payout_confirmed(amount_minor=amount, **WHO),
        ledger.payout_returned(amount_minor=amount, **WHO),
    )
    for entries in postings:
        assert ledger.is_balanced(entries)
        assert ledger.is_balanced((*entries, *ledger.opposite(entries)))
        assert all(entry.amount_minor for entry in entries)
        assert len(entries) != 1


@given(amounts, amounts, amounts)
def test_reversal_takes_held_then_payable_then_clawback(amount: int, held: int, payable: int) -> None:
    entries = ledger.reverse(commission_type="RENEWAL", amount_minor=amount, owed=Owed(held, payable), **WHO)
    by_account = {entry.account: entry.amount_minor for entry in entries}
    taken_held = by_account.get(ledger.HELD, 0)
    taken_payable = by_account.get(ledger.PAYABLE, 0)
    clawback = by_account.get(ledger.CLAWBACK, 0)
    assert taken_held + taken_payable + clawback == amount == -by_account.get("Expense:Commission:RENEWAL", 0)
    assert 0 <= taken_held <= held
    assert 0 <= taken_payable <= payable
    assert taken_payable == 0 or taken_held == held
    assert clawback == 0 or (taken_held, taken_payable) == (held, payable)


def test_whole_life_of_a_commission_ends_with_every_liability_at_zero() -> None:
    life = (
        *ledger.accrue(commission_type="RESALE", amount_minor=500, **WHO),
        *ledger.release(amount_minor=500, **WHO),
        *ledger.pay(amount_minor=500, **WHO),
        *ledger.payout_returned(amount_minor=500, **WHO),
        *ledger.pay(amount_minor=500, **WHO),
        *ledger.payout_confirmed(amount_minor=500, **WHO),
        *ledger.reverse(commission_type="RESALE", amount_minor=200, owed=Owed(), **WHO),
        *ledger.accrue(commission_type="RESALE", amount_minor=300, **WHO),
        *ledger.release(amount_minor=300, **WHO),
        *ledger.net_clawback(payable_minor=300, clawback_minor=200, **WHO),
        *ledger.pay(amount_minor=100, **WHO),
        *ledger.payout_confirmed(amount_minor=100, **WHO),
    )
    balances: dict[str, int] = {}
    for entry in life:
        balances[entry.account] = balances.get(entry.account, 0) + entry.amount_minor
    assert balances == {
        "Expense:Commission:RESALE": 600,
        "Liability:Held": 0,
        "Liability:Payable": 0,
        "Liability:InTransit": 0,
        "Asset:Clawback": 0,
        "Asset:Bank": -600,
    }


def test_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative: -1"):
        ledger.accrue(commission_type="RESALE", amount_minor=-1, **WHO)
    with pytest.raises(ValueError, match="owed amounts must not be negative"):
        ledger.reverse(commission_type="RESALE", amount_minor=1, owed=Owed(held_minor=-1), **WHO)


def test_balance_is_per_currency() -> None:
    entries = [Entry(ledger.HELD, "A", 5, "EUR"), Entry(ledger.PAYABLE, "A", -5, "NOK")]
    assert not ledger.is_balanced(entries)


# --- the chain -------------------------------------------------------------------------------------


def canonical(key: str = "k", **facts: str) -> str:
    entries = ledger.accrue(commission_type="RESALE", amount_minor=5, **WHO)
    return ledger.canonical(key=key, kind="accrue", facts=facts, entries=entries)


def test_canonical_text_is_fixed() -> None:
    assert canonical(b="2", a="å") == (
        '{"entries":[["Expense:Commission:RESALE","A",5,"EUR"],["Liability:Held","A",-5,"EUR"]],'
        '"facts":{"a":"\\u00e5","b":"2"},"key":"k","kind":"accrue"}'
    )
    assert canonical(a="å", b="2") == canonical(b="2", a="å")


def test_chain_is_a_sha256_over_the_hash_before() -> None:
    first = ledger.chain(ledger.GENESIS, canonical())
    assert first == hashlib.sha256(("0" * 64 + "\n" + canonical()).encode()).hexdigest()
    second = ledger.chain(first, canonical("other"))
    assert len({first, second, ledger.chain(ledger.GENESIS, canonical("other"))}) == 3
