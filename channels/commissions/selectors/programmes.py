"""Which terms held when."""

from datetime import datetime

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import ProgrammeVersion


def in_force(*, at: datetime) -> ProgrammeVersion | None:
    """Return the one version in force at a moment; None before the first was published."""
    return (
        ProgrammeVersion.objects.filter(status=ProgrammeVersion.Status.PUBLISHED, effective_from__lte=at)
        .select_related("programme")
        .order_by("-effective_from", "-published_at", "-pk")
        .first()
    )


def terms_of(version: ProgrammeVersion) -> ProgrammeTerms:
    return ProgrammeTerms.from_json(version.terms)


def name_of(version: ProgrammeVersion) -> str:
    """Return the short name that keys and explanations use, such as "channel.v3"."""
    return f"{version.programme.code}.v{version.version}"
