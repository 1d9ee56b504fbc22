"""VAT ids: how they are written, and asking a register that may be away."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ValidationError

from shop.operations import schedule
from shop.registration.models import VatCheck
from shop.registration.services import vat_checks
from shop.registration.vat import numbers, registers
from tests.factories import registration

NOW = registration.NOW
GERMAN = "DE999000009"


class FakeRegister:
    """Answers as it is told; counts how often it is asked."""

    name = "Fake"
    asked = 0
    answer: registers.Answer | None = registers.Answer(True, "Nordvik GmbH")

    def covers(self, vat_id: str) -> bool:
        return vat_id.startswith("DE")

    def look_up(self, vat_id: str) -> registers.Answer:
        type(self).asked += 1
        if self.answer is None:
            raise registers.Unreachable("away")
        return self.answer


@pytest.fixture
def register(settings: Any) -> Iterator[type[FakeRegister]]:
    settings.VAT_REGISTER = f"{__name__}.FakeRegister"
    with mock.patch.multiple(FakeRegister, asked=0, answer=FakeRegister.answer):
        yield FakeRegister


@pytest.mark.parametrize(
    ("country", "written", "normal"),
    [
        ("NO", "NO 999 000 118 MVA", "NO999000118MVA"),
        ("NO", "999000118mva", "NO999000118MVA"),
        ("DE", "de 999.000.009", "DE999000009"),
        ("SE", "SE 559000-0005 01", "SE559000000501"),
        ("GR", "EL094259216", "EL094259216"),
        ("GR", "094259216", "EL094259216"),
        ("US", "12-3456789", "123456789"),
        ("NO", " ", ""),
    ],
)
def test_a_vat_id_is_kept_in_one_form(country: str, written: str, normal: str) -> None:
    assert numbers.normalise(written, country=country) == normal


@pytest.mark.parametrize(
    ("country", "written", "problem"),
    [
        ("DE", "DE 999000008", "Its check digits do not fit"),
        ("DE", "DE 99900000", "too short or too long"),
        ("NO", "DE 999000009", "not how VAT ids of the country that you chose look"),
        ("US", "??", "4 to 20 letters and digits"),
    ],
)
def test_a_wrong_vat_id_is_told_what_is_wrong(country: str, written: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        numbers.normalise(written, country=country)


@pytest.mark.django_db
def test_without_a_register_nothing_is_asked_and_the_id_waits() -> None:
    vat_checks.request(vat_id=GERMAN, now=NOW)

    assert vat_checks.check_due(now=NOW) == 0
    row = VatCheck.objects.get()
    assert (row.result, row.checked_at, row.attempts, row.next_try_at) == ("unchecked", None, 0, NOW)


@pytest.mark.django_db
def test_an_answer_is_kept_with_its_time_and_source_and_asked_again_after_a_month(register: Any) -> None:
    vat_checks.request(vat_id=GERMAN, now=NOW)
    assert vat_checks.check_due(now=NOW) == 1
    row = VatCheck.objects.get()
    assert (row.result, row.source, row.checked_at, row.registered_name) == ("valid", "Fake", NOW, "Nordvik GmbH")

    vat_checks.request(vat_id=GERMAN, now=NOW + timedelta(days=29))
    assert vat_checks.check_due(now=NOW + timedelta(days=29)) == 0
    register.answer = registers.Answer(False)
    vat_checks.request(vat_id=GERMAN, now=NOW + timedelta(days=30))
    assert schedule.heal(now=NOW + timedelta(days=30))["vat_ids_checked"] == 1

    row.refresh_from_db()
    assert (row.result, row.checked_at, register.asked) == ("invalid", NOW + timedelta(days=30), 2)


@pytest.mark.django_db
def test_while_the_register_is_away_the_old_answer_stays_and_the_pause_doubles(register: Any) -> None:
    vat_checks.request(vat_id=GERMAN, now=NOW)
    vat_checks.check_due(now=NOW)
    register.answer = None
    later = NOW + timedelta(days=31)
    vat_checks.request(vat_id=GERMAN, now=later)

    pauses = []
    for _ in range(9):
        assert vat_checks.check_due(now=later) == 0
        assert vat_checks.check_due(now=later) == 0  # not before its time
        row = VatCheck.objects.get()
        pauses.append(row.next_try_at - later)
        later = row.next_try_at

    assert pauses == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 80, 160, 320, 360, 360)]
    assert (row.result, row.checked_at, register.asked) == ("valid", NOW, 10)


@pytest.mark.django_db
def test_what_no_register_covers_is_asked_nowhere(register: Any) -> None:
    vat_checks.request(vat_id="NO999000118MVA", now=NOW)

    assert vat_checks.check_due(now=NOW) == 1
    row = VatCheck.objects.get()
    assert (row.result, row.next_try_at, register.asked) == ("uncovered", None, 0)


@pytest.mark.django_db(transaction=True)
def test_a_register_that_is_away_or_broken_never_keeps_anybody_from_registering(register: Any, settings: Any) -> None:
    register.answer = None
    first = registration.confirmed(country="DE", vat_id=GERMAN)
    settings.VAT_REGISTER = "shop.nowhere.Register"
    second = registration.confirmed(country="DE", vat_id="DE999000017")

    assert [first.state, second.state] == ["approved", "approved"]
    assert register.asked == 1
    assert set(VatCheck.objects.values_list("result", flat=True)) == {"unchecked"}


# --- VIES ------------------------------------------------------------------------------------------------------------


class Answer(BytesIO):
    """What urlopen returns."""

    def read1(self, size: int = -1) -> bytes:
        return self.read(size)


def vies(body: bytes | Exception) -> tuple[Any, list[Any]]:
    asked: list[Any] = []

    def urlopen(request: Any, timeout: float) -> Answer:
        asked.append((request.full_url, timeout))
        if isinstance(body, Exception):
            raise body
        return Answer(body)

    with mock.patch.object(registers, "urlopen", urlopen):
        return registers.Vies().look_up(GERMAN), asked


def test_vies_is_asked_with_a_timeout() -> None:
    answer, asked = vies(json.dumps({"isValid": True, "userError": "VALID", "name": "NORDVIK"}).encode())

    assert answer == registers.Answer(True, "NORDVIK")
    assert asked == [("https://ec.europa.eu/taxation_customs/vies/rest-api/ms/DE/vat/999000009", 3)]


def test_vies_does_not_know_an_id() -> None:
    assert vies(b'{"isValid": false, "userError": "INVALID", "name": "---"}')[0] == registers.Answer(False, "")


@pytest.mark.parametrize(
    "body",
    [
        TimeoutError(), OSError("no route"), b"", b"<html>busy</html>", b"[]", b'{"isValid": false}',
        b'{"isValid": false, "userError": "MS_UNAVAILABLE"}', b" " * (registers.LARGEST_ANSWER + 1),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_asked_again(body: Any) -> None:
    with pytest.raises(registers.Unreachable):
        vies(body)


def test_a_register_that_drips_is_left_after_some_seconds() -> None:
    clock = range(0, 100, 4)
    with mock.patch.object(registers, "monotonic", side_effect=clock), pytest.raises(registers.Unreachable):
        vies(b" " * 40_000)


def test_vies_covers_the_union_alone() -> None:
    covered = [prefix for prefix in ("DE", "EL", "XI", "NO", "GB", "CH") if registers.Vies().covers(f"{prefix}1")]
    assert covered == ["DE", "EL", "XI"]
