"""The form for an item, in one language at a time, and its parser."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.language import LOCALES
from handlers.core.ui import Choice, Field, Form, LongText, Money, State, Text
from handlers.library.labels import known_tags, tag_options
from sales.contacts import mask_contacts
from sales.library import DETAILS, TAGS, Content, ItemKind, Tags, Wording

LONGEST = {"title": 120, "text": 3000, "customer": 120, "result": 300, "average": 300}
"""Maximum length of a field, in characters."""
_EDITIONS = ("basic", "advanced")


def item_form(
    kind: ItemKind,
    locale: str,
    context: Context,
    *,
    action: str,
    state: State,
    content: Content | None,
) -> Form:
    """The form, empty or filled with ``content``. For a language without a text yet, it asks only
    for the text."""
    wording = content.words.get(locale) if content else None
    is_new_language = content is not None and wording is None
    sorting: tuple[Field, ...] = ()
    if not is_new_language:
        sorting = (*_prices(kind, content, context), *_tags(kind, content, context))
    intro = context.text(f"library.about_{kind}")
    if content and is_new_language:
        original = next(iter(content.words.values()))
        intro = f"{original.title}\n{original.text[:600]}"
    return Form(
        action=action,
        title=context.text(f"library.form_{kind}"),
        intro=intro,
        fields=(*_words(kind, wording, context), *sorting),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={**state, "kind": kind.value, "locale": locale},
    )


def form_locale(context: Context) -> str:
    """The language in which the form was opened."""
    locale = context.request.state.get("locale", "")
    return locale if locale in LOCALES else context.language.locale


def read_content(kind: ItemKind, former: Content | None, context: Context) -> Content:
    """``former`` with what was typed; contacts in it are masked, since everybody reads it. Raises
    InvalidInput naming every field that is wrong."""
    locale = form_locale(context)
    is_new_language = former is not None and locale not in former.words
    has_prices = kind is ItemKind.MODULE and not is_new_language
    with FormReader(context) as form:
        wording = _read_wording(kind, form)
        prices = {name: form.amount(name) for name in (_EDITIONS if has_prices else ())}
    content = former or Content(words={})
    words = {**content.words, locale: wording}
    if is_new_language:
        return replace(content, words=words)
    tags = known_tags(Tags(**{tag: context.typed(tag) for tag in TAGS[kind]}), context)
    return replace(content, words=words, tags=tags, **prices)


def _words(kind: ItemKind, wording: Wording | None, context: Context) -> tuple[Field, ...]:
    text = context.text
    details = tuple(
        Text(name=name, label=text(f"library.{name}"), max_length=LONGEST[name],
             placeholder=text(f"library.{name}_example"),
             value=getattr(wording, name) if wording else "")
        for name in DETAILS.get(kind, ())
    )  # fmt: skip
    return (
        Text(name="title", label=text(f"library.title_{kind}"), required=True,
             max_length=LONGEST["title"], value=wording.title if wording else "",
             placeholder=text(f"library.example_{kind}")),
        LongText(name="text", label=text(f"library.text_{kind}"), required=True,
                 max_length=LONGEST["text"], value=wording.text if wording else ""),
        *details,
    )  # fmt: skip


def _prices(kind: ItemKind, content: Content | None, context: Context) -> tuple[Field, ...]:
    if kind is not ItemKind.MODULE:
        return ()
    return tuple(
        Money(
            name=name,
            label=context.text(f"library.price_{name}"),
            hint=context.text("library.price_example"),
            value=f"{price.normalize():f}" if content and (price := getattr(content, name)) else "",
        )
        for name in _EDITIONS
    )


def _tags(kind: ItemKind, content: Content | None, context: Context) -> tuple[Field, ...]:
    return tuple(
        Choice(
            name=tag,
            label=context.text(f"library.tag_{tag}"),
            options=tag_options(tag, context),
            value=getattr(content.tags, tag) if content else "",
        )
        for tag in TAGS[kind]
    )


def _read_wording(kind: ItemKind, form: FormReader) -> Wording:
    typed = {
        name: (form.words if name == "text" else form.line)(name, LONGEST[name])
        for name in ("title", "text", *DETAILS.get(kind, ()))
    }
    for name in ("title", "text"):
        if not typed[name]:
            form.refuse(name, f"item_{name}_missing")
    return Wording(**{name: mask_contacts(words[: LONGEST[name]]) for name, words in typed.items()})
