"""Notices about an import: its progress, and the leads it brought."""

from handlers.core.context import Context
from handlers.core.ui import Button, Card
from handlers.imports.cards import import_card, over_card
from sales.imports.plan import WORKING, ImportNotFound
from sales.notices import ImportReady, ImportUnderWay, LeadsImported, LeadsPooled
from sales.people import SYSTEM, leaders_of


def phase_card(
    notice: ImportUnderWay | ImportReady, context: Context, *, again: bool
) -> Card | None:
    """The card for the person who imports; short once a later phase has begun."""
    try:
        imported = context.uow.imports(context.actor).get(notice.import_id)
    except ImportNotFound:
        return None
    if not context.actor.active or not context.actor.sells:
        return None
    progress = isinstance(notice, ImportUnderWay)
    if imported.run != notice.run or (progress and imported.state not in WORKING):
        return over_card(imported, context) if again else None
    return import_card(imported, context)


def owner_card(notice: LeadsImported, context: Context, *, again: bool) -> Card | None:
    """One card for all the leads that a person got from an import."""
    count = context.uow.imported(notice.import_id).owners().get(context.actor.id, 0)
    if not count and not again:
        return None
    imported = context.uow.imports(SYSTEM).get(notice.import_id)
    name = context.uow.people.get(imported.person_id).name
    return Card(
        title=context.text("import.yours", n=count),
        body=context.text("import.yours_body", name=name),
        buttons=(Button("board.open", context.text("button.board")),),
        footnote=context.text("import.yours_why", file=imported.name),
        subject=imported.subject,
    )


def leader_card(notice: LeadsPooled, context: Context, *, again: bool) -> Card | None:
    """One card for all the leads of an import that wait in the pool."""
    count = context.uow.imported(notice.import_id).pooled()
    imported = context.uow.imports(SYSTEM).get(notice.import_id)
    leaders = leaders_of(imported.choices.team_id, context.uow.people.everyone())
    if context.actor not in leaders or not (count or again):
        return None
    name = context.uow.people.get(imported.person_id).name
    return Card(
        title=context.text("import.pooled", n=count),
        body=context.text("import.pooled_body", name=name, file=imported.name),
        buttons=(Button("pool.open", context.text("button.pool"), "", "primary"),),
        footnote=context.text("pool.brief_why"),
        subject=imported.subject,
    )
