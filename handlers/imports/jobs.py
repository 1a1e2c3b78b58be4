"""The phases of an import at work: looked through, stored, taken back, a page at a time.

Each page is due work of its own, in one transaction with the step it takes; so a process that
dies goes on where it was, and of two processes one does it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from handlers.assignment.service import open_leads_of
from handlers.contact_alerts import note_told
from handlers.core.context import Turn
from handlers.response_clocks.service import begin_clock
from sales.duplicates import same_customer
from sales.imports.drafts import Draft, is_for_pool, read_row
from sales.imports.outcomes import Judged, contacts_of, counted, judge
from sales.imports.plan import PAGE, UNDO_FOR, WORKING, Finding, Import, ImportState, Reading, Tally
from sales.imports.sheet import Unreadable
from sales.leads import Lead
from sales.notices import ImportReady, ImportUnderWay, LeadsImported, LeadsPooled
from sales.people import SYSTEM, Person, leaders_of
from sales.pool import PoolReason, Stay
from sales.routing import Candidates, choose
from storage.jobs import Work

_AFTER = {
    ImportState.CHECKING: ImportState.CHECKED,
    ImportState.IMPORTING: ImportState.IMPORTED,
    ImportState.UNDOING: ImportState.UNDONE,
}


def begin(imported: Import, state: ImportState, turn: Turn) -> Import:
    """The next phase of an import, from its first page on."""
    turn.uow.imported(imported.id).forget_claims()
    begun = turn.uow.imports(turn.actor).save(imported.begin(state))
    if state in WORKING:
        _plan(begun, 0, turn)
        if begun.is_long:
            turn.uow.outbox.add(ImportUnderWay(begun.id, begun.run), begun.person_id)
    else:
        turn.uow.outbox.add(ImportReady(begun.id, begun.run), begun.person_id)
    turn.uow.outbox.refresh(begun.subject)
    return begun


def advance(work: Work, turn: Turn) -> None:
    """Due work: one page of the phase that an import is in."""
    _, _, run, step = work.key.split(":")
    imported = turn.uow.imports(SYSTEM).get(int(work.subject))
    if imported.run != int(run) or imported.state not in WORKING:
        return
    if imported.state is ImportState.UNDOING:
        imported, step_after = _take_back(imported, int(step), turn)
    else:
        imported, step_after = _work_on(imported, int(step), turn)
    if step_after is None:
        _finish(imported, turn)
        return
    turn.uow.imports(SYSTEM).save(imported)
    _plan(imported, step_after, turn)
    if imported.is_long:
        turn.uow.outbox.refresh(imported.subject)


def unreadable_tally(why: Unreadable) -> Tally:
    """Why a file could not be read, for ``unreadable_words``."""
    name = f"{why.problem}:{','.join(why.params)}"
    return Tally(findings={name: Finding(rows=tuple(why.params.values()))})


def unreadable_words(imported: Import, turn: Turn) -> str:
    name, finding = next(iter(imported.tally.findings.items()))
    problem, _, params = name.partition(":")
    known = dict(zip(filter(None, params.split(",")), finding.rows, strict=True))
    return turn.text(f"import.unreadable_{problem}", **known)


def judged_page(imported: Import, number: int, reading: Reading, turn: Turn) -> list[Judged]:
    """A page of rows with what is to become of each. Lays claim to the page's contacts."""
    leads = turn.uow.imported(imported.id)
    rows = turn.uow.imports(SYSTEM).page(imported.id, number)
    drafts = [read_row(row, reading) for row in rows]
    contacts = [one for draft in drafts if draft.lead for one in contacts_of(draft.lead)]
    known, claimed = leads.known(contacts), leads.claimed(contacts)
    return judge(drafts, known, likely_rows(imported, drafts, turn), claimed)


def likely_rows(imported: Import, drafts: Sequence[Draft], turn: Turn) -> set[int]:
    """The rows whose customer is likely one that we have."""
    threshold = turn.playbook.duplicates.alike_from
    known = [(draft.row, draft.lead) for draft in drafts if draft.lead]
    names = turn.uow.imported(imported.id).namesakes([lead for _, lead in known])
    return {
        row
        for place, (row, lead) in enumerate(known)
        if any(same_customer(lead.customer, name, threshold) for name in names[place])
    }


def reading_of(imported: Import, turn: Turn) -> Reading:
    people = turn.uow.people
    return Reading(
        actor=people.get(imported.person_id),
        choices=imported.choices,
        playbook=turn.playbook,
        people=people.everyone(),
        now=turn.now,
        timezone=turn.timezone,
    )


def _work_on(imported: Import, number: int, turn: Turn) -> tuple[Import, int | None]:
    reading = reading_of(imported, turn)
    page = judged_page(imported, number, reading, turn)
    leads = turn.uow.imported(imported.id)
    leads.claim([contact for one in page for contact in one.contacts])
    tally = counted(imported.tally, page, imported.choices)
    if imported.state is ImportState.CHECKING:
        drafts = [one.draft.lead for one in page if one.draft.lead]
        contacts = [contact for lead in drafts for contact in contacts_of(lead)]
        if n := leads.others(contacts, reading.actor):
            note_told(reading.actor, n, turn)
    if imported.state is ImportState.IMPORTING:
        pooled = _store(imported, page, reading, turn)
        tally = replace(tally, pooled=imported.tally.pooled + pooled)
    moved = replace(imported, tally=tally, done=min(imported.rows, (number + 1) * PAGE))
    return moved, number + 1 if number + 1 < imported.pages else None


