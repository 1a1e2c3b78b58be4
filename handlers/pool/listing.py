"""``/pool``: list the pool by region, industry and grade, one page at a time."""

from dataclasses import astuple, replace

from handlers.core.button_values import offset, pack, unpack
from handlers.core.context import Context
from handlers.core.labels import enum_label, enum_options, page_buttons, term_label, term_options
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Choice, Form, Section, Text
from handlers.pool.cards import why_here
from sales.leads import Grade
from sales.permissions import may
from sales.pool import PooledLead, PoolQuery

PAGE = 6
LONGEST_TEXT = 40
FORMER = ";"
"""Separator of a place's parts on buttons posted before it became a colon."""


def open_pool(context: Context) -> Reply:
    """``/pool``, optionally with a region, an industry, a grade or a customer."""
    return Reply(card=pool_card(_asked_in_words(context.request.text, context), 0, context))


def page(context: Context) -> Reply:
    """Button: show another page of the same search."""
    query, number = parse_place(context.pressed)
    return Reply(update=pool_card(query, number, context))


def filter_form(context: Context) -> Reply:
    """Button: choose what to search for."""
    query, _ = parse_place(context.pressed)
    text, words = context.text, context.playbook.vocabulary
    regions = term_options(words.regions, context.language)
    industries = term_options(words.industries, context.language)
    return Reply(
        form=Form(
            action="pool.find",
            title=text("pool.filter_title"),
            fields=(
                Choice(name="region", label=text("lead.region"), value=query.region,
                       options=regions),
                Choice(name="industry", label=text("lead.industry"), value=query.industry,
                       options=industries),
                Choice(name="grade", label=text("lead.grade"), value=query.grade,
                       options=enum_options(Grade, context.language)),
                Text(name="customer", label=text("lead.customer"), value=query.text,
                     max_length=LONGEST_TEXT),
            ),
            submit=text("pool.filter_submit"),
            cancel=text("button.cancel"),
        )
    )  # fmt: skip


def search_pool(context: Context) -> Reply:
    """Form: show the first page of the search in the list that is open."""
    asked = (_fit(context.line(name)) for name in ("region", "industry", "grade", "customer"))
    return Reply(update=pool_card(PoolQuery(*asked), 0, context))


def pool_card(query: PoolQuery, number: int, context: Context) -> Card:
    """One page of the pool, limited to leads that the actor may claim."""
    pool = context.uow.pool(context.actor)
    total = pool.count(query)
    number = min(number, max(0, (total - 1) // PAGE))
    shown = pool.page(query, number * PAGE, PAGE)
    place = write_place(query, number)
    return Card(
        title=context.text("pool.title", n=total),
        body=_heading(query, total, context),
        sections=tuple(_section(lead, place, context) for lead in shown),
        buttons=_buttons(query, number, total, context),
        footnote=_rules(context),
    )


def write_place(query: PoolQuery, number: int) -> str:
    """Format a search and its page for a button."""
    return pack(number, *astuple(query))


def parse_place(value: str) -> tuple[PoolQuery, int]:
    """Parse a search and its page, the reverse of ``write_place``.

    Accepts any text: what cannot be parsed gives the pool's first page.
    """
    number, query = unpack(value, offset, str, former=FORMER)
    return PoolQuery(*unpack(query, _fit, _fit, _fit, _fit, former=FORMER)), number


def _fit(text: str) -> str:
    return text[:LONGEST_TEXT].strip()


def _asked_in_words(text: str, context: Context) -> PoolQuery:
    """Parse words typed after the command.

    Words from the vocabulary and grades are filters; the rest is a customer's name.
    """
    terms, query, rest = _known_words(context), PoolQuery(), []
    for word in text.split():
        if term := terms.get(word.casefold()):
            query = replace(query, **dict([term]))
        else:
            rest.append(word)
    return replace(query, text=_fit(" ".join(rest)))


def _known_words(context: Context) -> dict[str, tuple[str, str]]:
    """Map each known word to the filter it sets and the value."""
    words = context.playbook.vocabulary
    parts = {"industry": words.industries, "region": words.regions}
    by_word = {
        name.casefold(): (part, term.key)
        for part, terms in parts.items()
        for term in terms
        # A customer may well be called "other".
        if term.key != "other"
        for name in (term.key, term.en, term.zh)
    }
    for grade in Grade:
        for name in (grade.value, enum_label(grade, context.language)):
            by_word[name.casefold()] = ("grade", grade.value)
    return by_word


def _heading(query: PoolQuery, total: int, context: Context) -> str:
    words = context.playbook.vocabulary
    asked = [
        term_label(words.regions, query.region, context.language),
        term_label(words.industries, query.industry, context.language),
        enum_label(Grade(query.grade), context.language) if query.grade in set(Grade) else "",
        query.text,
    ]
    if any(asked):
        named = context.language.listing([part for part in asked if part])
        return context.text("pool.filtered" if total else "pool.none_found", what=named)
    return "" if total else context.text("pool.empty")


def _section(lead: PooledLead, place: str, context: Context) -> Section:
    language, words = context.language, context.playbook.vocabulary
    what = (
        enum_label(lead.grade, language),
        enum_label(lead.stage, language),
        term_label(words.regions, lead.region, language),
        term_label(words.industries, lead.industry, language),
        term_label(words.products, lead.product, language),
    )
    days = (context.today - context.calendar.day_of(lead.pooled_at)).days
    here = context.text("pool.here_since", n=days) if days else context.text("pool.here_today")
    value = pack(lead.number, place)
    buttons = [
        Button("pool.claim", context.text("button.claim", lead=lead.number), value, "primary")
    ]
    if may(context.actor, "pool.pick"):
        buttons.append(
            Button("pool.pick", context.text("button.hand", lead=lead.number), lead.number)
        )
    return Section(
        heading=f"{lead.number} · {lead.customer}",
        lines=(
            " · ".join(part for part in what if part),
            f"{here} · {why_here(lead.reason, lead.detail, context)}",
        ),
        buttons=tuple(buttons),
    )


def _buttons(query: PoolQuery, number: int, total: int, context: Context) -> tuple[Button, ...]:
    text, pages = context.text, -(-total // PAGE)
    buttons = [
        *page_buttons(
            "pool.page", number, pages, lambda page: write_place(query, page), context.language
        )
    ]
    buttons.append(Button("pool.filter", text("button.filter"), write_place(query, 0)))
    if query != PoolQuery():
        buttons.append(Button("pool.page", text("button.show_all"), write_place(PoolQuery(), 0)))
    buttons.append(Button("board.open", text("button.my_board")))
    return tuple(buttons)


def _rules(context: Context) -> str:
    rules = context.playbook.pool
    return context.text("pool.rules", most=rules.hold_most, daily=rules.claims_per_day)
