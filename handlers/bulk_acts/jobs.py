"""Carries an act out, and takes it back: one lead after the other, each in a transaction.

Each lead is a job of its own, committed together with what became of the lead; so after a crash the
act continues where it was, and nobody waits longer than for one lead.
"""

from dataclasses import replace

from handlers.bulk_acts.service import act_on, plan_lead, take_back
from handlers.core.context import Context
from sales.bulk_acts import (
    ATTEMPTS,
    BUSY,
    REDRAWN_EVERY,
    UNDO_FOR,
    BulkAct,
    BulkActNotFound,
    BulkLead,
    BulkState,
    LeftOut,
    UndoObstacle,
)
from sales.jobs import AdvanceBulkAct, Job
from sales.notices import BulkActReady, BulkActTold
from sales.people import SYSTEM


def advance(job: Job[AdvanceBulkAct], context: Context) -> None:
    """Due work: the next lead."""
    acts = context.uow.bulk_acts(SYSTEM)
    try:
        act = acts.get(job.args.act_id)
    except BulkActNotFound:
        return
    if act.run != job.args.run or act.state not in BUSY:
        return
    undoing = act.state is BulkState.UNDOING
    entry = acts.next_lead(act.id, "done" if undoing else "planned")
    if entry is None:
        _finish(act, context)
        return
    if job.attempts > ATTEMPTS:
        # It fails again and again: the others are not to wait for it.
        acts.save_lead(_given_up(entry, context) if undoing else _failed(entry))
    elif undoing:
        by = context.uow.people.get(act.undone_by or act.actor_id)
        acts.save_lead(take_back(entry, act, replace(context, actor=by)))
    else:
        by = context.uow.people.get(act.actor_id)
        acts.save_lead(*act_on(entry, act, replace(context, actor=by)))
    _go_on(act, context)


def _failed(entry: BulkLead) -> BulkLead:
    return replace(entry, left_out=LeftOut.FAILED.value)


def _given_up(entry: BulkLead, context: Context) -> BulkLead:
    return replace(entry, kept=UndoObstacle.FAILED.value, undone_at=context.now)


def _go_on(act: BulkAct, context: Context) -> None:
    """Plan the next lead, and show how far the act is: not for each, but every second."""
    act = replace(act, done=act.done + 1)
    if context.now - act.shown_at >= REDRAWN_EVERY:
        act = replace(act, shown_at=context.now)
        context.uow.outbox.refresh(act.subject)
    context.uow.bulk_acts(SYSTEM).save(act)
    plan_lead(act, context)


def _finish(act: BulkAct, context: Context) -> None:
    """Record the result and notify everybody concerned, each once."""
    uow = context.uow
    undoing = act.state is BulkState.UNDOING
    ended = replace(act, state=BulkState.UNDONE if undoing else BulkState.DONE)
    if not undoing:
        until = context.now + UNDO_FOR
        ended = replace(ended, finished_at=context.now, forget_at=until)
    uow.bulk_acts(SYSTEM).save(ended)
    by_id = (act.undone_by if undoing else None) or act.actor_id
    counts = uow.bulk_acts(SYSTEM).counts(act.id)
    detail = {"kind": act.kind.value} | {name: str(n) for name, n in sorted(counts.items())}
    name = f"bulk.{ended.state.value}"
    uow.audit.record(uow.people.get(by_id), name, ended.subject, detail)
    uow.outbox.add(BulkActReady(act.id, act.run), by_id)
    touched = ("undone",) if undoing else ("done",)
    leads = [one for one in uow.bulk_acts(SYSTEM).leads(act.id) if one.state in touched]
    told = {person_id for one in leads for person_id in one.told} - {by_id}
    if undoing and by_id != act.actor_id:
        told.add(act.actor_id)
    for person_id in sorted(told):
        person = uow.people.get(person_id)
        if person.active and person.has_account:
            uow.outbox.add(BulkActTold(act.id, act.run), person_id)
    uow.outbox.refresh(ended.subject)
