"""The page that sets all attribution models side by side."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from channels.contracts import TouchKind
from channels.desk.views import models as page
from channels.journeys.models import AttributionRun, OrderRecord
from channels.journeys.selectors import own_journeys
from channels.journeys.services.attribution import attribute
from tests.factories import channels as make
from tests.harness.real_data import real_file
from tests.integration.desk.test_desk import channel_manager, staff

pytestmark = pytest.mark.django_db

THREE = "path;total_conversions;total_null\ndirect;2;1\nsearch > email;3;2\nsearch > social > email;5;4\n"
# Without a lead and a deal created in a journey, w-shape is left out.
MODELS = "first last last-non-direct linear linear-distinct position time-decay role markov shapley".split()


@pytest.fixture
def desk(client):
    client.force_login(channel_manager())
    return client


@pytest.fixture
def url():
    return reverse("desk_models")


def journey(number, *touches, company="fjord", **values):
    """An order by a company whose touches are a day apart, the last one a day before it."""
    for place, (partner, kind) in enumerate(touches):
        make.touch(partner, make.NOON - timedelta(days=len(touches) - place), kind=TouchKind(kind), company_key=company)
    order = make.order(number, company=make.company_facts(company, **values))
    attribute(run_id=make.pending_run(order).pk, now=make.NOON)
    return order


@pytest.fixture
def orders():
    make.policy(model="last")
    one, other = make.partner("fjordtek"), make.partner("polar")
    for number in range(3):
        make.company(f"c{number}", segment="industry" if number else "public")
        segment = "industry" if number else "public"
        journey(
            f"N{number}", (one, "introduction"), (None, "call"), (other, "demo"), company=f"c{number}", segment=segment
        )
    make.company("quiet")
    journey("N9", company="quiet")
    return one, other


def table_of(response):
    soup = BeautifulSoup(response.content, "html.parser")
    rows = soup.select("table.models-table tr")
    heads = [" ".join(cell.get_text(" ").split()) for cell in rows[0].find_all("th")]
    return heads, {row.th.get_text(): [cell.get_text(" ") for cell in row.find_all("td")] for row in rows[1:]}


def csv_of(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


PERIOD = {"since": "2026-03-01", "until": "2026-03-02"}


def test_own_orders_side_by_side(desk, url, orders):
    answer = desk.get(url, PERIOD)
    heads, rows = table_of(answer)
    assert heads == [
        "Channel", "first touch", "last touch policy", "last non-direct touch", "linear", "linear per partner",
        "position-based", "time decay", "role-weighted", "Markov advice", "Shapley advice",
    ]  # fmt: skip
    assert list(rows) == ["Polar", "Fjordtek", "Direct and own staff"]
    assert rows["Fjordtek"][:4] == ["3.00", "0.00", "0.00", "1.00"]
    assert rows["Polar"][:4] == ["0.00", "3.00", "3.00", "1.00"]
    text = answer.content.decode()
    assert "3 first purchases with touches in their windows." in text
    assert "1 more had none, so no model credits anybody for it." in text
    assert "advise only" in text
    assert "Fjordtek: 0.00, less than every other model" not in text  # last-non-direct gives it nothing either


def test_policy_that_stands_alone_is_said_in_words(desk, url):
    make.policy(model="first")
    one, other = make.partner("fjordtek"), make.partner("polar")
    make.company()
    journey("N1", (one, "visit"), (other, "visit"), (other, "visit"))
    text = desk.get(url, PERIOD).content.decode()
    assert "It stands alone here:" in text
    assert "Fjordtek: 1.00, more than every other model; the middle of the others is 0.40." in text
    assert "Polar: 0.00, less than every other model; the middle of the others is 0.60." in text


def test_period_and_segment_choose_the_orders(desk, url, orders):
    assert desk.get(url, {"since": "2026-03-03", "until": "2026-03-04"}).context["nothing"]
    assert desk.get(url, {**PERIOD, "segment": "industry"}).context["orders"] == 2
    assert desk.get(url, {**PERIOD, "segment": "public"}).context["orders"] == 1
    answer = desk.get(url, {"since": "2026-03-02", "until": "2026-03-01"})
    assert "The period ends before it begins." in answer.content.decode()
    assert "comparison" not in answer.context
    assert desk.get(url, {**PERIOD, "segment": "nonsense", "since": "soon"}).status_code == 200


def test_roles_get_weights_from_markov(desk, url, orders):
    answer = desk.get(url, {**PERIOD, "by": "role"})
    assert list(table_of(answer)[1]) == ["Influencer", "Sourcer", "Direct and own staff"]
    assert answer.context["role_weights"] == [("Sourcer", 50), ("Influencer", 50)]
    assert reverse("desk_policy_draft") in answer.content.decode()
    for by, names in (("kind", {"Introduction", "Demonstration"}), ("medium", {"Field sales"})):
        assert names <= table_of(desk.get(url, {**PERIOD, "by": by}))[1].keys()


def test_renewals_and_orders_not_attributed_yet_are_left_out(desk, url, orders):
    run = AttributionRun.objects.get(order__number="N0")
    AttributionRun.objects.filter(pk=run.pk).update(state=AttributionRun.State.FAILED)
    assert desk.get(url, PERIOD).context["orders"] == 2


def test_only_the_latest_attribution_counts(desk, url, orders):
    run = AttributionRun.objects.get(order__number="N0")
    again = {"explanation": {**run.explanation, "touches": []}, "policy": run.policy, "step": run.step}
    AttributionRun.objects.create(
        order=run.order, sequence=2, state="done", cause="again", created_at=make.NOON, **again
    )
    context = desk.get(url, PERIOD).context
    assert (context["orders"], context["untouched"]) == (2, 2)


def test_own_touches_outside_the_window_are_left_out(orders):
    make.company("late")
    make.touch(None, make.NOON - timedelta(days=91), kind=TouchKind.CALL, company_key="late")
    journey("N5", (orders[0], "visit"), company="late")
    since = make.NOON - timedelta(days=1)
    found = own_journeys.own_journeys(since=since, until=make.NOON + timedelta(days=1))
    assert [path.touches for path in found.journeys if len(path.touches) == 1] == [("fjordtek",)]


@pytest.mark.parametrize("count", [1, 3])
def test_constant_queries(desk, url, django_assert_num_queries, count):
    make.policy()
    for number in range(count):
        make.company(f"c{number}")
        journey(f"Q{number}", (make.partner(f"p{number}"), "visit"), company=f"c{number}")
    desk.get(url, PERIOD)
    with django_assert_num_queries(11):
        assert desk.get(url, PERIOD).context["orders"] == count


def test_too_many_orders_ask_for_a_shorter_period(desk, url, orders, monkeypatch):
    monkeypatch.setattr(own_journeys, "MOST_ORDERS", 2)
    answer = desk.get(url, PERIOD)
    assert "Choose a shorter one, or one segment." in answer.content.decode()
    assert "comparison" not in answer.context


def test_csv_holds_every_digit(desk, url, orders):
    rows = csv_of(desk.get(url, {**PERIOD, "format": "csv"}))
    assert rows[0] == ["channel", *MODELS]
    assert [row[0] for row in rows[1:]] == ["Polar", "Fjordtek", "Direct and own staff"]
    for place in range(1, len(rows[0])):
        assert sum(Decimal(row[place]) for row in rows[1:]) == 3


def upload(desk, url, text, name="paths.csv", **more):
    content = text.encode() if isinstance(text, str) else text
    return desk.post(url, {"file": SimpleUploadedFile(name, content), **more})


def test_file_of_paths(desk, url):
    make.policy(model="position")
    answer = upload(desk, url, THREE + "a;x;1\n;4;0\n")
    heads, rows = table_of(answer)
    assert "time decay" not in heads
    assert "role-weighted" not in heads
    assert dict(zip(heads[1:], rows["social"], strict=True)) == {
        "first touch": "0.00", "last touch": "0.00", "last non-direct touch": "0.00", "linear": "1.67",
        "linear per partner": "1.67", "position-based policy": "1.00", "Markov advice": "2.22",
        "Shapley advice": "1.67",
    }  # fmt: skip
    text = answer.content.decode()
    assert "5 rows were read." in text
    assert "2 could not be used; the rest was." in text
    assert "They hold 4.00 that nobody can be credited with." in text
    assert "row 5, total_conversions: &#x27;x&#x27; is not a number" in text
    assert "Time decay is left out" in text
    assert "Role-weighted is left out" in text
    assert "W-shape is left out" in text
    assert not OrderRecord.objects.exists()


def test_table_of_a_file_is_downloaded_from_its_result(desk, url):
    answer = upload(desk, url, THREE.replace("social", "=social"))
    signed = answer.context["signed_table"]
    rows = csv_of(desk.post(url, {"table": signed}))
    assert rows[0] == ["channel", *(model for model in MODELS if model not in ("time-decay", "role"))]
    assert {row[0] for row in rows[1:]} == {"direct", "search", "email", "'=social"}
    refused = desk.post(url, {"table": signed[:-2] + "xx"}, follow=True)
    assert "Compare the file again." in refused.content.decode()


def test_w_shape_is_shown_where_a_journey_has_its_shape(desk, url):
    heads, rows = table_of(upload(desk, url, "path,total_conversions\nad > lead created > deal created,9\n"))
    assert dict(zip(heads[1:], rows["ad"], strict=True))["W-shape"] == "3.00"


def test_file_with_times_and_values(desk, url):
    touches = "journey_id,at,touch,converted,value\n1,2026-01-01,a,0,\n1,2026-01-08,b,1,30\n"
    heads, rows = table_of(upload(desk, url, touches, with_value="on"))
    assert dict(zip(heads, ["b", *rows["b"]], strict=True))["time decay"] == "20.00"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The submitted file is empty."),
        ("a,b\n1,2\n", "The first row must name the columns"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        ("path;total_conversions\n" + "\n".join(f"c{number};1" for number in range(201)), "compares up to 200"),
    ],
)
def test_useless_file_is_refused_with_a_reason(desk, url, content, sentence):
    answer = upload(desk, url, content)
    assert answer.status_code == 200
    assert sentence in BeautifulSoup(answer.content, "html.parser").get_text()
    assert "comparison" not in answer.context


def test_large_file_is_sent_to_the_command(desk, url):
    answer = upload(desk, url, THREE + " " * (5 * 1024 * 1024))
    assert "manage.py attribute --model MODEL --input FILE" in answer.content.decode()


def test_many_problems_are_counted_and_the_first_shown(desk, url):
    answer = upload(desk, url, THREE + "a;x;1\n" * 60)
    assert len(answer.context["problems"]) == page.MOST_PROBLEMS
    assert "60 could not be used; the rest was." in answer.content.decode()


def test_file_without_a_conversion_has_nothing_to_share(desk, url):
    assert "There is nothing to share" in upload(desk, url, "path,total_conversions\na,0\n").content.decode()


def test_readers_see_no_way_to_draft(client, url, orders):
    client.force_login(staff("view_policy"))
    answer = client.get(url, {**PERIOD, "by": "role"})
    assert answer.status_code == 200
    assert reverse("desk_policy_draft") not in answer.content.decode()
    client.force_login(staff("view_touchpoint"))
    assert client.post(url, {"file": SimpleUploadedFile("a.csv", THREE.encode())}).status_code == 302


@pytest.mark.real_data("attribution-paths.csv")
def test_real_file(desk, url):
    _, rows = table_of(upload(desk, url, real_file("attribution-paths.csv").read_bytes()))
    assert len(rows) == 12
    assert rows["alpha"][0] == "6,308.00"
