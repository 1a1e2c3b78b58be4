"""Which card draws which notice."""

from handlers.notices import CARDS
from sales.notices import NOTICES, CardChanged, KeptNotices


def test_every_notice_has_a_card_but_the_delivery_s_own() -> None:
    assert set(CARDS) == set(NOTICES.values()) - {CardChanged, KeptNotices}
