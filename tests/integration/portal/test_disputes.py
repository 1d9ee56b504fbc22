"""Disputing a credit and claiming an order on the portal."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from channels.commissions.models import Accrual, Dispute
from channels.commissions.services import disputes
from channels.commissions.services.schedule import heal
from channels.notices.models import Notice
from channels.notices.services import mail_waiting
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.integration.portal import worlds
from tests.integration.portal.reading import page, portal_queries, text_of
from tests.integration.portal.worlds import NOON, TODAY, browser, days

pytestmark = pytest.mark.django_db

LATELY = TODAY - days(20)


@pytest.fixture
def anna() -> ChannelPartner:
    worlds.rules_of_play()
    return make.partner("anna")


def sold(number: str, through: ChannelPartner) -> Any:
    return worlds.sold(number, through=through, at=LATELY)


def send(client: Client, name: str, *args: str, **data: str) -> Any:
    return client.post(reverse(f"portal:{name}", args=args), data)


def test_a_credit_is_disputed_from_its_order_and_its_commission_waits(anna: ChannelPartner) -> None:
    sold("ORD-1", anna)
    client = browser(anna, "finance")
    assert "Dispute it" in page(client, "order", "ORD-1")

    answer = send(client, "order-dispute", "ORD-1", kind="amount", reason="Gold earns 15 %.", evidence="Mail of May.")
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"/portal/disputes/{dispute.number}/"
    assert (dispute.partner, dispute.kind, dispute.named) == (anna, "amount", "ORD-1")

    told = page(client, "dispute", dispute.number)
    for words in ("Gold earns 15 %.", "Mail of May.", "Open", "by 29 June 2026", "You opened it", "Withdraw"):
        assert words in told, words
    order = page(client, "order", "ORD-1")
    assert "Until it is answered, your commission on it is neither released nor paid." in order
    assert dispute.number in order
    assert "Dispute it" not in order
    assert dispute.number in page(client, "disputes")


def test_the_form_keeps_what_was_typed_and_says_what_is_missing(anna: ChannelPartner) -> None:
    sold("ORD-1", anna)
    answer = send(browser(anna), "order-dispute", "ORD-1", kind="claim", reason="", evidence="Mail of May.")
    assert answer.status_code == 422
    assert "Mail of May." in text_of(answer)
    assert Dispute.objects.count() == 0


@pytest.mark.parametrize("named", ["ORD-OTHER", "ORD-404"])
def test_a_claim_is_answered_alike_whether_there_is_such_an_order(anna: ChannelPartner, named: str) -> None:
    """The page, its list and the mail: nothing in them depends on the order."""
    other = make.partner("zzcanary", name="Zzcanary Networks")
    facts = make.company_facts("zzcompany", name="Zzcanary Customer AS")
    worlds.sold("ORD-OTHER", through=other, at=LATELY, company=facts, lines=(make.line("x/1", 7_777_00, title="Zz"),))
    client = browser(anna, email="fin@anna.example.com")
    mail.outbox.clear()

    answer = send(client, "claim", named=named, ordered_on="2026-05-26", reason="Our lead.", evidence="A visit.")
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"/portal/disputes/{dispute.number}/"
    reviewer = make.user()
    disputes.take_up(dispute_id=dispute.pk, at=TODAY, by=reviewer)
    pages = [page(client, "dispute", dispute.number), page(client, "disputes")]
    mail_waiting(now=TODAY)
    pages += [f"{message.subject} {message.body}" for message in mail.outbox if "anna" in message.to[0]]
    assert len(pages) == 4  # received, and taken up
    shown = [re.sub(rf"{dispute.number}|{named}", "*", text) for text in pages]
    assert shown == [text.replace("ORD-404", "*") for text in shown]
    assert [word for text in pages for word in ("zzcanary", "7,777", "7 777") if word in text.lower()] == []
    assert (
        reverse("portal:order", args=[named]) not in client.get(f"/portal/disputes/{dispute.number}/").content.decode()
    )


def test_both_answers_to_a_claim_are_the_same_page(anna: ChannelPartner) -> None:
    worlds.sold("ORD-OTHER", through=make.partner("berta"), at=LATELY)
    texts = []
    for named in ("ORD-OTHER", "ORD-404"):
        client = browser(anna)
        send(client, "claim", named=named, ordered_on="2026-05-26", reason="Our lead.", evidence="A visit.")
        dispute = Dispute.objects.get(named=named)
        Notice.objects.all().delete()  # only their number differs
        texts.append(re.sub(rf"{dispute.number}|{named}", "*", page(client, "dispute", dispute.number)))
    assert texts[0] == texts[1]


def test_the_claim_form_refuses_what_is_late_by_the_partners_own_day(anna: ChannelPartner) -> None:
    answer = send(browser(anna), "claim", named="ORD-1", ordered_on="2026-01-05", reason="Ours.", evidence="A visit.")
    assert answer.status_code == 422
    assert "An order may be claimed for 90 days; these are over." in text_of(answer)


def test_the_thread_and_the_way_back(anna: ChannelPartner) -> None:
    sold("ORD-1", anna)
    client = browser(anna)
    send(client, "order-dispute", "ORD-1", kind="share", reason="We did more.", evidence="")
    dispute = Dispute.objects.get()
    disputes.write(dispute_id=dispute.pk, side="desk", text="Which day?", at=TODAY, by=make.user())
    disputes.write(dispute_id=dispute.pk, side="desk", text="zzinternal", at=TODAY, by=make.user(), is_internal=True)
    send(client, "dispute", dispute.number, text="On 3 May.")
    told = page(client, "dispute", dispute.number)
    assert ("Which day?" in told, "On 3 May." in told, "zzinternal" in told) == (True, True, False)
    assert send(client, "dispute", dispute.number, text=" ").status_code == 422

    send(client, "dispute-withdraw", dispute.number)
    told = page(client, "dispute", dispute.number)
    assert ("You withdrew it" in told, "Add something" in told) == (True, False)
    send(client, "dispute-withdraw", dispute.number)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.entries.filter(step="withdraw").count()) == ("withdrawn", 1)


def test_an_upheld_dispute_shows_its_answer_and_amount(anna: ChannelPartner) -> None:
    sold("ORD-1", anna)
    client = browser(anna)
    send(client, "order-dispute", "ORD-1", kind="amount", reason="Gold earns 15 %.", evidence="")
    dispute = Dispute.objects.get()
    disputes.take_up(dispute_id=dispute.pk, at=TODAY, by=make.user())
    disputes.uphold_with_adjustment(
        dispute_id=dispute.pk, line_key="ORD-1/1", amount_minor=30_00, answer="You are right.", at=TODAY, by=make.user()
    )
    heal(now=TODAY)
    told = page(client, "dispute", dispute.number)
    assert ("You are right." in told, "€30.00" in told, "Upheld" in told) == (True, True, True)
    assert Accrual.objects.get(type="ADJUSTMENT").amount_minor == 30_00
    assert "Adjustment" in page(client, "order", "ORD-1")


def test_another_partners_dispute_is_not_found(anna: ChannelPartner) -> None:
    berta = make.partner("berta")
    sold("ORD-1", berta)
    send(browser(berta), "order-dispute", "ORD-1", kind="amount", reason="zzcanary", evidence="")
    number = Dispute.objects.get().number
    client = browser(anna)
    for name, args in (("dispute", [number]), ("dispute-withdraw", [number]), ("order-dispute", ["ORD-1"])):
        assert send(client, name, *args, text="x", kind="amount", reason="x").status_code == 404
    assert client.get(reverse("portal:order-dispute", args=["ORD-1"])).status_code == 404
    assert "zzcanary" not in page(client, "disputes")
    assert Dispute.objects.get().state == "open"
    assert "You dispute nothing" in page(client, "disputes")


def test_whose_money_waits_reads_so_and_not_because_of_whom(anna: ChannelPartner) -> None:
    berta = make.partner("berta", name="Zzberta")
    worlds.paid(worlds.shared("ORD-1", anna, berta))
    dispute = disputes.dispute_credit(
        partner_id=berta.pk, order_number="ORD-1", kind="share", reason="zzreason", at=NOON + days(6), by=None
    )
    client = browser(anna)
    told = page(client, "order", "ORD-1")
    assert "A question about this order is being looked into" in told
    assert [word for word in ("Zzberta", "zzreason", dispute.number) if word in told] == []
    notices = page(client, "notices")
    assert "Your commission on order ORD-1 is on hold" in notices
    assert [word for word in ("Zzberta", "zzreason", dispute.number) if word in notices] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(anna: ChannelPartner, rows: int) -> None:
    for number in range(rows):
        disputes.claim(
            partner_id=anna.pk, named=f"X-{number}", ordered_on=TODAY.date(), reason="x", evidence="", at=TODAY, by=None
        )
    assert len(portal_queries(browser(anna), "disputes")) == 3  # the member, the count, the rows
