"""Jobs: match the rules against an event and perform those that match, unless the guard refuses."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.core.automation_events import queue_event
from handlers.core.context import Context
from handlers.core.events import DealNoteworthy
from handlers.core.recipients import notify_leaders, notify_owner
from handlers.pool.service import enter_pool
from handlers.signals.service import heat
from handlers.stages.service import carry_out
from handlers.tasks.handover import begin_task, due_within, staff
from sales.assignments import Why
from sales.automations import Event, Run, long_in_stage, looks_at, matches, refusal
from sales.jobs import Job, RunAutomations, SweepLeads
from sales.leads import Lead, Stage
from sales.notices import AutomationActed
from sales.people import SYSTEM, Role
from sales.pipeline import Move, too_long_since
from sales.playbook import Act, Automation, Trigger
from sales.pool import PoolReason
from sales.tasks import Given, Task, TaskKind, assign


def run(job: Job[RunAutomations], context: Context) -> None:
    """Job: run each rule at most once per event, and record its run or why it was refused."""
    uow = context.uow
    event = uow.automations.event(job.args.event_id)
    for rule in context.playbook.automations.rules:
        lead = context.leads.get(event.lead_id)
        if not matches(rule, event, lead, uow.people.teams()):
            continue
        refused = refusal(
            rule,
            event,
            context.playbook.automations,
            uow.automations.of_lead(lead.id),
            context.midnight(context.today),
        )
        begun = Run(event=event, lead_id=lead.id, rule=rule, at=context.now, refused=refused)
        begun = uow.automations.add(begun)
        detail = {"rule": rule.key, "refused": refused}
        uow.audit.record(SYSTEM, "automation.run", lead.subject, detail)
        if not refused:
            _act(begun, lead, replace(context, cause=begun.id))


def sweep(job: Job[SweepLeads], context: Context) -> None:
    """Daily job: find customers who have been silent and leads that are too long in their stage."""
    ensure_sweep(context)
    if not context.calendar.is_workday(job.due_at.astimezone(context.timezone).date()):
        return
    limit = context.playbook.automations.silence_per_day
    for rule in context.playbook.automations.rules:
        look = LOOKING.get(rule.trigger)
        if rule.enabled and look:
            for event, since in look(rule, limit, context):
                key = f"{rule.trigger}:{rule.key}:{event.lead_id}:{since.timestamp():.0f}"
                queue_event(replace(event, rule_key=rule.key, key=key), context)


def _silent(rule: Automation, limit: int, context: Context) -> list[tuple[Event, datetime]]:
    """Customers silent for longer than the rule allows, and since when."""
    since = context.now - timedelta(days=rule.details.silent_days)
    return [
        (Event(lead_id=lead_id, trigger=Trigger.SILENT, at=context.now), heard)
        for lead_id, heard in context.uow.automations.silent_since(since, rule.key, limit)
    ]


def _overlong(rule: Automation, limit: int, context: Context) -> list[tuple[Event, datetime]]:
    """Leads too long in their stage, and since when they have been in it."""
    limits = too_long_since(context.today, context.playbook, context.calendar)
    return [
        (long_in_stage(lead_id, stage, context.now), since)
        for lead_id, stage, since in context.uow.automations.long_in_stage(limits, rule.key, limit)
    ]


def ensure_sweep(context: Context) -> None:
    """Schedule the next day's sweep. Idempotent."""
    day = context.today + timedelta(days=1)
    at = looks_at(day, context.playbook, context.calendar)
    context.uow.jobs.add(Job(SweepLeads(), at, f"silence:{day}"))


def _act(begun: Run, lead: Lead, context: Context) -> None:
    done = begun
    for act in begun.rule.do:
        done = _DOING[act](done, context.leads.get(lead.id), context)
    context.uow.automations.save(done)
    context.uow.outbox.refresh(lead.subject)


def _tell_manager(begun: Run, lead: Lead, context: Context) -> Run:
    notify_leaders(AutomationActed(begun.id), lead, context)
    return begun


def _tell_owner(begun: Run, lead: Lead, context: Context) -> Run:
    notify_owner(AutomationActed(begun.id), lead, context)
    return begun


def _tell_person(begun: Run, _lead: Lead, context: Context) -> Run:
    name = begun.rule.details.person
    for person in context.uow.people.everyone():
        if person.name == name and person.active:
            context.uow.outbox.add(AutomationActed(begun.id), person.id)
    return begun


def _step_in(begun: Run, lead: Lead, context: Context) -> Run:
    return _create_task(begun, lead, TaskKind.STEP_IN, Role.MANAGER, context)


def _give_task(begun: Run, lead: Lead, context: Context) -> Run:
    return _create_task(begun, lead, TaskKind.TODO, begun.rule.details.role, context)


def _create_task(
    begun: Run, lead: Lead, kind: TaskKind, role: Role | None, context: Context
) -> Run:
    given = _assignee(begun.rule, role, lead, context)
    task = begin_task(
        Task(
            lead_id=lead.id,
            kind=kind,
            role=role,
            assignee_id=given.person.id if given.person else None,
            why=Why("automation", skipped=given.why.skipped),
            question=begun.rule.words,
            created_at=context.now,
            due_at=due_within(begun.rule.details.within, context),
        ),
        context,
    )
    return replace(begun, task_id=task.id)


def _assignee(rule: Automation, role: Role | None, lead: Lead, context: Context) -> Given:
    """The named person while they are available and in the role, else whoever tasks normally go
    to."""
    here = staff(context)
    for person in here.people:
        named = person.name == rule.details.person and person.role is role
        if named and person.is_there(here.today):
            return Given(person, Why("automation"))
    return assign(role, lead, here)


def _nurture(begun: Run, lead: Lead, context: Context) -> Run:
    """Set an open lead aside until it is looked at again."""
    if not lead.is_open or lead.stage is Stage.NURTURE:
        return begun
    day = context.today + timedelta(days=context.playbook.revival.nurture_days)
    carry_out(lead, Move(to=Stage.NURTURE), context, day)
    return replace(begun, was_stage=lead.stage)


def _pool(begun: Run, lead: Lead, context: Context) -> Run:
    """Move a lead in progress to the pool, where anybody may claim it."""
    if lead.owner_id is None or not lead.is_worked_on:
        return begun
    enter_pool(lead, PoolReason.RULE, "", context)
    return replace(begun, was_owner_id=lead.owner_id)


def _announce(begun: Run, lead: Lead, context: Context) -> Run:
    context.publish(DealNoteworthy(lead, begun.rule.key, begun.event.id, begun.rule.words))
    return begun


def _heat(begun: Run, lead: Lead, context: Context) -> Run:
    if lead.is_open and lead.hot_since is None:
        heat(lead, context)
    return begun


LOOKING: Mapping[Trigger, Callable[[Automation, int, Context], list[tuple[Event, datetime]]]] = {
    Trigger.SILENT: _silent,
    Trigger.LONG_IN_STAGE: _overlong,
}
"""Triggers that no event raises: the daily sweep looks for such leads, each with since when."""

_DOING: Mapping[Act, Callable[[Run, Lead, Context], Run]] = {
    Act.STEP_IN: _step_in,
    Act.TELL_MANAGER: _tell_manager,
    Act.TELL_OWNER: _tell_owner,
    Act.TELL_PERSON: _tell_person,
    Act.GIVE_TASK: _give_task,
    Act.SUGGEST_STEP: _tell_owner,
    Act.NURTURE: _nurture,
    Act.POOL: _pool,
    Act.HEAT: _heat,
    Act.ANNOUNCE: _announce,
}
