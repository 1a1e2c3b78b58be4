"""An import as a card: its preview, progress, result and next actions."""

from collections.abc import Sequence

from handlers.core.context import Context
from handlers.core.labels import budget_label, enum_label
from handlers.core.ui import Button, Card, Confirm, Fact, Section, Table
from handlers.imports.additions import may_create, may_teach, to_create, to_learn
from handlers.imports.service import judged_page, reading_of, unreadable_words
from sales.imports.columns import FIELDS, MONEY
from sales.imports.outcomes import Judged
from sales.imports.plan import LEARNED, Finding, Import, ImportNotFound, ImportState
from sales.leads import Stage, lead_number, mask_email, mask_phone

AT_ONCE = 5
"""Maximum number of buttons under a card; others are in its menu."""
SHOWN = 5
"""Maximum number of rows in the preview."""
_FINDINGS = 15
_LEFT = 40
"""Maximum number of ignored columns that are named."""


def import_card(imported: Import, context: Context) -> Card:
    match imported.state:
        case ImportState.READ:
            return _read_card(imported, context)
        case ImportState.CHECKED:
            return _checked_card(imported, context)
        case ImportState.IMPORTED | ImportState.UNDONE:
            return _result_card(imported, context)
        case ImportState.DROPPED:
            return over_card(imported, context)
        case ImportState.UNREADABLE:
            return unreadable_card(imported, context)
        case _:
            return _progress_card(imported, context)


def unreadable_card(imported: Import, context: Context) -> Card:
    return Card(
        title=context.text("import.unreadable", name=imported.name),
        body=unreadable_words(imported, context),
        tone="warning",
        buttons=(Button("import.template", context.text("import.get_template")),),
        subject=imported.subject,
    )


def _title(imported: Import, context: Context) -> str:
    return context.text(f"import.card_{imported.state.value}", name=imported.name)


def over_card(imported: Import, context: Context) -> Card:
    body = context.text(f"import.now_{imported.state.value}", name=imported.name)
    show = Button("import.show", context.text("import.show"), str(imported.id))
    board = Button("board.open", context.text("button.board"))
    dropped = imported.state is ImportState.DROPPED
    return Card(
        title=imported.name,
        body=body,
        buttons=(board if dropped else show,),
        subject=imported.subject,
    )


def _progress_card(imported: Import, context: Context) -> Card:
    if imported.state is ImportState.READING:
        return Card(
            title=imported.name,
            body=context.text("import.put_by", name=imported.name),
            subject=imported.subject,
        )
    number = context.language.number
    total = imported.tally.new if imported.state is ImportState.UNDOING else imported.rows
    body = context.text("import.progress", done=number(imported.done), n=total, all=number(total))
    return Card(
        title=_title(imported, context),
        body=body,
        buttons=(Button("import.show", context.text("import.look"), str(imported.id)),),
        subject=imported.subject,
    )


def _read_card(imported: Import, context: Context) -> Card:
    return Card(
        title=_title(imported, context),
        facts=_facts(imported, context),
        body=context.text("import.which_columns"),
        buttons=(_button("import.columns", "import.choose", imported, context, "primary"),
                 _button("import.rules", "import.rules", imported, context),
                 _drop(imported, context)),
        tone="warning",
        subject=imported.subject,
    )  # fmt: skip


def _checked_card(imported: Import, context: Context) -> Card:
    tally = imported.tally
    buttons: tuple[Button, ...] = ()
    if tally.new:
        label = context.text("import.start", n=tally.new)
        buttons = (Button("import.start", label, str(imported.id), "primary"),)
    steps = {
        "import.owners": ("import.owners", bool(imported.unknown.get("owner"))),
        "import.sheets": ("import.sheets", bool(imported.sheets)),
        "import.columns": ("import.choose", True),
        "import.rules": ("import.rules", True),
        "import.errors": ("import.get_errors", bool(tally.findings)),
        "import.drop": ("import.drop", True),
    }
    buttons += tuple(
        _button(action, label, imported, context)
        for action, (label, offered) in steps.items()
        if offered
    )
    sections = (
        *_diff(imported, context),
        *_added(imported, context),
        *_findings(imported, context),
        *_preview(imported, context),
    )
    return Card(
        title=_title(imported, context),
        facts=_facts(imported, context),
        sections=sections,
        buttons=buttons[:AT_ONCE],
        more=buttons[AT_ONCE:],
        footnote=context.text("import.nothing_yet"),
        tone="warning" if tally.wrong else "plain",
        subject=imported.subject,
    )


