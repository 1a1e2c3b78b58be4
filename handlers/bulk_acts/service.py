"""What an act does with one lead, and how that is taken back: by the services of single acts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from handlers.assignment.service import candidates, give_to, show_new_owner
from handlers.core.context import Context
from handlers.core.due_dates import due_at, named_time, until_when
from handlers.core.events import LeadEntrusted
from handlers.lead_lists.service import moments_of, read_place
from handlers.loss_reviews.service import forget_question
from handlers.pool.service import enter_pool
from handlers.reminders.service import plan_reminders, reschedule_step
from handlers.response_clocks.service import resume_clock
from handlers.stages.service import carry_out
from handlers.tasks.handover import cancel_task, forget_escalation, plan_escalation
from sales.assignments import OfferState, Why
from sales.bulk_acts import (
    MOST,
    REASSIGNING,
    UNDO_FOR,
    BulkAct,
    BulkKind,
    BulkLead,
    BulkState,
    LeadFacts,
    LeftOut,
    UndoObstacle,
    judge,
    plan,
)
from sales.clocks import Clock
from sales.errors import LeadNotFound
from sales.jobs import AdvanceBulkAct, Job, ReviveLead, RingClock
from sales.leads import Lead, Stage
from sales.notices import BulkActUnderWay
from sales.people import SYSTEM, Person
from sales.pipeline import Move, why_unusual
from sales.pool import Holding, PoolReason, counted_from
from sales.routing import Candidates
from storage.leads.listing import MOST_COUNTED
from storage.leads.snapshots import Changes, changes_between, new_rows

CHOICES = 100
"""Leads offered for ticking: Slack's limit on the options of a menu."""
_REVIVED_AT = "revived_at"


@dataclass(frozen=True, slots=True)
class ListedLeads:
    """The list from which leads are chosen: encoded, with its number of leads (``more``: at least
    that) and the first of them. ``is_wider``: it shows more than was asked for, since a part of
    it is not known any more."""

    query: str
    count: int
    more: bool
    is_wider: bool
    first: tuple[Lead, ...]


def listed_leads(value: str, context: Context) -> ListedLeads:
    """The list that a button or a form carries."""
    place = read_place(value, context).at(0)
    moments, listing = moments_of(place.query, context), context.uow.lead_list(context.actor)
    count = listing.count(place.query, moments)
    return ListedLeads(
        query=place.value,
        count=min(count, MOST_COUNTED),
        more=count > MOST_COUNTED,
        is_wider=place.is_wider,
        first=listing.page(place.query, moments, place.sort, limit=CHOICES),
    )


def count_of_list(value: str, context: Context) -> int:
    """How many leads the list has that a form carries."""
    query = read_place(value, context).query
    return context.uow.lead_list(context.actor).count(query, moments_of(query, context))


def chosen_leads(value: str, ticked: Sequence[int], context: Context) -> list[Lead]:
    """The chosen leads in the order of the list: the ticked ones, or without any all of it, up to
    as many as one act takes. Ticked ones that the actor does not see are left out."""
    place = read_place(value, context)
    lead_ids: Sequence[int] = ticked or context.uow.lead_list(context.actor).ids(
        place.query, moments_of(place.query, context), place.sort, limit=MOST
    )
    seen = context.leads.some(lead_ids)
    return [seen[lead_id] for lead_id in dict.fromkeys(lead_ids) if lead_id in seen]


def begin(act: BulkAct, state: BulkState, context: Context) -> BulkAct:
    """Begin to carry an act out or to take it back."""
    begun = replace(act.begin(state, context.now), forget_at=context.now + UNDO_FOR)
    context.uow.bulk_acts(context.actor).save(begun)
    plan_lead(begun, context)
    if begun.is_long:
        context.uow.outbox.add(BulkActUnderWay(begun.id, begun.run), context.actor.id)
    context.uow.outbox.refresh(begun.subject)
    return begun


def plan_lead(act: BulkAct, context: Context) -> None:
    """Plan the act's next lead."""
    args = AdvanceBulkAct(act.id, act.run, act.done)
    key = f"bulk_act:{act.id}:{act.run}:{act.done}"
    context.uow.jobs.add(Job(args, context.now, key))


def gone(ticked: Sequence[int], leads: Sequence[Lead]) -> list[BulkLead]:
    """The ticked leads that the actor does not see, or not any more: left out and said so."""
    seen = {lead.id for lead in leads}
    missing = [lead_id for lead_id in ticked if lead_id not in seen]
    return [BulkLead(act_id=0, lead_id=one, left_out=LeftOut.GONE.value) for one in missing]


def planned(act: BulkAct, leads: Sequence[Lead], context: Context) -> list[BulkLead]:
    """What the act would do with each of the leads, for the actor of the context."""
    people = context.uow.people
    among = (
        candidates(context)
        if act.kind is BulkKind.RULES
        else Candidates(people.everyone(), people.teams(), {}, {}, context.today)
    )
    facts = facts_of([lead.id for lead in leads], act, context)
    return plan(act, leads, context.actor, facts=facts, playbook=context.playbook, among=among)


