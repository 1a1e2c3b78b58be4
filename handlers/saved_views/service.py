"""Facts about saved views: which ones somebody has, what is in them, and when they are posted.

Draws nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.core.button_values import pack
from handlers.core.commands import echoed
from handlers.core.context import Context
from handlers.core.recipients import led_teams
from handlers.core.requests import record_id
from handlers.lead_lists.wording import read_words
from sales.calendar import WorkCalendar
from sales.errors import PersonNotFound, ViewNotFound
from sales.jobs import Job, PostView
from sales.lead_lists import (
    ANYTHING,
    DecodedQuery,
    LeadQuery,
    LeadSort,
    ParsedList,
    encode,
)
from sales.notices import ViewPostEnded
from sales.people import Person, leaders_of
from sales.posting_times import EVERY_DAY, PostingTimes, ReadPosting, read_posting
from sales.saved_views import (
    LONGEST_NAME,
    BuiltIn,
    Posting,
    PostingEnd,
    ReadView,
    SavedView,
    leads_team,
    may_see,
    name_key,
    named,
    read_query,
)
from sales.targets import Holder

_SOON = timedelta(minutes=5)
"""A posting due at most this much later than now is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved or built-in view as it can be read today; ``ref`` names it on buttons."""

    ref: str
    name: str
    read: ReadView
    saved: SavedView | None = None

    @property
    def is_unreadable(self) -> bool:
        """Whether its filters cannot be decrypted, so that nothing is known of it."""
        return self.read.shows_more and not self.read.decoded.lost

    @property
    def query(self) -> LeadQuery:
        return self.read.decoded.query

    @property
    def sort(self) -> LeadSort:
        return self.read.decoded.sort


def view_of(ref: str, context: Context, reader: Person | None = None) -> View:
    """The view that a button or posting names, as far as the reader (by default the actor) may
    see it. Raises ViewNotFound."""
    if ref in set(BuiltIn):
        return _built_in(BuiltIn(ref), context)
    view_id = record_id(ref)
    if view_id is None:
        raise ViewNotFound
    return _saved(context.uow.saved_views(reader or context.actor).get(view_id), context)


def built_in_views(context: Context) -> list[View]:
    return [_built_in(view, context) for view in BuiltIn]


def own_views(context: Context) -> list[View]:
    """The actor's own views, in their order."""
    return _views_of(Holder.person(context.actor.id), context)


def team_views(context: Context) -> list[View]:
    """The views of the actor's team; for an admin, of every team."""
    views = context.uow.saved_views(context.actor).all()
    return [_saved(view, context) for view in views if view.is_teams]


def all_views(context: Context) -> list[View]:
    return [*own_views(context), *team_views(context), *built_in_views(context)]


def view_named(name: str, context: Context) -> View | None:
    """The view with exactly this name, one's own before the team's before a built-in one."""
    if view := named(context.uow.saved_views(context.actor).all(), name):
        return _saved(view, context)
    key = name_key(name)
    for built_in in BuiltIn:
        names = context.language.in_every_language(f"view.builtin_{built_in.value}")
        if key in map(name_key, names):
            return _built_in(built_in, context)
    return None


def view_with(query: LeadQuery, sort: LeadSort, context: Context) -> View | None:
    """A view that already shows this list in this order."""
    found = (view for view in all_views(context) if not view.read.decoded.lost)
    return next((view for view in found if (view.query, view.sort) == (query, sort)), None)


def holders(context: Context) -> list[Holder]:
    """For whom the actor may save views: themselves, and the teams they lead."""
    own, teams = Holder.person(context.actor.id), led_teams(context)
    return [own, *(Holder.team(team.id) for team in teams)]


def postings_seen(context: Context) -> list[Posting]:
    """What is posted to the actor, and to the channels of the teams they lead."""
    postings = context.uow.view_postings
    teams = [team.id for team in led_teams(context)]
    in_channels = postings.to_channels_of(teams) if teams else []
    return [*postings.to_person(context.actor.id), *in_channels]


