"""``/library``: what there is, and finding it by words."""

from collections.abc import Sequence

from handlers.labels import enum_label
from handlers.library.item_card import item_card, item_locale
from handlers.library.labels import kind_line, tag_names
from handlers.library.sharing import coming_section
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from handlers.ui import Button, Card, Section
from sales.errors import ItemNotFound, UnknownAction
from sales.library import Item, ItemKind, Tags
from sales.permissions import may
from sales.text_search import terms_of

FOUND = 8
"""So many items stand in a list."""
SHOWN = 5
"""So many items that wait stand above the shelf."""
LONGEST_QUERY = 100
_EXCERPT = 160


def open_command(turn: Turn) -> Reply:
    """``/library``: the shelf; with words, what answers them."""
    words = turn.request.text.strip()[:LONGEST_QUERY]
    if not words:
        return Reply(card=shelf_card(turn))
    terms = terms_of(words, tag_names(turn))
    found = turn.library.search(terms, FOUND + 1)
    if not found:
        return Reply(card=_none_found(words, turn))
    title = turn.text("library.found", text=words)
    return Reply(card=_list_card(title, found, turn))


def browse(turn: Turn) -> Reply:
    """Button: the items of a kind, those that served best first."""
    kind = kind_of(turn.pressed)
    found = turn.library.suited(kind, Tags(), FOUND + 1)
    title = turn.text(f"library.shelf_{kind}")
    if not found:
        body = turn.text("library.none_yet")
        return Reply(card=Card(title=title, body=body, buttons=(_add(kind, turn),)))
    return Reply(card=_list_card(title, found, turn, add=_add(kind, turn)))


def show(turn: Turn) -> Reply:
    """Button: one item."""
    return Reply(card=item_card(item_of(turn), turn))


def history(turn: Turn) -> Reply:
    """Button: what the item said before, the newest first."""
    item = item_of(turn)
    editions = turn.library.editions(item.id)
    sections = tuple(
        Section(
            turn.text(
                "library.edition",
                number=one.number,
                name=turn.uow.people.get(one.by_id).name,
                at=turn.language.moment(one.at),
            ),
            tuple(f"{words.title}\n{words.text[:500]}" for words in one.content.words.values()),
        )
        for one in editions[:FOUND]
    )
    back = Button("library.show", turn.text("button.show_item"), str(item.id))
    title = turn.text("library.history", title=item.wording(turn.language.locale).title)
    return Reply(card=Card(title=title, sections=sections, buttons=(back,)))


def item_of(turn: Turn) -> Item:
    """The item a button or form carries; raises ItemNotFound for anything else."""
    item_id = record_id(turn.pressed)
    if item_id is None:
        raise ItemNotFound
    return turn.library.get(item_id)


def kind_of(value: str) -> ItemKind:
    """Raises UnknownAction for a value that no button of ours carries."""
    if value not in set(ItemKind):
        raise UnknownAction(action="library")
    return ItemKind(value)


def shelf_card(turn: Turn) -> Card:
    """Every kind with what it is for; above, what waits for the reader or is theirs."""
    counts = turn.library.counts()
    start = Button("library.start", turn.text("button.starter"), "", "primary")
    is_empty = not counts
    return Card(
        title=turn.text("library.title"),
        body=turn.text("library.empty" if is_empty else "library.how"),
        sections=(
            *coming_section(turn),
            *_listed("library.to_decide", turn.library.waiting(SHOWN), turn),
            *_listed("library.mine", turn.library.own(SHOWN), turn),
            *(_kind_section(kind, counts.get(kind, 0), turn) for kind in ItemKind),
        ),
        buttons=(start,) if is_empty and may(turn.actor, start.action) else (),
    )


def item_section(item: Item, line: str, turn: Turn) -> Section:
    """An item in a list, with a button that opens it."""
    wording = item.content.words[item_locale(item, turn)]
    excerpt = wording.text.replace("\n", " ")
    cut = excerpt[:_EXCERPT] + ("…" if len(excerpt) > _EXCERPT else "")
    button = Button("library.show", turn.text("button.show_item"), str(item.id))
    return Section(wording.title, tuple(part for part in (line, cut) if part), buttons=(button,))


def _kind_section(kind: ItemKind, count: int, turn: Turn) -> Section:
    browse = Button("library.browse", turn.text("button.browse"), kind.value)
    return Section(
        turn.text("library.shelf_count", name=turn.text(f"library.shelf_{kind}"), count=count),
        (turn.text(f"library.about_{kind}"),),
        buttons=(*((browse,) if count else ()), _add(kind, turn)),
    )


def _add(kind: ItemKind, turn: Turn) -> Button:
    label = turn.text("button.add_item", kind=enum_label(kind, turn.language))
    return Button("library.add", label, kind.value)


def _listed(key: str, items: Sequence[Item], turn: Turn) -> tuple[Section, ...]:
    if not items:
        return ()
    uses = turn.library.uses(item.id for item in items)
    parts = (item_section(item, kind_line(item, uses[item.id], turn), turn) for item in items)
    return (Section(turn.text(key)), *parts)


def _list_card(title: str, found: Sequence[Item], turn: Turn, add: Button | None = None) -> Card:
    shown = found[:FOUND]
    uses = turn.library.uses(item.id for item in shown)
    return Card(
        title=title,
        sections=tuple(
            item_section(item, kind_line(item, uses[item.id], turn), turn) for item in shown
        ),
        buttons=(
            *((add,) if add else ()),
            Button("library.open", turn.text("button.library")),
        ),
        footnote=turn.text("library.more", n=FOUND) if len(found) > FOUND else "",
    )


def _none_found(words: str, turn: Turn) -> Card:
    return Card(
        title=turn.text("library.none_found", text=words),
        body=turn.text("library.none_found_hint"),
        buttons=(
            *(_add(kind, turn) for kind in (ItemKind.SCRIPT, ItemKind.ANSWER, ItemKind.CASE)),
            Button("library.open", turn.text("button.library")),
        ),
    )
