"""The rule builder, simulations and publishing on the desk."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from channels.commissions.models import ProgrammeVersion, SimulationRun
from channels.commissions.services import programmes, simulations
from tests.factories import channels as make
from tests.factories import commissions as money

pytestmark = pytest.mark.django_db
NOON, days = make.NOON, make.days


@pytest.fixture
def desk(client):
    user = make.user(is_staff=True)
    apps = ("channels_partners", "channels_journeys", "channels_commissions", "channels_audit")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=apps))
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    return client


@pytest.fixture
def draft():
    money.programme()
    return programmes.create_draft(programme="channel", at=NOON)


def at(name, *args):
    return reverse(name, args=args)


def text_of(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def rule_data(**values):
    """What the browser sends for a rule of 12 % to gold resellers on hardware, changed as given."""
    empty = {
        f"{rows}-{name}": "0" for rows in ("brackets", "steps", "limits") for name in ("INITIAL_FORMS", "TOTAL_FORMS")
    }
    return {
        **empty, "label": "Gold on hardware", "type": "RESALE", "tiers": ["gold"], "cycle": "new", "rate_kind": "percent",
        "rate_bp": "12", "base": "net", "bracket_period": "year", "acquired": "any", "deal_registered": "any",
        "own_territory": "any", "renewal_rate": "current", **values,
    }  # fmt: skip


def rows(name, *found):
    return {
        f"{name}-INITIAL_FORMS": "0", f"{name}-TOTAL_FORMS": str(len(found)),
        **{f"{name}-{place}-{key}": value for place, row in enumerate(found) for key, value in row.items()},
    }  # fmt: skip


def rules(draft):
    draft.refresh_from_db()
    return {rule["id"]: rule for rule in draft.terms["rules"]}


def test_a_programme_is_built_without_json(desk) -> None:
    """A new one starts with no rule; a rule is read back as a sentence."""
    made = desk.post(at("desk_programme_new"), {"name": "Growth", "code": "growth"})
    draft = ProgrammeVersion.objects.get()
    assert made.url == at("desk_programme_version", draft.pk)
    page = desk.post(at("desk_rule_add", draft.pk), rule_data(), follow=True)
    assert "Gold resellers earn 12 % on new business." in text_of(page)
    assert rules(draft)["gold-on-hardware"]["rate_bp"] == 1_200
    assert rules(draft)["gold-on-hardware"]["conditions"] == {"tiers": ["gold"], "cycle": "new"}
    again = desk.post(at("desk_programme_new"), {"name": "Growth", "code": "GROWTH"})
    assert "There is a programme with this code" in text_of(again)


def test_every_kind_of_rate_is_written_by_the_form(desk, draft) -> None:
    """Brackets, steps and limits come back as the engine reads them; empty rows are left out."""
    brackets = rows(
        "brackets", {"rate_bp": "5", "from_minor_EUR": "0"}, {"rate_bp": "7.25", "from_minor_EUR": "10000"}, {}
    )
    url = at("desk_rule_add", draft.pk)
    desk.post(url, rule_data(label="Growing", rate_kind="marginal", rate_bp="", **brackets))
    assert rules(draft)["growing"]["brackets"] == [
        {"rate_bp": 500, "from_minor": {"EUR": 0}},
        {"rate_bp": 725, "from_minor": {"EUR": 1_000_000}},
    ]
    desk.post(url, rule_data(label="Per piece", rate_kind="per_unit", rate_bp="", flat_minor_EUR="2.50"))
    assert rules(draft)["per-piece"]["flat_minor"] == {"EUR": 250}
    steps = rows("steps", {"after_months": "24", "rate_bp": "5"}, {"after_months": "", "rate_bp": ""})
    limits = rows("limits", {"kind": "cap", "per": "month", "amount_minor_EUR": "500"})
    desk.post(url, rule_data(label="Stewards", type="RENEWAL", cycle="renewal", **steps, **limits))
    found = rules(draft)["stewards"]
    assert found["step_down"] == [{"after_months": 24, "rate_bp": 500}]
    assert found["limits"] == [{"kind": "cap", "per": "month", "amount_minor": {"EUR": 50_000}}]


def test_a_rule_comes_back_to_its_form_as_it_was(desk, draft) -> None:
    """Sending the form unchanged changes nothing, whatever the rule holds."""
    conditions = {
        "tiers": ["gold"], "product_classes": ["gone-class"], "countries": ["NO"], "skus": ["NL-P100"], "cycle": "renewal",
        "min_term_months": 12, "max_quantity": 9, "ordered_from": "2026-01-01", "steward_accepted": True,
    }  # fmt: skip
    rule = {
        "id": "r", "type": "RENEWAL", "label": "All", "rate_bp": 1_234, "conditions": conditions, "base": "uplift",
        "rate_kind": "percent", "duration_months": 36, "step_down": [{"after_months": 12, "rate_bp": 700}],
        "limits": [{"kind": "floor", "per": "order", "amount_minor": {"EUR": 1_050}}], "first_sale_only": True,
    }  # fmt: skip
    programmes.edit_draft(version_id=draft.pk, terms={"rules": [rule]}, at=NOON)
    page = BeautifulSoup(desk.get(at("desk_rule", draft.pk, "r")).content, "html.parser")
    data = {}
    for field in page.select("form.desk-rule [name]"):
        if field.name == "select":
            chosen = [option["value"] for option in field.select("option[selected]")]
            data[field["name"]] = chosen if field.has_attr("multiple") else (chosen or [""])[0]
        elif field.get("type") == "checkbox":
            if field.has_attr("checked"):
                data.setdefault(field["name"], []).append(field.get("value", "on"))
        elif field.name == "input":
            data[field["name"]] = field.get("value", "")
    answer = desk.post(at("desk_rule", draft.pk, "r"), data)
    assert answer.status_code == 302, text_of(answer)
    draft.refresh_from_db()
    from channels.commissions.engine.programme import ProgrammeTerms

    assert ProgrammeTerms.from_json(draft.terms) == ProgrammeTerms.from_json({"rules": [rule]})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rate_bp": ""}, "Write the rate."),
        ({"rate_bp": "101"}, "less than or equal to 100"),
        ({"rate_kind": "slab", "rate_bp": ""}, "Brackets need at least one row"),
        (
            {"rate_kind": "slab", "rate_bp": "", **rows("brackets", {"rate_bp": "5", "from_minor_EUR": "10"})},
            "Brackets start at 0 and rise from row to row.",
        ),
        ({"rate_kind": "per_order", "rate_bp": ""}, "Write an amount in at least one currency."),
        (rows("limits", {"kind": "cap", "per": "", "amount_minor_EUR": "5"}), "Per what?"),
        (rows("steps", {"after_months": "12", "rate_bp": ""}), "Write the new rate."),
        ({"ordered_from": "2026-02-01", "ordered_until": "2026-01-01"}, "The end comes after the beginning."),
        ({"base": "uplift"}, "An uplift is paid on renewals only."),
        ({"label": ""}, "This field is required."),
    ],
)  # fmt: skip
def test_a_mistake_is_said_at_its_field_and_nothing_is_kept(desk, draft, values, words) -> None:
    before = rules(draft)
    answer = desk.post(at("desk_rule_add", draft.pk), rule_data(**values))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert rules(draft) == before


def test_rules_are_moved_copied_and_removed(desk, draft) -> None:
    step = lambda rule, name: desk.post(at("desk_rule_step", draft.pk, rule, name))  # noqa: E731
    step("referral", "up")
    assert list(rules(draft))[:2] == ["referral", "resale"]
    step("referral", "down")
    step("resale", "copy")
    assert list(rules(draft))[:3] == ["resale", "resale-2", "referral"]
    step("resale-2", "remove")
    assert list(rules(draft)) == ["resale", "referral", "influence", "renewal", "override"]
    assert desk.post(at("desk_rule_step", draft.pk, "resale", "burn")).status_code == 404


def test_two_people_do_not_overwrite_each_other(desk, draft) -> None:
    seen = dict(draft.terms)
    programmes.edit_draft(version_id=draft.pk, terms={**seen, "hold_days": 3}, at=NOON)
    with pytest.raises(programmes.ChangedMeanwhile):
        programmes.edit_draft(version_id=draft.pk, terms={**seen, "hold_days": 4}, at=NOON, seen=seen)
    draft.refresh_from_db()
    assert draft.terms["hold_days"] == 3


def test_a_rule_is_tried_on_an_order_before_it_is_kept(desk, draft) -> None:
    """Line by line, with what was passed over; the draft stays as it was."""
    gold = make.partner("gold-partner", tier="gold")
    money.paid(money.credited("ORD-1", (gold, "resale", 10_000), lines=(make.line("ORD-1/1", 200_00),)))
    before = rules(draft)
    data = {**rule_data(rate_bp="20", label="x"), "order": "ORD-1", "try": "1"}
    text = text_of(desk.post(at("desk_rule", draft.pk, "resale"), data))
    assert "Gold resellers earn 20 % on new business." in text
    assert "30.00 EUR 40.00 EUR" in text
    assert rules(draft) == before
    text = text_of(desk.post(at("desk_rule", draft.pk, "resale"), {**data, "tiers": ["silver"]}))
    assert "30.00 EUR 0.00 EUR" in text
    assert "asks for tier silver" in text
    assert "There is no order NOPE." in text_of(
        desk.post(at("desk_rule", draft.pk, "resale"), {**data, "order": "NOPE"})
    )


def test_a_version_is_compared_with_the_one_before_in_sentences(desk, draft) -> None:
    desk.post(at("desk_rule_step", draft.pk, "influence", "remove"))
    desk.post(at("desk_rule_add", draft.pk), rule_data())
    text = text_of(desk.get(at("desk_programme_version", draft.pk)))
    assert "New: Gold resellers earn 12 % on new business." in text
    assert "Gone: Partners who influence the sale earn 5 % on every sale." in text


def test_what_holds_for_all_rules_is_edited(desk, draft) -> None:
    data = {
        "total_cap_bp": "17.5", "override": "inside", "hold_days": "20", "return_window_days": "30", "win_back_days": "",
        "steward_change": "keep", "holdout_bp": "0", "minimum_payable_minor_EUR": "75",
        "shrink_order": "INFLUENCE, OVERRIDE, REFERRAL, RENEWAL, RESALE", "reason": "Cheaper",
    }  # fmt: skip
    assert desk.post(at("desk_programme_edit", draft.pk), data).status_code == 302
    draft.refresh_from_db()
    kept = {name: draft.terms[name] for name in ("total_cap_bp", "override", "hold_days", "minimum_payable_minor")}
    assert kept == {
        "total_cap_bp": 1_750,
        "override": "inside",
        "hold_days": 20,
        "minimum_payable_minor": {"EUR": 7_500},
    }
    wrong = desk.post(at("desk_programme_edit", draft.pk), {**data, "shrink_order": "RESALE"})
    assert "leaves out REFERRAL, INFLUENCE, RENEWAL, OVERRIDE" in text_of(wrong)


def test_a_published_version_is_read_and_not_changed(desk, draft) -> None:
    published = ProgrammeVersion.objects.get(status="published")
    page = desk.get(at("desk_programme_version", published.pk))
    assert at("desk_rule_add", published.pk) not in page.content.decode()
    for name in ("desk_rule_add", "desk_programme_edit", "desk_simulate", "desk_programme_share"):
        assert desk.get(at(name, published.pk)).status_code == 404
    assert desk.post(at("desk_rule_step", published.pk, "resale", "remove")).status_code == 404


def simulate(desk, draft, django_capture_on_commit_callbacks) -> SimulationRun:
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(at("desk_simulate", draft.pk), {"since": "2026-01-01", "until": "2026-06-01"})
    return SimulationRun.objects.latest("pk")


def test_a_draft_is_simulated_and_published(desk, draft, django_capture_on_commit_callbacks) -> None:
    """Not before the run, nor after a later edit; the page says which."""
    gold = make.partner("gold-partner", tier="gold")
    money.paid(money.credited("ORD-1", (gold, "resale", 10_000), lines=(make.line("ORD-1/1", 200_00),)))
    desk.post(at("desk_rule", draft.pk, "resale"), rule_data(rate_bp="20"))
    publish = at("desk_programme_publish", draft.pk)
    assert "This text has no finished simulation" in text_of(desk.get(publish))
    assert "Simulate the draft first" in text_of(desk.post(publish, {"reason": "More for gold"}))
    run = simulate(desk, draft, django_capture_on_commit_callbacks)
    assert (run.state, run.result["totals"]) == ("done", [{"currency": "EUR", "then_minor": 30_00, "now_minor": 40_00}])
    text = text_of(desk.get(at("desk_simulation", run.pk)))
    assert "40.00 EUR 30.00 EUR was posted · +10.00 EUR (+33.33 %)" in text
    assert "Who wins Gold Partner 30.00 EUR 40.00 EUR +10.00 EUR" in text
    assert "Nobody earns less." in text
    order = text_of(desk.get(at("desk_simulation_order", run.pk, "ORD-1")))
    assert "30.00 EUR 40.00 EUR" in order
    csv = b"".join(desk.get(at("desk_simulation_csv", run.pk)).streaming_content).decode("utf-8-sig").splitlines()
    assert csv[1].startswith("ORD-1,2026-03-02,Fjord,Gold Partner,gold,30.00,40.00,10.00,EUR")

    desk.post(at("desk_rule", draft.pk, "resale"), rule_data(rate_bp="21"))
    assert "Simulate the draft first" in text_of(desk.post(publish, {"reason": "More for gold"}))
    assert "The draft's text has changed since this run" in text_of(desk.get(at("desk_simulation", run.pk)))
    simulate(desk, draft, django_capture_on_commit_callbacks)
    past = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert "is before" in text_of(desk.post(publish, {"reason": "x", "effective_from": past}))
    future = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    assert desk.post(publish, {"reason": "More for gold", "effective_from": future}).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.reason) == ("published", "More for gold")


def test_a_run_is_followed_cancelled_and_started_again(desk, draft, django_capture_on_commit_callbacks) -> None:
    """While it runs the page loads itself again; a lost worker is told apart from a slow one."""
    now = timezone.now()
    run = simulations.request(version_id=draft.pk, since=NOON - days(9), until=NOON, at=now)
    SimulationRun.objects.filter(pk=run.pk).update(state="running", orders_total=40, orders_done=10)
    page = desk.get(at("desk_simulation", run.pk)).content.decode()
    assert '<meta http-equiv="refresh" content="2">' in page
    assert 'value="25"' in page
    SimulationRun.objects.filter(pk=run.pk).update(heartbeat_at=now - timedelta(minutes=3))
    page = desk.get(at("desk_simulation", run.pk)).content.decode()
    assert "its worker is gone" in page
    assert "http-equiv" not in page
    desk.post(at("desk_simulation_step", run.pk, "cancel"))
    assert "The run was cancelled" in text_of(desk.get(at("desk_simulation", run.pk)))
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(at("desk_simulation_step", run.pk, "restart"))
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("done", 2)


def test_a_failed_run_says_why(desk, draft, monkeypatch) -> None:
    monkeypatch.setattr(simulations, "past_orders", lambda **_: 1 / 0)
    run = simulations.run_now(version_id=draft.pk, since=NOON - days(9), until=NOON, at=NOON)
    page = text_of(desk.get(at("desk_simulation", run.pk)))
    assert "ZeroDivisionError: division by zero" in page
    assert "Start again" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_result_costs_the_same_whatever_its_length(desk, draft, number, django_assert_num_queries) -> None:
    for place in range(number):
        partner = make.partner(f"partner-{place}-x", tier="gold")
        money.paid(money.credited(f"ORD-{place}", (partner, "resale", 10_000)))
    desk.post(at("desk_rule", draft.pk, "resale"), rule_data(rate_bp="20"))
    run = simulations.run_now(version_id=draft.pk, since=NOON - days(9), until=NOON + days(9), at=NOON)
    assert run.orders.count() == number
    desk.get(at("desk_simulation", run.pk))
    with django_assert_num_queries(11):
        desk.get(at("desk_simulation", run.pk))
