"""The public side of proposals: people with a link read the page, ask, and accept [P11].

Their visits are signals; what they write reaches the owner at once.

None of our own people asks, so nothing here depends on an actor's rights: the token is the right.
Knows no HTTP.
"""

from dataclasses import dataclass
from datetime import datetime

from handlers.core.automation_events import record_event
from handlers.core.context import Context, ContextFactory
from handlers.core.recipients import notify_owner_and_cover
from handlers.core.text import clean, one_line
from handlers.signals.service import take_signal
from sales.errors import InvalidInput, Problem
from sales.leads import Lead
from sales.notices import ProposalAnswered
from sales.people import SYSTEM
from sales.playbook import Trigger
from sales.proposal_views import Visit, begins_opening
from sales.proposals import (
    TOKEN,
    CustomerReply,
    Link,
    Proposal,
    ProposalState,
    ReplyKind,
    hash_of,
)
from sales.quotes import Edition
from sales.signals import SignalKind
from sales.unreadable import UnreadableText
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

MOST = 500
"""Number of visits recorded for the proposals of a lead; nobody reads more often."""
MOST_REPLIES = 30
"""Number of replies kept for the proposals of a lead; more are refused."""
LONGEST = {"words": 1_500, "name": 60}
"""Maximum number of characters of what a customer writes, per field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A proposal to be read.

    ``sender`` is the contact for questions, with their ``phone`` ("" if it is not known or not to
    be shown); ``newer``: it replaced the proposal for which the link was made; ``preview``: a
    colleague looks at it; ``accepted``: the customer's acceptance.
    """

    proposal: Proposal
    customer: str
    sender: str
    phone: str
    seller: str
    newer: bool
    preview: bool
    seen_seconds: int
    accepted: CustomerReply | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedReply:
    """What a reader of the page sends, as typed.

    ``key`` identifies the loading of the page.
    """

    kind: ReplyKind
    key: str
    name: str = ""
    words: str = ""
    edition: str = ""


class TooManyReplies(Exception):
    """More was written on a lead's proposals than anybody reads."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing can be read; ``locale`` is empty for a token that never existed."""

    locale: str = ""


class ProposalReader:
    """Finds pages by their token and records reads, each in its own unit of work.

    Raises StorageUnavailable.
    """

    def __init__(self, new_uow: UnitOfWorkFactory, contexts: ContextFactory) -> None:
        self._new_uow = new_uow
        self._contexts = contexts

    def page(self, token: str) -> Page | Closed:
        with self._new_uow(read_only=True) as uow:
            link, asked = _asked(token, uow)
            if link is None or asked is None:
                return Closed()
            shown = _shown(link, asked, uow, self._contexts.now())
            if shown is None:
                return Closed(asked.locale)
            return _page(link, asked, shown, uow)

    def seen(self, token: str, key: str, seconds: int) -> None:
        """Record a visit by a person.

        ``key`` identifies this load of the page, which has been visible for ``seconds`` by now. A
        repeated call only extends the visit.
        """
        with self._new_uow() as uow:
            link, asked = _asked(token, uow)
            if link is None or asked is None or link.preview:
                return
            context = self._contexts.unasked(uow)
            # Locked first, as everywhere: what follows changes the lead.
            lead = context.leads.get(asked.lead_id)
            shown = _shown(link, asked, uow, context.now)
            if shown is None:
                return
            visit = Visit(proposal_id=shown.id, key=key, at=context.now, seconds=seconds)
            _note(visit, lead, context)
            context.uow.outbox.refresh(lead.subject)
            uow.commit()

    def reply(self, token: str, written: TypedReply) -> Closed | None:
        """Keep what a reader wrote, and notify the lead's owner.

        Closed when nothing can be read there any more. Raises InvalidInput, and TooManyReplies.
        """
        with self._new_uow() as uow:
            link, asked = _asked(token, uow)
            if link is None or asked is None or link.preview:
                return Closed()
            context = self._contexts.unasked(uow)
            lead = context.leads.get(asked.lead_id)
            shown = _shown(link, asked, uow, context.now)
            if shown is None:
                return Closed(asked.locale)
            # Whoever writes reads, too, whether or not the page could tell so.
            _note(Visit(proposal_id=shown.id, key=written.key, at=context.now), lead, context)
            _keep(_read(written, shown, context), lead, context)
            uow.commit()
        return None


