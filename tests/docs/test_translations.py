"""Every text of the interface is translated, and a translation keeps its placeholders."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
CATALOGUE = Path("locale/nb/LC_MESSAGES/django.po")


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_the_norwegian_catalogue_is_whole() -> None:
    with CATALOGUE.open("rb") as stream:
        messages = [message for message in read_po(stream, locale="nb") if message.id]
    assert len(messages) > 1_000
    missing = [message.id for message in messages if message.fuzzy or not all(texts(message.string))]
    assert missing == []
    broken = [
        message.id
        for message in messages
        if set(PLACEHOLDER.findall(texts(message.string)[-1])) != set(PLACEHOLDER.findall(texts(message.id)[-1]))
    ]
    assert broken == []
