"""What automations would have done with what happened lately, by old rules and by new ones."""

from collections import Counter
from datetime import datetime, timedelta

from handlers.automation.words import rule_name
from handlers.labels import lead_title
from handlers.turns import Turn
from handlers.ui import Button, Section
from sales.automations import would_run
from sales.leads import Lead
from sales.permissions import may_decide_on
from sales.playbook import Automation, Playbook, Trigger

SHOWN = 5
"""So many leads are named for each rule."""


def acts_sections(wanted: Playbook, since: datetime, turn: Turn) -> tuple[Section, ...]:
    """A section for each rule that either playbook has; none when their automations are alike."""
    if wanted.automations == turn.playbook.automations:
        return ()
    past, teams = turn.uow.past.events(since, turn.now), turn.uow.people.teams()
    runs = [
        would_run(playbook.automations, past, teams, turn.timezone)
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


def _section(rule: Automation, counts: tuple[int, int], leads: list[Lead], turn: Turn) -> Section:
    """How often, and on which of the leads that the reader may see."""
    mine = [lead for lead in leads if may_decide_on(turn.actor, lead)][:SHOWN]
    old, new = (turn.language.number(count) for count in counts)
    lines = [turn.text("trial.acted", old=old, new=new), *(lead_title(lead) for lead in mine)]
    if rule.trigger is Trigger.SILENT and rule.enabled:
        lines.insert(1, turn.text("trial.silent_now", n=_silent_now(rule, turn)))
    buttons = tuple(
        Button("lead.show", turn.text("button.open_lead", lead=lead.number), lead.number)
        for lead in mine
    )
    return Section(rule_name(rule, turn), tuple(lines), buttons=buttons)


def _silent_now(rule: Automation, turn: Turn) -> int:
    """How many customers the rule would find at its first look."""
    since = turn.now - timedelta(days=rule.details.silent_days)
    found = turn.uow.automations.silent_since(since, rule.key, 10_000)
    return len(found)