def _read(written: TypedReply, shown: Proposal, context: Context) -> CustomerReply:
    """What was typed, cleaned; raises InvalidInput."""
    words, name = clean(written.words).strip(), one_line(clean(written.name))
    problems = {}
    if written.kind is ReplyKind.QUESTION and not words:
        problems["words"] = Problem("reply_empty")
    for field, typed in (("words", words), ("name", name)):
        if len(typed) > LONGEST[field]:
            problems[field] = Problem("reply_long", n=len(typed), most=LONGEST[field])
    accepted, editions = written.kind is ReplyKind.ACCEPTED, shown.offering.quote.editions
    chosen = next((one for one in editions if one.value == written.edition), None)
    if accepted and chosen is None and len(editions) > 1:
        problems["edition"] = Problem("reply_edition")
    if accepted and shown.offering.valid_until < context.today:
        problems["words"] = Problem("reply_over")
    if problems:
        raise InvalidInput(problems)
    return CustomerReply(
        lead_id=shown.lead_id,
        proposal_id=shown.id,
        kind=written.kind,
        edition=_accepted_edition(chosen, editions) if accepted else None,
        name=name,
        words=words,
        at=context.now,
        key=f"{written.key}:{written.kind}",
    )


def _accepted_edition(chosen: Edition | None, editions: tuple[Edition, ...]) -> Edition | None:
    return chosen or (editions[0] if editions else None)


def _keep(reply: CustomerReply, lead: Lead, context: Context) -> None:
    before = context.proposals.replies(lead.id)
    if reply.kind is ReplyKind.ACCEPTED and acceptance_of(reply.proposal_id, before):
        return
    if len(before) >= MOST_REPLIES:
        raise TooManyReplies
    kept = context.proposals.add_reply(reply)
    if kept is not None:
        notify_owner_and_cover(ProposalAnswered(kept.id), lead, context)
        context.uow.outbox.refresh(lead.subject)


def acceptance_of(proposal_id: int, replies: list[CustomerReply]) -> CustomerReply | None:
    """The customer's acceptance of a proposal, if any."""
    return next(
        (
            reply
            for reply in replies
            if reply.proposal_id == proposal_id and reply.kind is ReplyKind.ACCEPTED
        ),
        None,
    )


def _note(visit: Visit, lead: Lead, context: Context) -> None:
    proposals = context.proposals
    before = proposals.visits(lead.id)
    if len(before) >= MOST and visit.key not in {earlier.key for earlier in before}:
        return
    if not proposals.see(visit):
        return
    last = next(
        (earlier for earlier in reversed(before) if earlier.proposal_id == visit.proposal_id), None
    )
    if begins_opening(visit, last):
        take_signal(lead, SignalKind.PROPOSAL_OPENED, f"proposal:{visit.key}", context)
        once = f"{Trigger.PROPOSAL_OPENED}:{visit.proposal_id}"
        record_event(Trigger.PROPOSAL_OPENED, lead, context, key=once)


def _asked(token: str, uow: UnitOfWork) -> tuple[Link | None, Proposal | None]:
    if not TOKEN.fullmatch(token):
        return None, None
    proposals = uow.proposals(SYSTEM)
    link = proposals.link(hash_of(token))
    return link, proposals.get(link.proposal_id) if link else None


def _shown(link: Link, asked: Proposal, uow: UnitOfWork, now: datetime) -> Proposal | None:
    """The proposal that a link leads to: its own or the one that replaced it.

    None for one that cannot be read.
    """
    if link.is_over(now) or isinstance(asked.offering.opening, UnreadableText):
        return None
    if link.preview or asked.is_out:
        return asked
    if asked.state is not ProposalState.REPLACED:
        return None
    others = uow.proposals(SYSTEM).of_lead(asked.lead_id)
    return next((other for other in others if other.is_out), None)


def _page(link: Link, asked: Proposal, shown: Proposal, uow: UnitOfWork) -> Page:
    lead = uow.leads(SYSTEM).get(shown.lead_id)
    sender_id = lead.owner_id or shown.sent_by or shown.written_by
    rules = uow.playbooks.current().proposals
    phone = uow.contacts.get(sender_id)[0] if rules.show_phone else ""
    return Page(
        proposal=shown,
        customer=lead.customer,
        sender=uow.people.get(sender_id).name,
        phone="" if isinstance(phone, UnreadableText) else phone,
        seller=rules.seller.of(shown.locale),
        newer=shown.id != asked.id,
        preview=link.preview,
        seen_seconds=rules.seen_seconds,
        accepted=acceptance_of(shown.id, uow.proposals(SYSTEM).replies(lead.id)),
    )
