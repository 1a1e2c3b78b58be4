"""The cards of views that are posted, and of postings that ended."""

from dataclasses import replace
from datetime import date, datetime

from handlers.core.channel_privacy import reason, verdict_here
from handlers.core.context import Context
from handlers.core.labels import team_label
from handlers.core.ui import Button, Card, Section
from handlers.lead_lists.cards import list_card
from handlers.lead_lists.service import ListPlace, moments_of
from handlers.saved_views.cards import (
    gone,
    open_buttons,
    posting_buttons,
    times_words,
    view_words,
    where,
)
from handlers.saved_views.service import (
    View,
    calendar_for,
    view_of,
)
from sales.channel_privacy import sees_team
from sales.errors import PersonNotFound, ViewNotFound
from sales.notices import ViewPosted, ViewPostEnded
from sales.people import SYSTEM, Person
from sales.posting_times import LATE_AFTER
from sales.saved_views import Posting, WhenEmpty, leads_team, reader_of_team

ROWS = 10
"""Rows of a posted list; a button opens all of it."""


def posted_card(notice: ViewPosted, context: Context, *, again: bool) -> Card | None:
    """A posted view as its reader sees it now; None when it is over, when a later one is on its
    way, or when an empty list is to say nothing."""
    posting, day = context.uow.view_postings.find(notice.posting_id), notice.day
    if posting is None or posting.ended_at or _is_overtaken(posting, day, again=again):
        return None
    reader, answers = _reader(posting, context), _answers(posting, context)
    if reader is None or answers is None:
        return None
    try:
        view = view_of(posting.view, context, answers)
    except ViewNotFound:
        return None
    why = _why(posting, date.fromisoformat(day), context)
    return _card(view, posting, why, replace(context, actor=reader), context)


def ended_card(notice: ViewPostEnded, context: Context, **_again: bool) -> Card | None:
    """That a posting ended and why, with what can be done; None for people it is not about."""
    posting = context.uow.view_postings.find(notice.posting_id)
    if posting is None or posting.ended_why is None:
        return None
    own = posting.person_id == context.actor.id
    if not own and not leads_team(context.actor, posting.team_id):
        return None
    name = posting.view_name or context.text("view.some_list")
    their_chat = context.text("view.own_chat" if own else "view.their_chat")
    answers = _answers(posting, context)
    return Card(
        title=context.text("view.ended_title", name=name),
        body=context.text(
            f"view.ended_{posting.ended_why.value}",
            name=name,
            who=answers.name if answers else "",
            times=times_words(posting.times, context),
            where=where(posting, context) if posting.in_channel else their_chat,
        ),
        buttons=(
            Button("view.schedule", context.text("button.post_view"), "", "primary"),
            Button("view.list", context.text("button.all_views")),
        ),
        footnote=context.text("view.ended_why_own" if own else "view.ended_why_leader"),
        tone="warning",
    )


def _is_overtaken(posting: Posting, day: str, *, again: bool) -> bool:
    """Whether a post waited so long, in quiet hours or for its channel, that a newer one comes."""
    return not again and posting.posted_on is not None and posting.posted_on.isoformat() > day


def _reader(posting: Posting, context: Context) -> Person | None:
    """Who reads the post: the person, or whoever sees all of the team's leads. None for a reader
    who is not meant, and for a channel that is not the team's any more."""
    if not posting.in_channel:
        return context.actor if context.actor.id == posting.person_id else None
    if context.actor != SYSTEM:
        # The channel refused the message, and the team's leaders get it meanwhile.
        is_meant = sees_team(context.actor, posting.team_id)
    else:
        bound = context.uow.channels.of_channel(*posting.channel)
        is_meant = bound is not None and bound.team_id == posting.team_id
    return reader_of_team(posting.team_id) if is_meant else None


def _answers(posting: Posting, context: Context) -> Person | None:
    """The person through whose eyes the view is looked up."""
    try:
        return context.uow.people.get(posting.person_id or posting.set_by)
    except PersonNotFound:
        return None


def _card(
    view: View, posting: Posting, why: str, reading: Context, context: Context
) -> Card | None:
    buttons = open_buttons(view, context)
    more = posting_buttons(posting, view.name, context)
    if view.read.shows_more:
        # Never a list that is longer than was asked for.
        return Card(
            view.name, body=gone(view, context), buttons=buttons, more=more, footnote=why,
            tone="warning",
        )  # fmt: skip
    if posting.in_channel and view.query.mine:
        body = context.text("view.each_their_own")
        return Card(view.name, body=body, buttons=buttons, more=more, footnote=why)
    total = reading.uow.lead_list(reading.actor).count(view.query, moments_of(view.query, reading))
    if not total:
        if posting.when_empty is WhenEmpty.NOTHING:
            return None
        line = context.text("view.nothing_today", name=view.name)
        return Card("", body=line, summary=line, buttons=buttons, more=more)
    names, because = _shows_names(posting, context)
    return _list(view, reading, names=names, footnote="\n".join(filter(None, (because, why))),
                 buttons=buttons, more=more)  # fmt: skip


def _list(
    view: View,
    reading: Context,
    *,
    names: bool,
    footnote: str,
    buttons: tuple[Button, ...],
    more: tuple[Button, ...],
) -> Card:
    """The first rows of the list; without ``names`` how many leads there are, and their value.

    Its pages are on the reader's own list: turned here, they would show everybody in the channel
    what only the reader may see.
    """
    place = ListPlace(query=view.query, sort=view.sort, lost=view.read.decoded.lost)
    shown = list_card(place, replace(reading, request=replace(reading.request, rows=ROWS)))
    sections = tuple(_rows(part) for part in shown.sections) if names else ()
    words = view_words(view, reading) if names else ""
    return Card(
        title=view.name,
        body="\n".join(part for part in (shown.title, words, gone(view, reading)) if part),
        sections=sections,
        buttons=buttons,
        more=more,
        footnote=footnote,
        summary=f"{view.name}: {shown.title}",
    )


def _rows(section: Section) -> Section:
    """The rows with how many there are in all, and nothing that turns a page or sorts them."""
    table = section.table and replace(section.table, sorts=(), sorted_by=None)
    return Section(lines=section.lines, table=table)


def _shows_names(posting: Posting, context: Context) -> tuple[bool, str]:
    """Whether customers may be named, and why not."""
    if not posting.in_channel or context.actor != SYSTEM:
        return True, ""
    verdict = verdict_here(context)
    if verdict is None:
        return False, ""
    return verdict.names, "" if verdict.names else reason(verdict, context)


def _why(posting: Posting, day: date, context: Context) -> str:
    """When and why it is posted, and that it is late."""
    times = times_words(posting.times, context)
    key = "view.why_channel" if posting.in_channel else "view.why_own"
    why = context.text(key, times=times, team=team_label(posting.team_id, context))
    due_at: datetime = posting.times.due_on(day, calendar_for(posting, context))
    if context.now - due_at > LATE_AFTER:
        return f"{why}\n{context.text('view.late', at=context.language.moment(due_at))}"
    return why
