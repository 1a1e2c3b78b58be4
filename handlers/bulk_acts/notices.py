"""Notices about an act on several leads: its progress and result, and what it means to others."""

from collections.abc import Callable, Sequence

from handlers.bulk_acts.cards import bulk_card, over_card, title_of, what_text
from handlers.core.context import Context
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.lead_facts import next_step_text
from handlers.core.ui import Card, Section
from sales.bulk_acts import (
    BUSY,
    REASSIGNING,
    BulkAct,
    BulkActNotFound,
    BulkKind,
    BulkLead,
    BulkState,
)
from sales.leads import Lead
from sales.notices import BulkActReady, BulkActTold, BulkActUnderWay
from sales.people import SYSTEM

SHOWN = 20
"""Leads that one message names of each sort."""


def phase_card(
    notice: BulkActUnderWay | BulkActReady, context: Context, *, again: bool
) -> Card | None:
    """The card for whoever acts; short once a later phase has begun."""
    try:
        act = context.uow.bulk_acts(context.actor).get(notice.act_id)
    except BulkActNotFound:
        return None
    progress = isinstance(notice, BulkActUnderWay)
    if act.run != notice.run or (progress and act.state not in BUSY):
        return over_card(act, context) if again else None
    return bulk_card(act, context)


def told_card(notice: BulkActTold, context: Context, *, again: bool) -> Card | None:
    """One card for all the leads that an act brought a person, took from them, or changed."""
    try:
        act = context.uow.bulk_acts(SYSTEM).get(notice.act_id)
    except BulkActNotFound:
        return None
    if not context.actor.active:
        return None
    undone = act.state in (BulkState.UNDOING, BulkState.UNDONE)
    if undone and notice.run != act.run and not again:
        return None  # The next message says that it was taken back.
    state = "undone" if undone and notice.run == act.run else "done"
    entries = context.uow.bulk_acts(SYSTEM).leads(act.id)
    mine = [one for one in entries if one.state == state and _concerns(one, act, context)]
    if not mine:
        return None
    by_id = (act.undone_by if state == "undone" else None) or act.actor_id
    name = context.uow.people.get(by_id).name
    all_given = all(one.to_id == context.actor.id for one in mine)
    key = "bulk.told_given" if all_given else "bulk.told_title"
    if state == "undone":
        key = "bulk.told_undone"
    sections = (
        _undone_sections(mine, context) if state == "undone" else _sections(act, mine, context)
    )
    return Card(
        title=context.text(key, n=len(mine), name=name),
        body=what_text(act, context),
        sections=sections,
        buttons=(home_button(context),),
        footnote=context.text("bulk.told_why"),
    )


def _concerns(entry: BulkLead, act: BulkAct, context: Context) -> bool:
    person_id = context.actor.id
    return person_id in entry.told or person_id == act.actor_id


def _sections(act: BulkAct, mine: Sequence[BulkLead], context: Context) -> tuple[Section, ...]:
    """What came to the person, what left them, and what else they had a part in."""
    person_id = context.actor.id
    got = [one for one in mine if one.to_id == person_id]
    had = [one for one in mine if one.from_id == person_id]
    others = [one for one in mine if person_id not in (one.to_id, one.from_id)]
    leads = context.leads.some([one.lead_id for one in mine])

    def came(entry: BulkLead) -> str:
        lead = leads.get(entry.lead_id)
        return _line(lead, context) if lead else title_of(entry, leads)

    def went(entry: BulkLead) -> str:
        return _where_to(entry, title_of(entry, leads), context)

    def plain(entry: BulkLead) -> str:
        return title_of(entry, leads)

    leaves = act.kind in REASSIGNING or act.kind is BulkKind.POOL
    parts = (
        ("bulk.told_got", got, came),
        ("bulk.told_had" if leaves else "bulk.told_changed", had, went if leaves else plain),
        ("bulk.told_beside", others, plain),
    )
    return tuple(_section(key, some, line, context) for key, some, line in parts if some)


def _undone_sections(mine: Sequence[BulkLead], context: Context) -> tuple[Section, ...]:
    leads = context.leads.some([one.lead_id for one in mine])
    return (_section("bulk.told_back", mine, lambda one: title_of(one, leads), context),)


def _section(
    key: str, entries: Sequence[BulkLead], line: Callable[[BulkLead], str], context: Context
) -> Section:
    lines = [line(entry) for entry in entries[:SHOWN]]
    if len(entries) > SHOWN:
        lines.append(context.text("board.more", n=len(entries) - SHOWN))
    return Section(context.text(key, n=len(entries)), tuple(lines))


def _line(lead: Lead, context: Context) -> str:
    """``LX001 · Acme · Proposal · Monday: send the draft``."""
    parts = (
        lead_title(lead),
        enum_label(lead.stage, context.language),
        next_step_text(lead, context),
    )
    return " · ".join(filter(None, parts))


def _where_to(entry: BulkLead, title: str, context: Context) -> str:
    if entry.to_id:
        name = context.uow.people.get(entry.to_id).name
        return context.text("bulk.now_with", lead=title, name=name)
    return context.text("bulk.now_in_pool", lead=title)