def facts_of(lead_ids: Sequence[int], act: BulkAct, context: Context) -> dict[int, LeadFacts]:
    """What decides on the leads besides themselves, as far as the act asks for it."""
    acts = context.uow.bulk_acts(context.actor)
    moves_owner = act.kind in REASSIGNING or act.kind is BulkKind.POOL
    offered = acts.offered(lead_ids) if moves_owner else set()
    with_step = acts.with_step(lead_ids) if act.kind is BulkKind.STEP else set()
    protected: dict[int, date] = {}
    if act.kind is BulkKind.POOL:
        holdings = context.uow.holdings.some(lead_ids)
        protected = {one.lead_id: _protected_until(one, context) for one in holdings}
    return {
        lead_id: LeadFacts(lead_id in offered, protected.get(lead_id), lead_id in with_step)
        for lead_id in lead_ids
    }


def _protected_until(holding: Holding, context: Context) -> date:
    """Until when the owner may keep the lead: some days for a new one, longer once extended."""
    rules, calendar = context.playbook.pool, context.calendar
    owned_since = calendar.day_of(holding.owned_since)
    protected = counted_from(owned_since, rules.protect_days, rules, calendar)
    return max(protected, *(extension.until for extension in holding.extensions), date.min)


def act_on(entry: BulkLead, act: BulkAct, context: Context) -> tuple[BulkLead, Changes | None]:
    """Do with one lead what was previewed, as the actor of the context.

    Left out when anything speaks against it by now. People are not notified here: ``told`` says
    who is to be.
    """
    try:
        lead = context.leads.get(entry.lead_id)
    except LeadNotFound:
        return replace(entry, left_out=LeftOut.GONE.value), None
    left = _why_not(lead, entry, act, context)
    if left is not None:
        return replace(entry, left_out=left.value), None
    snapshots = context.uow.lead_snapshots
    before, revived_at = snapshots.take(lead.id), context.uow.jobs.planned(ReviveLead, lead.id)
    with context.uow.outbox.gathered() as notices:
        _carry_out(lead, entry, act, context)
    detail = {"bulk": str(act.id), "kind": act.kind.value}
    context.uow.audit.record(context.actor, "bulk.act", lead.subject, detail)
    changes = changes_between(lead.id, before, snapshots.take(lead.id))
    changes[_REVIVED_AT] = revived_at.isoformat() if revived_at else None
    told = {person_id for _, person_id in notices} | {lead.owner_id or 0, entry.to_id or 0}
    done = replace(entry, done_at=context.now, told=tuple(sorted(told - {0, act.actor_id})))
    return done, changes


def _why_not(lead: Lead, entry: BulkLead, act: BulkAct, context: Context) -> LeftOut | None:
    if lead.id != entry.lead_id:
        return LeftOut.GONE  # It was merged into another.
    if lead.version != entry.version:
        return LeftOut.CHANGED
    facts = facts_of([lead.id], act, context)[lead.id]
    left = judge(lead, act, context.actor, facts, context.today)
    if left is not None or entry.to_id is None:
        return left
    receiver = context.uow.people.get(entry.to_id)
    if not (receiver.sells and receiver.is_there(context.today)):
        return LeftOut.RECEIVER
    by_rules = act.kind is BulkKind.RULES and lead.is_open
    if by_rules and not context.uow.offers.reserve_capacity(receiver):
        return LeftOut.FULL
    return None


def _carry_out(lead: Lead, entry: BulkLead, act: BulkAct, context: Context) -> None:
    match act.kind:
        case BulkKind.PERSON | BulkKind.RULES:
            receiver = context.uow.people.get(entry.to_id or 0)
            _give(lead, receiver, entry.why or Why("chosen", context.actor.name), act, context)
        case BulkKind.POOL:
            mine = lead.owner_id == context.actor.id
            enter_pool(lead, PoolReason.GIVEN_UP if mine else PoolReason.PUT, act.reason, context)
        case BulkKind.LOST:
            lost = Move(to=Stage.LOST, reason=act.reason, note=act.note)
            carry_out(lead, lost, context, act.day)
        case BulkKind.NURTURE:
            rest = Move(to=Stage.NURTURE)
            rest = replace(rest, reason=why_unusual(lead, rest, context.playbook))
            carry_out(lead, rest, context, act.day)
        case BulkKind.STEP:
            _move_step(lead, act.day or context.today, context)


def _give(lead: Lead, receiver: Person, why: Why, act: BulkAct, context: Context) -> None:
    """Make the receiver the owner at once: nobody is asked about each of many leads."""
    waited = lead.owner_id is None and lead.pooled_at is None
    is_new = waited and not context.uow.offers.history(lead.id)
    owned, _ = give_to(lead, receiver, why, context)
    context.publish(LeadEntrusted(owned, is_new))
    detail = {"to": str(receiver.id), "bulk": str(act.id)}
    context.uow.audit.record(context.actor, "lead.assign", lead.subject, detail)


