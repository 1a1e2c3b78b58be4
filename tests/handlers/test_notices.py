"""Notices: which card renders which, and what it is called."""

import pytest

from handlers.core.language import LOCALES, Languages
from handlers.notices import CARDS
from sales.notices import NOTICES, CardChanged, KeptNotices
from tests.office import SHANGHAI


def test_every_notice_has_a_card_but_the_delivery_s_own() -> None:
    assert set(CARDS) == set(NOTICES.values()) - {CardChanged, KeptNotices}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_notice_but_the_delivery_s_own_has_a_name(locale: str) -> None:
    """The table of what was sent and what it brought about names every kind."""
    language = Languages(SHANGHAI)(locale)
    unnamed = {kind for kind in NOTICES if not language.has(f"notice.{kind}")}
    assert unnamed == {CardChanged.kind, KeptNotices.kind}