def _result_card(imported: Import, context: Context) -> Card:
    tally, until = imported.tally, imported.undo_until
    buttons: list[Button] = [Button("board.open", context.text("button.board"))]
    footnote = ""
    if imported.may_undo(context.now) and until:
        confirm = Confirm(
            context.text("import.undo_title"),
            context.text("import.undo_text", n=tally.new),
            context.text("import.undo"),
            context.text("button.cancel"),
        )
        label = context.text("import.undo")
        buttons.append(Button("import.undo", label, str(imported.id), "danger", confirm))
        footnote = context.text("import.undo_until", at=context.language.moment(until))
    if tally.findings and imported.forget_at > context.now:
        buttons.append(_button("import.errors", "import.get_errors", imported, context))
    undone = imported.state is ImportState.UNDONE
    body = context.text("import.removed", n=tally.removed) if undone else ""
    if undone and tally.kept:
        body = f"{body} {context.text('import.kept', n=tally.kept)}"
    return Card(
        title=_title(imported, context),
        facts=_numbers(imported, context),
        body=body,
        sections=(*(() if undone else _diff(imported, context)), *_findings(imported, context)),
        buttons=tuple(buttons),
        footnote=footnote,
        tone="plain" if undone else "good",
        subject=imported.subject,
    )


def _facts(imported: Import, context: Context) -> tuple[Fact, ...]:
    """What the file is, and which column was taken for which field."""
    kind = " · ".join(
        filter(None, (context.text(f"import.kind_{imported.kind}"), imported.encoding))
    )
    number = context.language.number(imported.rows)
    if imported.choices.doubtful:
        kind = context.text("import.encoding_doubtful", kind=kind)
    facts = [Fact(context.text("import.kind"), kind), Fact(context.text("import.rows"), number)]
    try:
        headings = context.uow.imports(context.actor).columns(imported.id)
    except ImportNotFound:
        return tuple(facts)
    if imported.sheets:
        sheet = imported.sheets[imported.choices.sheet]
        facts.append(Fact(context.text("import.sheet"), sheet))
    pairs, used = [], set[int]()
    for name in FIELDS:
        if places := [one for one in imported.choices.places(name) if one < len(headings)]:
            used.update(places)
            shown = " + ".join(headings[place][:40] for place in places)
            pairs.append(f"{context.text(f'field.{name}')} ← {shown}")
    if pairs:
        facts.append(Fact(context.text("import.columns"), context.language.listing(pairs)))
    left = [
        name[:40]
        for place, name in enumerate(headings)
        if place not in used and place not in imported.choices.empty
    ]
    if left:
        more = (
            [context.text("import.more_columns", n=len(left) - _LEFT)] if len(left) > _LEFT else []
        )
        shown = context.language.listing([*left[:_LEFT], *more])
        facts.append(Fact(context.text("import.left_out"), shown))
    return tuple(facts)


def _numbers(imported: Import, context: Context) -> tuple[Fact, ...]:
    """``LX012–LX034``: the leads that were created, as far as they still exist."""
    first, last, count = context.uow.imported(imported.id).numbers()
    if not count:
        return ()
    key = "import.number" if count == 1 else "import.numbers"
    if last - first >= count:
        key = "import.numbers_between"
    numbers = context.text(key, first=lead_number(first), last=lead_number(last), n=count)
    return (Fact(context.text("import.made"), numbers),)


def _diff(imported: Import, context: Context) -> tuple[Section, ...]:
    tally, number = imported.tally, context.language.number
    names = ("new", "pooled", "same", "likely", "wrong", "blemished")
    lines = [
        context.text(f"import.count_{name}", n=count, shown=number(count))
        for name, count in ((name, getattr(tally, name)) for name in names)
        if count or name == "new"
    ]
    if tally.likely:
        lines.append(
            context.text(f"import.likely_{'take' if imported.choices.likely else 'skip'}d")
        )
    return (Section(context.text("import.diff"), tuple(lines)),)


_NAMED = 12
"""Maximum number of new people or words that are named."""


def _added(imported: Import, context: Context) -> tuple[Section, ...]:
    """Who and what is not here yet, and what becomes of it: Import is pressed knowing that."""
    names, choices = imported.unknown.get("owner", {}), imported.choices
    kept = sorted(name for name in names if choices.fate_of(name) == "name")
    lines = []
    if may_create(context) and (created := to_create(imported)):
        lines.append(_naming("import.creates", created, context))
    if kept:
        lines.append(_naming("import.keeps_names", kept, context))
    learned = to_learn(imported) if may_teach(context) else {}
    for name in LEARNED:
        words = sorted(imported.unknown.get(name, {}))
        if words:
            key = "import.learns" if name in learned else "import.keeps_words"
            field = context.text(f"field.{name}")
            lines.append(_naming(key, learned.get(name, words), context, field=field))
    return (Section(context.text("import.not_here"), tuple(lines)),) if lines else ()


