"""Runs the phases of an import (check, import, undo), a page at a time.

Each page is a job of its own, in one transaction with the progress it makes; so after a crash the
import continues where it was, and of two processes only one runs a page.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.assignment.service import open_leads_of
from handlers.contact_alerts import note_told
from handlers.core.context import Context
from handlers.imports.additions import unmake
from handlers.imports.service import judged_page, plan_page, reading_of
from handlers.response_clocks.service import begin_clock, plan_look_again
from sales.imports.drafts import RowDraft, is_for_pool
from sales.imports.outcomes import Judged, contacts_of, counted, unknown_words
from sales.imports.plan import (
    MOST_UNKNOWN,
    PAGE,
    UNDO_FOR,
    WORKING,
    Import,
    ImportState,
    Reading,
)
from sales.jobs import AdvanceImport, Job
from sales.leads import Lead, Stage
from sales.notices import ImportReady, LeadsImported, LeadsPooled
from sales.people import SYSTEM, Person, leaders_of
from sales.pool import PoolReason, PoolStay
from sales.routing import Candidates, choose

_AFTER = {
    ImportState.CHECKING: ImportState.CHECKED,
    ImportState.IMPORTING: ImportState.IMPORTED,
    ImportState.UNDOING: ImportState.UNDONE,
}


def advance(job: Job[AdvanceImport], context: Context) -> None:
    """Job: process one page of the import's current phase."""
    step = job.args.step
    imported = context.uow.imports(SYSTEM).get(job.args.import_id)
    if imported.run != job.args.run or imported.state not in WORKING:
        return
    if imported.state is ImportState.UNDOING:
        imported, step_after = _undo_page(imported, step, context)
    else:
        imported, step_after = _process_page(imported, step, context)
    if step_after is None:
        _finish(imported, context)
        return
    context.uow.imports(SYSTEM).save(imported)
    plan_page(imported, step_after, context)
    if imported.is_long:
        context.uow.outbox.refresh(imported.subject)


def _process_page(imported: Import, number: int, context: Context) -> tuple[Import, int | None]:
    reading = reading_of(imported, context)
    page = judged_page(imported, number, reading, context)
    leads = context.uow.imported(imported.id)
    leads.claim([contact for judged in page for contact in judged.contacts])
    tally = counted(imported.tally, page, imported.choices)
    if imported.state is ImportState.CHECKING:
        unknown = unknown_words(imported.unknown, page, MOST_UNKNOWN)
        imported = replace(imported, unknown=unknown)
        drafts = [judged.draft.lead for judged in page if judged.draft.lead]
        contacts = [contact for lead in drafts for contact in contacts_of(lead)]
        if n := leads.others(contacts, reading.actor):
            note_told(reading.actor, n, context)
    if imported.state is ImportState.IMPORTING:
        pooled = _store(imported, page, reading, context)
        tally = replace(tally, pooled=imported.tally.pooled + pooled)
    moved = replace(imported, tally=tally, done=min(imported.rows, (number + 1) * PAGE))
    return moved, number + 1 if number + 1 < imported.pages else None


def _store(imported: Import, page: Sequence[Judged], reading: Reading, context: Context) -> int:
    """Store a page of leads. Returns how many of them went to the pool, where unowned leads
    wait."""
    taken = [judged.draft for judged in page if judged.is_taken(imported.choices)]
    owned = _assign_owners(imported, taken, reading, context)
    stored = context.uow.imported(imported.id).add([_pooled(draft, context) for draft in owned])
    pooled = [lead for lead in stored if lead.is_pooled]
    context.uow.stays.begin([_stay(lead, imported, context) for lead in pooled])
    for lead in stored:
        if lead.is_open and lead.owner_id:
            _begin_work(lead, imported, context)
    return len(pooled)


def _begin_work(lead: Lead, imported: Import, context: Context) -> None:
    """Begin what a lead with an owner asks of them: its clock where the person wants clocks, and
    always the touches and the review of one that rests in nurture."""
    rests = lead.stage is Stage.NURTURE
    if imported.choices.clocks or rests:
        begin_clock(lead, context)
    if rests:
        days = context.playbook.revival.nurture_days
        plan_look_again(lead, context.today + timedelta(days=days), context)