def _move_step(lead: Lead, day: date, context: Context) -> None:
    """Move the lead's next step to the day; it keeps its time where somebody named one."""
    followup = context.followups.waiting_on(lead.id)
    if followup is None:
        return
    named = named_time(followup)
    zone = context.calendar_of(context.actor.id).timezone
    at = named.astimezone(zone).time() if named else None
    due = due_at(day, context, at)
    until = until_when(due, lead.owner_id, context, has_time=at is not None)
    reschedule_step(followup, lead, due, until, context)


def take_back(entry: BulkLead, act: BulkAct, context: Context) -> BulkLead:
    """Return one lead to its state before the act, unless somebody has changed it since."""
    kept = replace(entry, undone_at=context.now)
    try:
        lead = context.uow.leads(SYSTEM).get(entry.lead_id)
    except LeadNotFound:
        return replace(kept, kept=UndoObstacle.GONE.value)
    changes = context.uow.bulk_acts(SYSTEM).changes(entry)
    if changes is None or lead.id != entry.lead_id:
        return replace(kept, kept=UndoObstacle.GONE.value)
    if not context.uow.lead_snapshots.is_unchanged(lead.id, changes):
        return replace(kept, kept=UndoObstacle.CHANGED.value)
    if not _is_owner_here(changes, context):
        return replace(kept, kept=UndoObstacle.OWNER.value)
    with context.uow.outbox.gathered() as notices:
        _cancel_tasks_of_rules(entry, context)
        _restore(lead, changes, context)
    detail = {"bulk": str(act.id), "kind": act.kind.value}
    context.uow.audit.record(context.actor, "bulk.undo", lead.subject, detail)
    told = {person_id for _, person_id in notices} | set(entry.told)
    return replace(kept, told=tuple(sorted(told - {context.actor.id})))


def _is_owner_here(changes: Changes, context: Context) -> bool:
    """Whether the former owner, if there was one, still can own leads."""
    owner_id = changes["lead"].get("owner_id")
    if owner_id is None:
        return True
    owner = context.uow.people.get(owner_id)
    return owner.active and owner.sells


def _cancel_tasks_of_rules(entry: BulkLead, context: Context) -> None:
    """Cancel the open tasks that automations gave because of what the act did."""
    for run in context.uow.automations.of_lead(entry.lead_id):
        if run.task_id is not None and run.event.at == entry.done_at:
            task = context.uow.tasks(SYSTEM).get(run.task_id)
            if task.is_open:
                cancel_task(task, context)


def _restore(lead: Lead, changes: Changes, context: Context) -> None:
    uow = context.uow
    _end_new_clocks(changes, context)
    for offer_id in new_rows(changes, "offer"):
        offer = uow.offers.get(offer_id)
        uow.offers.save(replace(offer, state=OfferState.WITHDRAWN, answered_at=context.now))
    stopped = {one.id: one.stopped_at for one in uow.clocks(SYSTEM).of_lead(lead.id)}
    uow.lead_snapshots.restore(lead.id, changes)
    restored = uow.leads(SYSTEM).get(lead.id)
    for clock in uow.clocks(SYSTEM).waiting_on(lead.id):
        _resume(clock, stopped.get(clock.id), context)
    if waiting := uow.followups(SYSTEM).waiting_on(lead.id):
        plan_reminders(waiting, context)
        uow.outbox.refresh(waiting.subject)
    _resume_tasks(restored, context)
    _plan_look_again(restored, changes.get(_REVIVED_AT), context)
    show_new_owner(restored, context)


def _end_new_clocks(changes: Changes, context: Context) -> None:
    """End the clocks that the act started. They never were due: no breach is recorded now."""
    clocks = context.uow.clocks(SYSTEM)
    for clock_id in new_rows(changes, "clock"):
        clock = clocks.get(clock_id)
        context.uow.jobs.cancel(RingClock, clock_id)
        if clock.is_waiting:
            clocks.save(replace(clock, stopped_at=context.now))


def _resume(clock: Clock, stopped_at: datetime | None, context: Context) -> None:
    """Resume a clock where it was stopped: its owner did not have the lead in between."""
    if stopped_at is not None and clock.due_at > stopped_at:
        calendar = context.calendar_of(clock.owner_id)
        away = int(calendar.between(stopped_at, context.now) / timedelta(minutes=1))
        if away:
            clock = replace(clock, due_at=calendar.add(clock.due_at, away))
            context.uow.clocks(SYSTEM).save(clock)
    resume_clock(clock, context)


def _resume_tasks(lead: Lead, context: Context) -> None:
    for task in context.uow.tasks(SYSTEM).of_lead(lead.id):
        if task.is_open:
            forget_escalation(task, context)
            plan_escalation(task, context)
            context.uow.outbox.refresh(task.subject)


def _plan_look_again(lead: Lead, at: str | None, context: Context) -> None:
    """Plan the day on which the lead was to be looked at again, if there was one."""
    context.uow.jobs.cancel(ReviveLead, lead.id)
    if lead.stage is not Stage.LOST:
        forget_question(lead, context)
    if at is not None:
        due = datetime.fromisoformat(at)
        key = f"revival:{lead.id}:{due.date().isoformat()}:{lead.version}:undone"
        context.uow.jobs.add(Job(ReviveLead(lead.id), due, key))
