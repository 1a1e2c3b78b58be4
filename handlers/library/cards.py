"""An item of the library as a live card: its text, how it performed, who approved it."""

from collections.abc import Mapping, Sequence

from handlers.core.context import Context
from handlers.core.labels import enum_label, term_label
from handlers.core.language import LOCALES
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Confirm, Fact, Section, Tone
from handlers.library.labels import item_locale, terms_of_item, uses_text
from handlers.library.quarterly_session import coming_section
from sales.errors import ItemNotFound, UnknownAction
from sales.leads import PIPELINE
from sales.library import DETAILS, TAGS, Item, ItemKind, ItemState, Uses, decides_on
from sales.permissions import may
from sales.text_search import fold


def tag_parts(item: Item, context: Context) -> tuple[str, ...]:
    """The tags that are set, in words."""
    named = ((tag, getattr(item.content.tags, tag)) for tag in TAGS[item.kind])
    return tuple(_tag_label(tag, key, context) for tag, key in named if key)


def tag_names(context: Context) -> Mapping[str, set[str]]:
    """The tags behind each name, in both languages: what a search may refer to."""
    names: dict[str, set[str]] = {}
    for tag, terms in terms_of_item(context).items():
        for term in terms:
            for name in (term.en, term.zh):
                names.setdefault(fold(name), set()).add(f"{tag}:{term.key}")
    for stage in PIPELINE:
        for name in context.language.in_every_language(f"stage.{stage}"):
            names.setdefault(fold(name), set()).add(f"stage:{stage}")
    return names


def kind_line(item: Item, uses: Uses, context: Context) -> str:
    """``Answer · Price · used 12 times by 4 colleagues, last Mar 3``."""
    state = () if item.is_approved else (enum_label(item.state, context.language),)
    used = (uses_text(uses, context),) if uses.times else ()
    return " · ".join(
        (enum_label(item.kind, context.language), *state, *tag_parts(item, context), *used)
    )


def other_locale(locale: str) -> str:
    return next(candidate for candidate in LOCALES if candidate != locale)


def _tag_label(tag: str, key: str, context: Context) -> str:
    if tag == "stage":
        return context.text(f"stage.{key}")
    return term_label(terms_of_item(context)[tag], key, context.language)


_TONES: dict[ItemState, Tone] = {ItemState.WAITING: "warning", ItemState.DRAFT: "warning"}


def item_card(item: Item, context: Context) -> Card:
    """The item in the reader's language, or in the one it has."""
    wording = item.wording(context.language.locale)
    uses = context.library.uses([item.id])[item.id]
    return Card(
        title=wording.title,
        facts=_facts(item, uses, context),
        body=wording.text,
        sections=_note(item, context),
        buttons=_buttons(item, context),
        more=_more(item, context),
        footnote=_footnote(item, context),
        tone=_TONES.get(item.state, "plain"),
        subject=item.subject,
    )


def item_gone_card(item_id: int, context: Context) -> Card:
    """The replacement for a card that its reader may no longer see."""
    return Card(
        title=context.text("library.gone_title"),
        body=context.text("library.gone"),
        buttons=(Button("library.open", context.text("button.library")),),
        subject=f"item:{item_id}",
    )


def may_decide(item: Item, context: Context) -> bool:
    return item.kind in decides_on(context.actor)


def price_text(item: Item, context: Context) -> str:
    """``Basic ¥20,000 · Advanced ¥50,000``; empty without a price."""
    prices = (("library.basic", item.content.basic), ("library.advanced", item.content.advanced))
    return " · ".join(
        f"{context.text(key)} {context.language.money(price)}"
        for key, price in prices
        if price is not None
    )


def _facts(item: Item, uses: Uses, context: Context) -> tuple[Fact, ...]:
    wording, text = item.wording(context.language.locale), context.text
    rows = [
        ("library.kind", enum_label(item.kind, context.language)),
        ("library.tags", " · ".join(tag_parts(item, context))),
        *((f"library.{name}", getattr(wording, name)) for name in DETAILS.get(item.kind, ())),
        ("library.price", price_text(item, context) if item.kind is ItemKind.MODULE else ""),
        ("library.uses", uses_text(uses, context)),
    ]
    if not item.is_approved:
        rows.insert(1, ("library.state", enum_label(item.state, context.language)))
    return tuple(Fact(text(key), value) for key, value in rows if value)


