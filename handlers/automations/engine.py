"""Due work: the rules look at an event, and the ones that match act, unless the guard refuses."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.core.context import Turn
from handlers.core.events import take_up
from handlers.core.recipients import tell_leaders, tell_owner
from handlers.pool.actions import enter_pool
from handlers.signals.service import heat
from handlers.stages.service import carry_out
from handlers.tasks.handover import begin_task, due_within, staff
from sales.assignments import Why
from sales.automations import Event, Run, long_in_stage, looks_at, matches, refusal
from sales.leads import Lead, Stage
from sales.notices import AutomationActed
from sales.people import SYSTEM, Role
from sales.pipeline import Move, too_long_since
from sales.playbook import Act, Automation, Trigger
from sales.pool import PoolReason
from sales.tasks import Given, Task, TaskKind, assign
from storage.jobs import Work


def run(work: Work, turn: Turn) -> None:
    """Each rule at most once for an event, with its act or why it was refused on record."""
    uow = turn.uow
    event = uow.automations.event(int(work.subject))
    for rule in turn.playbook.automations.rules:
        lead = turn.leads.get(event.lead_id)
        if not matches(rule, event, lead, uow.people.teams()):
            continue
        refused = refusal(
            rule,
            event,
            turn.playbook.automations,
            uow.automations.of_lead(lead.id),
            turn.midnight(turn.today),
        )
        begun = Run(event=event, lead_id=lead.id, rule=rule, at=turn.now, refused=refused)
        begun = uow.automations.add(begun)
        detail = {"rule": rule.key, "refused": refused}
        uow.audit.record(SYSTEM, "automation.run", lead.subject, detail)
        if not refused:
            _act(begun, lead, replace(turn, cause=begun.id))


def sweep(work: Work, turn: Turn) -> None:
    """Due work, once a day: customers to whom nobody has spoken for long, and leads that stay
    too long in their stage."""
    ensure_sweep(turn)
    if not turn.calendar.is_workday(work.due_at.astimezone(turn.timezone).date()):
        return
    limit = turn.playbook.automations.silence_per_day
    for rule in turn.playbook.automations.rules:
        look = LOOKING.get(rule.trigger)
        if rule.enabled and look:
            for event, since in look(rule, limit, turn):
                key = f"{rule.trigger}:{rule.key}:{event.lead_id}:{since.timestamp():.0f}"
                take_up(replace(event, rule_key=rule.key, key=key), turn)


def _silent(rule: Automation, limit: int, turn: Turn) -> list[tuple[Event, datetime]]:
    """Customers who are silent for long, with since when."""
    since = turn.now - timedelta(days=rule.details.silent_days)
    return [
        (Event(lead_id=lead_id, trigger=Trigger.SILENT, at=turn.now), heard)
        for lead_id, heard in turn.uow.automations.silent_since(since, rule.key, limit)
    ]


def _overlong(rule: Automation, limit: int, turn: Turn) -> list[tuple[Event, datetime]]:
    """Leads that stay too long in their stage, with since when they are there."""
    limits = too_long_since(turn.today, turn.playbook, turn.calendar)
    return [
        (long_in_stage(lead_id, stage, turn.now), since)
        for lead_id, stage, since in turn.uow.automations.long_in_stage(limits, rule.key, limit)
    ]


def ensure_sweep(turn: Turn) -> None:
    """The next day's look at silent customers is planned. Harmless when repeated."""
    day = turn.today + timedelta(days=1)
    at = looks_at(day, turn.playbook, turn.calendar)
    turn.uow.schedule.add(Work(f"silence:{day.isoformat()}", "silence", "all", at))


def _act(begun: Run, lead: Lead, turn: Turn) -> None:
    done = begun
    for act in begun.rule.do:
        done = _DOING[act](done, turn.leads.get(lead.id), turn)
    turn.uow.automations.save(done)
    turn.uow.outbox.refresh(lead.subject)


def _tell_manager(begun: Run, lead: Lead, turn: Turn) -> Run:
    tell_leaders(AutomationActed(begun.id), lead, turn)
    return begun


def _tell_owner(begun: Run, lead: Lead, turn: Turn) -> Run:
    tell_owner(AutomationActed(begun.id), lead, turn)
    return begun


def _tell_person(begun: Run, _lead: Lead, turn: Turn) -> Run:
    name = begun.rule.details.person
    for person in turn.uow.people.everyone():
        if person.name == name and person.active:
            turn.uow.outbox.add(AutomationActed(begun.id), person.id)
    return begun


def _step_in(begun: Run, lead: Lead, turn: Turn) -> Run:
    return _give(begun, lead, TaskKind.STEP_IN, Role.MANAGER, turn)


def _give_task(begun: Run, lead: Lead, turn: Turn) -> Run:
    return _give(begun, lead, TaskKind.TODO, begun.rule.details.role, turn)


def _give(begun: Run, lead: Lead, kind: TaskKind, role: Role | None, turn: Turn) -> Run:
    given = _whom(begun.rule, role, lead, turn)
    task = begin_task(
        Task(
            lead_id=lead.id,
            kind=kind,
            role=role,
            assignee_id=given.person.id if given.person else None,
            why=Why("automation", skipped=given.why.skipped),
            question=begun.rule.words,
            created_at=turn.now,
            due_at=due_within(begun.rule.details.within, turn),
        ),
        turn,
    )
    return replace(begun, task_id=task.id)


def _whom(rule: Automation, role: Role | None, lead: Lead, turn: Turn) -> Given:
    """The named person while they are there and in the role, else whom tasks go to anyway."""
    here = staff(turn)
    for person in here.people:
        named = person.name == rule.details.person and person.role is role
        if named and person.is_there(here.today):
            return Given(person, Why("automation"))
    return assign(role, lead, here)


def _nurture(begun: Run, lead: Lead, turn: Turn) -> Run:
    """An open lead rests until it is looked at again."""
    if not lead.is_open or lead.stage is Stage.NURTURE:
        return begun
    day = turn.today + timedelta(days=turn.playbook.revival.nurture_days)
    carry_out(lead, Move(to=Stage.NURTURE), turn, day)
    return replace(begun, was_stage=lead.stage)


def _pool(begun: Run, lead: Lead, turn: Turn) -> Run:
    """A lead that is worked on is nobody's; who will may claim it."""
    if lead.owner_id is None or not lead.is_worked_on:
        return begun
    enter_pool(lead, PoolReason.RULE, "", turn)
    return replace(begun, was_owner_id=lead.owner_id)


def _heat(begun: Run, lead: Lead, turn: Turn) -> Run:
    if lead.is_open and lead.hot_since is None:
        heat(lead, turn)
    return begun


LOOKING: Mapping[Trigger, Callable[[Automation, int, Turn], list[tuple[Event, datetime]]]] = {
    Trigger.SILENT: _silent,
    Trigger.LONG_IN_STAGE: _overlong,
}
"""What does not happen by itself is looked for: each lead with since when it is so."""

_DOING: Mapping[Act, Callable[[Run, Lead, Turn], Run]] = {
    Act.STEP_IN: _step_in,
    Act.TELL_MANAGER: _tell_manager,
    Act.TELL_OWNER: _tell_owner,
    Act.TELL_PERSON: _tell_person,
    Act.GIVE_TASK: _give_task,
    Act.SUGGEST_STEP: _tell_owner,
    Act.NURTURE: _nurture,
    Act.POOL: _pool,
    Act.HEAT: _heat,
}
