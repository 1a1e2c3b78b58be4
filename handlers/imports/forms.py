"""The forms of an import: what each column holds, and what to do with the rows."""

from dataclasses import replace
from typing import Any

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import term_options
from handlers.core.ui import Choice, Field, Form, Option, Text
from handlers.imports.service import usual_order
from sales.imports.cells import LONGEST
from sales.imports.columns import FIELDS, MONEY
from sales.imports.plan import UNOWNED, Choices, Import, Unowned
from sales.imports.values import Order
from sales.people import Role

_SAMPLE = 25


_UNITS = ("1", "1000", "10000")

NONE = "none"
"""The choice of no column for a field."""


def columns_form(imported: Import, context: Context) -> Form:
    imports = context.uow.imports(context.actor)
    headings = imports.columns(imported.id)
    first = imports.page(imported.id, 0)[:1]
    none = Option(NONE, context.text("import.no_column"))
    options = (none, *(_option(place, name, first) for place, name in enumerate(headings)))
    columns = imported.choices.columns
    fields = tuple(
        Choice(
            name=name,
            label=context.text(f"field.{name}"),
            required=name == "customer" and not imported.choices.customer,
            options=options,
            value=str(columns[name]) if name in columns else NONE,
        )
        for name in FIELDS
    )
    return Form(
        action="import.map",
        title=context.text("import.columns_title"),
        intro=context.text("import.columns_intro", name=imported.name),
        fields=fields,
        submit=context.text("import.check"),
        cancel=context.text("button.cancel"),
        state={"value": str(imported.id)},
    )


def _option(place: int, heading: str, first: Any) -> Option:
    """The heading with a short sample of its column; a sample that may be a contact is hidden."""
    sample = first[0].cells[place][:_SAMPLE].replace("\n", " ") if first else ""
    hidden = any(sign in sample for sign in "@＠") or sum(c.isdigit() for c in sample) >= 7
    shown = heading if not sample.strip() or hidden else f"{heading} ({sample})"
    return Option(str(place), shown[:75])


def rules_form(imported: Import, context: Context) -> Form:
    text, choices = context.text, imported.choices
    fields: list[Field] = [
        Choice(name="source", label=text("lead.source"), required=True, value=choices.source,
               options=term_options(context.playbook.vocabulary.sources, context.language)),
        Text(name="source_detail", label=text("lead.source_detail"), value=choices.detail,
             max_length=LONGEST["detail"]),
        Text(name="customer", label=text("import.customer_default"), value=choices.customer,
             hint=text("import.customer_default_hint"), max_length=60),
        _choice("unowned", _unowned(context), choices.unowned, context),
        _choice("likely", ("take", "skip"), "take" if choices.likely else "skip", context),
        _choice("clocks", ("no", "yes"), "yes" if choices.clocks else "no", context),
    ]  # fmt: skip
    fields += [
        Choice(
            name=f"unit_{name}",
            label=text("import.unit", field=text(f"field.{name}")),
            required=True,
            value=str(choices.units.get(name, 1)),
            options=tuple(Option(unit, text(f"import.unit_{unit}")) for unit in _UNITS),
        )
        for name in MONEY
        if name in choices.columns
    ]
    if "created" in choices.columns or "closed" in choices.columns:
        fields.append(
            _choice("order", ("dmy", "mdy"), choices.order or usual_order(context), context)
        )
    if context.actor.role is Role.ADMIN:
        teams = tuple(Option(str(team.id), team.name[:75]) for team in context.uow.people.teams())
        fields.append(Choice(name="team", label=text("import.team"), required=True,
                             options=teams, value=str(choices.team_id)))  # fmt: skip
    return Form(
        action="import.decide",
        title=text("import.rules_title"),
        intro=text("import.rules_intro"),
        fields=tuple(fields),
        submit=text("import.check"),
        cancel=text("button.cancel"),
        state={"value": str(imported.id)},
    )


def _choice(name: str, values: tuple[str, ...], value: str, context: Context) -> Choice:
    options = tuple(Option(option, context.text(f"import.{name}_{option}")) for option in values)
    return Choice(
        name=name, label=context.text(f"import.{name}"), required=True, options=options, value=value
    )


def _unowned(context: Context) -> tuple[Unowned, ...]:
    """Reps may only import leads for themselves."""
    return ("me",) if context.actor.role is Role.REP else UNOWNED


def read_rules(choices: Choices, context: Context) -> Choices:
    order: Order = choices.order
    sources = tuple(term.key for term in context.playbook.vocabulary.sources)
    with FormReader(context) as form:
        if context.typed("order"):
            order = "mdy" if form.one_of("order", ("dmy", "mdy")) == "mdy" else "dmy"
        return replace(
            choices,
            unowned=form.pick("unowned", {value: value for value in _unowned(context)}),
            detail=form.line("source_detail", LONGEST["detail"]),
            customer=form.line("customer", 60),
            source=form.one_of("source", sources),
            likely=form.one_of("likely", ("take", "skip")) == "take",
            clocks=form.one_of("clocks", ("no", "yes")) == "yes",
            order=order,
            units={**choices.units, **_units(form)},
            team_id=_team(choices, form),
        )


def _units(form: FormReader) -> dict[str, int]:
    asked = [name for name in MONEY if form.context.typed(f"unit_{name}")]
    return {name: int(form.one_of(f"unit_{name}", _UNITS) or 1) for name in asked}


def _team(choices: Choices, form: FormReader) -> int:
    if form.context.actor.role is not Role.ADMIN:
        return form.context.actor.team_id
    ids = {str(team.id): team.id for team in form.context.uow.people.teams()}
    return ids.get(form.one_of("team", ids, empty=str(choices.team_id)), choices.team_id)
