"""Who may log in to the demo store, and where each one should look."""

from django.conf import settings

from shop.demo.catalogue_file import read
from shop.demo.loaders import people

PARTNER_PEOPLE = (
    ("ingrid@fjordtek.example.com", "Fjordtek, reseller, owner: earned and held, journey replay, codes, statements"),
    ("finance@fjordtek.example.com", "Fjordtek, finance: statements and payouts only"),
    ("britta@polar-supply.example.com", "Polar Supply, distributor: overrides on what its resellers sell"),
    ("elodie@capteurs-sud.example.com", "Agence Capteurs du Sud, data level 0: sums without customers"),
    ("anders@nordkalib.example.com", "Nordkalib, suspended: keeps what it earned, earns nothing new"),
)
BUYERS = (
    ("anna@havbris.example.com", "Havbris Bryggeri: orders through Fjordtek; try the checkout"),
    ("ola@nidelva.example.com", "Nidelva Vannverk: ordered directly, later got a renewal steward"),
    (
        "dana@cascade.example.com",
        "Cascade Ridge Timber, US: no reseller there; subscriptions that renew, ask and are past due",
    ),
    ("sara@lindholm.example.com", "Lindholm Mejeri: waiting for approval, may fill a basket"),
)


def text() -> str:
    """The logins as a table for a terminal."""
    url = settings.BASE_URL
    staff = [(row["email"], row["look_at"]) for row in read("staff.toml")["person"]]
    groups = (
        (f"Buyers ({url}/)", BUYERS),
        (f"Channel partners ({url}/portal/)", PARTNER_PEOPLE),
        (f"Staff ({url}/admin/ and {url}/dashboard/)", staff),
    )
    lines = [f"One login for all: {url}/accounts/login/   Password: {people.PASSWORD}"]
    for title, rows in groups:
        lines += ["", title, *(f"  {email:<34} {look}" for email, look in rows)]
    lines += ["", f"A partner's link: {url}/r/fjordtek   The partner directory: {url}/partners/"]
    return "\n".join(lines)