def _store(imported: Import, page: Sequence[Judged], reading: Reading, turn: Turn) -> int:
    """Store a page; gives how many of it went into the pool, where what nobody has waits."""
    taken = [one.draft for one in page if one.is_taken(imported.choices)]
    owned = _with_owners(imported, taken, reading, turn)
    stored = turn.uow.imported(imported.id).add(
        [
            (row, replace(lead, pooled_at=turn.now) if is_for_pool(lead) else lead)
            for row, lead in owned
        ]
    )
    pooled = [lead for lead in stored if lead.is_pooled]
    turn.uow.stays.begin([_stay(lead, imported, turn) for lead in pooled])
    if imported.choices.clocks:
        for lead in stored:
            if lead.is_open and lead.owner_id:
                begin_clock(lead, turn)
    return len(pooled)


def _stay(lead: Lead, imported: Import, turn: Turn) -> Stay:
    return Stay(
        lead_id=lead.id,
        team_id=lead.team_id,
        entered_at=turn.now,
        reason=PoolReason.IMPORTED,
        put_by=imported.person_id,
    )


def _with_owners(
    imported: Import, drafts: Sequence[Draft], reading: Reading, turn: Turn
) -> list[tuple[int, Lead]]:
    """The rows that are to go by the rules are shared out in the rules' own weights, beside
    what this import has given already; the shares of daily work do not count here."""
    shares = Counter(turn.uow.imported(imported.id).owners())
    teams = turn.uow.people.teams()
    open_leads = _rooms(reading.people, turn) if any(one.by_rules for one in drafts) else Counter()
    found: list[tuple[int, Lead]] = []
    for draft in drafts:
        lead = draft.lead
        if lead is None:
            continue
        if draft.by_rules:
            among = Candidates(reading.people, teams, shares, {}, turn.today, open_leads)
            chosen = choose(lead, turn.playbook, among)
            # A manager stands in for nobody here: what no rep is there for waits in the pool.
            if chosen and not chosen.last:
                shares[chosen.person.id] += 1
                open_leads[chosen.person.id] += 1
                owner = chosen.person
                lead = replace(lead, owner_id=owner.id, team_id=owner.team_id)
        found.append((draft.row, lead))
    return found


def _rooms(people: Sequence[Person], turn: Turn) -> Counter[int]:
    """How many open leads each has: of those who take a limited number, until the page is
    stored."""
    for person in sorted(people, key=lambda one: one.id):
        turn.uow.offers.take_room(person)
    return Counter(open_leads_of(people, turn))


def _take_back(imported: Import, after: int, turn: Turn) -> tuple[Import, int | None]:
    taken = turn.uow.imported(imported.id).take_back(after, PAGE)
    if not taken.looked_at:
        return imported, None
    tally = imported.tally
    for row, why in taken.kept.items():
        tally = tally.finding(f"kept:{why}", row)
    tally = replace(tally, removed=tally.removed + taken.removed, kept=tally.kept + len(taken.kept))
    done = imported.done + taken.looked_at
    return replace(imported, tally=tally, done=done), taken.last


def _finish(imported: Import, turn: Turn) -> None:
    state = _AFTER[imported.state]
    ended = replace(imported, state=state)
    if state is ImportState.IMPORTED:
        until = turn.now + UNDO_FOR
        ended = replace(ended, finished_at=turn.now, forget_at=until)
        _tell_owners(ended, turn)
        _tell_leaders(ended, turn)
    if state is not ImportState.CHECKED:
        tally = ended.tally
        detail = {"new": str(tally.new), "removed": str(tally.removed), "kept": str(tally.kept)}
        person = turn.uow.people.get(ended.person_id)
        turn.uow.audit.record(person, f"import.{state.value}", ended.subject, detail)
    turn.uow.imported(ended.id).forget_claims()
    turn.uow.imports(SYSTEM).save(ended)
    turn.uow.outbox.add(ImportReady(ended.id, ended.run), ended.person_id)
    turn.uow.outbox.refresh(ended.subject)


def _tell_owners(imported: Import, turn: Turn) -> None:
    """One word to everybody who got leads, however many."""
    for owner_id in turn.uow.imported(imported.id).owners():
        person = turn.uow.people.get(owner_id)
        if person.active and person.id != imported.person_id:
            turn.uow.outbox.add(LeadsImported(imported.id), owner_id)


def _tell_leaders(imported: Import, turn: Turn) -> None:
    """One word of what waits in the pool now, to the leaders of whose team it is."""
    if not imported.tally.pooled:
        return
    for person in leaders_of(imported.choices.team_id, turn.uow.people.everyone()):
        if person.id != imported.person_id:
            turn.uow.outbox.add(LeadsPooled(imported.id), person.id)


def _plan(imported: Import, step: int, turn: Turn) -> None:
    key = f"import:{imported.id}:{imported.run}:{step}"
    turn.uow.schedule.add(Work(key, "import", str(imported.id), turn.now))
