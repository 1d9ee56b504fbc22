"""The test cards and accounts, by Stripe's own test numbers, and how each behaves."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Instrument:
    """A card or an account. `decline` is (code, decline code, message)."""

    number: str
    label: str | Promise
    help: str | Promise = ""
    type: str = "card"  # card, sepa_debit, us_bank_account, bacs_debit
    brand: str = "visa"
    asks_always: bool = False  # 3-D Secure, and off session never without the person
    asks_once: bool = False  # 3-D Secure until it was set up
    decline: tuple[str, str, str] | None = None
    is_set_up_anyway: bool = False  # declines only when it is charged
    comes_back: bool = False  # a debit that the bank refuses later

    @property
    def last4(self) -> str:
        return self.number[-4:]


DECLINED = ("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = ("card_declined", "insufficient_funds", "Your card has insufficient funds.")
EXPIRED = ("expired_card", "expired_card", "Your card has expired.")

OK, THREE_D_SECURE, THREE_D_SECURE_ALWAYS = "4242424242424242", "4000002500003155", "4000002760003184"
DECLINE, INSUFFICIENT, OUT_OF_DATE = "4000000000000002", "4000000000009995", "4000000000000069"
DECLINE_LATER = "4000000000000341"
DEBIT_OK, DEBIT_COMES_BACK = "AT611904300234573201", "AT861904300235473202"
US_DEBIT_OK, US_DEBIT_COMES_BACK = "000123456789", "000111111116"
UK_DEBIT_OK, UK_DEBIT_COMES_BACK = "00012345", "33333335"

_ARRIVES, _RETURNS = _("The debit arrives after some days."), _("The bank sends the debit back after some days.")
INSTRUMENTS = {
    row.number: row
    for row in (
        Instrument(OK, _("A card that works"), _("Pays at once.")),
        Instrument(THREE_D_SECURE, _("A card that asks for 3-D Secure"), _("The bank wants to confirm."), asks_once=True),
        Instrument(
            THREE_D_SECURE_ALWAYS, _("A card that asks each time"), _("Also for payments without you."),
            asks_always=True,
        ),
        Instrument(DECLINE, _("A card that is declined"), decline=DECLINED),
        Instrument(INSUFFICIENT, _("A card without enough money"), decline=NO_FUNDS),
        Instrument(OUT_OF_DATE, _("A card that has expired"), decline=EXPIRED),
        Instrument(
            DECLINE_LATER, _("A card that is declined later"), _("It can be saved, but not charged."),
            decline=DECLINED, is_set_up_anyway=True,
        ),
        Instrument(DEBIT_OK, _("An account that pays"), _ARRIVES, type="sepa_debit", brand=""),
        Instrument(
            DEBIT_COMES_BACK, _("An account without money"), _RETURNS, type="sepa_debit", brand="", comes_back=True
        ),
        Instrument(US_DEBIT_OK, _("An account that pays"), _ARRIVES, type="us_bank_account", brand="STRIPE TEST BANK"),
        Instrument(
            US_DEBIT_COMES_BACK, _("An account without money"), _RETURNS, type="us_bank_account",
            brand="STRIPE TEST BANK", comes_back=True,
        ),
        Instrument(UK_DEBIT_OK, _("An account that pays"), _ARRIVES, type="bacs_debit", brand=""),
        Instrument(
            UK_DEBIT_COMES_BACK, _("An account without money"), _RETURNS, type="bacs_debit", brand="", comes_back=True
        ),
    )
}  # fmt: skip


def for_types(types: list[str]) -> list[Instrument]:
    return [row for row in INSTRUMENTS.values() if row.type in types]
