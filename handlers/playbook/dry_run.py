"""Dry run of a draft on past leads: who would have got them, and what else differs."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.automations.cards import rule_name
from handlers.automations.engine import LOOKING
from handlers.core.button_values import offset, pack, unpack
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Fact, Section, Table
from handlers.playbook.paths import draft_of, unknown_section
from sales.automations import Event, TimeSpan, overlong, would_run
from sales.calendar import WorkCalendar
from sales.dry_run import Company, DryRunOutcome, Trial, Tried, try_rules
from sales.leads import Lead
from sales.people import Person
from sales.permissions import Scope, may, may_decide_on, scope_of
from sales.pipeline import too_long_since
from sales.playbook import Automation, Playbook, Trigger

ACTS_SHOWN = 5
"""Number of leads named for each rule."""
_MOST = 10_000


def acts_sections(changed: Playbook, since: datetime, context: Context) -> tuple[Section, ...]:
    """One section per automation rule of either playbook; none when their automations are equal."""
    if changed.automations == context.playbook.automations:
        return ()
    happened, teams = (
        context.uow.dry_run_history.events(since, context.now),
        context.uow.people.teams(),
    )
    within = TimeSpan(since, context.now)
    runs = [
        would_run(
            playbook.automations,
            sorted([*happened, *_overlong(playbook, within, context)], key=lambda act: act[0].at),
            teams,
            context.timezone,
        )
        for playbook in (context.playbook, changed)
    ]
    before = Counter(rule.key for rule, _, _ in runs[0])
    leads: dict[str, dict[int, Lead]] = {}
    after: Counter[str] = Counter()
    for rule, _, lead in runs[1]:
        after[rule.key] += 1
        leads.setdefault(rule.key, {})[lead.id] = lead
    rules = {
        rule.key: rule
        for playbook in (context.playbook, changed)
        for rule in playbook.automations.rules
    }
    return tuple(
        _section(rule, (before[key], after[key]), list(leads.get(key, {}).values()), context)
        for key, rule in rules.items()
    )


def _overlong(playbook: Playbook, within: TimeSpan, context: Context) -> list[tuple[Event, Lead]]:
    """Leads that stayed too long in their stage, if any rule reacts to that.

    The playbook says how long is too long.
    """
    rules = playbook.automations.rules
    if not any(rule.enabled and rule.trigger is Trigger.LONG_IN_STAGE for rule in rules):
        return []
    calendar = WorkCalendar(playbook.working_hours, context.timezone)
    # Nobody who came a day before that can exceed the limit only within the period.
    earliest = calendar.day_of(within.since) - timedelta(days=1)
    limits = too_long_since(earliest, playbook, calendar)
    events = overlong(
        context.uow.dry_run_history.stays(limits, within.until), playbook, calendar, within
    )
    leads = context.uow.dry_run_history.known({event.lead_id for event in events})
    return [(event, leads[event.lead_id]) for event in events]


def _section(
    rule: Automation, counts: tuple[int, int], leads: list[Lead], context: Context
) -> Section:
    """How often the rule would act, and on which of the leads that the reader may see."""
    mine = [lead for lead in leads if may_decide_on(context.actor, lead)][:ACTS_SHOWN]
    old, new = (context.language.number(count) for count in counts)
    lines = [context.text("trial.acted", old=old, new=new), *(lead_title(lead) for lead in mine)]
    if rule.enabled and (matched := _matches_now(rule, context)) is not None:
        lines.insert(1, context.text(f"trial.{rule.trigger}_now", n=matched))
    buttons = tuple(
        Button("lead.show", context.text("button.open_lead", lead=lead.number), lead.number)
        for lead in mine
    )
    return Section(rule_name(rule, context), tuple(lines), buttons=buttons)


def _matches_now(rule: Automation, context: Context) -> int | None:
    """Number of leads the rule would match at its first sweep; None when it does no sweep."""
    look = LOOKING.get(rule.trigger)
    return len(look(rule, _MOST, context)) if look else None


PERIODS = (30, 90)
"""Periods in days over which a draft can be tried."""
TRIED = frozenset({"scoring", "routing", "assignment", "clocks", "working_hours", "automations"})
"""The sections of the playbook whose effect a dry run shows."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Reader:
    """The reader of a dry run: decides whose names and which leads are shown."""

    scope: Scope
    people: dict[int, Person]

    def name(self, person_id: int | None, context: Context) -> str:
        """The person's name; colleagues of other teams are shown without names."""
        person = self.people.get(person_id or 0)
        if person is None:
            return context.text("lead.nobody")
        theirs = self.scope.reach == "team" and person.team_id != self.scope.team_id
        return context.text("trial.other_teams") if theirs else person.name


def try_draft(context: Context) -> Reply:
    """Button: ``12:30:8`` tries draft 12 on the last 30 days, starting at the ninth lead."""
    number, period, start = unpack(context.pressed, str, offset, offset)
    draft = draft_of(number, context)
    result = trial(draft.playbook, period if period in PERIODS else PERIODS[0], context)
    acts = acts_sections(draft.playbook, result.since, context)
    return Reply(card=trial_card(result, acts, context, number, start))


def trial(changed: Playbook, days: int, context: Context) -> Trial:
    """Try the rules in force and the changed ones on the leads of the last days, today included."""
    since = context.midnight(context.today - timedelta(days=days))
    past = context.uow.dry_run_history.leads(since, context.now)
    people = context.uow.people
    company = Company(people.everyone(), people.teams(), context.timezone)
    tried = try_rules(context.playbook, changed, past, company, context.now)
    kept = sum(past_lead.kept_by is not None for past_lead in past)
    return Trial(since, context.now, tried, kept, changed)