def may_change_posting(posting: Posting, context: Context) -> bool:
    if posting.in_channel:
        return leads_team(context.actor, posting.team_id)
    return posting.person_id == context.actor.id


def calendar_for(posting: Posting, context: Context) -> WorkCalendar:
    """The reader's calendar, in a channel the company's."""
    return context.calendar_of(posting.person_id)


def schedule_next(posting: Posting, after: datetime, context: Context) -> datetime | None:
    """Schedule the next post after a moment and return when it is due; None when its days never
    come. At most one post is due at any time."""
    for day, due_at in posting.times.after(after, calendar_for(posting, context)):
        if posting.posted_on is not None and day <= posting.posted_on:
            continue
        key = f"view:{posting.id}:{day.isoformat()}:{due_at.timestamp():.0f}"
        if context.uow.jobs.add(Job(PostView(posting.id, day), due_at, key)):
            return due_at
    return None


def reschedule(posting: Posting, context: Context) -> datetime | None:
    """Schedule a posting whose days or hours were chosen now."""
    context.uow.jobs.cancel(PostView, posting.id)
    return schedule_next(posting, context.now, context)


def due_later(posting: Posting, job: Job[PostView], context: Context) -> datetime | None:
    """When a post is due that is too early now, since its reader moved to another timezone."""
    due_at = posting.times.due_on(job.args.day, calendar_for(posting, context))
    return due_at if due_at > context.now + _SOON else None


def ensure_postings(context: Context) -> None:
    """Schedule every posting that has no next post. Idempotent."""
    for posting in context.uow.view_postings.active():
        if context.uow.jobs.planned(PostView, posting.id) is None:
            schedule_next(posting, context.now, context)


def why_over(posting: Posting, context: Context) -> PostingEnd | None:
    """Why a posting must not go on, if so: its reader or the leader who set it up may not, the
    channel is another team's, or the view is gone."""
    answers = _person(posting.person_id or posting.set_by, context)
    if answers is None or not may_see(answers, Holder.person(answers.id)):
        return PostingEnd.NO_RIGHTS
    if posting.in_channel:
        if not leads_team(answers, posting.team_id):
            return PostingEnd.NO_RIGHTS
        bound = context.uow.channels.of_channel(*posting.channel)
        if bound is None or bound.team_id != posting.team_id:
            return PostingEnd.UNBOUND
    try:
        view_of(posting.view, context, answers)
    except ViewNotFound:
        return PostingEnd.VIEW_GONE
    return None


def end_posting(posting: Posting, why: PostingEnd, context: Context, name: str = "") -> None:
    """End a posting, and notify the people who miss it: its reader, or the leader who set it up;
    the team's leaders when that person has left or may no longer read it."""
    name = name or _name_of(posting, context)
    context.uow.view_postings.end(posting, why, context.now, name)
    if posting.in_channel:
        detail = {"posting": str(posting.id), "why": why.value, "platform": posting.platform}
        context.uow.audit.record(
            context.actor, "view.post_ended", f"team:{posting.team_id}", detail
        )
    by_themselves = why in (PostingEnd.STOPPED, PostingEnd.VIEW_GONE)
    for person_id in _people_to_notify(posting, why, context):
        if person_id != context.actor.id or not by_themselves:
            context.uow.outbox.add(ViewPostEnded(posting.id), person_id)


def stop_posting(posting: Posting, why: PostingEnd, context: Context, name: str = "") -> None:
    """End a posting from outside its own job, so that no post is due any more."""
    context.uow.jobs.cancel(PostView, posting.id)
    end_posting(posting, why, context, name)


