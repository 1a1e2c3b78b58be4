"""The public side of proposals: people with a link read the page; their visits are signals [P11].

None of our own people asks, so nothing here depends on an actor's rights: the token is the right.
Knows no HTTP.
"""

from dataclasses import dataclass
from datetime import datetime

from handlers.core.automation_events import record_event
from handlers.core.context import Context, ContextFactory
from handlers.signals.service import take_signal
from sales.leads import Lead
from sales.people import SYSTEM
from sales.playbook import Trigger
from sales.proposal_views import Visit, begins_opening
from sales.proposals import TOKEN, Link, Proposal, ProposalState, hash_of
from sales.signals import SignalKind
from sales.unreadable import UnreadableText
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

MOST = 500
"""Number of visits recorded for the proposals of a lead; nobody reads more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A proposal to be read.

    ``sender`` is the contact for questions; ``newer``: it replaced the proposal for which the link
    was made; ``preview``: a colleague looks at it.
    """

    proposal: Proposal
    customer: str
    sender: str
    seller: str
    newer: bool
    preview: bool
    seen_seconds: int


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
    return Page(
        proposal=shown,
        customer=lead.customer,
        sender=uow.people.get(sender_id).name,
        seller=rules.seller.of(shown.locale),
        newer=shown.id != asked.id,
        preview=link.preview,
        seen_seconds=rules.seen_seconds,
    )
