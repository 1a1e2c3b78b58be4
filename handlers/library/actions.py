"""Writing for the library: a new item, other words for one, the same in the other language.

Who decides on a kind writes straight into the library; what others write waits for them. Other
words for what is approved wait beside it, so that it stays in use meanwhile.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from handlers.core.choices import lead_options
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Form, LeadPick, LongText
from handlers.library.cards import item_card, item_of, kind_of, may_decide, other_locale, shelf_card
from handlers.library.forms import item_form, read_content
from handlers.library.labels import item_locale
from sales.errors import ItemNotFound, NotAllowed
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


def add(context: Context) -> Reply:
    """Button: an empty form for a kind."""
    kind = kind_of(context.pressed)
    locale = context.language.locale
    form = item_form(kind, locale, context, action="library.create", state={}, content=None)
    return Reply(form=form)


def create(context: Context) -> Reply:
    """Form: a new item."""
    kind = kind_of(context.request.state.get("kind", ""))
    item = store_item(kind, read_content(kind, None, context), context)
    return Reply(card=item_card(item, context), toast=_thanks(item, context))


def edit(context: Context) -> Reply:
    """Button: the form in the language in which the item is read."""
    item = item_of(context)
    return Reply(form=_filled(item, item_locale(item, context), context))


def translate(context: Context) -> Reply:
    """Button: the same item in the language that is missing."""
    item = item_of(context)
    return Reply(form=_filled(item, other_locale(item_locale(item, context)), context))


def update(context: Context) -> Reply:
    """Form: other words; what somebody else saved meanwhile is not overwritten unseen."""
    item = item_of(context)
    content = read_content(item.kind, item.content, context)
    if str(item.version) != context.request.state.get("version"):
        form = _filled(item, context.request.state.get("locale", ""), context, content)
        return Reply(form=form, errors={WHOLE_FORM: context.text("library.changed_meanwhile")})
    if may_decide(item, context) or (item.author_id == context.actor.id and _is_open(item)):
        saved = context.library.save(item.changed(content, context.actor, context.now))
        if item.state is ItemState.DRAFT:
            _tell_deciders(saved, context)
    else:
        saved = store_item(item.kind, content, context, replaces=item)
    context.uow.outbox.refresh(saved.subject)
    context.uow.audit.record(context.actor, "library.update", saved.subject, {"kind": saved.kind})
    return Reply(update=item_card(saved, context), toast=_thanks(saved, context))


def store_item(
    kind: ItemKind, content: Content, context: Context, *, replaces: Item | None = None
) -> Item:
    """A new item of the actor's; who decides hears of it, unless the actor does."""
    state = first_state(context.actor, kind)
    decided = state is ItemState.APPROVED
    item = context.library.add(
        Item(
            kind=kind,
            content=content,
            author_id=context.actor.id,
            changed_by=context.actor.id,
            changed_at=context.now,
            state=state,
            replaces=replaces.id if replaces else None,
            decided_by=context.actor.id if decided else None,
            decided_at=context.now if decided else None,
        )
    )
    context.uow.audit.record(context.actor, "library.create", item.subject, {"kind": kind})
    if not decided:
        _tell_deciders(item, context)
    return item


def _is_open(item: Item) -> bool:
    return item.state in (ItemState.DRAFT, ItemState.WAITING)


def _filled(item: Item, locale: str, context: Context, content: Content | None = None) -> Form:
    state = {"value": str(item.id), "version": str(item.version)}
    return item_form(
        item.kind, locale, context, action="library.update", state=state,
        content=content or item.content,
    )  # fmt: skip


def _tell_deciders(item: Item, context: Context) -> None:
    for person in _deciders(item.kind, context.actor, context.uow.people.everyone()):
        context.uow.outbox.add(ItemProposed(item.id), person.id)


def _deciders(kind: ItemKind, author: Person, people: Sequence[Person]) -> list[Person]:
    """Product for what is theirs to decide, else those who lead the author."""
    product = [p for p in people if p.role is Role.PRODUCT and p.active and kind in decides_on(p)]
    return product or leaders_of(author.team_id, people)


def _thanks(item: Item, context: Context) -> str:
    return context.text("library.saved" if item.is_approved else "library.proposed")


LONGEST_NOTE = 300


def approve(context: Context) -> Reply:
    """Button: everybody finds it from now on."""
    item = _decidable(context)
    if item.is_approved:
        return Reply(update=item_card(item, context), toast=context.text("library.is_approved"))
    if item.replaces is not None:
        return _approve_change(item, context)
    return _decided(item.approve(context.actor, context.now), "approve", context)


