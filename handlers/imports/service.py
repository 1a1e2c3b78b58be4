"""An import and its pages of rows, for its actions, jobs and cards."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.core.context import Context
from handlers.core.requests import record_id
from sales.duplicates import same_customer
from sales.imports.drafts import RowDraft, read_row
from sales.imports.outcomes import Judged, contacts_of, judge
from sales.imports.plan import WORKING, Finding, Import, ImportState, Reading, Tally
from sales.imports.sheet import Row, Unreadable, reason_by_name
from sales.jobs import AdvanceImport, Job
from sales.notices import ImportReady, ImportUnderWay
from sales.people import SYSTEM


def begin(imported: Import, state: ImportState, context: Context) -> Import:
    """Start an import's next phase, from its first page."""
    context.uow.imported(imported.id).forget_claims()
    begun = context.uow.imports(context.actor).save(imported.begin(state))
    if state in WORKING:
        plan_page(begun, 0, context)
        if begun.is_long:
            context.uow.outbox.add(ImportUnderWay(begun.id, begun.run), begun.person_id)
    elif state is not ImportState.READING:
        context.uow.outbox.add(ImportReady(begun.id, begun.run), begun.person_id)
    context.uow.outbox.refresh(begun.subject)
    return begun


def unreadable_tally(why: Unreadable) -> Tally:
    """Why a file could not be read, for ``unreadable_words``."""
    name = f"{why.problem}:{','.join(why.params)}"
    return Tally(findings={name: Finding(rows=tuple(why.params.values()))})


def unreadable_words(imported: Import, context: Context) -> str:
    name, finding = next(iter(imported.tally.findings.items()))
    problem, _, params = name.partition(":")
    if (named := reason_by_name(imported.name, Unreadable(problem))).problem != problem:
        return context.text(f"import.unreadable_{named.problem}")
    values = dict(zip(filter(None, params.split(",")), finding.rows, strict=True))
    return context.text(f"import.unreadable_{problem}", **values)


def judged_page(imported: Import, number: int, reading: Reading, context: Context) -> list[Judged]:
    """A page of rows, each with its outcome, given the contacts that earlier rows claimed."""
    leads = context.uow.imported(imported.id)
    rows = context.uow.imports(SYSTEM).page(imported.id, number)
    reading = with_addresses(rows, reading, context)
    drafts = [read_row(row, reading) for row in rows]
    contacts = [contact for draft in drafts if draft.lead for contact in contacts_of(draft.lead)]
    known, claimed = leads.known(contacts), leads.claimed(contacts)
    return judge(drafts, known, likely_rows(imported, drafts, context), claimed)


def with_addresses(rows: Sequence[Row], reading: Reading, context: Context) -> Reading:
    """Know the people whom owners' e-mail addresses on a page name."""
    texts = {
        row.cells[place].strip().lower()
        for place in reading.choices.places("owner")
        for row in rows
        if place < len(row.cells) and "@" in row.cells[place]
    }
    known = {text: found[0] for text in texts if (found := context.uow.contacts.find("", text))}
    return replace(reading, by_email=known) if known else reading


def likely_rows(imported: Import, drafts: Sequence[RowDraft], context: Context) -> set[int]:
    """The rows whose customer is likely one that we already have."""
    threshold = context.playbook.duplicates.alike_from
    candidates = [(draft.row, draft.lead) for draft in drafts if draft.lead]
    names = context.uow.imported(imported.id).namesakes([lead for _, lead in candidates])
    return {
        row
        for place, (row, lead) in enumerate(candidates)
        if any(same_customer(lead.customer, name, threshold) for name in names[place])
    }


def reading_of(imported: Import, context: Context) -> Reading:
    people = context.uow.people
    return Reading(
        actor=people.get(imported.person_id),
        choices=imported.choices,
        playbook=context.playbook,
        people=people.everyone(),
        now=context.now,
        timezone=context.timezone,
        usual=context.language.amount_style,
        headings=context.uow.imports(SYSTEM).columns(imported.id),
    )


def import_of(context: Context) -> Import:
    """The person's import that a button or form carries. Raises ImportNotFound."""
    imports = context.uow.imports(context.actor)
    return imports.get(record_id(context.request.state.get("value", "")) or 0)


def plan_page(imported: Import, step: int, context: Context) -> None:
    args = AdvanceImport(imported.id, imported.run, step)
    key = f"import:{imported.id}:{imported.run}:{step}"
    context.uow.jobs.add(Job(args, context.now, key))
