"""When an automation acts, when it must not, and what it did [P21].

What happened is an ``Event``, what a rule made of it a ``Run``: done, or refused with a reason.
Both are stored, so that every act can be explained, and a person can overrule it. Knows no time of
its own and performs nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from sales.calendar import WorkCalendar
from sales.leads import Lead, Stage
from sales.people import Team
from sales.playbook import Automation, Automations, Playbook, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a lead and may trigger automations.

    ``depth`` is 0 for what people, customers or the clock did; what an automation did has one more
    than the event that triggered it, and ``cause`` is the run that did it. ``key`` is unique for
    ever where the same event could be detected twice. ``rule_key``: for this automation alone;
    ``objection`` is the kind of the recorded objection.
    """

    id: int = 0
    lead_id: int
    trigger: Trigger
    at: datetime
    from_stage: Stage | None = None
    to_stage: Stage | None = None
    satisfaction: int | None = None
    objection: str = ""
    rule_key: str = ""
    depth: int = 0
    cause: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The result of one rule for one event.

    ``refused`` is "" or why nothing was done: ``depth``, ``again``, ``overruled``, ``storm``.
    ``rule`` is the rule as it was then. ``task_id``, ``was_stage`` and ``was_owner_id`` are what
    can be undone.
    """

    id: int = 0
    event: Event
    lead_id: int
    rule: Automation
    at: datetime
    refused: str = ""
    task_id: int | None = None
    was_stage: Stage | None = None
    was_owner_id: int | None = None
    overruled_at: datetime | None = None
    overruled_by: int | None = None

    @property
    def can_be_overruled(self) -> bool:
        return not self.refused and self.overruled_at is None

    def overrule(self, person_id: int, now: datetime) -> "Run":
        return replace(self, overruled_at=now, overruled_by=person_id)


@dataclass(frozen=True, slots=True)
class StageStay:
    """A lead's stay in a stage; ``left_at`` is None while it is there."""

    lead_id: int
    stage: Stage
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """The time from ``since`` to ``until``, both included."""

    since: datetime
    until: datetime


def matches(rule: Automation, event: Event, lead: Lead, teams: Sequence[Team]) -> bool:
    """Whether the rule is enabled and applies to this event of this lead."""
    if not rule.enabled or rule.trigger is not event.trigger:
        return False
    if event.rule_key not in ("", rule.key):
        return False
    if rule.trigger is Trigger.UNHAPPY:
        satisfaction = event.satisfaction
        if satisfaction is None or satisfaction > rule.details.unhappy_until:
            return False
    only = rule.only
    team = next((team.name for team in teams if team.id == lead.team_id), "")
    worth = lead.amount if lead.amount is not None else lead.budget_high
    asked: tuple[tuple[Sequence[str], str | None], ...] = (
        (only.from_stage, event.from_stage),
        (only.to_stage, event.to_stage or lead.stage),
        (only.grade, lead.grade),
        (only.source, lead.source.partition("-")[0]),
        (only.region, lead.region),
        (only.industry, lead.industry),
        (only.product, lead.product),
        (only.objection, event.objection),
        ((only.team,) if only.team else (), team),
    )
    rich = only.amount_from is None or (worth is not None and worth >= only.amount_from)
    return rich and all(not wanted or value in wanted for wanted, value in asked)


def overlong(
    stays: Sequence[StageStay], playbook: Playbook, calendar: WorkCalendar, within: TimeSpan
) -> list[Event]:
    """Events for leads that stayed in a stage for longer than the playbook expects.

    Each is timed at the daily sweep that would have found the lead there.
    """
    events = []
    for stay in stays:
        days = playbook.stage(stay.stage).days
        day = calendar.workday_from(calendar.day_of(stay.entered_at), days + 1)
        at = looks_at(day, playbook, calendar)
        gone = stay.left_at is not None and stay.left_at <= at
        if days and within.since <= at <= within.until and not gone:
            events.append(long_in_stage(stay.lead_id, stay.stage, at))
    return events


def long_in_stage(lead_id: int, stage: Stage, at: datetime) -> Event:
    return Event(lead_id=lead_id, trigger=Trigger.LONG_IN_STAGE, at=at, to_stage=stage)


def looks_at(day: date, playbook: Playbook, calendar: WorkCalendar) -> datetime:
    """When the daily sweep looks for silent customers and for leads too long in their stage."""
    return calendar.midnight(day) + timedelta(hours=playbook.reminders.due_time.hour)


def would_run(
    automations: Automations,
    past: Sequence[tuple[Event, Lead]],
    teams: Sequence[Team],
    timezone: tzinfo,
) -> list[tuple[Automation, Event, Lead]]:
    """What the rules would have done with past events, in their order.

    Every event counts as a person's doing, and as if no rule had acted. The daily limit holds.
    """
    acts = []
    acted: Counter[tuple[int, date]] = Counter()
    for event, lead in past:
        day = (lead.id, event.at.astimezone(timezone).date())
        for rule in automations.rules:
            if matches(rule, event, lead, teams) and acted[day] < automations.per_lead_per_day:
                acted[day] += 1
                acts.append((rule, event, lead))
    return acts


def refusal(
    rule: Automation, event: Event, limits: Automations, runs: Sequence[Run], day: datetime
) -> str:
    """Why the rule must not act; "" when it may.

    ``runs`` are all runs on the lead, ``day`` is when the company's day began.
    """
    if event.depth > limits.depth:
        return "depth"
    by_id = {run.id: run for run in runs}
    cause = by_id.get(event.cause or 0)
    while cause is not None:
        if cause.rule.key == rule.key:
            return "again"
        cause = by_id.get(cause.event.cause or 0)
    if any(run.rule.key == rule.key and run.overruled_at for run in runs):
        return "overruled"
    if sum(not run.refused and run.at >= day for run in runs) >= limits.per_lead_per_day:
        return "storm"
    return ""
