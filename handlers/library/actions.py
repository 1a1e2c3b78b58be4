"""Writing for the library: a new item, a changed one, or a translation.

People who decide on a kind write straight into the library; items by others wait for approval. A
change to an approved item waits beside it, so that the item stays in use meanwhile.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from handlers.core.choices import lead_options
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Button, Card, Form, LeadPick, LongText, Section
from handlers.library.cards import (
    FOUND,
    LONGEST_QUERY,
    add_button,
    item_card,
    item_of,
    item_section,
    kind_line,
    kind_of,
    may_decide,
    other_locale,
    shelf_card,
    tag_names,
)
from handlers.library.forms import item_form, read_content
from handlers.library.labels import item_locale
from handlers.library.service import count_use, notify_deciders, store_item
from sales.errors import ItemNotFound, NotAllowed
from sales.library import (
    Content,
    DocumentItem,
    Item,
    ItemKind,
    ItemState,
    LibraryDocument,
    Purpose,
    Tags,
)
from sales.notices import ItemDecided
from sales.permissions import LEADERS
from sales.text_search import terms_of


def add(context: Context) -> Reply:
    """Button: an empty form for a kind."""
    kind = kind_of(context.pressed)
    locale = context.language.locale
    form = item_form(kind, locale, context, action="library.create", state={}, content=None)
    return Reply(form=form)


def create(context: Context) -> Reply:
    """Form: save a new item."""
    kind = kind_of(context.request.state.get("kind", ""))
    item = store_item(kind, read_content(kind, None, context), context)
    return Reply(card=item_card(item, context), toast=_thanks(item, context))


def edit(context: Context) -> Reply:
    """Button: the form in the language in which the item is read."""
    item = item_of(context)
    return Reply(form=_filled(item, item_locale(item, context), context))


def translate(context: Context) -> Reply:
    """Button: the form for the item's missing language."""
    item = item_of(context)
    return Reply(form=_filled(item, other_locale(item_locale(item, context)), context))


def update(context: Context) -> Reply:
    """Form: save a change, without silently overwriting what somebody else saved meanwhile."""
    item = item_of(context)
    content = read_content(item.kind, item.content, context)
    if str(item.version) != context.request.state.get("version"):
        form = _filled(item, context.request.state.get("locale", ""), context, content)
        return Reply(form=form, errors={WHOLE_FORM: context.text("library.changed_meanwhile")})
    if may_decide(item, context) or (item.author_id == context.actor.id and _is_open(item)):
        saved = context.library.save(item.changed(content, context.actor, context.now))
        if item.state is ItemState.DRAFT:
            notify_deciders(saved, context)
    else:
        saved = store_item(item.kind, content, context, replaces=item)
    context.uow.outbox.refresh(saved.subject)
    context.uow.audit.record(context.actor, "library.update", saved.subject, {"kind": saved.kind})
    return Reply(update=item_card(saved, context), toast=_thanks(saved, context))


def _is_open(item: Item) -> bool:
    return item.state in (ItemState.DRAFT, ItemState.WAITING)


def _filled(item: Item, locale: str, context: Context, content: Content | None = None) -> Form:
    state = {"value": str(item.id), "version": str(item.version)}
    return item_form(
        item.kind, locale, context, action="library.update", state=state,
        content=content or item.content,
    )  # fmt: skip


def _thanks(item: Item, context: Context) -> str:
    return context.text("library.saved" if item.is_approved else "library.proposed")


LONGEST_NOTE = 300


def approve(context: Context) -> Reply:
    """Button: approve the item, so that everybody finds it from now on."""
    item = _item_to_decide(context)
    if item.is_approved:
        return Reply(update=item_card(item, context), toast=context.text("library.is_approved"))
    if item.replaces is not None:
        return _approve_change(item, context)
    return _save_decision(item.approve(context.actor, context.now), "approve", context)


def send_back(context: Context) -> Reply:
    """Button: ask for a note to the author."""
    item = _item_to_decide(context)
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
    """Form: return the item to its author."""
    item = _item_to_decide(context)
    with FormReader(context) as form:
        note = form.words("note", LONGEST_NOTE, missing="return_note_missing")
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, context), toast=context.text("library.not_waiting"))
    return _save_decision(item.send_back(note, context.actor, context.now), "return", context)


def retire(context: Context) -> Reply:
    """Button: retire the item. Nobody finds it any more, but it can be approved again."""
    item = _item_to_decide(context)
    if not item.is_approved:
        return Reply(update=item_card(item, context), toast=context.text("library.not_approved"))
    return _save_decision(item.retire(context.actor, context.now), "retire", context)


def _item_to_decide(context: Context) -> Item:
    item = item_of(context)
    if not may_decide(item, context):
        raise NotAllowed(roles=sorted(LEADERS))
    return item


