"""Simulation runs: which one speaks for a draft's final text, and what it says."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from channels.commissions.engine.programme import ProgrammeTerms
from channels.commissions.models import ProgrammeVersion, SimulationRun

# A worker writes after each chunk of orders, every second or so.
STALE_AFTER = timedelta(minutes=2)
UNFINISHED = (SimulationRun.State.QUEUED, SimulationRun.State.RUNNING)


def hash_of(terms: Mapping[str, Any]) -> str:
    """Return the hash of terms as the engine reads them: spacing and left-out defaults make no difference."""
    text = json.dumps(ProgrammeTerms.from_json(terms).to_json(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def final_run(version: ProgrammeVersion) -> SimulationRun | None:
    """Return the latest finished run on the version's text as it is now, if any. Raises TermsError."""
    runs = SimulationRun.objects.filter(version=version, state=SimulationRun.State.DONE, counts=True)
    return runs.filter(terms_hash=hash_of(version.terms)).order_by("-pk").first()


def latest_run(version: ProgrammeVersion) -> SimulationRun | None:
    return SimulationRun.objects.filter(version=version).order_by("-pk").first()


def is_stale(run: SimulationRun, *, now: datetime) -> bool:
    """Tell whether nobody has worked on an unfinished run for so long that its worker must be gone.

    A sign from the future comes from a run ahead of the clock (`run_due --as-of`), and says nothing.
    """
    return run.state in UNFINISHED and abs(now - run.heartbeat_at) >= STALE_AFTER