def _pooled(draft: RowDraft, context: Context) -> RowDraft:
    """A draft without an owner, as it waits in the pool."""
    if draft.lead is None or not is_for_pool(draft.lead):
        return draft
    return replace(draft, lead=replace(draft.lead, pooled_at=context.now))


def _stay(lead: Lead, imported: Import, context: Context) -> PoolStay:
    return PoolStay(
        lead_id=lead.id,
        team_id=lead.team_id,
        entered_at=context.now,
        reason=PoolReason.IMPORTED,
        put_by=imported.person_id,
    )


def _assign_owners(
    imported: Import, drafts: Sequence[RowDraft], reading: Reading, context: Context
) -> list[RowDraft]:
    """Assign the rows that are to follow the rules. They are distributed by the rules' weights,
    counting what this import has assigned so far; the tallies of daily work do not count here."""
    shares = Counter(context.uow.imported(imported.id).owners())
    teams = context.uow.people.teams()
    open_leads = (
        _lock_capacity(reading.people, context)
        if any(draft.by_rules for draft in drafts)
        else Counter()
    )
    assigned: list[RowDraft] = []
    for draft in drafts:
        lead = draft.lead
        if lead is None:
            continue
        if draft.by_rules:
            among = Candidates(reading.people, teams, shares, {}, context.today, open_leads)
            chosen = choose(lead, context.playbook, among)
            # No manager stands in here: what no rep is available for waits in the pool.
            if chosen and not chosen.last:
                shares[chosen.person.id] += 1
                open_leads[chosen.person.id] += 1
                owner = chosen.person
                lead = replace(lead, owner_id=owner.id, team_id=owner.team_id)
        assigned.append(replace(draft, lead=lead))
    return assigned


def _lock_capacity(people: Sequence[Person], context: Context) -> Counter[int]:
    """Open leads per person, locking people with limited capacity until the page is stored."""
    for person in sorted(people, key=lambda person: person.id):
        context.uow.offers.reserve_capacity(person)
    return Counter(open_leads_of(people, context))


def _undo_page(imported: Import, after: int, context: Context) -> tuple[Import, int | None]:
    taken = context.uow.imported(imported.id).take_back(after, PAGE)
    if not taken.looked_at:
        return unmake(imported, context), None
    tally = imported.tally
    for row, why in taken.kept.items():
        tally = tally.finding(f"kept:{why}", row)
    tally = replace(tally, removed=tally.removed + taken.removed, kept=tally.kept + len(taken.kept))
    done = imported.done + taken.looked_at
    return replace(imported, tally=tally, done=done), taken.last


def _finish(imported: Import, context: Context) -> None:
    state = _AFTER[imported.state]
    ended = replace(imported, state=state)
    if state is ImportState.IMPORTED:
        until = context.now + UNDO_FOR
        ended = replace(ended, finished_at=context.now, forget_at=until)
        _notify_owners(ended, context)
        _notify_leaders(ended, context)
    if state is not ImportState.CHECKED:
        tally = ended.tally
        detail = {"new": str(tally.new), "removed": str(tally.removed), "kept": str(tally.kept)}
        person = context.uow.people.get(ended.person_id)
        context.uow.audit.record(person, f"import.{state.value}", ended.subject, detail)
    context.uow.imported(ended.id).forget_claims()
    context.uow.imports(SYSTEM).save(ended)
    context.uow.outbox.add(ImportReady(ended.id, ended.run), ended.person_id)
    context.uow.outbox.refresh(ended.subject)


def _notify_owners(imported: Import, context: Context) -> None:
    """Send one notice to each person who got leads, however many."""
    for owner_id in context.uow.imported(imported.id).owners():
        person = context.uow.people.get(owner_id)
        if person.active and person.has_account and person.id != imported.person_id:
            context.uow.outbox.add(LeadsImported(imported.id), owner_id)


def _notify_leaders(imported: Import, context: Context) -> None:
    """Send the team's leaders one notice about the leads now waiting in the pool."""
    if not imported.tally.pooled:
        return
    for person in leaders_of(imported.choices.team_id, context.uow.people.everyone()):
        if person.id != imported.person_id:
            context.uow.outbox.add(LeadsPooled(imported.id), person.id)
