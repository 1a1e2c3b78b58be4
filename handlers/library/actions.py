"""Writing for the library: a new item, other words for one, the same in the other language.

Who decides on a kind writes straight into the library; what others write waits for them. Other
words for what is approved wait beside it, so that it stays in use meanwhile.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Form, LeadPick, LongText
from handlers.leads.forms import lead_options
from handlers.library.cards import item_card, item_of, kind_of, may_decide, other_locale, shelf_card
from handlers.library.forms import item_form, read_content
from handlers.library.labels import item_locale
from sales.errors import InvalidInput, ItemNotFound, NotAllowed, Problem
from sales.leads import lead_id_of, parse_lead_number
from sales.library import (
    Content,
    DocumentItem,
    Item,
    ItemKind,
    ItemState,
    LibraryDocument,
    Purpose,
    Use,
    decides_on,
    first_state,
)
from sales.notices import ItemDecided, ItemProposed
from sales.people import Person, Role, leaders_of
from sales.permissions import LEADERS


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


LONGEST_NOTE = 300


def approve(turn: Turn) -> Reply:
    """Button: everybody finds it from now on."""
    item = _decidable(turn)
    if item.is_approved:
        return Reply(update=item_card(item, turn), toast=turn.text("library.is_approved"))
    if item.replaces is not None:
        return _approve_change(item, turn)
    return _decided(item.approve(turn.actor, turn.now), "approve", turn)


def send_back(turn: Turn) -> Reply:
    """Button: with which word?"""
    item = _decidable(turn)
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, turn), toast=turn.text("library.not_waiting"))
    note = LongText(
        name="note",
        label=turn.text("library.return_note"),
        required=True,
        placeholder=turn.text("library.return_example"),
        max_length=LONGEST_NOTE,
    )
    return Reply(
        form=Form(
            action="library.decline",
            title=turn.text("library.return_title"),
            intro=item.wording(turn.language.locale).title,
            fields=(note,),
            submit=turn.text("button.return"),
            cancel=turn.text("button.cancel"),
            state={"value": str(item.id)},
        )
    )


def decline(turn: Turn) -> Reply:
    """Form: it goes back to its author."""
    item = _decidable(turn)
    note = turn.typed("note")
    if not note:
        raise InvalidInput({"note": Problem("return_note_missing")})
    if len(note) > LONGEST_NOTE:
        raise InvalidInput({"note": Problem("too_long", n=LONGEST_NOTE)})
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, turn), toast=turn.text("library.not_waiting"))
    return _decided(item.send_back(note, turn.actor, turn.now), "return", turn)


def retire(turn: Turn) -> Reply:
    """Button: nobody finds it any more; it can be approved again."""
    item = _decidable(turn)
    if not item.is_approved:
        return Reply(update=item_card(item, turn), toast=turn.text("library.not_approved"))
    return _decided(item.retire(turn.actor, turn.now), "retire", turn)


def _decidable(turn: Turn) -> Item:
    item = item_of(turn)
    if not may_decide(item, turn):
        raise NotAllowed(roles=sorted(LEADERS))
    return item


def _approve_change(change: Item, turn: Turn) -> Reply:
    """The approved item gets the new words; the change has done its part."""
    former = turn.library.get(change.replaces or 0)
    author = turn.uow.people.get(change.author_id)
    renewed = former.changed(change.content, author, turn.now).approve(turn.actor, turn.now)
    saved = turn.library.save(renewed)
    done = turn.library.save(change.retire(turn.actor, turn.now))
    turn.uow.outbox.refresh(done.subject)
    return _decided_as_saved(saved, "approve", turn, author_id=change.author_id)


def _decided(item: Item, act: str, turn: Turn) -> Reply:
    return _decided_as_saved(turn.library.save(item), act, turn, author_id=item.author_id)


def _decided_as_saved(item: Item, act: str, turn: Turn, *, author_id: int) -> Reply:
    turn.uow.audit.record(turn.actor, f"library.{act}", item.subject, {"kind": item.kind})
    turn.uow.outbox.refresh(item.subject)
    if author_id != turn.actor.id:
        turn.uow.outbox.add(ItemDecided(item.id), author_id)
    return Reply(update=item_card(item, turn), toast=turn.text(f"library.done_{act}"))


def ask(turn: Turn) -> Reply:
    """Button: I used it; for which lead?"""
    item = _usable(turn)
    text = turn.text
    return Reply(
        form=Form(
            action="library.used",
            title=text("library.use_title"),
            intro=item.wording(turn.language.locale).title,
            fields=(
                LeadPick(
                    name="lead",
                    label=text("library.use_lead"),
                    hint=text("library.use_hint"),
                    options=lead_options(turn),
                ),
            ),
            submit=text("button.used_it"),
            cancel=text("button.cancel"),
            state={"value": str(item.id)},
        )
    )


def used(turn: Turn) -> Reply:
    """Form: it counts, once a day for each lead."""
    item = _usable(turn)
    typed = turn.typed("lead")
    lead_id = None
    if typed:
        if parse_lead_number(typed) is None:
            raise InvalidInput({"lead": Problem("lead_missing")})
        lead_id = turn.leads.get(lead_id_of(typed)).id
    new = count_use(item.id, lead_id, Purpose.SAID, turn)
    turn.uow.outbox.refresh(item.subject)
    said = "library.use_counted" if new else "library.use_known"
    return Reply(update=item_card(item, turn), toast=turn.text(said))


def count_use(item_id: int, lead_id: int | None, purpose: Purpose, turn: Turn) -> bool:
    """The actor used an item; False when that counts for today already."""
    return turn.library.use(
        Use(
            item_id=item_id,
            person_id=turn.actor.id,
            lead_id=lead_id,
            purpose=purpose,
            at=turn.now,
            day=turn.today,
        )
    )


def _usable(turn: Turn) -> Item:
    item = item_of(turn)
    if not item.is_told:
        raise ItemNotFound
    return item


def start(turn: Turn) -> Reply:
    """Button on an empty shelf."""
    if turn.library.counts():
        return Reply(update=shelf_card(turn), toast=turn.text("library.not_empty"))
    fill_shelf(turn, turn.actor.id)
    turn.uow.audit.record(turn.actor, "library.start", "library", {})
    count = len(_starter())
    return Reply(update=shelf_card(turn), toast=turn.text("library.started", n=count))


def fill_shelf(turn: Turn, author_id: int) -> None:
    """Put the starter's items into the library, approved by who wanted them."""
    for document in _starter():
        turn.library.add(
            Item(
                kind=document.kind,
                content=document.content,
                author_id=author_id,
                changed_by=author_id,
                changed_at=turn.now,
                state=ItemState.APPROVED,
                decided_by=author_id,
                decided_at=turn.now,
            )
        )


@cache
def _starter() -> tuple[DocumentItem, ...]:
    text = (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")
    return LibraryDocument.model_validate(yaml.safe_load(text)).items
