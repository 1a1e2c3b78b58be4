"""The cards of saved views: all of them, one of them, and when one is posted."""

from collections.abc import Iterable

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import channel_label, page_buttons, team_label
from handlers.core.ui import Button, Card, Confirm, Row, Section
from handlers.lead_lists.wording import heading_words, lost_words, sort_words
from handlers.saved_views.service import (
    View,
    built_in_views,
    may_change_posting,
    own_views,
    postings_seen,
    team_views,
    view_of,
)
from sales.errors import ViewNotFound
from sales.jobs import PostView
from sales.lead_lists import LeadQuery, LeadSort
from sales.posting_times import EVERY_DAY, PostingTimes
from sales.saved_views import Posting, may_change

PAGE = 10
"""Views of one kind on the card of all; a button shows the next ones."""


def views_card(offset: int, context: Context) -> Card:
    """All views that the actor may open, and what is posted to them."""
    own, teams = own_views(context), team_views(context)
    built_in = built_in_views(context)
    page = (*own, *teams)[offset : offset + PAGE]
    sections = [
        Section(
            context.text(heading),
            rows=tuple(_view_row(view, context) for view in views),
        )
        for heading, views in (
            ("view.own", [view for view in page if view in own]),
            ("view.teams", [view for view in page if view in teams]),
            ("view.everybodys", () if offset else built_in),
        )
        if views
    ]
    postings = () if offset else postings_seen(context)
    if postings:
        sections.append(_postings_section(postings, context))
    return Card(
        title=context.text("view.list_title"),
        body="" if own or teams else context.text("view.none_yet"),
        sections=tuple(sections),
        buttons=_pages(offset, len(own) + len(teams), context),
        footnote=context.text("view.list_hint"),
    )


def _view_row(view: View, context: Context) -> Row:
    name = view.name
    if view.saved and view.saved.is_teams:
        name = context.text(
            "view.of_team", name=name, team=team_label(view.saved.holder.id, context)
        )
    line = f"{name} — {view_words(view, context)}" if view.saved else name
    return Row(line, Button("view.show", view.name, view.ref))


def _postings_section(postings: Iterable[Posting], context: Context) -> Section:
    """Each posting with the button that changes or stops it."""
    return Section(
        context.text("view.posted_heading"),
        rows=tuple(
            Row(
                posting_line(posting, context),
                Button("view.schedule", context.text("button.change_posting"), _edit(posting)),
            )
            for posting in postings
        ),
    )


