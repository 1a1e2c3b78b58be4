"""What a captured message says in two ways: shown as typed, with a question beside the field."""

from dataclasses import replace
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.form_reader import FormReader, joined_contacts
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


def as_typed(form: Form, message: Captured, context: Context) -> tuple[Form, dict[str, str]]:
    """The form with what was not understood as it was typed, and the questions by field."""
    values, problems = dict[str, str](), dict[str, Problem]()
    if message.budget and (problem := _about_budget(message.budget, context)):
        values["budget"], problems["budget"] = message.budget, problem
    if message.doubtful and (problem := _about_phone(message.doubtful[0], context)):
        numbers = (*message.phones, *message.doubtful)
        values["phone"], problems["phone"] = joined_contacts(numbers), problem
    fields = tuple(
        replace(field, value=values[field.name])
        if isinstance(field, Money | Phone) and field.name in values
        else field
        for field in form.fields
    )
    words = {
        name: context.text(f"problem.{problem.key}", **problem.params)
        for name, problem in problems.items()
    }
    return replace(form, fields=fields), words


def _about_budget(typed: str, context: Context) -> Problem | None:
    try:
        parse_budget(typed, 1, context.language.amount_style)
    except NotAnAmount as error:
        return FormReader(context).question(error, typed[:30])
    return None


def _about_phone(typed: str, context: Context) -> Problem | None:
    try:
        FormReader(context).parse_phone(typed)
    except NotAPhone as error:
        return FormReader(context).question(error, typed[:30])
    return None
