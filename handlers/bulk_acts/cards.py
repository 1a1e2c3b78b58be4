"""An act on several leads as a card: its preview, progress, result and what was left out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from handlers.assignment.service import open_leads_of
from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title, lost_reason_label, page_buttons
from handlers.core.ui import Button, Card, Confirm, Fact, Section
from sales.bulk_acts import (
    REASSIGNING,
    BulkAct,
    BulkKind,
    BulkLead,
    BulkState,
    LeftOut,
    UndoObstacle,
    received,
)
from sales.clocks import kind_for
from sales.leads import Lead, Stage, lead_number
from sales.playbook import Trigger
from sales.sync_meeting import worth

NAMED = 5
"""Leads named for each reason to leave some out."""
PAGE = 30
_RECEIVERS = 20
_Leads = Mapping[int, Lead]


def bulk_card(act: BulkAct, context: Context) -> Card:
    """The act in its present state."""
    match act.state:
        case BulkState.PREVIEWED:
            return preview_card(act, context)
        case BulkState.WORKING | BulkState.UNDOING:
            return progress_card(act, context)
        case BulkState.DONE | BulkState.UNDONE:
            return result_card(act, context)
        case BulkState.DROPPED:
            return dropped_card(act, context)


def _entries(act: BulkAct, context: Context) -> tuple[list[BulkLead], _Leads]:
    """The act's leads, and those of them that the reader may see."""
    entries = context.uow.bulk_acts(context.actor).leads(act.id)
    return entries, context.leads.some([entry.lead_id for entry in entries])


def what_text(act: BulkAct, context: Context) -> str:
    """``Give them to one person: Robin Sample``, with the reason or the day."""
    what = enum_label(act.kind, context.language)
    match act.kind:
        case BulkKind.PERSON:
            more = context.uow.people.get(act.to_id or 0).name
        case BulkKind.POOL:
            more = context.text(f"pool.reason_{act.reason}")
        case BulkKind.LOST:
            reason = f"{act.reason}-{act.note}".removesuffix("-")
            more = lost_reason_label(reason, context.language, context.playbook)
        case BulkKind.STEP:
            more = context.language.day(act.day) if act.day else ""
        case BulkKind.RULES | BulkKind.NURTURE:
            more = ""
    return context.text("rules.line", label=what, value=more) if more else what


def preview_card(act: BulkAct, context: Context) -> Card:
    """What would happen to which leads; nothing has happened yet."""
    entries, leads = _entries(act, context)
    taken = [entry for entry in entries if not entry.left_out]
    buttons = (
        Button("bulk.choose", context.text("bulk.choose_again"), act.query),
        *_left_button(act, entries, context),
        Button("bulk.drop", context.text("bulk.drop"), str(act.id)),
    )
    if not taken:
        return Card(
            title=context.text("bulk.preview_nothing"),
            facts=(Fact(context.text("bulk.kind"), what_text(act, context)),),
            sections=_left_sections(entries, leads, context),
            buttons=buttons,
            tone="warning",
            subject=act.subject,
        )
    label = context.text("bulk.confirm", n=len(taken))
    confirm = Button("bulk.confirm", label, str(act.id), "primary")
    sections = (
        *_receiver_sections(act, taken, leads, context),
        _follows_section(act, taken, leads, context),
        *_left_sections(entries, leads, context),
    )
    return Card(
        title=context.text("bulk.preview_title", n=len(taken)),
        facts=_facts(act, taken, leads, context),
        sections=sections,
        buttons=(confirm, *buttons),
        footnote=context.text("bulk.preview_why"),
        tone="warning" if len(taken) < len(entries) else "plain",
        subject=act.subject,
    )


def _facts(
    act: BulkAct, taken: Sequence[BulkLead], leads: _Leads, context: Context
) -> tuple[Fact, ...]:
    shown = [leads[entry.lead_id] for entry in taken if entry.lead_id in leads]
    counts = Counter(lead.stage for lead in shown)
    stages = [
        context.text("bulk.stage_count", stage=enum_label(stage, context.language), n=counts[stage])
        for stage in Stage
        if counts[stage]
    ]
    value = sum((worth(lead) or Decimal(0) for lead in shown), Decimal(0))
    facts = [Fact(context.text("bulk.kind"), what_text(act, context))]
    if stages:
        facts.append(Fact(context.text("lead.stage"), context.language.listing(stages)))
    if value:
        facts.append(Fact(context.text("bulk.value"), context.language.money(value)))
    return tuple(facts)


