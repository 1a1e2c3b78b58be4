"""What was kept for the morning, as one message."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from handlers.requests import Reply, record_id
from handlers.turns import Turn
from handlers.ui import Button, Card, Section
from sales.errors import NoticeGone
from sales.notices import KeptNotices, Notice
from sales.ports import Kept

Draw = Callable[[Notice, Turn], Card | None]
SHOWN = 10
"""So many notices stand in the message."""


def kept_card(notice: KeptNotices, turn: Turn, draw: Draw) -> Card | None:
    """One notice as it would have come, with why it comes now; several in a list, each with a
    button that opens it. What is over meanwhile is left out."""
    told = [(n, kept, card) for n, kept, card in _worth_telling(notice, turn, draw)]
    if not told:
        return None
    since = turn.language.moment(told[0][1].at)
    if len(notice.message_ids) == 1:
        [(_, _, card)] = told
        why = turn.text("quiet.kept_one", at=since)
        return replace(card, footnote="\n".join(part for part in (card.footnote, why) if part))
    return Card(
        title=turn.text("quiet.title", n=len(told)),
        sections=tuple(
            _section(number, message_id, card, turn)
            for number, (message_id, _, card) in enumerate(told[:SHOWN], 1)
        ),
        buttons=(Button("quiet.choose", turn.text("button.my_notices")),),
        footnote=turn.text("quiet.kept_several", at=since),
    )


def open_kept(turn: Turn, draw: Draw) -> Reply:
    """Button: one of the notices, as it stands now. Raises NoticeGone for anybody else's."""
    message_id = record_id(turn.pressed)
    kept = turn.uow.outbox.kept(message_id) if message_id is not None else None
    if kept is None or kept.person_id != turn.actor.id:
        raise NoticeGone
    card = draw(kept.notice, turn)
    if card is None:
        raise NoticeGone
    return Reply(card=card)


def _worth_telling(notice: KeptNotices, turn: Turn, draw: Draw) -> Iterator[tuple[int, Kept, Card]]:
    for message_id in notice.message_ids:
        kept = turn.uow.outbox.kept(message_id)
        if kept is None or kept.person_id != turn.actor.id:
            continue
        if card := draw(kept.notice, turn):
            yield message_id, kept, card


def _section(number: int, message_id: int, card: Card, turn: Turn) -> Section:
    """A notice in short: its title, and what it is about."""
    facts = tuple(f"{fact.label}: {fact.value}" for fact in card.facts[:2])
    label = turn.text("button.open_notice", number=number)
    return Section(card.title, facts, buttons=(Button("notice.open", label, str(message_id)),))
