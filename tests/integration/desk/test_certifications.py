"""A channel manager certifies a partner, and withdraws it."""

import pytest
from django.urls import reverse

from channels.audit.models import AuditEvent
from channels.partners.models import CertificationEnd, PartnerCertification
from tests.factories import channels as make
from tests.integration.desk.test_desk import channel_manager

pytestmark = pytest.mark.django_db


def test_a_certification_is_added_and_withdrawn(client) -> None:
    nord = make.partner("nord")
    client.force_login(channel_manager())
    add = reverse("desk_certification_add", args=[nord.pk])
    assert client.get(add).status_code == 200
    client.post(add, {"code": "pumps", "valid_from": "2026-01-01"})
    row = PartnerCertification.objects.get()
    assert (row.partner, row.code, row.valid_until) == (nord, "pumps", None)
    page = client.get(reverse("desk_partner", args=[nord.pk])).content.decode()
    assert "<code>pumps</code>" in page
    assert "Withdraw" in page
    withdraw = reverse("desk_certification_withdraw", args=[nord.pk, row.pk])
    other = reverse("desk_certification_withdraw", args=[make.partner("sor").pk, row.pk])
    assert client.post(other, {"reason": "not mine"}).status_code == 404
    client.post(withdraw, {"reason": "failed the audit"})
    assert CertificationEnd.objects.get().reason == "failed the audit"
    page = client.get(reverse("desk_partner", args=[nord.pk])).content.decode()
    assert "failed the audit" in page
    assert withdraw not in page
    verbs = AuditEvent.objects.filter(verb__startswith="partner.certif").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["partner.certified", "partner.certification_withdrawn"]


def test_a_period_that_ends_before_it_begins_is_refused(client) -> None:
    nord = make.partner("nord")
    client.force_login(channel_manager())
    answer = client.post(
        reverse("desk_certification_add", args=[nord.pk]),
        {"code": "pumps", "valid_from": "2026-01-01", "valid_until": "2026-01-01"},
    )
    assert answer.status_code in (200, 422)
    assert not PartnerCertification.objects.exists()
