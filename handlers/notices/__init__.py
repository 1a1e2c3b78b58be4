"""What a notice says when it is delivered: words in the reader's language, facts of now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers.language import Languages
from handlers.masking import masked_card
from handlers.notices.cards import CARDS
from handlers.quiet import kept
from handlers.requests import Conversation, Reply
from handlers.turns import NOWHERE, Turn
from handlers.ui import Card
from sales.channel_privacy import Readers
from sales.notices import KeptNotices, Notice
from sales.people import SYSTEM, Person
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

LATE: Final = timedelta(minutes=30)
"""What reaches its reader later than this after it was written says so."""


class Composer:
    """Turns a notice and its recipient into a card. Reads only."""

    def __init__(
        self, new_uow: UnitOfWorkFactory, languages: Languages, now: Callable[[], datetime]
    ) -> None:
        self._new_uow = new_uow
        self._languages = languages
        self._now = now

    def __call__(
        self,
        notice: Notice,
        to: Recipient,
        *,
        again: bool,
        readers: Readers | None = None,
        written_at: datetime | None = None,
    ) -> tuple[Card, str] | None:
        """The card with its locale; None when there is nothing to say any more. ``readers`` of
        the channel, where that decides what is told.

        ``again`` redraws a card that was posted before: then what is over is shown as over,
        while it would not be worth a new message. A card that is ``written_at`` a time long ago
        says that it comes late.
        """
        with self._new_uow(read_only=True) as uow:
            reader, locale = self._reader(to, uow)
            where = NOWHERE if isinstance(to, int) else Conversation(*to, False, readers=readers)
            turn = Turn.unasked(
                uow, self._languages, self._now(), reader=reader, locale=locale, where=where
            )
            card = compose(notice, turn, again=again)
            if card is None:
                return None
            return masked_card(_marked_late(card, written_at, turn)), turn.language.locale

    def _reader(self, to: Recipient, uow: UnitOfWork) -> tuple[Person, str]:
        if isinstance(to, int):
            person = uow.people.get(to)
            return person, person.locale
        bound = uow.bindings.of_channel(*to)
        return SYSTEM, bound.locale if bound else ""


def _marked_late(card: Card, written_at: datetime | None, turn: Turn) -> Card:
    if written_at is None or turn.now - written_at < LATE:
        return card
    line = turn.text("delivery.late", at=turn.language.moment(written_at))
    return replace(card, footnote="\n".join(filter(None, (line, card.footnote))))


def compose(notice: Notice, turn: Turn, *, again: bool) -> Card | None:
    """The card for a notice, or None when what it told of is over."""
    if isinstance(notice, KeptNotices):
        return kept.kept_card(notice, turn, compose, again=again)
    return CARDS[type(notice)](notice, turn, again=again)


def open_kept(turn: Turn) -> Reply:
    """Button: a notice out of those that were told together."""
    return kept.open_kept(turn, compose)


def more_kept(turn: Turn) -> Reply:
    """Button: those that had no room in the message."""
    return kept.more_kept(turn, compose)
