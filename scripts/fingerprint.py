"""Print one digest of the named files and folders: names and contents, so that a stamp knows its inputs."""

import hashlib
import sys
from pathlib import Path

SKIPPED = {"__pycache__", "dist", "node_modules"}


def files(path: Path) -> list[Path]:
    """Return the files under a path in a stable order."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return sorted(p for p in path.rglob("*") if p.is_file() and not SKIPPED.intersection(p.parts))


digest = hashlib.sha256()
for argument in sys.argv[1:]:
    for path in files(Path(argument)):
        digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
sys.stdout.write(digest.hexdigest())
