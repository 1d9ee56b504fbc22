"""A transfer that finance makes at the bank by hand: the reference is all there is."""

from datetime import timedelta
from typing import ClassVar

from django.utils.translation import gettext as _

from channels.commissions.rails.protocol import Payee, Receipt, Refused, Transfer


class Manual:
    key_lives_for: ClassVar[timedelta | None] = None

    def obstacle(self, payee: Payee, currency: str) -> str:
        return ""

    def destination(self, payee: Payee) -> str:
        return payee.iban

    def send(self, transfer: Transfer) -> Receipt | None:
        return Receipt(transfer.reference) if transfer.reference else None

    def find(self, transfer: Transfer) -> Receipt | None:
        return None

    def take_back(self, transfer: Transfer, *, provider_id: str, key: str) -> None:
        raise Refused(_("A transfer made by hand is taken back at the bank."))
