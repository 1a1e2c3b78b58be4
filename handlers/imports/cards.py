"""An import as a card: what would come of it, how far it is, what came of it, and what next."""

from handlers.core.context import Turn
from handlers.core.labels import budget_label, enum_label
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Confirm, Fact, Section, Table
from handlers.imports.forms import find
from handlers.imports.jobs import begin, judged_page, reading_of, unreadable_words
from sales.imports.columns import FIELDS, MONEY
from sales.imports.outcomes import Judged
from sales.imports.plan import WORKING, Finding, Import, ImportNotFound, ImportState
from sales.leads import Stage, lead_number, mask_email, mask_phone
from sales.notices import ImportReady, ImportUnderWay, LeadsImported, LeadsPooled
from sales.people import SYSTEM, leaders_of

SHOWN = 5
"""So many rows are shown as they would be."""
_FINDINGS = 15
_LEFT = 10
"""So many columns that are left out are named."""


def start(turn: Turn) -> Reply:
    """Button: import what was looked through."""
    return _begin(ImportState.CHECKED, ImportState.IMPORTING, turn)


def undo(turn: Turn) -> Reply:
    """Button: take back what nobody has touched since."""
    imported = find(turn)
    if imported.state is ImportState.IMPORTED and not imported.may_undo(turn.now):
        return Reply(toast=turn.text("import.too_late"))
    return _begin(ImportState.IMPORTED, ImportState.UNDOING, turn)


def _begin(wanted: ImportState, state: ImportState, turn: Turn) -> Reply:
    imported = find(turn)
    if imported.state is not wanted:
        working = imported.state in WORKING
        return Reply(toast=turn.text("import.still_working" if working else "import.decided"))
    detail = {"rows": str(imported.rows)}
    turn.uow.audit.record(turn.actor, f"import.{state.value}", imported.subject, detail)
    begun = begin(imported, state, turn)
    return Reply(update=import_card(begun, turn))


def show(turn: Turn) -> Reply:
    """Button: how it stands now."""
    return Reply(update=import_card(find(turn), turn))


def noticed(notice: ImportUnderWay | ImportReady, turn: Turn, *, again: bool) -> Card | None:
    """The card for the person whose import it is; what a later phase overtook is short."""
    try:
        imported = turn.uow.imports(turn.actor).get(notice.import_id)
    except ImportNotFound:
        return None
    if not turn.actor.active or not turn.actor.sells:
        return None
    progress = isinstance(notice, ImportUnderWay)
    if imported.run != notice.run or (progress and imported.state not in WORKING):
        return _over(imported, turn) if again else None
    return import_card(imported, turn)


def told_owner(notice: LeadsImported, turn: Turn, *, again: bool) -> Card | None:
    """One card for all the leads that somebody got by an import."""
    count = turn.uow.imported(notice.import_id).owners().get(turn.actor.id, 0)
    if not count and not again:
        return None
    imported = turn.uow.imports(SYSTEM).get(notice.import_id)
    name = turn.uow.people.get(imported.person_id).name
    return Card(
        title=turn.text("import.yours", n=count),
        body=turn.text("import.yours_body", name=name),
        buttons=(Button("board.open", turn.text("button.board")),),
        footnote=turn.text("import.yours_why", file=imported.name),
        subject=imported.subject,
    )


def told_leader(notice: LeadsPooled, turn: Turn, *, again: bool) -> Card | None:
    """One card for all the leads of an import that wait for somebody in the pool."""
    count = turn.uow.imported(notice.import_id).pooled()
    imported = turn.uow.imports(SYSTEM).get(notice.import_id)
    leaders = leaders_of(imported.choices.team_id, turn.uow.people.everyone())
    if turn.actor not in leaders or not (count or again):
        return None
    name = turn.uow.people.get(imported.person_id).name
    return Card(
        title=turn.text("import.pooled", n=count),
        body=turn.text("import.pooled_body", name=name, file=imported.name),
        buttons=(Button("pool.open", turn.text("button.pool"), "", "primary"),),
        footnote=turn.text("pool.brief_why"),
        subject=imported.subject,
    )


def import_card(imported: Import, turn: Turn) -> Card:
    match imported.state:
        case ImportState.READ:
            return _read_card(imported, turn)
        case ImportState.CHECKED:
            return _checked_card(imported, turn)
        case ImportState.IMPORTED | ImportState.UNDONE:
            return _result_card(imported, turn)
        case ImportState.DROPPED:
            return _over(imported, turn)
        case ImportState.UNREADABLE:
            return unreadable_card(imported, turn)
        case _:
            return _progress_card(imported, turn)


def unreadable_card(imported: Import, turn: Turn) -> Card:
    return Card(
        title=turn.text("import.unreadable", name=imported.name),
        body=unreadable_words(imported, turn),
        tone="warning",
        buttons=(Button("import.template", turn.text("import.get_template")),),
        subject=imported.subject,
    )


