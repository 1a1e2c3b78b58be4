"""The forms of tasks: what came of one, and to whom it is passed on; read once."""

from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.language import Language
from handlers.core.ui import Checklist, Choice, Field, Form, LongText, Option, PersonPick, Text
from sales.errors import InvalidInput, Problem
from sales.leads import Lead
from sales.people import Person
from sales.tasks import SATISFACTION, Result, Task, TaskKind

LONGEST = {"note": 1000, "problems": 1000, "invoice": 60, "question": 1000}
"""Characters that a field takes."""


def finish_form(task: Task, lead: Lead, context: Context) -> Form:
    """Asks for what this kind of task brings."""
    support = task.kind is TaskKind.SUPPORT
    what = f"{kind_label(task.kind, context.language)} · {lead_title(lead)}"
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
    """Raises InvalidInput naming every field that is wrong."""
    typed = {"note": context.typed("note"), "problems": "", "invoice": ""}
    problems: dict[str, Problem] = {}
    satisfaction = None
    match task.kind:
        case TaskKind.INVOICE:
            typed["invoice"] = context.line("invoice")
            if not typed["invoice"]:
                problems["invoice"] = Problem("invoice_missing")
            if "filed" not in context.ticked("filed"):
                problems["filed"] = Problem("not_filed")
        case TaskKind.VISIT:
            typed["problems"] = context.typed("problems")
            chosen = context.typed("satisfaction")
            satisfaction = int(chosen) if chosen in SATISFACTION else None
            if satisfaction is None:
                problems["satisfaction"] = Problem("choose_one")
        case TaskKind.WELCOME | TaskKind.SUPPORT | TaskKind.STEP_IN | TaskKind.TODO:
            pass
    if not typed["note"] and task.kind is not TaskKind.INVOICE:
        problems["note"] = Problem(f"{task.kind}_note_missing")
    problems |= {
        name: Problem("too_long", n=LONGEST[name])
        for name, words in typed.items()
        if len(words) > LONGEST[name]
    }
    if problems:
        raise InvalidInput(problems)
    return Result(satisfaction=satisfaction, **typed)


def pass_form(task: Task, lead: Lead, people: list[Person], context: Context) -> Form:
    return Form(
        action="task.hand",
        title=context.text("task.pass_title"),
        intro=f"{kind_label(task.kind, context.language)} · {lead_title(lead)}",
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


def picked(people: list[Person], context: Context) -> Person:
    """The chosen one of those who can be chosen; raises InvalidInput."""
    person = next((one for one in people if str(one.id) == context.typed("person")), None)
    if person is None:
        raise InvalidInput({"person": Problem("choose_one")})
    return person


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


def kind_label(kind: TaskKind, language: Language) -> str:
    return language.text(f"task.kind_{kind}")