def _note(item: Item, context: Context) -> tuple[Section, ...]:
    """Why the item was returned, and which item it would change."""
    sections = []
    if item.note:
        sections.append(Section(context.text("library.note"), (item.note,)))
    if item.replaces and item.state is not ItemState.RETIRED:
        button = Button("library.show", context.text("button.show_former"), str(item.replaces))
        sections.append(Section(context.text("library.is_change"), buttons=(button,)))
    return tuple(sections)


def _buttons(item: Item, context: Context) -> tuple[Button, ...]:
    decide = _decisions(item, context) if may_decide(item, context) else ()
    edit = Button("library.edit", context.text("button.edit"), str(item.id))
    use = Button("library.use", context.text("button.use_it"), str(item.id))
    return (
        *((use,) if item.is_told else ()),
        *decide,
        *(() if item.state is ItemState.RETIRED else (edit,)),
        Button("library.open", context.text("button.library")),
    )


def _more(item: Item, context: Context) -> tuple[Button, ...]:
    value, text = str(item.id), context.text
    missing = other_locale(item_locale(item, context))
    speaks = missing not in item.content.words and item.state is not ItemState.RETIRED
    translate = Button("library.translate", text(f"button.add_{missing[:2]}"), value)
    editions = Button("library.history", text("button.editions"), value)
    return (*((translate,) if speaks else ()), editions)


def _decisions(item: Item, context: Context) -> tuple[Button, ...]:
    value, text = str(item.id), context.text
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


def _footnote(item: Item, context: Context) -> str:
    name = context.uow.people.get(item.author_id).name
    parts = [context.text("library.by", name=name)]
    if item.decided_by and item.decided_at and item.is_approved:
        decider = context.uow.people.get(item.decided_by).name
        day = context.language.day_of(item.decided_at)
        parts.append(context.text("library.approved_by", name=decider, day=day))
    if item_locale(item, context) != context.language.locale:
        parts.append(context.text("library.only_other"))
    return " ".join(parts)


FOUND = 8
"""Maximum number of items in a list."""
SHOWN = 5
"""Maximum number of waiting items above the overview."""
LONGEST_QUERY = 100
_EXCERPT = 160


def item_of(context: Context) -> Item:
    """The item that a button or form carries; raises ItemNotFound for anything else."""
    item_id = record_id(context.pressed)
    if item_id is None:
        raise ItemNotFound
    return context.library.get(item_id)


def kind_of(value: str) -> ItemKind:
    """The item kind; raises UnknownAction for a value that no button of ours carries."""
    if value not in set(ItemKind):
        raise UnknownAction(action="library")
    return ItemKind(value)


def shelf_card(context: Context) -> Card:
    """Every kind with its purpose; above them, the items waiting for the reader or written by
    them."""
    counts = context.library.counts()
    start = Button("library.start", context.text("button.starter"), "", "primary")
    is_empty = not counts
    return Card(
        title=context.text("library.title"),
        body=context.text("library.empty" if is_empty else "library.how"),
        sections=(
            *coming_section(context),
            *_listed("library.to_decide", context.library.waiting(SHOWN), context),
            *_listed("library.mine", context.library.own(SHOWN), context),
            *(_kind_section(kind, counts.get(kind, 0), context) for kind in ItemKind),
        ),
        buttons=(start,) if is_empty and may(context.actor, start.action) else (),
    )


def item_section(item: Item, line: str, context: Context) -> Section:
    """An item in a list, with a button to open it."""
    wording = item.content.words[item_locale(item, context)]
    excerpt = wording.text.replace("\n", " ")
    cut = excerpt[:_EXCERPT] + ("…" if len(excerpt) > _EXCERPT else "")
    button = Button("library.show", context.text("button.show_item"), str(item.id))
    return Section(wording.title, tuple(part for part in (line, cut) if part), buttons=(button,))


def _kind_section(kind: ItemKind, count: int, context: Context) -> Section:
    browse = Button("library.browse", context.text("button.browse"), kind.value)
    return Section(
        context.text(
            "library.shelf_count", name=context.text(f"library.shelf_{kind}"), count=count
        ),
        (context.text(f"library.about_{kind}"),),
        buttons=(*((browse,) if count else ()), add_button(kind, context)),
    )


def add_button(kind: ItemKind, context: Context) -> Button:
    """The button that opens the form for a new item of ``kind``."""
    label = context.text("button.add_item", kind=enum_label(kind, context.language))
    return Button("library.add", label, kind.value)


def _listed(key: str, items: Sequence[Item], context: Context) -> tuple[Section, ...]:
    if not items:
        return ()
    uses = context.library.uses(item.id for item in items)
    parts = (item_section(item, kind_line(item, uses[item.id], context), context) for item in items)
    return (Section(context.text(key)), *parts)