def _receiver_sections(
    act: BulkAct, taken: Sequence[BulkLead], leads: _Leads, context: Context
) -> tuple[Section, ...]:
    """Who gets how many, how many they have and may have, and who is passed over."""
    if act.kind not in REASSIGNING:
        return ()
    people = {person.id: person for person in context.uow.people.everyone()}
    counts, has = received(taken), open_leads_of(people.values(), context)
    lines = []
    for person_id, n in counts.most_common(_RECEIVERS):
        person = people[person_id]
        line = context.text("leaver.gets", name=person.name, n=n)
        if person.capacity is not None:
            opened = has.get(person_id, 0) + _new_open(person_id, taken, leads)
            key = "bulk.over_capacity" if opened > person.capacity else "bulk.within_capacity"
            line += context.text(key, n=opened, most=person.capacity)
        lines.append(line)
    if len(counts) > _RECEIVERS:
        lines.append(context.text("bulk.more_people", n=len(counts) - _RECEIVERS))
    skipped = dict.fromkeys(pair for entry in taken if entry.why for pair in entry.why.skipped)
    passed = [
        context.text("why.skipped_one", name=name, reason=context.text(f"why.skip_{reason}"))
        for name, reason in list(skipped)[:_RECEIVERS]
    ]
    if passed:
        lines.append(context.text("bulk.passed_over", people=context.language.listing(passed)))
    return (Section(context.text("bulk.receivers"), tuple(lines)),)


def _new_open(person_id: int, taken: Iterable[BulkLead], leads: _Leads) -> int:
    mine = (leads.get(entry.lead_id) for entry in taken if entry.to_id == person_id)
    return sum(lead is not None and lead.is_open for lead in mine)


def _follows_section(
    act: BulkAct, taken: Sequence[BulkLead], leads: _Leads, context: Context
) -> Section:
    """What follows: clocks, steps and reminders, and who is notified."""
    lines = list(_consequences(act, taken, leads, context))
    told = {person for entry in taken for person in (entry.from_id, entry.to_id) if person}
    if n := len(told - {act.actor_id}):
        lines.append(context.text("bulk.follows_told", n=n))
    return Section(context.text("bulk.follows"), tuple(lines))


def _consequences(
    act: BulkAct, taken: Sequence[BulkLead], leads: _Leads, context: Context
) -> Iterator[str]:
    shown = [(entry, leads[entry.lead_id]) for entry in taken if entry.lead_id in leads]
    steps = sum(lead.next_at is not None for _, lead in shown)
    match act.kind:
        case BulkKind.PERSON | BulkKind.RULES:
            yield context.text("bulk.follows_given")
            owned = (replace(lead, owner_id=entry.to_id) for entry, lead in shown)
            if clocks := sum(kind_for(lead) is not None for lead in owned):
                yield context.text("bulk.follows_clocks", n=clocks)
            if steps:
                yield context.text("bulk.follows_steps_kept", n=steps)
        case BulkKind.POOL | BulkKind.LOST:
            yield context.text(f"bulk.follows_{act.kind}")
            if steps:
                yield context.text("bulk.follows_steps_end", n=steps)
        case BulkKind.NURTURE:
            yield context.text("bulk.follows_nurture")
        case BulkKind.STEP:
            yield context.text("bulk.follows_step", n=steps)
    if _concerns_rules(act, context):
        yield context.text("bulk.follows_rules")
    if act.day and act.kind in (BulkKind.LOST, BulkKind.NURTURE):
        day = context.language.day(act.day)
        yield context.text("bulk.follows_look_again", day=day)


