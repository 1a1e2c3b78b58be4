"""Writing for the library: a new item, other words for one, the same in the other language.

Who decides on a kind writes straight into the library; what others write waits for them. Other
words for what is approved wait beside it, so that it stays in use meanwhile.
"""

from collections.abc import Sequence

from handlers.library.item_card import item_card, item_locale, may_decide
from handlers.library.item_form import item_form, read_content
from handlers.library.labels import other_locale
from handlers.library.shelf import item_of, kind_of
from handlers.requests import WHOLE_FORM, Reply
from handlers.turns import Turn
from handlers.ui import Form
from sales.library import Content, Item, ItemKind, ItemState, decides_on, first_state
from sales.notices import ItemProposed
from sales.people import Person, Role, leaders_of


def add(turn: Turn) -> Reply:
    """Button: an empty form for a kind."""
    kind = kind_of(turn.pressed)
    locale = turn.language.locale
    form = item_form(kind, locale, turn, action="library.create", state={}, content=None)
    return Reply(form=form)


def create(turn: Turn) -> Reply:
    """Form: a new item."""
    kind = kind_of(turn.request.state.get("kind", ""))
    item = store_item(kind, read_content(kind, None, turn), turn)
    return Reply(card=item_card(item, turn), toast=_thanks(item, turn))


def edit(turn: Turn) -> Reply:
    """Button: the form in the language in which the item is read."""
    item = item_of(turn)
    return Reply(form=_filled(item, item_locale(item, turn), turn))


def translate(turn: Turn) -> Reply:
    """Button: the same item in the language that is missing."""
    item = item_of(turn)
    return Reply(form=_filled(item, other_locale(item_locale(item, turn)), turn))


def update(turn: Turn) -> Reply:
    """Form: other words; what somebody else saved meanwhile is not overwritten unseen."""
    item = item_of(turn)
    content = read_content(item.kind, item.content, turn)
    if str(item.version) != turn.request.state.get("version"):
        form = _filled(item, turn.request.state.get("locale", ""), turn, content)
        return Reply(form=form, errors={WHOLE_FORM: turn.text("library.changed_meanwhile")})
    if may_decide(item, turn) or (item.author_id == turn.actor.id and _is_open(item)):
        saved = turn.library.save(item.changed(content, turn.actor, turn.now))
        if item.state is ItemState.DRAFT:
            _tell_deciders(saved, turn)
    else:
        saved = store_item(item.kind, content, turn, replaces=item)
    turn.uow.outbox.refresh(saved.subject)
    turn.uow.audit.record(turn.actor, "library.update", saved.subject, {"kind": saved.kind})
    return Reply(update=item_card(saved, turn), toast=_thanks(saved, turn))


def store_item(
    kind: ItemKind, content: Content, turn: Turn, *, replaces: Item | None = None
) -> Item:
    """A new item of the actor's; who decides hears of it, unless the actor does."""
    state = first_state(turn.actor, kind)
    decided = state is ItemState.APPROVED
    item = turn.library.add(
        Item(
            kind=kind,
            content=content,
            author_id=turn.actor.id,
            changed_by=turn.actor.id,
            changed_at=turn.now,
            state=state,
            replaces=replaces.id if replaces else None,
            decided_by=turn.actor.id if decided else None,
            decided_at=turn.now if decided else None,
        )
    )
    turn.uow.audit.record(turn.actor, "library.create", item.subject, {"kind": kind})
    if not decided:
        _tell_deciders(item, turn)
    return item


def _is_open(item: Item) -> bool:
    return item.state in (ItemState.DRAFT, ItemState.WAITING)


def _filled(item: Item, locale: str, turn: Turn, content: Content | None = None) -> Form:
    state = {"value": str(item.id), "version": str(item.version)}
    return item_form(
        item.kind, locale, turn, action="library.update", state=state,
        content=content or item.content,
    )  # fmt: skip


def _tell_deciders(item: Item, turn: Turn) -> None:
    for person in _deciders(item.kind, turn.actor, turn.uow.people.everyone()):
        turn.uow.outbox.add(ItemProposed(item.id), person.id)


def _deciders(kind: ItemKind, author: Person, people: Sequence[Person]) -> list[Person]:
    """Product for what is theirs to decide, else those who lead the author."""
    product = [p for p in people if p.role is Role.PRODUCT and p.active and kind in decides_on(p)]
    return product or leaders_of(author.team_id, people)


def _thanks(item: Item, turn: Turn) -> str:
    return turn.text("library.saved" if item.is_approved else "library.proposed")
