"""Notices held back for quiet hours or batching, sent as one message, and opened from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from handlers.assignment import service as assignment
from handlers.core.button_values import pack, record_ids, unpack
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section
from sales.assignments import OfferState
from sales.errors import LeadNotFound, NoticeGone
from sales.notices import KeptNotices, LeadOffered, Notice
from storage.outbox.outbox import WaitingNotice

SHOWN = 10
"""Number of notices in the message; a button shows the next ones."""
_LONGEST = 100
"""Maximum number of further notices that a button carries."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One notice of the bundle, with the card it would have had on its own."""

    message_id: int
    kept: WaitingNotice
    card: Card


def kept_card(notice: KeptNotices, context: Context, *, again: bool) -> Card | None:
    """Card of a bundle: a single notice as its own card, several as a list.

    Each notice of a list has a button that opens it. Notices that are no longer current are left
    out.
    """
    entries = list(_worth_telling(notice.message_ids, context, again=again))
    if not entries:
        return None
    if len(notice.message_ids) == 1:
        card, since = entries[0].card, context.language.moment(entries[0].kept.at)
        why = context.text("quiet.kept_one", at=since) if notice.why == "morning" else ""
        return replace(card, footnote="\n".join(part for part in (card.footnote, why) if part))
    return _list_card(notice, entries, context)


def open_kept(context: Context) -> Reply:
    """Button: open one of the notices.

    The first time, it is posted as its own living card. Later, or when it is over, it is shown in
    its present state. Raises NoticeGone for other people's notices.
    """
    message_id, bundle = _own(context)
    if context.notice_card(bundle.notice, again=False) and context.uow.outbox.open(message_id):
        context.uow.outbox.add(KeptNotices((message_id,), "opened"), context.actor.id)
        return Reply(toast=context.text("quiet.opened"))
    card = context.notice_card(bundle.notice, again=True)
    if card is None:
        raise NoticeGone
    return Reply(card=card)


def accept_kept(context: Context) -> Reply:
    """Button: accept the lead of one of the offers.

    The list stays for the other offers, and the lead's card is posted. Raises NoticeGone for other
    people's notices and OfferClosed for an offer that is over.
    """
    message_id, bundle = _own(context)
    if not isinstance(bundle.notice, LeadOffered):
        raise NoticeGone
    offer = context.uow.offers.get(bundle.notice.offer_id)
    toast = assignment.accept_offer(context.leads.get(offer.lead_id), context)
    if context.uow.outbox.open(message_id):
        context.uow.outbox.add(KeptNotices((message_id,), "opened"), context.actor.id)
    return Reply(toast=toast)


def more_kept(context: Context) -> Reply:
    """Button: show the notices that did not fit on the list."""
    why, ids = unpack(context.pressed, str, record_ids)
    notice = KeptNotices(ids[:_LONGEST], why)
    entries = list(_worth_telling(notice.message_ids, context, again=False))
    if not entries:
        raise NoticeGone
    return Reply(card=_list_card(notice, entries, context))


def _own(context: Context) -> tuple[int, WaitingNotice]:
    message_id = record_id(context.pressed)
    bundle = context.uow.outbox.kept(message_id) if message_id is not None else None
    if message_id is None or bundle is None or bundle.person_id != context.actor.id:
        raise NoticeGone
    return message_id, bundle


def _worth_telling(ids: Sequence[int], context: Context, *, again: bool) -> Iterator[_Entry]:
    for message_id in ids:
        bundle = context.uow.outbox.kept(message_id)
        if bundle is None or bundle.person_id != context.actor.id:
            continue
        if card := context.notice_card(bundle.notice, again=again):
            yield _Entry(message_id, bundle, card)


def _title(notice: KeptNotices, entries: Sequence[_Entry]) -> str:
    """Heading of the list: it differs after quiet hours, and for a list of offers only."""
    if notice.why == "morning":
        return "quiet.title"
    offered = all(isinstance(entry.kept.notice, LeadOffered) for entry in entries)
    return "quiet.title_offers" if offered else "quiet.title_company"


def _why(notice: KeptNotices, entries: Sequence[_Entry], context: Context) -> str:
    if notice.why == "morning":
        return context.text("quiet.kept_several", at=context.language.moment(entries[0].kept.at))
    return context.text("quiet.kept_company")


def _list_card(notice: KeptNotices, entries: Sequence[_Entry], context: Context) -> Card:
    shown, left = entries[:SHOWN], entries[SHOWN:]
    more: tuple[Button, ...] = ()
    if left:
        value = pack(notice.why, [entry.message_id for entry in left[:_LONGEST]])
        more = (Button("notice.more", context.text("button.more_notices", n=len(left)), value),)
    return Card(
        title=context.text(_title(notice, entries), n=len(entries)),
        sections=tuple(_section(number, entry, context) for number, entry in enumerate(shown, 1)),
        buttons=(*more, Button("quiet.choose", context.text("button.my_notices"))),
        footnote=_why(notice, entries, context),
    )


def _section(number: int, entry: _Entry, context: Context) -> Section:
    """A notice in short: its title and its subject."""
    facts = tuple(f"{fact.label}: {fact.value}" for fact in entry.card.facts[:2])
    value = str(entry.message_id)
    buttons: tuple[Button, ...] = (
        Button("notice.open", context.text("button.open_notice", number=number), value),
    )
    if _can_be_taken(entry.kept.notice, context):
        label = context.text("button.accept_notice", number=number)
        buttons = (Button("notice.accept", label, value, "primary"), *buttons)
    return Section(entry.card.title, facts, buttons=buttons)


def _can_be_taken(notice: Notice, context: Context) -> bool:
    if not isinstance(notice, LeadOffered):
        return False
    offer = context.uow.offers.get(notice.offer_id)
    if offer.state is not OfferState.OPEN or offer.person_id != context.actor.id:
        return False
    try:
        context.leads.get(offer.lead_id)
    except LeadNotFound:
        return False
    return True
