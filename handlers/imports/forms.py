"""The forms of an import: what each column holds, and what to do with the rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import term_options
from handlers.core.ui import Choice, Field, Form, Option, Text
from handlers.imports.additions import may_create, may_teach
from handlers.imports.service import reading_of
from sales.imports.cells import LONGEST
from sales.imports.columns import FIELDS, MONEY
from sales.imports.encodings import CHOICES, GUESSED, decoded
from sales.imports.headings import plain
from sales.imports.plan import (
    LEARNED,
    STRANGERS,
    UNOWNED,
    Choices,
    Decimals,
    Import,
    Stranger,
    Unowned,
)
from sales.imports.sheet import Unreadable
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
    if any(name in choices.columns for name in MONEY):
        fields.append(_choice("decimal", _DECIMALS, _decimal(choices, context), context))
    if "phone" in choices.columns:
        fields.append(Choice(name="country", label=text("import.country"), required=True,
                             options=_country_options(choices, context),
                             value=choices.country))  # fmt: skip
    if "owner" in choices.columns and may_create(context):
        fields.append(_choice("strangers", STRANGERS, choices.strangers, context))
    fields += [
        _choice(
            f"learn_{name}", ("add", "keep"), "add" if name in choices.learn else "keep", context
        )
        for name in LEARNED
        if name in choices.columns and may_teach(context)
    ]
    if encodings := _encodings(imported):
        shown = choices.encoding or imported.encoding
        fields.append(Choice(name="encoding", label=text("import.encoding"), required=True,
                             hint=text("import.encoding_hint"), value=shown,
                             options=tuple(Option(one, one) for one in encodings)))  # fmt: skip
    if "created" in choices.columns or "closed" in choices.columns:
        fields.append(_choice("order", ("dmy", "mdy"), choices.order or context.figures, context))
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


_LEARN: Final = ("add", "keep")
_DECIMALS: Final = ("point", "comma")
_COUNTRIES: Final = (
    "CN", "HK", "TW", "SG", "US", "CA", "GB", "DE", "FR", "IT", "ES", "NL", "JP", "KR", "IN", "AU",
    "MY", "TH", "VN", "ID", "BR", "MX", "AE",
)  # fmt: skip
"""Countries whose phones are offered, by ISO code, which is the same in every language."""


def _country_options(choices: Choices, context: Context) -> tuple[Option, ...]:
    name = context.language.country
    return tuple(Option(one, name(one)) for one in _countries(choices))


def _encodings(imported: Import) -> tuple[str, ...]:
    """The encodings that may be chosen; none for a file that states its own."""
    asked = imported.encoding in GUESSED or imported.choices.encoding
    return CHOICES if asked else ()


def _read_encoding(imported: Import, form: FormReader) -> str:
    """The chosen encoding, refused where the file cannot be read in it."""
    choices, shown = imported.choices, imported.choices.encoding or imported.encoding
    if not _encodings(imported):
        return choices.encoding
    chosen = form.one_of("encoding", CHOICES, empty=shown)
    if not chosen or chosen == shown:
        return choices.encoding
    try:
        decoded(form.context.uow.imports(form.context.actor).content(imported.id) or b"", chosen)
    except Unreadable:
        form.refuse("encoding", "encoding_impossible")
    return chosen


def _countries(choices: Choices) -> tuple[str, ...]:
    return tuple(dict.fromkeys((choices.country, *_COUNTRIES)))


def _decimal(choices: Choices, context: Context) -> str:
    decimal = choices.decimal or context.language.amount_style.decimal
    return "comma" if decimal == "," else "point"


MOST_OWNERS: Final = 40
"""Owners who are asked about one by one; what is chosen for all holds for the others."""


def asked_owners(imported: Import) -> list[str]:
    """The owners who are not here, those of most rows first."""
    names = imported.unknown.get("owner", {})
    return sorted(names, key=lambda name: (-names[name], name))[:MOST_OWNERS]


def owners_form(imported: Import, context: Context) -> Form:
    """For each owner who is not here: a person, a new one, or only the name."""
    text, reading = context.text, reading_of(imported, context)
    create = (Option("create", text("import.owner_create")),) if may_create(context) else ()
    people = [one for one in reading.by_id.values() if one.sells][:90]
    options = (
        *create,
        Option("name", text("import.owner_name")),
        *(Option(str(person.id), person.name[:75]) for person in people),
    )
    names = asked_owners(imported)
    counts = imported.unknown.get("owner", {})
    fields = tuple(
        Choice(
            name=f"owner_{place}",
            label=text("import.owner_rows", name=name[:50], n=counts[name]),
            required=True,
            options=options,
            value=_fate(name, imported.choices, options),
        )
        for place, name in enumerate(names)
    )
    return Form(
        action="import.give",
        title=text("import.owners_title"),
        intro=text("import.owners_intro"),
        fields=fields,
        submit=text("import.check"),
        cancel=text("button.cancel"),
        state={"value": str(imported.id)},
    )


def _fate(name: str, choices: Choices, options: Sequence[Option]) -> str:
    fate = choices.fate_of(name)
    return fate if any(option.value == fate for option in options) else "name"


def read_owners(imported: Import, context: Context) -> Choices:
    """Read whose the rows are of owners who are not here. Only offered answers are taken."""
    reading = reading_of(imported, context)
    offered = ["name", *(key for key, person in reading.by_id.items() if person.sells)]
    offered += ["create"] if may_create(context) else []
    with FormReader(context) as form:
        chosen = {
            plain(name): form.one_of(f"owner_{place}", offered, empty="name")
            for place, name in enumerate(asked_owners(imported))
        }
    return replace(imported.choices, owners={**imported.choices.owners, **chosen})


def sheets_form(imported: Import, context: Context) -> Form:
    text = context.text
    options = tuple(Option(str(place), name) for place, name in enumerate(imported.sheets))
    return Form(
        action="import.turn",
        title=text("import.sheets_title"),
        intro=text("import.sheets_intro", name=imported.name),
        fields=(Choice(name="sheet", label=text("import.sheet"), required=True, options=options,
                       value=str(imported.choices.sheet)),),
        submit=text("import.read"),
        cancel=text("button.cancel"),
        state={"value": str(imported.id)},
    )  # fmt: skip


def _choice(name: str, values: tuple[str, ...], value: str, context: Context) -> Choice:
    options = tuple(Option(option, context.text(f"import.{name}_{option}")) for option in values)
    return Choice(
        name=name, label=context.text(f"import.{name}"), required=True, options=options, value=value
    )


def _unowned(context: Context) -> tuple[Unowned, ...]:
    """Reps may only import leads for themselves."""
    return ("me",) if context.actor.role is Role.REP else UNOWNED


def read_rules(imported: Import, context: Context) -> Choices:
    choices = imported.choices
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
            decimal=_read_decimal(choices, form),
            country=_read_country(choices, form),
            encoding=_read_encoding(imported, form),
            strangers=_read_strangers(choices, form),
            learn=_read_learn(choices, form),
            team_id=_team(choices, form),
        )


def _units(form: FormReader) -> dict[str, int]:
    asked = [name for name in MONEY if form.context.typed(f"unit_{name}")]
    return {name: int(form.one_of(f"unit_{name}", _UNITS) or 1) for name in asked}


def _read_decimal(choices: Choices, form: FormReader) -> Decimals:
    if not form.context.typed("decimal"):
        return choices.decimal
    return "," if form.one_of("decimal", _DECIMALS) == "comma" else "."


def _read_country(choices: Choices, form: FormReader) -> str:
    return form.one_of("country", _countries(choices), empty=choices.country)


def _read_strangers(choices: Choices, form: FormReader) -> Stranger:
    if not may_create(form.context):
        return "name"
    chosen = form.one_of("strangers", STRANGERS, empty=choices.strangers)
    return "create" if chosen == "create" else "name"


def _read_learn(choices: Choices, form: FormReader) -> tuple[str, ...]:
    if not may_teach(form.context):
        return ()
    before = {name: "add" if name in choices.learn else "keep" for name in LEARNED}
    answers = {
        name: form.one_of(f"learn_{name}", _LEARN, empty=usual) for name, usual in before.items()
    }
    return tuple(name for name, answer in answers.items() if answer == "add")


def _team(choices: Choices, form: FormReader) -> int:
    if form.context.actor.role is not Role.ADMIN:
        return form.context.actor.team_id
    ids = {str(team.id): team.id for team in form.context.uow.people.teams()}
    return ids.get(form.one_of("team", ids, empty=str(choices.team_id)), choices.team_id)
