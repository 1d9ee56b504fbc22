"""Compile locale/*/LC_MESSAGES/*.po where they are newer than their .mo; Babel does it, so no gettext is needed."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for source in sorted(Path("locale").glob("*/LC_MESSAGES/*.po")):
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        continue
    with source.open("rb") as stream:
        catalogue = read_po(stream, locale=source.parts[-3], abort_invalid=True)
    with target.open("wb") as stream:
        write_mo(stream, catalogue)
    sys.stdout.write(f"compiled {source}\n")
