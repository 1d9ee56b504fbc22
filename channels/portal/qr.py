"""QR codes of partner links: on the page as SVG, to download as SVG or PNG."""

from io import BytesIO

import segno

QUIET_ZONE = 4  # modules; printed codes need it, on the page the white ground stands in


def inline_svg(address: str) -> str:
    return str(_code(address).svg_inline(omitsize=True, border=0))


def file(address: str, kind: str) -> bytes:
    """Return the code as a file: "svg" or "png"."""
    out = BytesIO()
    _code(address).save(out, kind=kind, scale=10, border=QUIET_ZONE)
    return out.getvalue()


def _code(address: str) -> segno.QRCode:
    # M keeps a code readable with a scratch, or with a fold of the flyer across it.
    return segno.make(address, error="m", micro=False)
