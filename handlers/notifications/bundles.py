"""Notices held back for quiet hours or batching, sent as one message, and opened from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from handlers.assignment import service as assignment
from handlers.core.button_values import pack, record_ids, unpack
from handlers.core.context import Context
from handlers.core.labels import home_button, lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Row, Section
from sales.assignments import OfferState
from sales.errors import GenjinError, LeadNotFound, NoticeGone
from sales.leads import lead_number
from sales.notices import KeptNotices, LeadOffered, Notice
from storage.outbox.outbox import WaitingNotice

SHOWN = 10
"""Number of notices in the message; a button shows the next ones."""
_LONGEST = 100
"""Maximum number of further notices that a button carries."""
_ONLY_OFFERS = "offers"


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


def accept_all_kept(context: Context) -> Reply:
    """Button: accept every lead that the list still offers.

    Each is accepted for itself, and the answer says of each what came of it. Raises NoticeGone when
    none of the notices is the actor's.
    """
    why, ids = unpack(context.pressed, str, record_ids)
    offers = []
    for message_id in ids[:_LONGEST]:
        kept = context.uow.outbox.kept(message_id)
        own = kept is not None and kept.person_id == context.actor.id
        if kept is not None and own and isinstance(kept.notice, LeadOffered):
            offers.append((context.uow.offers.get(kept.notice.offer_id).lead_id, message_id))
    if not offers:
        raise NoticeGone
    # In the order of the leads, as everybody who locks several does.
    card = _accepted_card([_accept_one(*one, context) for one in sorted(offers)], context)
    # A list of offers has nothing else to show; one of other notices stays as it is.
    return Reply(update=card) if why == _ONLY_OFFERS else Reply(card=card)


def _accept_one(lead_id: int, message_id: int, context: Context) -> tuple[Row | str, bool]:
    """The line about one lead, and whether it is the actor's now."""
    try:
        lead = context.leads.get(lead_id)
        assignment.accept_offer(lead, context)
    except GenjinError as error:
        number = lead_number(lead_id)
        params = {"lead": number} | dict(error.params)
        why = context.text(f"error.{error.key}", **params)
        return context.text("rules.line", label=number, value=why), False
    context.uow.outbox.open(message_id)
    button = Button("lead.show", context.text("button.open"), lead.number)
    return Row(lead_title(lead), button), True


def _accepted_card(results: Sequence[tuple[Row | str, bool]], context: Context) -> Card:
    taken = [line for line, done in results if done and isinstance(line, Row)]
    left = tuple(line for line, _ in results if isinstance(line, str))
    sections = []
    if taken:
        sections.append(Section(rows=tuple(taken)))
    if left:
        sections.append(Section(context.text("quiet.not_accepted"), left))
    return Card(
        title=context.text("quiet.accepted_all", n=len(taken)),
        sections=tuple(sections),
        buttons=(home_button(context),),
        tone="good" if taken and not left else "plain",
    )


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
    more = (*_accept_all(entries, context), *more)
    return Card(
        title=context.text(_title(notice, entries), n=len(entries)),
        sections=tuple(_section(number, entry, context) for number, entry in enumerate(shown, 1)),
        buttons=(*more, Button("quiet.choose", context.text("button.my_notices"))),
        footnote=_why(notice, entries, context),
    )


def _accept_all(entries: Sequence[_Entry], context: Context) -> tuple[Button, ...]:
    """A button for the leads that can be accepted, where there are several."""
    takable = [entry for entry in entries if _can_be_taken(entry.kept.notice, context)]
    if len(takable) < 2:
        return ()
    only = all(isinstance(entry.kept.notice, LeadOffered) for entry in entries)
    value = pack(_ONLY_OFFERS if only else "", [entry.message_id for entry in takable[:_LONGEST]])
    label = context.text("button.accept_all", n=len(takable))
    return (Button("notice.accept_all", label, value, "primary"),)


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
