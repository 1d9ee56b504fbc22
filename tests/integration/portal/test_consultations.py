"""A partner reads a draft that it is asked about, sees its own result alone, and has its own thread."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.commissions.models import DraftComment, DraftShare
from channels.commissions.services import consultations, programmes, simulations
from channels.notices.models import Notice
from channels.partners.models import ChannelPartner
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.integration.portal.worlds import browser

pytestmark = pytest.mark.django_db
NOON, days = make.NOON, make.days
RULES = [
    {"id": "resale", "type": "RESALE", "rate_bp": 2_000, "conditions": {"tiers": ["gold"]}},
    {"id": "rest", "type": "RESALE", "rate_bp": 1_000},
]


@pytest.fixture
def world():
    """Gold earned 150 on an order of 1,000 and silver 105 on one of 700; the draft pays 200 and 70."""
    money.programme()
    gold, silver = make.partner("golden", tier="gold"), make.partner("silvery", tier="silver")
    for partner, number, net in ((gold, "ORD-G", 1_000_00), (silver, "ORD-S", 700_00)):
        money.paid(money.credited(number, (partner, "resale", 10_000), lines=(make.line(f"{number}/1", net),)))
    draft = programmes.create_draft(programme="channel", terms={"rules": RULES}, at=NOON)
    simulations.run_now(version_id=draft.pk, since=NOON - days(9), until=NOON + days(9), at=NOON)
    return gold, silver, draft, make.user(is_staff=True)


def share(draft, by, *partners):
    return consultations.share(
        version_id=draft.pk, partner_ids=[partner.pk for partner in partners], message="Is it fair?", at=NOON, by=by
    )


def text_of(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def page(draft):
    return reverse("portal:consultation", args=[draft.pk])


def test_a_partner_reads_the_rules_and_its_own_result_alone(world) -> None:
    """Plain sentences and own figures; nothing says who else is asked, or what the others earn."""
    gold, silver, draft, by = world
    share(draft, by, gold, silver)
    text = text_of(browser(gold).get(page(draft)))
    assert "Gold resellers earn 20 % on every sale." in text
    assert "Is it fair?" in text
    assert "€150.00" in text
    assert "€200.00" in text
    assert "ORD-G" in text
    for others in ("ORD-S", "Silvery", "€105.00", "€70.00", "€255.00", "€270.00"):
        assert others not in text
    assert "€105.00" in text_of(browser(silver).get(page(draft)))


def test_what_is_not_shared_is_not_found(world) -> None:
    """Neither read nor commented, by link or by guess; taken back means gone."""
    gold, silver, draft, by = world
    (shared,) = share(draft, by, gold)
    stranger = browser(silver)
    assert stranger.get(page(draft)).status_code == 404
    assert stranger.post(reverse("portal:consultation-comment", args=[draft.pk]), {"text": "Hello"}).status_code == 404
    assert str(draft) not in text_of(stranger.get(reverse("portal:consultations")))
    reader = browser(gold)
    assert str(draft) in text_of(reader.get(reverse("portal:consultations")))
    consultations.unshare(share_id=shared.pk, at=NOON, by=by)
    assert reader.get(page(draft)).status_code == 404
    assert DraftComment.objects.count() == 0
    with pytest.raises(consultations.NotShared):
        consultations.comment(version_id=draft.pk, partner_id=gold.pk, text="Still here?", at=NOON, by=by)


def test_each_partner_has_its_own_thread_and_the_desk_answers(world) -> None:
    gold, silver, draft, by = world
    share(draft, by, gold, silver)
    golden, silvery = browser(gold), browser(silver)
    url = reverse("portal:consultation-comment", args=[draft.pk])
    golden.post(url, {"text": "We like it."})
    silvery.post(url, {"text": "We lose a third!"})
    golden.post(url, {"text": "   "})
    assert DraftComment.objects.count() == 2
    consultations.answer(version_id=draft.pk, partner_id=silver.pk, text="Let us talk.", at=NOON, by=by)
    seen = text_of(silvery.get(page(draft)))
    assert "We lose a third!" in seen
    assert "Let us talk." in seen
    assert "We like it." not in seen
    assert "Let us talk." not in text_of(golden.get(page(draft)))
    answers = Notice.objects.filter(key__startswith="consultation:answer:")
    assert [notice.partner for notice in answers] == [silver]


def test_partners_are_told_once(world) -> None:
    gold, silver, draft, by = world
    share(draft, by, gold)
    share(draft, by, gold, silver)
    told = Notice.objects.filter(key__startswith="consultation:share:").order_by("pk")
    assert [(notice.partner, notice.path) for notice in told] == [(gold, page(draft)), (silver, page(draft))]
    assert DraftShare.objects.count() == 2
    verbs = AuditEvent.objects.filter(verb="programme.shared").order_by("pk").values_list("data", flat=True)
    assert list(verbs) == [{"partner": "golden"}, {"partner": "silvery"}]


def test_a_result_of_an_earlier_text_is_not_shown(world) -> None:
    """An edit makes the figures stale: until the next run there are none."""
    gold, _, draft, by = world
    share(draft, by, gold)
    programmes.edit_draft(version_id=draft.pk, terms={"rules": RULES[1:]}, at=NOON)
    text = text_of(browser(gold).get(page(draft)))
    assert "€200.00" not in text
    assert "We have not worked out yet" in text
    assert "Resellers earn 10 % on every sale." in text


def test_the_thread_stays_with_the_version_after_it_is_published(world) -> None:
    gold, _, draft, by = world
    share(draft, by, gold)
    consultations.comment(
        version_id=draft.pk, partner_id=gold.pk, text="Go ahead.", at=NOON, by=gold.members.first() or by
    )
    programmes.publish(version_id=draft.pk, at=NOON + timedelta(days=1))
    text = text_of(browser(gold).get(page(draft)))
    assert "Go ahead." in text
    assert "This is a draft" not in text
    with pytest.raises(consultations.NotADraft):
        share(draft, by, gold)


def test_only_active_partners_are_asked_and_a_suspended_one_only_reads(world) -> None:
    gold, silver, draft, by = world
    ChannelPartner.objects.filter(pk=silver.pk).update(status="suspended")
    assert [row.partner for row in share(draft, by, gold, silver)] == [gold]
    ChannelPartner.objects.filter(pk=gold.pk).update(status="suspended")
    client = browser(gold)
    assert "Send comment" not in text_of(client.get(page(draft)))
    answer = client.post(reverse("portal:consultation-comment", args=[draft.pk]), {"text": "Hello"})
    assert answer.status_code == 403


def test_sales_people_see_no_consultations(world) -> None:
    gold, _, draft, by = world
    share(draft, by, gold)
    client = browser(gold, "sales")
    assert client.get(page(draft)).status_code == 403
    assert client.get(reverse("portal:consultations")).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_whatever_its_length(world, number, django_assert_num_queries) -> None:
    gold, _, draft, by = world
    for place in range(number - 1):
        order = money.credited(f"MORE-{place}", (gold, "resale", 10_000))
        money.paid(order)
    simulations.run_now(version_id=draft.pk, since=NOON - days(9), until=NOON + days(9), at=NOON)
    share(draft, by, gold)
    for place in range(number):
        consultations.comment(version_id=draft.pk, partner_id=gold.pk, text=f"Comment {place}", at=NOON, by=by)
    client = browser(gold)
    client.get(page(draft))
    with django_assert_num_queries(10):
        client.get(page(draft))
