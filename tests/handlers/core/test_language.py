"""Catalogues: read by ourselves as Babel reads them."""

import pytest
from babel.messages.pofile import read_po

from handlers.core.language import _TEXTS, LOCALES, _catalogue


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