def send_back(context: Context) -> Reply:
    """Button: with which word?"""
    item = _decidable(context)
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, context), toast=context.text("library.not_waiting"))
    note = LongText(
        name="note",
        label=context.text("library.return_note"),
        required=True,
        placeholder=context.text("library.return_example"),
        max_length=LONGEST_NOTE,
    )
    return Reply(
        form=Form(
            action="library.decline",
            title=context.text("library.return_title"),
            intro=item.wording(context.language.locale).title,
            fields=(note,),
            submit=context.text("button.return"),
            cancel=context.text("button.cancel"),
            state={"value": str(item.id)},
        )
    )


def decline(context: Context) -> Reply:
    """Form: it goes back to its author."""
    item = _decidable(context)
    with FormReader(context) as form:
        note = form.words("note", LONGEST_NOTE, missing="return_note_missing")
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, context), toast=context.text("library.not_waiting"))
    return _decided(item.send_back(note, context.actor, context.now), "return", context)


def retire(context: Context) -> Reply:
    """Button: nobody finds it any more; it can be approved again."""
    item = _decidable(context)
    if not item.is_approved:
        return Reply(update=item_card(item, context), toast=context.text("library.not_approved"))
    return _decided(item.retire(context.actor, context.now), "retire", context)


def _decidable(context: Context) -> Item:
    item = item_of(context)
    if not may_decide(item, context):
        raise NotAllowed(roles=sorted(LEADERS))
    return item


def _approve_change(change: Item, context: Context) -> Reply:
    """The approved item gets the new words; the change has done its part."""
    former = context.library.get(change.replaces or 0)
    author = context.uow.people.get(change.author_id)
    renewed = former.changed(change.content, author, context.now).approve(
        context.actor, context.now
    )
    saved = context.library.save(renewed)
    done = context.library.save(change.retire(context.actor, context.now))
    context.uow.outbox.refresh(done.subject)
    return _decided_as_saved(saved, "approve", context, author_id=change.author_id)


def _decided(item: Item, act: str, context: Context) -> Reply:
    return _decided_as_saved(context.library.save(item), act, context, author_id=item.author_id)


def _decided_as_saved(item: Item, act: str, context: Context, *, author_id: int) -> Reply:
    context.uow.audit.record(context.actor, f"library.{act}", item.subject, {"kind": item.kind})
    context.uow.outbox.refresh(item.subject)
    if author_id != context.actor.id:
        context.uow.outbox.add(ItemDecided(item.id), author_id)
    return Reply(update=item_card(item, context), toast=context.text(f"library.done_{act}"))


def ask(context: Context) -> Reply:
    """Button: I used it; for which lead?"""
    item = _usable(context)
    text = context.text
    return Reply(
        form=Form(
            action="library.used",
            title=text("library.use_title"),
            intro=item.wording(context.language.locale).title,
            fields=(
                LeadPick(
                    name="lead",
                    label=text("library.use_lead"),
                    hint=text("library.use_hint"),
                    options=lead_options(context),
                ),
            ),
            submit=text("button.used_it"),
            cancel=text("button.cancel"),
            state={"value": str(item.id)},
        )
    )


def used(context: Context) -> Reply:
    """Form: it counts, once a day for each lead."""
    item = _usable(context)
    with FormReader(context) as form:
        lead_id = form.lead_id("lead") if context.typed("lead") else None
    if lead_id is not None:
        lead_id = context.leads.get(lead_id).id
    new = count_use(item.id, lead_id, Purpose.SAID, context)
    context.uow.outbox.refresh(item.subject)
    said = "library.use_counted" if new else "library.use_known"
    return Reply(update=item_card(item, context), toast=context.text(said))


def count_use(item_id: int, lead_id: int | None, purpose: Purpose, context: Context) -> bool:
    """The actor used an item; False when that counts for today already."""
    return context.library.use(
        Use(
            item_id=item_id,
            person_id=context.actor.id,
            lead_id=lead_id,
            purpose=purpose,
            at=context.now,
            day=context.today,
        )
    )


def _usable(context: Context) -> Item:
    item = item_of(context)
    if not item.is_told:
        raise ItemNotFound
    return item


def start(context: Context) -> Reply:
    """Button on an empty shelf."""
    if context.library.counts():
        return Reply(update=shelf_card(context), toast=context.text("library.not_empty"))
    fill_shelf(context, context.actor.id)
    context.uow.audit.record(context.actor, "library.start", "library", {})
    count = len(_starter())
    return Reply(update=shelf_card(context), toast=context.text("library.started", n=count))


def fill_shelf(context: Context, author_id: int) -> None:
    """Put the starter's items into the library, approved by who wanted them."""
    for document in _starter():
        context.library.add(
            Item(
                kind=document.kind,
                content=document.content,
                author_id=author_id,
                changed_by=author_id,
                changed_at=context.now,
                state=ItemState.APPROVED,
                decided_by=author_id,
                decided_at=context.now,
            )
        )


@cache
def _starter() -> tuple[DocumentItem, ...]:
    text = (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")
    return LibraryDocument.model_validate(yaml.safe_load(text)).items
