"""An item of the library as a living card: what it says, how it fared, who decided on it."""

from collections.abc import Mapping, Sequence

from handlers.core.context import Turn
from handlers.core.labels import enum_label, term_label
from handlers.core.language import LOCALES
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Confirm, Fact, Section, Tone
from handlers.library.labels import _terms, item_locale, uses_text
from handlers.library.quarterly_session import coming_section
from sales.errors import ItemNotFound, UnknownAction
from sales.leads import PIPELINE
from sales.library import DETAILS, TAGS, Item, ItemKind, ItemState, Tags, Uses, decides_on
from sales.permissions import may
from sales.text_search import fold, terms_of


def tag_parts(item: Item, turn: Turn) -> tuple[str, ...]:
    """The tags that say anything, in words."""
    named = ((tag, getattr(item.content.tags, tag)) for tag in TAGS[item.kind])
    return tuple(_tag_label(tag, key, turn) for tag, key in named if key)


def tag_names(turn: Turn) -> Mapping[str, set[str]]:
    """The tags behind every name, in both languages: what a search may be meaning."""
    names: dict[str, set[str]] = {}
    for tag, terms in _terms(turn).items():
        for term in terms:
            for name in (term.en, term.zh):
                names.setdefault(fold(name), set()).add(f"{tag}:{term.key}")
    for stage in PIPELINE:
        for name in turn.language.in_every_language(f"stage.{stage}"):
            names.setdefault(fold(name), set()).add(f"stage:{stage}")
    return names


def kind_line(item: Item, uses: Uses, turn: Turn) -> str:
    """``Answer · Price · used 12 times by 4 colleagues, last Mar 3``."""
    state = () if item.is_approved else (enum_label(item.state, turn.language),)
    used = (uses_text(uses, turn),) if uses.times else ()
    return " · ".join((enum_label(item.kind, turn.language), *state, *tag_parts(item, turn), *used))


def other_locale(locale: str) -> str:
    return next(one for one in LOCALES if one != locale)


def _tag_label(tag: str, key: str, turn: Turn) -> str:
    if tag == "stage":
        return turn.text(f"stage.{key}")
    return term_label(_terms(turn)[tag], key, turn.language)


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
