"""Catalogues, read by ourselves as Babel reads them, and what dates and places are called."""

import re
from datetime import UTC

import pytest
from babel.messages.pofile import read_po

from handlers.core.language import _TEXTS, LOCALES, Language, _catalogue
from handlers.notifications.preferences import ZONES


@pytest.mark.parametrize("locale", LOCALES)
def test_our_reading_of_the_catalogues_is_babels(locale: str) -> None:
    texts, plurals = {}, {}
    for path in (_TEXTS / locale).glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if isinstance(message.id, tuple):
                    plurals[message.id[0]] = dict(enumerate(message.string or ()))
                elif message.id:
                    texts[message.id] = message.string
    ours = _catalogue(locale)
    assert (ours.texts, ours.plurals) == (texts, plurals)


def test_a_timezone_is_called_by_its_city() -> None:
    english, chinese = (
        [Language(locale, UTC).city(zone) for zone in ZONES if zone != "UTC"] for locale in LOCALES
    )
    assert english[:2] == ["Shanghai", "Hong Kong"]
    assert not [city for city in english if re.search("[/_]", city)]
    assert not [city for city in chinese if re.search("[A-Za-z]", city)]
    assert Language("zh_CN", UTC).city("UTC") == "UTC"
