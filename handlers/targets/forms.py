"""The form of a target: draw it and read it."""

from collections.abc import Callable
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, quarter_label
from handlers.core.ui import Field, Form, Money, Number
from handlers.targets.cards import target_value, value_label
from handlers.targets.progress import Standing
from sales.playbook import Targets
from sales.targets import Goals, Measure, Quarter

_MOST = Decimal(1_000_000)
"""Numbers of customers or leads from here on are taken for typing mistakes."""


def target_form(standing: Standing, quarter: Quarter, suggested: Goals, context: Context) -> Form:
    """Form prefilled with what is set; ``suggested`` is only an example below the fields."""
    return Form(
        action="target.save",
        title=context.text("target.form_title"),
        intro=context.text(
            "target.form_intro",
            name=standing.name,
            quarter=quarter_label(quarter, context.language),
        ),
        fields=tuple(
            _field(measure, standing.goals.get(measure), suggested.get(measure), context)
            for measure in Measure
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"value": target_value(quarter, standing.holder)},
    )


def read_goals(context: Context) -> Goals:
    """Read the goals; an empty field is no goal. Raises InvalidInput naming each bad field."""
    with FormReader(context) as form:
        typed = {
            measure: _money(measure, form)
            if measure.is_money
            else form.parsed(measure.value, _READ[measure], f"target_{_kind(measure)}")
            for measure in Measure
        }
        return {measure: goal for measure, goal in typed.items() if goal is not None}


def suggestion(rules: Targets) -> Goals:
    """The playbook's numbers for a team."""
    numbers = {
        Measure.REVENUE: rules.revenue,
        Measure.CUSTOMERS: rules.customers,
        Measure.LEADS: rules.leads,
        Measure.CONVERSION: rules.conversion,
        Measure.AVERAGE_DEAL: rules.average_deal,
    }
    return {measure: Decimal(number) for measure, number in numbers.items() if number}


def _field(
    measure: Measure, goal: Decimal | None, suggested: Decimal | None, context: Context
) -> Field:
    label = enum_label(measure, context.language)
    hint = context.text(f"target.hint_{_kind(measure)}")
    if suggested is not None:
        example = value_label(measure, suggested, context.language)
        hint = context.text("target.hint_suggested", example=example)
    value = "" if goal is None else f"{goal.normalize():f}"
    kind = Money if measure.is_money else Number
    return kind(name=measure.value, label=label, hint=hint, value=value)


def _kind(measure: Measure) -> str:
    if measure.is_money:
        return "money"
    return "percent" if measure is Measure.CONVERSION else "count"


def _money(measure: Measure, form: FormReader) -> Decimal | None:
    amount = form.amount(measure.value, "target_money")
    if amount is not None and not amount:
        form.refuse(measure.value, "target_money", typed=form.context.line(measure.value)[:30])
    return amount


def _count(typed: str) -> Decimal:
    plain = typed.replace(",", "")
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= 7):
        raise ValueError(typed)
    number = Decimal(plain)
    if not 0 < number < _MOST:
        raise ValueError(typed)
    return number


def _percent(typed: str) -> Decimal:
    number = _count(typed.rstrip("%％ "))
    if number > 100:
        raise ValueError(typed)
    return number


_READ: dict[Measure, Callable[[str], Decimal]] = {
    Measure.CUSTOMERS: _count,
    Measure.LEADS: _count,
    Measure.CONVERSION: _percent,
}
