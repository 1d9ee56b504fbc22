"""The lifecycle of a partner, its people and its agreements."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from channels.audit.models import AuditEvent
from channels.partners import selectors
from channels.partners.models import Agreement, ChannelPartner, PartnerMember, PartnerStatusChange
from channels.partners.services import agreements, lifecycle, members, organisations
from tests.factories import channels as make
from tests.factories.channels import NOON, days

pytestmark = pytest.mark.django_db


def applied(code: str = "alfa") -> ChannelPartner:
    return organisations.register(code=code, name="Alfa", kind="reseller", country="no", at=NOON)


def test_from_application_to_termination() -> None:
    manager = make.user()
    alfa = applied()
    assert (alfa.status, alfa.country) == ("applied", "NO")
    lifecycle.approve(partner_id=alfa.pk, at=NOON + days(1), actor=manager)
    with pytest.raises(lifecycle.AgreementMissing):
        lifecycle.activate(partner_id=alfa.pk, at=NOON + days(2), actor=manager)
    agreements.sign(partner_id=alfa.pk, starts_on=date(2026, 3, 1), at=NOON + days(2), actor=manager)
    lifecycle.activate(partner_id=alfa.pk, at=NOON + days(2), actor=manager)
    lifecycle.suspend(partner_id=alfa.pk, at=NOON + days(3), actor=manager, reason="late reports")
    lifecycle.reinstate(partner_id=alfa.pk, at=NOON + days(4), actor=manager, reason="reports are in")
    lifecycle.terminate(partner_id=alfa.pk, at=NOON + days(5), actor=manager, reason="bought up")

    assert list(PartnerStatusChange.objects.order_by("id").values_list("from_status", "to_status", "actor")) == [
        ("", "applied", None),
        ("applied", "in_review", manager.pk),
        ("in_review", "approved", manager.pk),
        ("approved", "active", manager.pk),
        ("active", "suspended", manager.pk),
        ("suspended", "active", manager.pk),
        ("active", "terminated", manager.pk),
    ]
    agreement = Agreement.objects.get()
    assert (agreement.status, agreement.ended_at) == ("terminated", NOON + days(5))
    event = AuditEvent.objects.get(verb="partner.suspended")
    assert (event.actor, event.reason, event.data) == (manager, "late reports", {"from": "active", "to": "suspended"})


def test_the_status_at_a_moment() -> None:
    alfa = applied()
    lifecycle.approve(partner_id=alfa.pk, at=NOON + days(1), actor=None)
    brought_in = make.partner("beta")
    lifecycle.suspend(partner_id=brought_in.pk, at=NOON + days(2), actor=None, reason="x")

    def on(day: float) -> tuple[str, str]:
        found = selectors.statuses_at(ChannelPartner.objects.all(), NOON + days(day))
        return found[alfa.pk], found[brought_in.pk]

    assert [on(day) for day in (-1, 0, 1, 1.99, 2)] == [
        ("applied", "active"),
        ("applied", "active"),
        ("approved", "active"),
        ("approved", "active"),
        ("approved", "suspended"),
    ]


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("applied", lifecycle.suspend),
        ("applied", lifecycle.terminate),
        ("active", lifecycle.reinstate),
        ("active", lifecycle.approve),
        ("suspended", lifecycle.activate),
        ("suspended", lifecycle.suspend),
        ("terminated", lifecycle.reinstate),
        ("terminated", lifecycle.terminate),
        ("rejected", lifecycle.start_review),
    ],
)
def test_steps_that_do_not_exist_change_nothing(status: str, step: object) -> None:
    partner = make.partner("alfa", status=status)
    with pytest.raises(lifecycle.StepNotAllowed):
        step(partner_id=partner.pk, at=NOON, actor=None, reason="x")  # type: ignore[operator]
    partner.refresh_from_db()
    assert partner.status == status
    assert (PartnerStatusChange.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_changes_are_audited_field_by_field() -> None:
    alfa = make.partner("alfa", city="Bergen")
    organisations.change(partner_id=alfa.pk, changes={"city": "Oslo", "tier": "registered"}, at=NOON, actor=None)
    organisations.change(partner_id=alfa.pk, changes={"city": "Oslo"}, at=NOON, actor=None)

    assert AuditEvent.objects.get().data == {"city": {"from": "Bergen", "to": "Oslo"}}
    with pytest.raises(TypeError, match="status"):
        organisations.change(partner_id=alfa.pk, changes={"status": "active"}, at=NOON, actor=None)
    with pytest.raises(ValidationError):
        organisations.change(partner_id=alfa.pk, changes={"tier": "diamond"}, at=NOON, actor=None)


def test_a_distributor_chain_has_no_circle() -> None:
    top, middle, bottom = (make.partner(code) for code in ("top", "middle", "bottom"))
    for below, above in ((middle, top), (bottom, middle)):
        organisations.set_parent(partner_id=below.pk, parent_id=above.pk, at=NOON, actor=None)
    for above in (top, bottom):
        with pytest.raises(organisations.CircularChain):
            organisations.set_parent(partner_id=top.pk, parent_id=above.pk, at=NOON, actor=None)
    organisations.set_parent(partner_id=bottom.pk, parent_id=None, at=NOON, actor=None)

    assert list(ChannelPartner.objects.order_by("code").values_list("code", "parent__code")) == [
        ("bottom", None), ("middle", "top"), ("top", None),
    ]  # fmt: skip


def test_people_join_change_and_leave_but_never_the_last_owner() -> None:
    alfa, beta = make.partner("alfa"), make.partner("beta")
    owner, seller = make.user(), make.user()
    first = members.add(partner_id=alfa.pk, user_id=owner.pk, role="owner", at=NOON)
    second = members.add(partner_id=alfa.pk, user_id=seller.pk, role="sales", at=NOON)

    with pytest.raises(members.AlreadyMember):
        members.add(partner_id=beta.pk, user_id=owner.pk, role="owner", at=NOON)
    with pytest.raises(members.LastOwner):
        members.deactivate(member_id=first.pk, at=NOON, actor=None)
    with pytest.raises(members.LastOwner):
        members.change_role(member_id=first.pk, role="sales", at=NOON, actor=None)
    members.change_role(member_id=second.pk, role="owner", at=NOON, actor=None)
    members.deactivate(member_id=first.pk, at=NOON, actor=None)
    assert selectors.membership(owner) is None
    members.add(partner_id=alfa.pk, user_id=owner.pk, role="finance", at=NOON)

    assert list(PartnerMember.objects.order_by("id").values_list("user", "role", "is_active")) == [
        (owner.pk, "finance", True), (seller.pk, "owner", True),
    ]  # fmt: skip
    found = selectors.membership(seller)
    assert found is not None
    assert found.partner == alfa


def test_a_new_agreement_renews_the_one_before() -> None:
    alfa = make.partner("alfa")
    agreements.sign(partner_id=alfa.pk, starts_on=date(2026, 3, 1), at=NOON, data_level=2, tail_months=3)

    assert list(Agreement.objects.order_by("version").values_list("version", "status", "data_level")) == [
        (1, "renewed", 1), (2, "active", 2),
    ]  # fmt: skip
    assert selectors.data_level(partner_id=alfa.pk, on=date(2026, 3, 2)) == 2


def test_without_an_agreement_in_force_a_partner_sees_quotas_only() -> None:
    alfa = make.partner("alfa")
    Agreement.objects.update(ends_on=date(2026, 1, 1))

    assert selectors.data_level(partner_id=alfa.pk, on=date(2025, 12, 31)) == 1
    assert selectors.data_level(partner_id=alfa.pk, on=date(2026, 1, 1)) == 0