def _concerns_rules(act: BulkAct, context: Context) -> bool:
    """Whether automations watch for what the act does to each lead."""
    triggers = {BulkKind.LOST: {Trigger.LOST}, BulkKind.NURTURE: {Trigger.MOVED}}
    watched = triggers.get(act.kind, set())
    rules = context.playbook.automations.rules
    return any(rule.enabled and rule.trigger in watched for rule in rules)


def _left_sections(
    entries: Sequence[BulkLead], leads: _Leads, context: Context
) -> tuple[Section, ...]:
    """The leads that are left out, by reason, the first of each named."""
    by_reason = [
        (context.text(f"bulk.left_{LeftOut(entry.left_out)}"), entry)
        for entry in entries
        if entry.left_out
    ]
    return _reasons("bulk.left_heading", by_reason, leads, context)


def _kept_sections(
    entries: Sequence[BulkLead], leads: _Leads, context: Context
) -> tuple[Section, ...]:
    """The leads that an undo left as they are, by reason."""
    by_reason = [
        (context.text(f"bulk.kept_{UndoObstacle(entry.kept)}"), entry)
        for entry in entries
        if entry.kept
    ]
    return _reasons("bulk.kept_heading", by_reason, leads, context)


def _reasons(
    heading: str, entries: Sequence[tuple[str, BulkLead]], leads: _Leads, context: Context
) -> tuple[Section, ...]:
    """A line for each reason, the commonest first; ``entries`` are reasons in words, with a lead
    of each."""
    if not entries:
        return ()
    by_reason: dict[str, list[BulkLead]] = defaultdict(list)
    for reason, entry in entries:
        by_reason[reason].append(entry)
    lines = []
    for reason, group in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        names = [title_of(entry, leads) for entry in group[:NAMED]]
        if len(group) > NAMED:
            names.append(context.text("board.more", n=len(group) - NAMED))
        listed = context.language.listing(names)
        lines.append(context.text("bulk.reason", n=len(group), reason=reason, leads=listed))
    return (Section(context.text(heading, n=len(entries)), tuple(lines)),)


def title_of(entry: BulkLead, leads: _Leads) -> str:
    """The lead's number, with its customer for readers who may see it."""
    lead = leads.get(entry.lead_id)
    return lead_title(lead) if lead else lead_number(entry.lead_id)


def _left_button(act: BulkAct, entries: Sequence[BulkLead], context: Context) -> tuple[Button, ...]:
    if sum(bool(entry.left_out or entry.kept) for entry in entries) <= NAMED:
        return ()
    return (Button("bulk.left", context.text("bulk.left_button"), pack(act.id, 0)),)


def progress_card(act: BulkAct, context: Context) -> Card:
    """How far the act is."""
    counts = context.uow.bulk_acts(context.actor).counts(act.id)
    undoing = act.state is BulkState.UNDOING
    left = counts.get("done" if undoing else "planned", 0)
    number, total = context.language.number, act.done + left
    key = "bulk.undoing_progress" if undoing else "bulk.progress"
    return Card(
        title=context.text("bulk.undoing_title" if undoing else "bulk.working_title", n=total),
        facts=(Fact(context.text("bulk.what"), what_text(act, context)),),
        body=context.text(key, done=number(act.done), n=total, all=number(total)),
        buttons=(Button("bulk.show", context.text("bulk.look"), str(act.id)),),
        subject=act.subject,
    )


def begun_card(act: BulkAct, context: Context) -> Card:
    """In place of what was pressed: it is under way, and the result comes by itself."""
    return Card(
        title=what_text(act, context),
        body=context.text("bulk.begun"),
        buttons=(Button("bulk.show", context.text("bulk.look"), str(act.id)),),
        subject=act.subject,
    )