def review_postings(person: Person, context: Context) -> None:
    """End the postings that a person may no longer receive, or answer for."""
    postings = context.uow.view_postings
    theirs = {one.id: one for one in (*postings.to_person(person.id), *postings.set_by(person.id))}
    for posting in theirs.values():
        if why := why_over(posting, context):
            stop_posting(posting, why, context)


def channel_value(platform: str, conversation: str) -> str:
    """A channel as a choice of a form."""
    return pack(platform, conversation)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRequest:
    """A line that asks for a list on days and hours.

    ``view`` is the list, or ``query`` the encoded filters of one that has no view yet, with a
    ``name`` for it; neither: the line says no list. ``note`` says what was not understood.
    ``is_certain``: all of it was, so that it cannot be a sentence about something else.
    """

    times: PostingTimes
    view: View | None = None
    query: str = ""
    name: str = ""
    note: str = ""
    to_channel: bool = False
    is_certain: bool = False


def parse_posting_request(line: str, context: Context) -> PostingRequest | None:
    """Read ``every monday 9:00 team overdue``; None for a line that names no days, and for one that
    may as well be a name (``daily foods``)."""
    read = read_posting(line)
    if read is None:
        return None
    asked = PostingRequest(
        times=read.times or PostingTimes(weekdays=EVERY_DAY, workdays_only=True),
        note=context.text("view.no_such_rhythm", words=read.unread) if read.unread else "",
        to_channel=read.to_channel,
    )
    if not read.rest:
        return None if read.is_word else asked
    if view := view_named(read.rest, context):
        return replace(asked, view=view, is_certain=not read.within)
    listed = read_words(read.rest, context)
    if read.is_word and listed.is_only_text:
        return None
    return _with_list(asked, read, listed, context)


def _with_list(
    asked: PostingRequest, read: ReadPosting, listed: ParsedList, context: Context
) -> PostingRequest:
    """The posting with the list that the other words of the line ask for."""
    sort, query = listed.sort or LeadSort.PRESSING, listed.query
    unread = context.language.listing([echoed(part.words) for part in listed.unread])
    key = "view.not_read" if query != ANYTHING else "view.no_list_read"
    notes = (asked.note, context.text(key, words=unread) if unread else "")
    asked = replace(
        asked,
        note="\n".join(filter(None, notes)),
        is_certain=not (read.within or unread or query.text) and query != ANYTHING,
    )
    if view := view_with(query, sort, context):
        return replace(asked, view=view)
    return replace(asked, query=encode(query, sort), name=echoed(read.rest, LONGEST_NAME - 1))


def _people_to_notify(posting: Posting, why: PostingEnd, context: Context) -> list[int]:
    answers = _person(posting.person_id or posting.set_by, context)
    notified = [answers.id] if answers and answers.active and answers.sells else []
    if why is PostingEnd.NO_RIGHTS:
        leaders = leaders_of(posting.team_id, context.uow.people.everyone())
        notified = [leader.id for leader in leaders if answers is None or leader.id != answers.id]
        if answers and answers.active and not posting.in_channel:
            notified.append(answers.id)
    return notified


def _name_of(posting: Posting, context: Context) -> str:
    answers = _person(posting.person_id or posting.set_by, context)
    try:
        return view_of(posting.view, context, answers).name
    except ViewNotFound:
        return posting.view_name


def _person(person_id: int, context: Context) -> Person | None:
    try:
        return context.uow.people.get(person_id)
    except PersonNotFound:
        return None


def _views_of(holder: Holder, context: Context) -> list[View]:
    return [_saved(view, context) for view in context.uow.saved_views(context.actor).of(holder)]


def _saved(view: SavedView, context: Context) -> View:
    read = read_query(view.query, context.playbook.vocabulary)
    return View(ref=str(view.id), name=view.name, read=read, saved=view)


def _built_in(view: BuiltIn, context: Context) -> View:
    read = ReadView(DecodedQuery(view.query), shows_more=False)
    return View(ref=view.value, name=context.text(f"view.builtin_{view.value}"), read=read)
