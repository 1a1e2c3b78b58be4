"""Discovery notes for readers. In short on the lead's card, and in full, version by version, on a
card of their own."""

from itertools import pairwise

from handlers.core.context import Context
from handlers.core.labels import budget_label, lead_title, term_label
from handlers.core.language import Language
from handlers.core.ui import Button, Card, Fact, Section
from sales.discovery import SPIN, Discovery, Needs
from sales.leads import Lead
from sales.permissions import may

SHORT = 90
"""Maximum characters of a note on the lead's card."""
SHOWN = 6
"""Maximum number of versions shown; older ones are kept."""


def discovery_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """Pain points and the beginning of each note; empty when there are no notes."""
    discovery = context.discoveries.latest(lead.id)
    if discovery is None:
        return ()
    needs, text = discovery.needs, context.text
    notes = [(name, _short(words)) for name, words in _notes(needs)]
    pains = pains_text(needs, context)
    lines = [
        *([text("discovery.line", label=text("discovery.pains"), words=pains)] if pains else []),
        *(text("discovery.line", label=text(f"discovery.{name}"), words=w) for name, w in notes),
    ]
    more = Button("discovery.show", text("button.all_notes"), lead.number)
    buttons = (more,) if may(context.actor, more.action) else ()
    return (Section(text("discovery.heading"), tuple(lines), buttons=buttons),) if lines else ()


def discovery_card(lead: Lead, versions: list[Discovery], context: Context) -> Card:
    """The newest notes, and what earlier versions said differently; ``versions`` are newest
    first."""
    newest = versions[0] if versions else None
    write = Button("discovery.log", context.text("button.write_notes"), lead.number, "primary")
    open_lead = Button("lead.show", context.text("button.open"), lead.number)
    return Card(
        title=context.text("discovery.card_title", lead=lead_title(lead)),
        facts=_facts(newest.needs, context) if newest else (),
        body="" if newest else context.text("discovery.none"),
        sections=tuple(_earlier(versions, context)),
        buttons=(write, open_lead),
        footnote=_written(newest, context) if newest else "",
    )


def pains_text(needs: Needs, context: Context) -> str:
    """The pain points in words, those of the vocabulary first."""
    terms = context.playbook.vocabulary.pains
    named = [term_label(terms, key, context.language) for key in needs.pains]
    return context.language.listing([*named, *filter(None, (needs.other_pains,))])


def _facts(needs: Needs, context: Context) -> tuple[Fact, ...]:
    rows = {name: _value(needs, name, context) for name in (*SPIN, "pains", "budget", "decision")}
    return tuple(
        Fact(_label(name, context.language), value) for name, value in rows.items() if value
    )


def _earlier(versions: list[Discovery], context: Context) -> list[Section]:
    """For each older version, the former values of the fields that the next version changed."""
    sections: list[Section] = []
    for newer, older in pairwise(versions):
        differing = dict.fromkeys(
            name.replace("other_pains", "pains") for name in newer.needs.differences(older.needs)
        )
        lines = tuple(
            context.text(
                "discovery.line",
                label=_label(name, context.language),
                words=_value(older.needs, name, context) or context.text("discovery.empty"),
            )
            for name in differing
        )
        sections.append(Section(_written(older, context), lines))
    return sections


def _written(discovery: Discovery, context: Context) -> str:
    return context.text(
        "discovery.version",
        number=discovery.version,
        name=context.uow.people.get(discovery.written_by).name,
        at=context.language.moment(discovery.written_at),
    )


def _notes(needs: Needs) -> list[tuple[str, str]]:
    named = ((name, str(getattr(needs, name))) for name in (*SPIN, "decision"))
    return [(name, words) for name, words in named if words]


def _label(name: str, language: Language) -> str:
    return language.text("lead.budget" if name == "budget" else f"discovery.{name}")


def _value(needs: Needs, name: str, context: Context) -> str:
    match name:
        case "pains":
            return pains_text(needs, context)
        case "budget":
            label = budget_label(needs.budget_low, needs.budget_high, context.language)
            return "" if label == "—" else label
        case _:
            return str(getattr(needs, name))


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
