"""Staff, partners that buy, their sales and an undercut: what the desk pages and figures of harmony are about."""

import csv
import io

from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission

from channels import api
from channels.harmony.models import GuardCheck
from tests.factories import channels as make
from tests.factories import commissions as money
from tests.factories import harmony

START, END = make.NOON - make.days(1), make.NOON + make.days(30)
TODAY = make.NOON + make.days(20)


def person(*codenames):
    user = make.user(is_staff=True)
    wanted = Permission.objects.filter(content_type__app_label="channels_harmony")
    user.user_permissions.set(
        [
            *(wanted.filter(codename__in=codenames) if codenames else wanted),
            Permission.objects.get(codename="access_admin"),
        ]
    )
    return user


def partner(code="fjordtek", **values):
    made = make.partner(code, **values)
    harmony.buys(made)
    return made


def sold(number, of, *, at=make.NOON, **values):
    order = money.credited(
        number,
        (of, "referral", 10_000),
        lines=(make.line(f"{number}/1", list_unit_minor=100_00),),
        placed_at=at,
        **values,
    )
    money.paid(order)
    return order


def text_of(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def read_csv(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def blocked(label="Spring sale", **values):
    api.record_price_check(harmony.price_check(harmony.proposal(60_00), label=label, **values))
    return GuardCheck.objects.get(label=label)