def _title(imported: Import, turn: Turn) -> str:
    return turn.text(f"import.card_{imported.state.value}", name=imported.name)


def _over(imported: Import, turn: Turn) -> Card:
    body = turn.text(f"import.now_{imported.state.value}", name=imported.name)
    show = Button("import.show", turn.text("import.show"), str(imported.id))
    board = Button("board.open", turn.text("button.board"))
    dropped = imported.state is ImportState.DROPPED
    return Card(
        title=imported.name,
        body=body,
        buttons=(board if dropped else show,),
        subject=imported.subject,
    )


def _progress_card(imported: Import, turn: Turn) -> Card:
    if imported.state is ImportState.READING:
        return Card(
            title=imported.name,
            body=turn.text("import.put_by", name=imported.name),
            subject=imported.subject,
        )
    number = turn.language.number
    total = imported.tally.new if imported.state is ImportState.UNDOING else imported.rows
    body = turn.text("import.progress", done=number(imported.done), n=total, all=number(total))
    return Card(
        title=_title(imported, turn),
        body=body,
        buttons=(Button("import.show", turn.text("import.look"), str(imported.id)),),
        subject=imported.subject,
    )


def _read_card(imported: Import, turn: Turn) -> Card:
    return Card(
        title=_title(imported, turn),
        facts=_facts(imported, turn),
        body=turn.text("import.which_columns"),
        buttons=(_button("import.columns", "import.choose", imported, turn, "primary"),
                 _drop(imported, turn)),
        tone="warning",
        subject=imported.subject,
    )  # fmt: skip


def _checked_card(imported: Import, turn: Turn) -> Card:
    tally = imported.tally
    buttons: tuple[Button, ...] = ()
    if tally.new:
        label = turn.text("import.start", n=tally.new)
        buttons = (Button("import.start", label, str(imported.id), "primary"),)
    buttons += (
        _button("import.columns", "import.choose", imported, turn),
        _button("import.rules", "import.rules", imported, turn),
    )
    if tally.findings:
        buttons += (_button("import.errors", "import.get_errors", imported, turn),)
    sections = (*_diff(imported, turn), *_findings(imported, turn), *_preview(imported, turn))
    return Card(
        title=_title(imported, turn),
        facts=_facts(imported, turn),
        sections=sections,
        buttons=(*buttons, _drop(imported, turn)),
        footnote=turn.text("import.nothing_yet"),
        tone="warning" if tally.wrong else "plain",
        subject=imported.subject,
    )


def _result_card(imported: Import, turn: Turn) -> Card:
    tally, until = imported.tally, imported.undo_until
    buttons: list[Button] = [Button("board.open", turn.text("button.board"))]
    footnote = ""
    if imported.may_undo(turn.now) and until:
        confirm = Confirm(
            turn.text("import.undo_title"),
            turn.text("import.undo_text", n=tally.new),
            turn.text("import.undo"),
            turn.text("button.cancel"),
        )
        label = turn.text("import.undo")
        buttons.append(Button("import.undo", label, str(imported.id), "danger", confirm))
        footnote = turn.text("import.undo_until", at=turn.language.moment(until))
    if tally.findings and imported.forget_at > turn.now:
        buttons.append(_button("import.errors", "import.get_errors", imported, turn))
    undone = imported.state is ImportState.UNDONE
    body = turn.text("import.removed", n=tally.removed) if undone else ""
    if undone and tally.kept:
        body = f"{body} {turn.text('import.kept', n=tally.kept)}"
    return Card(
        title=_title(imported, turn),
        facts=_numbers(imported, turn),
        body=body,
        sections=(*(() if undone else _diff(imported, turn)), *_findings(imported, turn)),
        buttons=tuple(buttons),
        footnote=footnote,
        tone="plain" if undone else "good",
        subject=imported.subject,
    )


def _facts(imported: Import, turn: Turn) -> tuple[Fact, ...]:
    """What the file is, and which column was taken for what."""
    kind = " · ".join(filter(None, (turn.text(f"import.kind_{imported.kind}"), imported.encoding)))
    number = turn.language.number(imported.rows)
    facts = [Fact(turn.text("import.kind"), kind), Fact(turn.text("import.rows"), number)]
    try:
        headings = turn.uow.imports(turn.actor).columns(imported.id)
    except ImportNotFound:
        return tuple(facts)
    known = imported.choices.columns
    pairs = [
        f"{turn.text(f'field.{name}')} ← {headings[known[name]][:40]}"
        for name in FIELDS
        if name in known
    ]
    if pairs:
        facts.append(Fact(turn.text("import.columns"), turn.language.listing(pairs)))
    left = [name[:40] for place, name in enumerate(headings) if place not in known.values()]
    if left:
        more = [turn.text("import.more_columns", n=len(left) - _LEFT)] if len(left) > _LEFT else []
        shown = turn.language.listing([*left[:_LEFT], *more])
        facts.append(Fact(turn.text("import.left_out"), shown))
    return tuple(facts)