def _approve_change(change: Item, context: Context) -> Reply:
    """Apply an approved change to its item, and retire the change."""
    former = context.library.get(change.replaces or 0)
    author = context.uow.people.get(change.author_id)
    renewed = former.changed(change.content, author, context.now).approve(
        context.actor, context.now
    )
    saved = context.library.save(renewed)
    done = context.library.save(change.retire(context.actor, context.now))
    context.uow.outbox.refresh(done.subject)
    return _record_decision(saved, "approve", context, author_id=change.author_id)


def _save_decision(item: Item, act: str, context: Context) -> Reply:
    return _record_decision(context.library.save(item), act, context, author_id=item.author_id)


def _record_decision(item: Item, act: str, context: Context, *, author_id: int) -> Reply:
    context.uow.audit.record(context.actor, f"library.{act}", item.subject, {"kind": item.kind})
    context.uow.outbox.refresh(item.subject)
    if author_id != context.actor.id:
        context.uow.outbox.add(ItemDecided(item.id), author_id)
    return Reply(update=item_card(item, context), toast=context.text(f"library.done_{act}"))


def ask(context: Context) -> Reply:
    """Button: record that the item was used; ask for which lead."""
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


def log_use(context: Context) -> Reply:
    """Form: count the use, once a day per lead."""
    item = _usable(context)
    with FormReader(context) as form:
        lead_id = form.lead_id("lead") if context.typed("lead") else None
    if lead_id is not None:
        lead_id = context.leads.get(lead_id).id
    new = count_use(item.id, lead_id, Purpose.SAID, context)
    context.uow.outbox.refresh(item.subject)
    key = "library.use_counted" if new else "library.use_known"
    return Reply(update=item_card(item, context), toast=context.text(key))


def _usable(context: Context) -> Item:
    item = item_of(context)
    if not item.is_told:
        raise ItemNotFound
    return item


def start(context: Context) -> Reply:
    """Button on an empty library: add the starter items."""
    if context.library.counts():
        return Reply(update=shelf_card(context), toast=context.text("library.not_empty"))
    fill_shelf(context, context.actor.id)
    context.uow.audit.record(context.actor, "library.start", "library", {})
    count = len(_starter())
    return Reply(update=shelf_card(context), toast=context.text("library.started", n=count))


def fill_shelf(context: Context, author_id: int) -> None:
    """Put the starter items into the library, approved by the person who asked for them."""
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
    import yaml  # Here: it is read once in the life of a company.

    text = (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")
    return LibraryDocument.model_validate(yaml.safe_load(text)).items


def open_command(context: Context) -> Reply:
    """``/library``: the overview; with words, the matching items."""
    words = context.request.text.strip()[:LONGEST_QUERY]
    if not words:
        return Reply(card=shelf_card(context))
    terms = terms_of(words, tag_names(context))
    items = context.library.search(terms, FOUND + 1)
    if not items:
        return Reply(card=_none_found(words, context))
    title = context.text("library.found", text=words)
    return Reply(card=_list_card(title, items, context))


def browse(context: Context) -> Reply:
    """Button: the items of a kind, the most successful first."""
    kind = kind_of(context.pressed)
    items = context.library.suited(kind, Tags(), FOUND + 1)
    title = context.text(f"library.shelf_{kind}")
    if not items:
        body = context.text("library.none_yet")
        return Reply(card=Card(title=title, body=body, buttons=(add_button(kind, context),)))
    return Reply(card=_list_card(title, items, context, add=add_button(kind, context)))


def show(context: Context) -> Reply:
    """Button: one item."""
    return Reply(card=item_card(item_of(context), context))


def history(context: Context) -> Reply:
    """Button: the item's earlier versions, newest first."""
    item = item_of(context)
    editions = context.library.editions(item.id)
    sections = tuple(
        Section(
            context.text(
                "library.edition",
                number=edition.number,
                name=context.uow.people.get(edition.by_id).name,
                at=context.language.moment(edition.at),
            ),
            tuple(f"{words.title}\n{words.text[:500]}" for words in edition.content.words.values()),
        )
        for edition in editions[:FOUND]
    )
    back = Button("library.show", context.text("button.show_item"), str(item.id))
    title = context.text("library.history", title=item.wording(context.language.locale).title)
    return Reply(card=Card(title=title, sections=sections, buttons=(back,)))


def _list_card(
    title: str, items: Sequence[Item], context: Context, add: Button | None = None
) -> Card:
    shown = items[:FOUND]
    uses = context.library.uses(item.id for item in shown)
    return Card(
        title=title,
        sections=tuple(
            item_section(item, kind_line(item, uses[item.id], context), context) for item in shown
        ),
        buttons=(
            *((add,) if add else ()),
            Button("library.open", context.text("button.library")),
        ),
        footnote=context.text("library.more", n=FOUND) if len(items) > FOUND else "",
    )


def _none_found(words: str, context: Context) -> Card:
    return Card(
        title=context.text("library.none_found", text=words),
        body=context.text("library.none_found_hint"),
        buttons=(
            *(
                add_button(kind, context)
                for kind in (ItemKind.SCRIPT, ItemKind.ANSWER, ItemKind.CASE)
            ),
            Button("library.open", context.text("button.library")),
        ),
    )
