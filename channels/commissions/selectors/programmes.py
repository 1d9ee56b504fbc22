"""Which terms held when."""

from collections.abc import Sequence
from datetime import datetime

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import ProgrammeVersion


class Published:
    """The published versions, read once, for a caller that asks for many moments."""

    def __init__(self) -> None:
        found = ProgrammeVersion.objects.filter(status=ProgrammeVersion.Status.PUBLISHED)
        ordered = found.select_related("programme").order_by("-effective_from", "-published_at", "-pk")
        self.versions: Sequence[ProgrammeVersion] = list(ordered)
        self._terms: dict[int, ProgrammeTerms] = {}

    def in_force(self, *, at: datetime) -> ProgrammeVersion | None:
        """Return the one version in force at a moment; None before the first was published."""
        return next((row for row in self.versions if row.effective_from and row.effective_from <= at), None)

    def terms_of(self, version: ProgrammeVersion) -> ProgrammeTerms:
        """Parse each version once: they never change."""
        if version.pk not in self._terms:
            self._terms[version.pk] = ProgrammeTerms.from_json(version.terms)
        return self._terms[version.pk]


def in_force(*, at: datetime) -> ProgrammeVersion | None:
    """Return the one version in force at a moment; None before the first was published."""
    return Published().in_force(at=at)


def terms_of(version: ProgrammeVersion) -> ProgrammeTerms:
    return ProgrammeTerms.from_json(version.terms)


def name_of(version: ProgrammeVersion) -> str:
    """Return the short name that keys and explanations use, such as "channel.v3"."""
    return f"{version.programme.code}.v{version.version}"