def trial_card(
    result: Trial, acts: tuple[Section, ...], context: Context, draft: str = "", start: int = 0
) -> Card:
    """Card of what would have been different; ``acts`` are the sections of automations.

    Leads that the reader may not see are only counted.
    """
    reader = _Reader(scope_of(context.actor), {p.id: p for p in context.uow.people.everyone()})
    different = result.different
    mine = [tried for tried in different if may_decide_on(context.actor, tried.lead)]
    days = (result.until - result.since).days
    body = context.text("trial.different", n=len(different)) if different else ""
    if not (different or acts):
        body = context.text("trial.same")
    return Card(
        title=context.text("trial.title", n=days),
        facts=_facts(result, context),
        body=body,
        sections=(
            *unknown_section(result.wanted, context),
            *acts,
            *_people(result, reader, context),
            *(_tried_lead(tried, reader, context) for tried in mine[start : start + SHOWN]),
        ),
        buttons=_buttons(len(mine), days, draft, start, context),
        footnote=_footnote(result, len(different) - len(mine), context),
        tone="warning" if different else "good",
    )


def trial_lines(card: Card) -> list[str]:
    """The card as lines of text, for the command line."""
    lines = [card.title, card.body, *(f"{fact.label}: {fact.value}" for fact in card.facts)]
    for section in card.sections:
        lines += ["", section.heading, *section.lines]
        if section.table:
            lines += ["\t".join(row) for row in (section.table.columns, *section.table.rows)]
    return [*lines, "", card.footnote]


def _facts(result: Trial, context: Context) -> tuple[Fact, ...]:
    rows = [
        (enum_label(grade, context.language), pair)
        for grade, pair in result.by_grade().items()
        if pair[0] != pair[1]
    ]
    rows.append((context.text("trial.missed"), result.missed()))
    counted = tuple(Fact(head, _arrow(pair, context)) for head, pair in rows)
    return (Fact(context.text("trial.leads"), context.language.number(len(result.tried))), *counted)


def _people(result: Trial, reader: _Reader, context: Context) -> tuple[Section, ...]:
    """How many leads each person would have got; empty when both playbooks give the same."""
    counted = result.by_person()
    if all(old == new for old, new in counted.values()):
        return ()
    named: dict[str, tuple[int, int]] = {}
    for person_id, (old, new) in counted.items():
        name = reader.name(person_id, context)
        before = named.get(name, (0, 0))
        named[name] = (before[0] + old, before[1] + new)
    heads = tuple(context.text(f"trial.{key}") for key in ("person", "old", "new"))
    rows = sorted(named.items(), key=lambda row: (-row[1][1], row[0]))
    table = Table(heads, tuple((name, str(old), str(new)) for name, (old, new) in rows[:50]))
    return (Section(context.text("trial.who"), table=table),)


def _tried_lead(tried: Tried, reader: _Reader, context: Context) -> Section:
    """One lead that would have gone another way, and why."""
    old, new = tried.old, tried.new
    lines = []
    if old.person_id != new.person_id:
        before, after = (_goes_to(outcome, reader, context) for outcome in (old, new))
        lines.append(context.text("trial.goes", old=before, new=after))
    if old.grade is not new.grade:
        before, after = (enum_label(outcome.grade, context.language) for outcome in (old, new))
        lines.append(context.text("trial.graded", old=before, new=after))
    if old.missed != new.missed:
        lines.append(context.text("trial.would_miss" if new.missed else "trial.would_keep"))
    number = tried.lead.number
    button = Button("lead.show", context.text("button.open_lead", lead=number), number)
    return Section(lead_title(tried.lead), tuple(lines), buttons=(button,))


def _goes_to(outcome: DryRunOutcome, reader: _Reader, context: Context) -> str:
    name = reader.name(outcome.person_id, context)
    return context.text("trial.by_rule", name=name, rule=outcome.rule) if outcome.rule else name


def _arrow(pair: tuple[int, int], context: Context) -> str:
    old, new = (context.language.number(count) for count in pair)
    return old if old == new else f"{old} → {new}"


def _footnote(result: Trial, hidden: int, context: Context) -> str:
    lines = [context.text("trial.assumed")]
    if result.kept:
        lines.append(context.text("trial.kept", n=result.kept))
    if hidden:
        lines.append(context.text("trial.hidden", n=hidden))
    return " ".join(lines)


def _buttons(count: int, days: int, draft: str, start: int, context: Context) -> tuple[Button, ...]:
    if not draft:
        return ()
    others = [
        Button("playbook.try", context.text("button.rules_try", n=period), pack(draft, period))
        for period in PERIODS
        if period != days
    ]
    left = count - start - SHOWN
    if left > 0:
        value = pack(draft, days, start + SHOWN)
        others.insert(0, Button("playbook.try", context.text("button.rules_more", n=left), value))
    back = Button("playbook.draft", context.text("button.rules_draft", number=draft), draft)
    applies = (apply_button(draft, context),) if may(context.actor, "playbook.apply") else ()
    return (*applies, *others, back)


def apply_button(draft: str, context: Context) -> Button:
    """The button that puts a draft in force."""
    return Button("playbook.confirm", context.text("button.rules_apply"), draft, "primary")