def _naming(key: str, names: Sequence[str], context: Context, **params: str) -> str:
    shown = [name[:40] for name in names[:_NAMED]]
    if len(names) > _NAMED:
        shown.append(context.text("import.more_columns", n=len(names) - _NAMED))
    return context.text(key, n=len(names), names=context.language.listing(shown), **params)


def _findings(imported: Import, context: Context) -> tuple[Section, ...]:
    findings = sorted(imported.tally.findings.items(), key=lambda item: -item[1].n)[:_FINDINGS]
    if not findings:
        return ()
    columns = tuple(context.text(f"import.table_{name}") for name in ("what", "rows", "which"))
    rows = tuple(_finding_row(name, finding, context) for name, finding in findings)
    return (Section(context.text("import.findings"), table=Table(columns, rows)),)


def _finding_row(name: str, finding: Finding, context: Context) -> tuple[str, str, str]:
    which = context.language.listing([str(row) for row in finding.rows])
    which += " …" if finding.n > len(finding.rows) else ""
    return (finding_text(name, context), context.language.number(finding.n), which)


def finding_text(name: str, context: Context) -> str:
    """``Phone: is no phone number``."""
    field, _, problem = name.partition(":")
    if field in ("row", "kept"):
        return context.text(f"import.{field}_{problem}")
    return context.text(
        "import.finding",
        field=context.text(f"field.{field}"),
        what=context.text(f"import.wrong_{problem}"),
    )


def _preview(imported: Import, context: Context) -> tuple[Section, ...]:
    """The first rows as they would be imported, contacts masked."""
    reading = reading_of(imported, context)
    page = judged_page(imported, 0, reading, context)
    taken = [judged for judged in page if judged.is_taken(imported.choices)][:SHOWN]
    if not taken:
        return ()
    names = {person.id: person.name for person in reading.people}
    money = [name for name in MONEY if name in imported.choices.columns]
    columns = tuple(context.text(f"field.{name}") for name in
                    ("customer", "contact", "phone", "stage", "owner", *money))  # fmt: skip
    rows = tuple(
        (*_preview_row(judged, names, context), *_money(judged, money, context)) for judged in taken
    )
    return (Section(context.text("import.preview"), table=Table(columns, rows)),)


def _preview_row(judged: Judged, names: dict[int, str], context: Context) -> tuple[str, ...]:
    lead = judged.draft.lead
    if lead is None:
        raise AssertionError("a row that is taken has a lead")
    ways = [mask_phone(lead.phone), mask_email(lead.email)]
    nobody = "import.by_rules" if judged.draft.by_rules else "lead.nobody"
    if judged.draft.is_for_pool:
        nobody = "import.to_pool"
    owner = names.get(lead.owner_id or 0, "") or context.text(nobody)
    if judged.draft.owner and lead.owner_id is None:
        key = "import.new_owner" if judged.draft.creates else "import.named_owner"
        owner = context.text(key, name=judged.draft.owner, owner=owner)
    stage: Stage = lead.stage
    return (
        lead.customer,
        lead.contact,
        " · ".join(filter(None, ways)),
        enum_label(stage, context.language),
        owner,
    )


def _money(judged: Judged, names: list[str], context: Context) -> list[str]:
    lead = judged.draft.lead
    if lead is None:
        raise AssertionError("a row that is taken has a lead")
    budget = budget_label(lead.budget_low, lead.budget_high, context.language)
    amount = context.language.money(lead.amount) if lead.amount is not None else "—"
    if lead.amount is None and lead.budget_high is not None and "budget" not in names:
        # The amount of a deal that is not won is kept as its budget.
        amount = context.text("import.as_budget", budget=budget)
    shown = {"budget": budget}
    return [(shown | {"amount": amount})[name] for name in names]


def _button(
    action: str, label: str, imported: Import, context: Context, style: str = "plain"
) -> Button:
    primary = style == "primary"
    return Button(action, context.text(label), str(imported.id), "primary" if primary else "plain")


def _drop(imported: Import, context: Context) -> Button:
    return Button("import.drop", context.text("import.drop"), str(imported.id))
