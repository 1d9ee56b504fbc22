"""python -m bench.ledger.prepare: make the partner that all postings are for, and print its id."""

from bench.inside import which

which.shop()

from bench.ledger.rows import AT  # noqa: E402
from channels.partners.models import ChannelPartner  # noqa: E402

if __name__ == "__main__":
    partner = ChannelPartner.objects.create(code="bench", name="Bench", kind="reseller", country="NO", joined_at=AT)
    print(partner.pk)