def result_card(act: BulkAct, context: Context) -> Card:
    """What was done, what was left out and why, and how to undo it."""
    entries, leads = _entries(act, context)
    done = [entry for entry in entries if entry.done_at]
    undone = [entry for entry in done if entry.undone_at and not entry.kept]
    is_undone = act.state is BulkState.UNDONE
    key = "bulk.undone_title" if is_undone else "bulk.done_title"
    buttons = [Button("lead_list.show", context.text("bulk.to_list"), act.query)]
    buttons += [*_left_button(act, entries, context), *_undo_button(act, len(done), context)]
    receivers = _result_receivers(act, done, context) if not is_undone else ()
    return Card(
        title=context.text(key, n=len(undone if is_undone else done)),
        facts=(
            Fact(context.text("bulk.what"), what_text(act, context)),
            *_by(act, context),
        ),
        sections=(
            *receivers,
            *_left_sections(entries, leads, context),
            *_kept_sections(entries, leads, context),
        ),
        buttons=tuple(buttons),
        footnote=_until(act, len(done), context),
        tone="good" if not is_undone and done else "plain",
        subject=act.subject,
    )


def _by(act: BulkAct, context: Context) -> tuple[Fact, ...]:
    """Who acted, and who took it back, for other readers."""
    facts = []
    for key, person_id in (("bulk.by", act.actor_id), ("bulk.undone_by", act.undone_by)):
        if person_id and person_id != context.actor.id:
            facts.append(Fact(context.text(key), context.uow.people.get(person_id).name))
    return tuple(facts)


def _result_receivers(
    act: BulkAct, done: Sequence[BulkLead], context: Context
) -> tuple[Section, ...]:
    if act.kind is not BulkKind.RULES or not done:
        return ()
    lines = [
        context.text("leaver.gets", name=context.uow.people.get(person_id).name, n=n)
        for person_id, n in received(done).most_common(_RECEIVERS)
    ]
    return (Section(context.text("bulk.receivers"), tuple(lines)),)


def _undo_button(act: BulkAct, done: int, context: Context) -> tuple[Button, ...]:
    if not done or not act.may_be_undone(context.now):
        return ()
    confirm = Confirm(
        context.text("bulk.undo_title"),
        context.text("bulk.undo_text", n=done),
        context.text("bulk.undo"),
        context.text("button.cancel"),
    )
    return (Button("bulk.undo", context.text("bulk.undo"), str(act.id), "danger", confirm),)


def _until(act: BulkAct, done: int, context: Context) -> str:
    if not done or not act.may_be_undone(context.now) or act.undo_until is None:
        return ""
    return context.text("bulk.undo_until", at=context.language.moment(act.undo_until))


def dropped_card(act: BulkAct, context: Context) -> Card:
    return Card(
        title=context.text("bulk.dropped_title"),
        body=context.text("bulk.dropped"),
        buttons=(Button("bulk.choose", context.text("bulk.choose_again"), act.query),),
        subject=act.subject,
    )


def over_card(act: BulkAct, context: Context) -> Card:
    """A card of an earlier phase: the act has gone on since."""
    return Card(
        title=what_text(act, context),
        body=context.text(f"bulk.now_{act.state}"),
        buttons=(Button("bulk.show", context.text("bulk.look"), str(act.id)),),
        subject=act.subject,
    )


def left_card(act: BulkAct, start: int, context: Context) -> Card:
    """A page of the leads that were left out or kept, each with the reason."""
    entries, leads = _entries(act, context)
    left = [entry for entry in entries if entry.left_out or entry.kept]
    start = min(start, max(0, len(left) - 1)) // PAGE * PAGE
    lines = tuple(
        context.text("rules.line", label=title_of(entry, leads), value=_reason(entry, context))
        for entry in left[start : start + PAGE]
    )
    pages = page_buttons(
        "bulk.left_page",
        start // PAGE,
        -(-len(left) // PAGE),
        lambda page: pack(act.id, page * PAGE),
        context.language,
    )
    return Card(
        title=context.text("bulk.left_title", n=len(left)),
        facts=(Fact(context.text("bulk.what"), what_text(act, context)),),
        sections=(Section(lines=lines),) if lines else (),
        buttons=(*pages, Button("bulk.show", context.text("bulk.look"), str(act.id))),
    )


def _reason(entry: BulkLead, context: Context) -> str:
    if entry.kept:
        return context.text(f"bulk.kept_{UndoObstacle(entry.kept)}")
    return context.text(f"bulk.left_{LeftOut(entry.left_out)}")