def _numbers(imported: Import, turn: Turn) -> tuple[Fact, ...]:
    """``LX012–LX034``: the leads that were made, as far as they are still there."""
    first, last, count = turn.uow.imported(imported.id).numbers()
    if not count:
        return ()
    key = "import.number" if count == 1 else "import.numbers"
    if last - first >= count:
        key = "import.numbers_between"
    said = turn.text(key, first=lead_number(first), last=lead_number(last), n=count)
    return (Fact(turn.text("import.made"), said),)


def _diff(imported: Import, turn: Turn) -> tuple[Section, ...]:
    tally, number = imported.tally, turn.language.number
    names = ("new", "pooled", "same", "likely", "wrong", "blemished")
    lines = [
        turn.text(f"import.count_{name}", n=count, shown=number(count))
        for name, count in ((name, getattr(tally, name)) for name in names)
        if count or name == "new"
    ]
    if tally.likely:
        lines.append(turn.text(f"import.likely_{'take' if imported.choices.likely else 'skip'}d"))
    return (Section(turn.text("import.diff"), tuple(lines)),)


def _findings(imported: Import, turn: Turn) -> tuple[Section, ...]:
    found = sorted(imported.tally.findings.items(), key=lambda one: -one[1].n)[:_FINDINGS]
    if not found:
        return ()
    columns = tuple(turn.text(f"import.table_{name}") for name in ("what", "rows", "which"))
    rows = tuple(_finding_row(name, finding, turn) for name, finding in found)
    return (Section(turn.text("import.findings"), table=Table(columns, rows)),)


def _finding_row(name: str, finding: Finding, turn: Turn) -> tuple[str, str, str]:
    which = turn.language.listing([str(row) for row in finding.rows])
    which += " …" if finding.n > len(finding.rows) else ""
    return (finding_text(name, turn), turn.language.number(finding.n), which)


def finding_text(name: str, turn: Turn) -> str:
    """``Phone: is no phone number``."""
    field, _, problem = name.partition(":")
    if field in ("row", "kept"):
        return turn.text(f"import.{field}_{problem}")
    return turn.text(
        "import.finding",
        field=turn.text(f"field.{field}"),
        what=turn.text(f"import.wrong_{problem}"),
    )


def _preview(imported: Import, turn: Turn) -> tuple[Section, ...]:
    """The first rows as they would be, contacts masked."""
    reading = reading_of(imported, turn)
    page = judged_page(imported, 0, reading, turn)
    taken = [one for one in page if one.is_taken(imported.choices)][:SHOWN]
    if not taken:
        return ()
    names = {person.id: person.name for person in reading.people}
    money = [name for name in MONEY if name in imported.choices.columns]
    columns = tuple(turn.text(f"field.{name}") for name in
                    ("customer", "contact", "phone", "stage", "owner", *money))  # fmt: skip
    rows = tuple((*_preview_row(one, names, turn), *_money(one, money, turn)) for one in taken)
    return (Section(turn.text("import.preview"), table=Table(columns, rows)),)


def _preview_row(one: Judged, names: dict[int, str], turn: Turn) -> tuple[str, ...]:
    lead = one.draft.lead
    if lead is None:
        raise AssertionError("a row that is taken has a lead")
    ways = [mask_phone(lead.phone), mask_email(lead.email)]
    nobody = "import.by_rules" if one.draft.by_rules else "lead.nobody"
    if one.draft.is_for_pool:
        nobody = "import.to_pool"
    stage: Stage = lead.stage
    return (
        lead.customer,
        lead.contact,
        " · ".join(filter(None, ways)),
        enum_label(stage, turn.language),
        names.get(lead.owner_id or 0, "") or turn.text(nobody),
    )


def _money(one: Judged, names: list[str], turn: Turn) -> list[str]:
    lead = one.draft.lead
    if lead is None:
        raise AssertionError("a row that is taken has a lead")
    amount = turn.language.money(lead.amount) if lead.amount is not None else "—"
    shown = {"budget": budget_label(lead.budget_low, lead.budget_high, turn.language)}
    return [(shown | {"amount": amount})[name] for name in names]


def _button(action: str, label: str, imported: Import, turn: Turn, style: str = "plain") -> Button:
    primary = style == "primary"
    return Button(action, turn.text(label), str(imported.id), "primary" if primary else "plain")


def _drop(imported: Import, turn: Turn) -> Button:
    return Button("import.drop", turn.text("import.drop"), str(imported.id))
