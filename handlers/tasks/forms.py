"""The forms of tasks: record a result, and pass a task on."""

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, lead_title, task_label
from handlers.core.ui import Checklist, Choice, Field, Form, LongText, Option, PersonPick, Text
from sales.leads import Lead
from sales.people import Person
from sales.tasks import SATISFACTION, Result, Task, TaskKind

LONGEST = {"note": 1000, "problems": 1000, "invoice": 60, "question": 1000}
"""Maximum number of characters per field."""


def finish_form(task: Task, lead: Lead, context: Context) -> Form:
    """Form for the result of this kind of task."""
    support = task.kind is TaskKind.SUPPORT
    what = f"{task_label(task.kind, context.language)} · {lead_title(lead)}"
    return Form(
        action="task.done",
        title=context.text("task.answer_title" if support else "task.done_title"),
        intro="\n".join(filter(None, (what, context.said(task.question)))),
        fields=_fields(task, context),
        submit=context.text("button.answer" if support else "button.done"),
        cancel=context.text("button.cancel"),
        state={"value": str(task.id)},
    )


def read_result(task: Task, context: Context) -> Result:
    """Read the result; raises InvalidInput naming every field that is wrong."""
    is_visit, is_invoice = task.kind is TaskKind.VISIT, task.kind is TaskKind.INVOICE
    with FormReader(context) as form:
        if is_invoice and not context.line("invoice"):
            form.refuse("invoice", "invoice_missing")
        if is_invoice and "filed" not in context.ticked("filed"):
            form.refuse("filed", "not_filed")
        satisfaction = form.one_of("satisfaction", SATISFACTION) if is_visit else ""
        missing = "" if is_invoice else f"{task.kind}_note_missing"
        note = form.words("note", LONGEST["note"], missing=missing)
        problems = form.words("problems", LONGEST["problems"]) if is_visit else ""
        invoice = form.line("invoice", LONGEST["invoice"]) if is_invoice else ""
    return Result(
        satisfaction=int(satisfaction) if satisfaction else None,
        note=note,
        problems=problems,
        invoice=invoice,
    )


def pass_form(task: Task, lead: Lead, people: list[Person], context: Context) -> Form:
    return Form(
        action="task.hand",
        title=context.text("task.pass_title"),
        intro=f"{task_label(task.kind, context.language)} · {lead_title(lead)}",
        fields=(person_pick(people, context.text("task.pass_to"), context),),
        submit=context.text("button.pass_on"),
        cancel=context.text("button.cancel"),
        state={"value": str(task.id), "assignee": str(task.assignee_id or "")},
    )


def person_pick(people: list[Person], label: str, context: Context) -> PersonPick:
    options = tuple(
        Option(str(p.id), f"{p.name[:50]} · {enum_label(p.role, context.language)}") for p in people
    )
    only = options[0].value if len(options) == 1 else ""
    return PersonPick(name="person", label=label, required=True, options=options, value=only)


def _fields(task: Task, context: Context) -> tuple[Field, ...]:
    text = context.text
    note = LongText(
        name="note",
        label=text(f"task.note_{task.kind}"),
        required=task.kind is not TaskKind.INVOICE,
        max_length=LONGEST["note"],
    )
    match task.kind:
        case TaskKind.WELCOME | TaskKind.SUPPORT | TaskKind.STEP_IN | TaskKind.TODO:
            return (note,)
        case TaskKind.INVOICE:
            filed = (Option("filed", text("task.filed")),)
            return (
                Text(name="invoice", label=text("task.invoice"), required=True,
                     max_length=LONGEST["invoice"]),
                Checklist(name="filed", label=text("task.contract_is"), required=True,
                          options=filed),
                note,
            )  # fmt: skip
        case TaskKind.VISIT:
            options = tuple(Option(n, text(f"task.satisfaction_{n}")) for n in SATISFACTION)
            return (
                Choice(name="satisfaction", label=text("task.satisfaction"), required=True,
                       options=options),
                note,
                LongText(name="problems", label=text("task.problems"),
                         max_length=LONGEST["problems"]),
            )  # fmt: skip
