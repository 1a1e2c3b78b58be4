"""Past leads and events, for dry runs of rules. Does not decrypt contacts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, null, or_, select

from sales.automations import Event, StageStay
from sales.dry_run import PastLead
from sales.followups import FollowUp, Method
from sales.leads import Lead, Stage
from sales.playbook import Trigger
from sales.routing import BY_RULES
from sales.signals import Effect
from sales.tasks import TaskState
from storage.assignment.offers import WHY
from storage.database.types import Instant
from storage.leads.repository import LEADS
from storage.tables import (
    clock,
    followup,
    lead,
    objection,
    offer,
    proposal,
    proposal_visit,
    signal,
    stage_interval,
    task,
)

_SAID = ("before", "after", "said", "kind")
_COLUMNS = [lead.c[name] for name in LEADS.names]
_NO_CONTACTS = {"phone": "", "email": "", "wechat": "", "others": ()}


def batched(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    """Split ids into lists of ``size``, as ``itertools.batched``, which Python 3.11 lacks."""
    left = iter(ids)
    while some := list(islice(left, size)):
        yield some


class DryRunHistoryRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def leads(self, since: datetime, until: datetime) -> list[PastLead]:
        """List the leads that came in from ``since`` to ``until``, both inclusive, oldest first."""
        window = and_(lead.c.created_at >= since, lead.c.created_at <= until)
        first_owner, contacts = self._first_offers(window), self._contacts(window)
        query = select(*_COLUMNS).where(window).order_by(lead.c.created_at, lead.c.id)
        past_leads = []
        for row in self._connection.execute(query).mappings():
            past_lead = LEADS.read(row, **_NO_CONTACTS)
            kept_by = first_owner.get(past_lead.id, past_lead.owner_id)
            past_leads.append(PastLead(past_lead, kept_by, tuple(contacts[past_lead.id])))
        return past_leads

    def events(self, since: datetime, until: datetime) -> list[tuple[Event, Lead]]:
        """List past events, gathered from the records that each capability keeps."""
        events = [
            Event(
                lead_id=row.lead_id,
                trigger=Trigger(trigger),
                at=row.at,
                from_stage=Stage(row.before) if row.before else None,
                to_stage=Stage(row.after) if row.after else None,
                satisfaction=row.said,
                objection=row.kind or "",
            )
            for trigger, query in _heard(since, until)
            for row in self._connection.execute(query)
        ]
        lead_by_id = self.known({event.lead_id for event in events})
        events.sort(key=lambda event: (event.at, event.lead_id, event.trigger))
        return [(event, lead_by_id[event.lead_id]) for event in events]

    def stays(self, entered_since: Mapping[Stage, datetime], until: datetime) -> list[StageStay]:
        """List stays in the stages, entered from each stage's moment to ``until``, both
        inclusive."""
        stay = stage_interval.c
        query = select(stay.lead_id, stay.stage, stay.entered_at, stay.left_at).order_by(stay.id)
        return [
            StageStay(row.lead_id, stage, row.entered_at, row.left_at)
            for stage, since in entered_since.items()
            for row in self._connection.execute(
                query.where(stay.stage == stage.value, stay.entered_at.between(since, until))
            )
        ]

    def known(self, lead_ids: set[int]) -> dict[int, Lead]:
        """Return the leads in their present state, by id, without contacts."""
        lead_by_id = {}
        for some in batched(sorted(lead_ids), 500):
            query = select(*_COLUMNS).where(lead.c.id.in_(some))
            for row in self._connection.execute(query).mappings():
                lead_by_id[row["id"]] = LEADS.read(row, **_NO_CONTACTS)
        return lead_by_id

    def _first_offers(self, window: ColumnElement[bool]) -> dict[int, int | None]:
        """Map leads to their first owner when no rule chose one; None where a rule decided."""
        query = (
            select(offer.c.lead_id, offer.c.person_id, offer.c.why)
            .join(lead, lead.c.id == offer.c.lead_id)
            .where(window)
            .order_by(offer.c.id)
        )
        first: dict[int, int | None] = {}
        for lead_id, person_id, why in self._connection.execute(query):
            if lead_id not in first:
                by_rules = WHY.read(why).reason in BY_RULES
                first[lead_id] = None if by_rules else person_id
        return first

    def _contacts(self, window: ColumnElement[bool]) -> dict[int, list[FollowUp]]:
        query = (
            select(followup.c.lead_id, followup.c.person_id, followup.c.at, followup.c.method)
            .join(lead, lead.c.id == followup.c.lead_id)
            .where(window)
            .order_by(followup.c.lead_id, followup.c.at)
        )
        contacts: defaultdict[int, list[FollowUp]] = defaultdict(list)
        for lead_id, person_id, at, method in self._connection.execute(query):
            contact = FollowUp(
                lead_id=lead_id, person_id=person_id, at=at, method=Method(method), summary=""
            )
            contacts[lead_id].append(contact)
        return contacts


def _heard(since: datetime, until: datetime) -> Iterator[tuple[str, Select[Any]]]:
    """Yield each trigger with its query: lead, time, stages, satisfaction, objection."""

    def within(at: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(at >= since, at <= until)

    def event(
        lead_id: ColumnElement[int], at: ColumnElement[Any], **more: ColumnElement[Any]
    ) -> Select[Any]:
        rest = [more.get(name, null()).label(name) for name in _SAID]
        return select(lead_id.label("lead_id"), at.label("at"), *rest).where(within(at))

    yield "created", event(lead.c.id, lead.c.created_at)
    before, after = stage_interval.alias("before"), stage_interval.alias("after")
    earlier = stage_interval.alias("earlier")
    last = (
        select(func.max(earlier.c.id))
        .where(earlier.c.lead_id == after.c.lead_id, earlier.c.id < after.c.id)
        .scalar_subquery()
    )
    moved = event(
        after.c.lead_id, after.c.entered_at, before=before.c.stage, after=after.c.stage
    ).where(before.c.lead_id == after.c.lead_id, before.c.id == last)
    yield "lost", moved.where(after.c.stage == Stage.LOST.value)
    yield "moved", moved.where(after.c.stage != Stage.LOST.value)
    yield "clock_missed", event(clock.c.lead_id, clock.c.breached_at)
    yield "feedback", event(followup.c.lead_id, followup.c.at).where(followup.c.feedback != "")
    yield "hot", event(signal.c.lead_id, signal.c.at).where(signal.c.effect == Effect.HOT.value)
    late = and_(
        task.c.state != TaskState.CANCELLED.value,
        or_(task.c.done_at.is_(None), task.c.done_at > task.c.due_at),
    )
    yield "task_overdue", event(task.c.lead_id, task.c.due_at).where(late)
    visited = event(task.c.lead_id, task.c.done_at, said=task.c.satisfaction)
    yield "unhappy", visited.where(task.c.satisfaction.is_not(None))
    yield "objection", event(objection.c.lead_id, objection.c.raised_at, kind=objection.c.kind)
    first = (
        select(proposal.c.lead_id, func.min(proposal_visit.c.at, type_=Instant()).label("at"))
        .join(proposal, proposal.c.id == proposal_visit.c.proposal_id)
        .group_by(proposal.c.id, proposal.c.lead_id)
        .subquery()
    )
    yield "proposal_opened", event(first.c.lead_id, first.c.at)
