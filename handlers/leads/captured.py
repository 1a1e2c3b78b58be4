"""What a captured message leaves open: shown as typed, with a question."""

from dataclasses import replace
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.ui import Form, Money, Phone
from sales.amounts import NotAnAmount, parse_budget
from sales.capture import Captured
from sales.contacts import NotAPhone
from sales.errors import Problem


def captured_budget(
    message: Captured, context: Context
) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """The budget if it has one reading in the company's currency."""
    try:
        return parse_budget(message.budget, 1, context.language.amount_style)
    except NotAnAmount:
        return None, None


def as_typed(form: Form, message: Captured, context: Context) -> Form:
    """The form with what was not understood as it was typed, and the questions above the fields.

    They come again beside the fields when the form is saved as it is.
    """
    values, problems = dict[str, str](), dict[str, Problem]()
    if message.budget and (problem := _about_budget(message.budget, context)):
        values["budget"], problems["budget"] = message.budget, problem
    if message.doubtful and (problem := _about_phone(message.doubtful[0], context)):
        problems["phone"] = problem
        if not message.phones:
            values["phone"] = message.doubtful[0]
    fields = tuple(
        replace(field, value=values[field.name])
        if isinstance(field, Money | Phone) and field.name in values
        else field
        for field in form.fields
    )
    questions = (
        context.text(f"problem.{problem.key}", **problem.params) for problem in problems.values()
    )
    return replace(form, fields=fields, intro="\n".join((form.intro, *questions)))


def _about_budget(typed: str, context: Context) -> Problem | None:
    try:
        parse_budget(typed, 1, context.language.amount_style)
    except NotAnAmount as error:
        return FormReader(context).question(error, typed[:30]) or error.problem
    return None


def _about_phone(typed: str, context: Context) -> Problem | None:
    try:
        FormReader(context).parse_phone(typed)
    except NotAPhone as error:
        return FormReader(context).question(error, typed[:30]) or Problem("phone", typed=typed[:30])
    return None
