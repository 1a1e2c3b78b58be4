"""An item of the library as a living card: what it says, how it fared, who decided on it."""

from handlers.labels import enum_label
from handlers.library.labels import other_locale, tag_parts, uses_text
from handlers.turns import Turn
from handlers.ui import Button, Card, Confirm, Fact, Section, Tone
from sales.library import DETAILS, Item, ItemKind, ItemState, Uses, decides_on

_TONES: dict[ItemState, Tone] = {ItemState.WAITING: "warning", ItemState.DRAFT: "warning"}


def item_card(item: Item, turn: Turn) -> Card:
    """The item in the reader's language, or in the one there is."""
    wording = item.wording(turn.language.locale)
    uses = turn.library.uses([item.id])[item.id]
    return Card(
        title=wording.title,
        facts=_facts(item, uses, turn),
        body=wording.text,
        sections=_note(item, turn),
        buttons=_buttons(item, turn),
        more=_more(item, turn),
        footnote=_footnote(item, turn),
        tone=_TONES.get(item.state, "plain"),
        subject=item.subject,
    )


def item_gone_card(item_id: int, turn: Turn) -> Card:
    """What stays of a card that its reader may not see any more."""
    return Card(
        title=turn.text("library.gone_title"),
        body=turn.text("library.gone"),
        buttons=(Button("library.open", turn.text("button.library")),),
        subject=f"item:{item_id}",
    )


def may_decide(item: Item, turn: Turn) -> bool:
    return item.kind in decides_on(turn.actor)


def price_text(item: Item, turn: Turn) -> str:
    """``Basic ¥20,000 · Advanced ¥50,000``; empty without a price."""
    prices = (("library.basic", item.content.basic), ("library.advanced", item.content.advanced))
    return " · ".join(
        f"{turn.text(key)} {turn.language.money(price)}"
        for key, price in prices
        if price is not None
    )


def _facts(item: Item, uses: Uses, turn: Turn) -> tuple[Fact, ...]:
    wording, text = item.wording(turn.language.locale), turn.text
    rows = [
        ("library.kind", enum_label(item.kind, turn.language)),
        ("library.tags", " · ".join(tag_parts(item, turn))),
        *((f"library.{name}", getattr(wording, name)) for name in DETAILS.get(item.kind, ())),
        ("library.price", price_text(item, turn) if item.kind is ItemKind.MODULE else ""),
        ("library.uses", uses_text(uses, turn)),
    ]
    if not item.is_approved:
        rows.insert(1, ("library.state", enum_label(item.state, turn.language)))
    return tuple(Fact(text(key), value) for key, value in rows if value)


def _note(item: Item, turn: Turn) -> tuple[Section, ...]:
    """Why it came back, and what it would change."""
    sections = []
    if item.note:
        sections.append(Section(turn.text("library.note"), (item.note,)))
    if item.replaces and item.state is not ItemState.RETIRED:
        button = Button("library.show", turn.text("button.show_former"), str(item.replaces))
        sections.append(Section(turn.text("library.is_change"), buttons=(button,)))
    return tuple(sections)


def _buttons(item: Item, turn: Turn) -> tuple[Button, ...]:
    decide = _decisions(item, turn) if may_decide(item, turn) else ()
    edit = Button("library.edit", turn.text("button.edit"), str(item.id))
    use = Button("library.use", turn.text("button.use_it"), str(item.id))
    return (
        *((use,) if item.is_told else ()),
        *decide,
        *(() if item.state is ItemState.RETIRED else (edit,)),
        Button("library.open", turn.text("button.library")),
    )


def _more(item: Item, turn: Turn) -> tuple[Button, ...]:
    value, text = str(item.id), turn.text
    missing = other_locale(item_locale(item, turn))
    speaks = missing not in item.content.words and item.state is not ItemState.RETIRED
    translate = Button("library.translate", text(f"button.add_{missing[:2]}"), value)
    editions = Button("library.history", text("button.editions"), value)
    return (*((translate,) if speaks else ()), editions)


def _decisions(item: Item, turn: Turn) -> tuple[Button, ...]:
    value, text = str(item.id), turn.text
    approve = Button("library.approve", text("button.approve"), value, "primary")
    match item.state:
        case ItemState.WAITING:
            return (approve, Button("library.return", text("button.return"), value))
        case ItemState.APPROVED:
            confirm = Confirm(
                text("library.retire_title"),
                text("library.retire_text"),
                text("button.retire"),
                text("button.cancel"),
            )
            return (Button("library.retire", text("button.retire"), value, "danger", confirm),)
        case ItemState.DRAFT | ItemState.RETIRED:
            return (approve,)


def item_locale(item: Item, turn: Turn) -> str:
    """The language in which the reader sees the item."""
    mine = turn.language.locale
    return mine if mine in item.content.words else next(iter(item.content.words))


def _footnote(item: Item, turn: Turn) -> str:
    name = turn.uow.people.get(item.author_id).name
    parts = [turn.text("library.by", name=name)]
    if item.decided_by and item.decided_at and item.is_approved:
        decider = turn.uow.people.get(item.decided_by).name
        day = turn.language.day_of(item.decided_at)
        parts.append(turn.text("library.approved_by", name=decider, day=day))
    if item_locale(item, turn) != turn.language.locale:
        parts.append(turn.text("library.only_other"))
    return " ".join(parts)