def _pages(offset: int, total: int, context: Context) -> tuple[Button, ...]:
    pages = -(-total // PAGE)
    buttons = page_buttons(
        "view.page", offset // PAGE, pages, lambda page: str(page * PAGE), context.language
    )
    post = Button("view.schedule", context.text("button.post_view"), pack("", 0))
    return (*buttons, post, Button("lead_list.open", context.text("view.back")))


def view_card(view: View, context: Context) -> Card:
    """One view: what it shows, when it is posted, and what can be done with it."""
    postings = [one for one in postings_seen(context) if one.view == view.ref]
    sections = (_postings_section(postings, context),) if postings else ()
    whose = "view.is_built_in"
    if view.saved:
        whose = "view.is_teams" if view.saved.is_teams else "view.is_own"
    team = team_label(view.saved.holder.id, context) if view.saved and view.saved.is_teams else ""
    return Card(
        title=view.name,
        body="\n".join(part for part in (view_words(view, context), gone(view, context)) if part),
        sections=sections,
        buttons=(*open_buttons(view, context), _post_button(view, context)),
        more=_more(view, context),
        footnote=context.text(whose, team=team),
        tone="warning" if view.read.decoded.lost else "plain",
    )


def _more(view: View, context: Context) -> tuple[Button, ...]:
    back = () if view.is_unreadable else (_all_views(context),)
    return (*_change_buttons(view, context), *back)


def open_buttons(view: View, context: Context) -> tuple[Button, ...]:
    """The button to the list; for one that would show more than was meant, its label says so."""
    if view.is_unreadable:
        return (_all_views(context),)
    if view.read.shows_more:
        return (Button("view.anyway", context.text("button.open_anyway"), view.ref),)
    return (Button("view.open", context.text("button.open_list"), view.ref, "primary"),)


def _post_button(view: View, context: Context) -> Button:
    return Button("view.schedule", context.text("button.post_view"), pack(view.ref, 0))


def _all_views(context: Context) -> Button:
    return Button("view.list", context.text("button.all_views"))


def _change_buttons(view: View, context: Context) -> tuple[Button, ...]:
    """What the actor may change about a saved view."""
    if view.saved is None or not may_change(context.actor, view.saved.holder):
        return ()
    text = context.text
    confirm = Confirm(
        title=text("view.delete_title"),
        text=text("view.delete_confirm", name=view.name),
        yes=text("button.delete_view"),
        no=text("button.cancel"),
    )
    return (
        Button("view.rename", text("button.rename"), view.ref),
        Button("view.move", text("button.move_up"), pack(view.ref, "up")),
        Button("view.move", text("button.move_down"), pack(view.ref, "down")),
        Button("view.delete", text("button.delete_view"), view.ref, "danger", confirm),
    )


def posting_card(posting: Posting, name: str, note: str, context: Context) -> Card:
    """A posting that was just set up or changed: when the first one comes, and to whom."""
    due_at = context.uow.jobs.planned(PostView, posting.id)
    first = context.text("view.first_post", at=context.language.moment(due_at)) if due_at else ""
    return Card(
        title=context.text("view.posting_title", name=name),
        body="\n".join(part for part in (posting_line(posting, context), first, note) if part),
        buttons=(
            Button("view.schedule", context.text("button.change_posting"), _edit(posting)),
            stop_button(posting, name, context),
            _all_views(context),
        ),
        tone="good",
    )


def stop_button(posting: Posting, name: str, context: Context) -> Button:
    confirm = Confirm(
        title=context.text("view.stop_title"),
        text=context.text("view.stop_confirm", name=name),
        yes=context.text("button.stop_posting"),
        no=context.text("button.cancel"),
    )
    label = context.text("button.stop_posting")
    return Button("view.stop", label, str(posting.id), "danger", confirm)


def posting_buttons(posting: Posting, name: str, context: Context) -> tuple[Button, ...]:
    """What a reader may change about a posting."""
    if not may_change_posting(posting, context):
        return ()
    change = Button("view.schedule", context.text("button.change_posting"), _edit(posting))
    return (change, stop_button(posting, name, context))


def posting_line(posting: Posting, context: Context) -> str:
    """``Overdue · every day at 9:00 · to my chat``."""
    name, times = posting_name(posting, context), times_words(posting.times, context)
    return " · ".join((name, times, where(posting, context)))


def posting_name(posting: Posting, context: Context) -> str:
    try:
        return view_of(posting.view, context).name
    except ViewNotFound:
        return posting.view_name


def where(posting: Posting, context: Context) -> str:
    if not posting.in_channel:
        return context.text("view.own_chat")
    bound = context.uow.channels.of_channel(*posting.channel)
    return channel_label(bound, context) if bound else context.text("view.gone_channel")


def times_words(times: PostingTimes, context: Context) -> str:
    """``every working day at 9:00``, ``Mon, Wed at 9:00, not on days off``."""
    at = f"{times.at:%H:%M}"
    if times.weekdays == EVERY_DAY:
        key = "view.times_workdays" if times.workdays_only else "view.times_daily"
        return context.text(key, at=at)
    days = context.language.listing([context.text(f"view.day_{day}") for day in times.weekdays])
    key = "view.times_days_working" if times.workdays_only else "view.times_days"
    return context.text(key, days=days, at=at)


def view_words(view: View, context: Context) -> str:
    return words_of(view.query, view.sort, context)


def words_of(query: LeadQuery, sort: LeadSort, context: Context) -> str:
    """A list in words, with its order unless it is the usual one."""
    words = heading_words(query, context)
    if sort is LeadSort.PRESSING:
        return words
    return context.text("view.sorted", words=words, sort=sort_words(sort, context))


def gone(view: View, context: Context) -> str:
    """What a view names that there is no more, and what follows from that; empty without any."""
    if view.is_unreadable:
        return context.text("view.unreadable")
    lines = [lost_words(view.read.decoded.lost, context), owners_left(view, context)]
    if view.read.shows_more:
        lines.append(context.text("view.shows_more"))
    return "\n".join(filter(None, lines))


def owners_left(view: View, context: Context) -> str:
    """That owners whom the view names have left: it shows what is still theirs."""
    owners = set(view.query.owners)
    if not owners:
        return ""
    there = {person.id for person in context.uow.people.everyone() if person.active}
    names = [
        person.name
        for person in context.uow.people.everyone()
        if person.id in owners and not person.active
    ]
    if owners - there and not names:
        return context.text("view.owner_unknown")
    return context.text("view.owners_left", names=context.language.listing(names)) if names else ""


def _edit(posting: Posting) -> str:
    return pack(posting.view, posting.id)
