"""What automations would have done with what happened lately, by old rules and by new ones."""

from collections import Counter
from datetime import datetime, timedelta

from handlers.automation.running import LOOKING
from handlers.automation.words import rule_name
from handlers.labels import lead_title
from handlers.turns import Turn
from handlers.ui import Button, Section
from sales.automations import Event, Period, overlong, would_run
from sales.calendar import WorkCalendar
from sales.leads import Lead
from sales.permissions import may_decide_on
from sales.pipeline import too_long_since
from sales.playbook import Automation, Playbook, Trigger

SHOWN = 5
"""So many leads are named for each rule."""
_MOST = 10_000


def acts_sections(wanted: Playbook, since: datetime, turn: Turn) -> tuple[Section, ...]:
    """A section for each rule that either playbook has; none when their automations are alike."""
    if wanted.automations == turn.playbook.automations:
        return ()
    happened, teams = turn.uow.past.events(since, turn.now), turn.uow.people.teams()
    within = Period(since, turn.now)
    runs = [
        would_run(
            playbook.automations,
            sorted([*happened, *_overlong(playbook, within, turn)], key=lambda one: one[0].at),
            teams,
            turn.timezone,
        )
        for playbook in (turn.playbook, wanted)
    ]
    before = Counter(rule.key for rule, _, _ in runs[0])
    leads: dict[str, dict[int, Lead]] = {}
    after: Counter[str] = Counter()
    for rule, _, lead in runs[1]:
        after[rule.key] += 1
        leads.setdefault(rule.key, {})[lead.id] = lead
    rules = {rule.key: rule for one in (turn.playbook, wanted) for rule in one.automations.rules}
    return tuple(
        _section(rule, (before[key], after[key]), list(leads.get(key, {}).values()), turn)
        for key, rule in rules.items()
    )


def _overlong(playbook: Playbook, within: Period, turn: Turn) -> list[tuple[Event, Lead]]:
    """Leads that stayed too long in their stage, if any rule listens to that: how long is too
    long, the playbook says."""
    rules = playbook.automations.rules
    if not any(rule.enabled and rule.trigger is Trigger.LONG_IN_STAGE for rule in rules):
        return []
    calendar = WorkCalendar(playbook.working_hours, turn.timezone)
    # Nobody who came a day before that can become too long only in the period.
    earliest = calendar.day_of(within.since) - timedelta(days=1)
    limits = too_long_since(earliest, playbook, calendar)
    found = overlong(turn.uow.past.stays(limits, within.until), playbook, calendar, within)
    known = turn.uow.past.known({event.lead_id for event in found})
    return [(event, known[event.lead_id]) for event in found]


def _section(rule: Automation, counts: tuple[int, int], leads: list[Lead], turn: Turn) -> Section:
    """How often, and on which of the leads that the reader may see."""
    mine = [lead for lead in leads if may_decide_on(turn.actor, lead)][:SHOWN]
    old, new = (turn.language.number(count) for count in counts)
    lines = [turn.text("trial.acted", old=old, new=new), *(lead_title(lead) for lead in mine)]
    if rule.enabled and (found := _found_now(rule, turn)) is not None:
        lines.insert(1, turn.text(f"trial.{rule.trigger}_now", n=found))
    buttons = tuple(
        Button("lead.show", turn.text("button.open_lead", lead=lead.number), lead.number)
        for lead in mine
    )
    return Section(rule_name(rule, turn), tuple(lines), buttons=buttons)


def _found_now(rule: Automation, turn: Turn) -> int | None:
    """How many leads the rule would find at its first look; None when it looks for nothing."""
    look = LOOKING.get(rule.trigger)
    return len(look(rule, _MOST, turn)) if look else None
