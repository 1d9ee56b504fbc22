"""What our templates must not hold; the strict policy of the pages rests on it."""

import re
from pathlib import Path

import pytest

COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)
SAFE = "the safe filter (mark text as HTML where it is made)"
AUTOESCAPE = "autoescape off"
STYLE = "a style attribute"
SCRIPT = "a script without a nonce"
ELSEWHERE = "something loaded from another host"
FORBIDDEN = {
    SAFE: re.compile(r"\|\s*safe(?:seq)?\b"),
    AUTOESCAPE: re.compile(r"{%\s*autoescape\s+off"),
    "an inline event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    STYLE: re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    ELSEWHERE: re.compile(
        r"<(?:script|link|img|iframe|source|video|audio|embed|object)\b[^>]*\b(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//",
        re.IGNORECASE,
    ),
    "an import from another host": re.compile(r"@import\s+(?:url\()?[\"']?(?:https?:)?//", re.IGNORECASE),
    SCRIPT: re.compile(r"<script(?![^>]*\b(?:src|nonce|type=[\"']application/(?:ld\+)?json))[^>]*>"),
}
# What a template may hold all the same, with the reason.
ALLOWED = {
    ("components/qr.html", SAFE): "the code is drawn by the server, from an escaped address",
    ("components/field_notes.html", SAFE): "Django's help texts are HTML by convention, and are written by programmers",
    ("components/alert.html", SAFE): "Oscar's messages are rendered from escaping templates",
    (
        "payments/stripe_form.html",
        ELSEWHERE,
    ): "Stripe forbids to serve a copy; the pages with a card form alone open for it",
    ("oscar/base.html", SCRIPT): "Oscar's dashboard brings inline script; it has a policy of its own, for staff alone",
}


def is_allowed(name: str, what: str) -> bool:
    """Tell whether the template is an exception, by its name or by its kind."""
    if name.startswith("emails/") and what == STYLE:
        return True  # mail programs know nothing else, and there is no script in a mail
    if name.endswith(".txt") and what == AUTOESCAPE:
        return True  # plain text has nothing to escape
    return (name, what) in ALLOWED


def templates(root: Path) -> list[Path]:
    """Return every template of ours."""
    return sorted(path for path in (root / "templates").rglob("*") if path.suffix in {".html", ".svg", ".txt"})


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_hold_none_of(root: Path, what: str) -> None:
    """No template holds it, comments aside."""
    found = []
    for path in templates(root):
        if is_allowed(str(path.relative_to(root / "templates")), what):
            continue
        text = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), path.read_text())
        found += [
            f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1} {match.group()[:80]}"
            for match in FORBIDDEN[what].finditer(text)
        ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        (SAFE, "{{ product.description|safe }}"),
        ("an inline event handler", '<button class="btn" onclick="go()">'),
        (STYLE, '<div class="bar" style="width: 3%">'),
        (ELSEWHERE, '<script src="//cdn.example.com/x.js"></script>'),
        (SCRIPT, "<script>go()</script>"),
    ],
)
def test_the_patterns_see_what_they_are_for(what: str, line: str) -> None:
    """Each pattern finds a plain example."""
    assert FORBIDDEN[what].search(line)


def test_python_marks_nothing_safe_unseen(root: Path) -> None:
    """`mark_safe` appears only in the modules listed here, each of which escapes or makes its own markup."""
    # A description that nh3 sanitised, and JSON-LD escaped for its script.
    allowed = {"shop/catalogue/detail.py", "shop/catalogue/structured_data.py"}
    found = {
        str(path.relative_to(root))
        for package in ("shop", "cms", "channels")
        for path in (root / package).rglob("*.py")
        if re.search(r"\bmark_safe\(", path.read_text())
    }
    assert found == allowed
