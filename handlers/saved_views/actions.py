"""Saved views: save the list one sees, open it by its name, and have it posted on days and hours.

Whoever opens a view sees the leads that they may see. A view of which a part is gone is never
shown longer than it was meant, unless its reader asks for that.
"""

from dataclasses import replace

from handlers.core.button_values import offset, unpack
from handlers.core.channel_privacy import reason, verdict_of
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.quiet_hours import quiet_period_of
from handlers.core.recipients import led_channels
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM, record_id
from handlers.core.ui import Button, Card, Form
from handlers.lead_lists import actions as lead_lists
from handlers.lead_lists.cards import list_card
from handlers.lead_lists.service import ListPlace, moments_of, read_place
from handlers.saved_views.cards import (
    gone,
    open_buttons,
    owners_left,
    posting_card,
    view_card,
    views_card,
    words_of,
)
from handlers.saved_views.forms import (
    NEW,
    ChosenPosting,
    holder_label,
    posting_form,
    read_name,
    read_posting_form,
    read_view_form,
    rename_form,
    save_form,
)
from handlers.saved_views.service import (
    PostingRequest,
    View,
    may_change_posting,
    parse_posting_request,
    reschedule,
    stop_posting,
    view_named,
    view_of,
    view_with,
)
from sales.errors import InvalidInput, NotAllowed, PostingNotFound, Problem, ViewNotFound
from sales.jobs import PostView
from sales.lead_lists import encode
from sales.notices import Topic
from sales.permissions import LEADERS
from sales.posting_times import EVERY_DAY, PostingTimes
from sales.saved_views import (
    LIST_WORDS,
    MOST_POSTINGS,
    MOST_VIEWS,
    Posting,
    PostingEnd,
    SavedView,
    leads_team,
    may_change,
    moved,
    name_key,
)
from sales.scheduling import When
from sales.targets import Holder
from storage.channels import BoundChannel


def open_leads(context: Context) -> Reply:
    """``/leads``: a list of leads; with a view's name that view, with days and hours the form to
    have a list posted then."""
    text = context.request.text.strip()
    if not text:
        return lead_lists.open_command(context)
    if name_key(text) in LIST_WORDS:
        return Reply(card=views_card(0, context))
    if view := view_named(text, context):
        return Reply(card=_opened(view, context))
    if asked := parse_posting_request(text, context):
        return Reply(form=asked_form(asked, context))
    return lead_lists.open_command(context)


def list_views(context: Context) -> Reply:
    """Button: all views."""
    return Reply(card=views_card(0, context))


def page(context: Context) -> Reply:
    """Button: the next or previous views."""
    return Reply(update=views_card(offset(context.pressed), context))


def show(context: Context) -> Reply:
    """Button: one view, with what can be done with it."""
    return Reply(card=view_card(view_of(context.pressed, context), context))


def open_view(context: Context) -> Reply:
    """Button: the list of a view."""
    return Reply(card=_opened(view_of(context.pressed, context), context))


def open_anyway(context: Context) -> Reply:
    """Button: the list without what of the view is gone, which may show more than was meant."""
    view = view_of(context.pressed, context)
    if view.is_unreadable:
        return Reply(card=_opened(view, context))
    return Reply(card=list_card(_place(view), context, (context.text("view.shown_anyway"),)))


def save(context: Context) -> Reply:
    """Button on a list: the form to save it as a view."""
    place = read_place(context.pressed, context)
    # Written anew: what a button brought back may be of any length.
    return Reply(form=save_form(place.value, place.query, place.sort, context))


def create(context: Context) -> Reply:
    """Form: save the list as a new view, or as the filters of a view there is."""
    named = read_view_form(context)
    place = _place_to_save(context.pressed, context)
    query = encode(place.query, place.sort)
    context.uow.people.hold()
    if named.replaces:
        view = _changed(replace(named.replaces, name=named.name, query=query), context)
        _record("view.update", view, context)
        return _saved_reply("view.replaced", view, context)
    view = _added(named.name, named.holder, query, context)
    return _saved_reply("view.saved", view, context)


def rename(context: Context) -> Reply:
    """Button: the form of a view's name."""
    return Reply(form=rename_form(_changeable(context.pressed, context), context))


def update(context: Context) -> Reply:
    """Form: save the view's new name."""
    context.uow.people.hold()
    view = _changeable(context.pressed, context)
    with FormReader(context) as form:
        name = read_name(form)
    view = _changed(replace(view, name=name), context)
    _record("view.update", view, context)
    return _saved_reply("view.renamed", view, context)


def move(context: Context) -> Reply:
    """Button: move a view up or down among its holder's."""
    ref, way = unpack(context.pressed, str, str)
    context.uow.people.hold()
    view = _changeable(ref, context)
    views = context.uow.saved_views(context.actor)
    views.order(moved(views.of(view.holder), view.id, 1 if way == "down" else -1))
    _record("view.move", view, context)
    return Reply(toast=context.text("view.moved"), update=views_card(0, context))


def delete(context: Context) -> Reply:
    """Button: delete a view; what was posted of it ends."""
    context.uow.people.hold()
    view = _changeable(context.pressed, context)
    for posting in context.uow.view_postings.of_view(str(view.id)):
        stop_posting(posting, PostingEnd.VIEW_GONE, context, view.name)
    context.uow.saved_views(context.actor).delete(view.id)
    _record("view.delete", view, context)
    toast = context.text("view.deleted", name=view.name)
    return Reply(toast=toast, update=views_card(0, context))


def schedule(context: Context) -> Reply:
    """Button: the form of days and hours, of a view or of a posting there is."""
    ref, posting_id = unpack(context.pressed, str, offset)
    if posting_id:
        posting = _changeable_posting(posting_id, context)
        return Reply(form=posting_form(_view_or_none(posting.view, context), posting, context))
    view = view_of(ref, context) if ref else None
    return Reply(form=posting_form(view, _new_posting(ref, context), context))


def post(context: Context) -> Reply:
    """Form: have a view posted; says when the first one comes, and whether names are shown."""
    posting_id, ref, unsaved = unpack(context.pressed, offset, str, str)
    chosen = read_posting_form(context)
    context.uow.people.hold()
    before = _changeable_posting(posting_id, context) if posting_id else None
    view = _view_to_post(chosen, ref, unsaved, context)
    _refuse_own_in_channel(view, chosen)
    posting = _stored(_posting(chosen, view, before, context), context)
    if reschedule(posting, context) is None:
        raise InvalidInput({"only": Problem("view_never_due")})
    if posting.in_channel:
        _record_posting("view.post", posting, context)
    notes = (_who_sees(posting, context), _not_then(posting, context))
    note = "\n".join(filter(None, notes))
    # Never in place of what was pressed: that may be a post that a whole channel reads.
    toast = context.text("view.posting_saved")
    return Reply(toast=toast, card=posting_card(posting, view.name, note, context))


def stop(context: Context) -> Reply:
    """Button: end a posting. What a channel reads stays as it is."""
    posting = _changeable_posting(record_id(context.pressed) or 0, context)
    stop_posting(posting, PostingEnd.STOPPED, context)
    private = context.request.conversation.private
    shown = views_card(0, context) if private else None
    return Reply(toast=context.text("view.stopped"), update=shown)


def _place(view: View) -> ListPlace:
    return ListPlace(query=view.query, sort=view.sort, lost=view.read.decoded.lost)


def _opened(view: View, context: Context) -> Card:
    """The view's list, under its name; the view itself when its list would be longer than meant."""
    if view.read.shows_more:
        return Card(
            view.name,
            body=gone(view, context),
            buttons=open_buttons(view, context),
            more=(Button("view.show", context.text("button.change_view"), view.ref),),
            tone="warning",
        )
    card = list_card(_place(view), context, (owners_left(view, context),))
    change = Button("view.show", context.text("button.this_view"), view.ref)
    title = context.text("view.opened", name=view.name, list=card.title)
    return replace(card, title=title, more=(*card.more, change))


def asked_form(asked: PostingRequest, context: Context) -> Form:
    """The form of a posting as a line asked for it, with what was not understood."""
    where = context.request.conversation
    channel = context.uow.channels.of_channel(where.platform, where.id)
    posting = replace(
        _new_posting(asked.view.ref if asked.view else "", context), times=asked.times
    )
    if asked.to_channel or channel:
        found = channel or next(iter(led_channels(context)), None)
        # The company's channel has no team whose list could be posted.
        if found and found.team_id is not None and leads_team(context.actor, found.team_id):
            posting = _to_channel(posting, found)
    read = ""
    if asked.query:
        place = read_place(asked.query, context)
        read = context.text("view.save_intro", words=words_of(place.query, place.sort, context))
    intro = "\n".join(filter(None, (read, asked.note)))
    return posting_form(
        asked.view, posting, context, unsaved=asked.query, name=asked.name, intro=intro
    )


def _changeable(ref: str, context: Context) -> SavedView:
    """The saved view on a button, which the actor may change. Raises ViewNotFound, NotAllowed."""
    view = view_of(ref, context).saved
    if view is None:
        raise ViewNotFound
    if not may_change(context.actor, view.holder):
        raise NotAllowed(roles=sorted(LEADERS))
    return view


def _changeable_posting(posting_id: int, context: Context) -> Posting:
    """The posting on a button. Raises PostingNotFound, for other people's as well."""
    posting = context.uow.view_postings.get(posting_id)
    if not may_change_posting(posting, context):
        raise PostingNotFound
    return posting


def _view_or_none(ref: str, context: Context) -> View | None:
    try:
        return view_of(ref, context)
    except ViewNotFound:
        return None


def _place_to_save(value: str, context: Context) -> ListPlace:
    """The list that a form carries. Raises UnknownAction for one of a week there is none of."""
    place = read_place(value, context)
    moments_of(place.query, context)
    return place


def _added(name: str, holder: Holder, query: str, context: Context) -> SavedView:
    """A new view at the end of its holder's. Raises InvalidInput for a name that is taken, and
    for one too many."""
    views = context.uow.saved_views(context.actor).of(holder)
    if len(views) >= MOST_VIEWS:
        raise InvalidInput({"name": Problem("view_too_many", n=MOST_VIEWS)})
    view = SavedView(
        holder=holder,
        name=name,
        query=query,
        position=max((view.position for view in views), default=-1) + 1,
        made_by=context.actor.id,
        changed_at=context.now,
    )
    _refuse_taken(view, views)
    view = context.uow.saved_views(context.actor).add(view)
    _record("view.create", view, context)
    return view


def _changed(view: SavedView, context: Context) -> SavedView:
    views = context.uow.saved_views(context.actor)
    _refuse_taken(view, views.of(view.holder))
    return views.save(replace(view, changed_at=context.now))


def _refuse_taken(view: SavedView, views: list[SavedView]) -> None:
    if any(other.key == view.key and other.id != view.id for other in views):
        raise InvalidInput({"name": Problem("view_name_taken", name=view.name)})


def _saved_reply(key: str, view: SavedView, context: Context) -> Reply:
    """The view's card, with what can be done next."""
    whose = holder_label(view.holder, context)
    toast = context.text(key, name=view.name, whose=whose)
    return Reply(toast=toast, card=view_card(view_of(str(view.id), context), context))


def _new_posting(ref: str, context: Context) -> Posting:
    """What the form of a new posting begins with: every working day in the morning."""
    return Posting(
        view=ref,
        person_id=context.actor.id,
        team_id=context.actor.team_id,
        set_by=context.actor.id,
        times=PostingTimes(weekdays=EVERY_DAY, workdays_only=True),
    )


def _to_channel(posting: Posting, channel: BoundChannel) -> Posting:
    return replace(
        posting,
        person_id=None,
        platform=channel.platform,
        conversation=channel.conversation,
        team_id=channel.one_team,
    )


def _view_to_post(chosen: ChosenPosting, ref: str, unsaved: str, context: Context) -> View:
    """The view of a posting; a list that has no view yet is saved as one."""
    if ref != NEW:
        return view_of(chosen.view, context)
    place = _place_to_save(unsaved, context)
    if same := view_with(place.query, place.sort, context):
        return same
    holder = Holder.team(chosen.channel.one_team) if chosen.channel else None
    query = encode(place.query, place.sort)
    saved = _added(chosen.name, holder or Holder.person(context.actor.id), query, context)
    return view_of(str(saved.id), context)


def _posting(
    chosen: ChosenPosting, view: View, before: Posting | None, context: Context
) -> Posting:
    base = replace(_new_posting(view.ref, context), id=before.id if before else 0)
    if before:
        base = replace(base, posted_on=before.posted_on)
    posting = replace(base, times=chosen.times, when_empty=chosen.when_empty, view_name=view.name)
    return _to_channel(posting, chosen.channel) if chosen.channel else posting


def _stored(posting: Posting, context: Context) -> Posting:
    """The posting, stored. Raises InvalidInput for one too many."""
    postings = context.uow.view_postings
    if posting.id:
        return postings.save(posting)
    there = (
        postings.to_channel(*posting.channel)
        if posting.in_channel
        else postings.to_person(context.actor.id)
    )
    if len(there) >= MOST_POSTINGS:
        raise InvalidInput({WHOLE_FORM: Problem("view_too_many_posts", n=MOST_POSTINGS)})
    return postings.add(posting)


def _refuse_own_in_channel(view: View, chosen: ChosenPosting) -> None:
    """Raise InvalidInput for a list of *my* leads in a channel, which has no single reader."""
    if chosen.channel and view.query.mine:
        raise InvalidInput({"channel": Problem("view_mine_in_channel", name=view.name)})


def _who_sees(posting: Posting, context: Context) -> str:
    """Whether the channel is shown names or totals only, and why; empty for one's own chat."""
    if not posting.in_channel:
        return ""
    bound = context.uow.channels.of_channel(*posting.channel)
    if bound is None or context.request.conversation.readers is None:
        return context.text("view.names_if_all_may")
    return reason(verdict_of(bound, context), context)


def _not_then(posting: Posting, context: Context) -> str:
    """That the person is not notified at that hour, or not of posted lists at all."""
    due_at = context.uow.jobs.planned(PostView, posting.id)
    if posting.in_channel or due_at is None:
        return ""
    choice = context.uow.notification_preferences.of(context.actor.id)
    when = choice.when(Topic.VIEWS)
    if when is When.NEVER:
        return context.text("view.turned_down")
    peace = quiet_period_of(choice, context)
    comes_at = peace.morning_after(due_at) if when is When.MORNING else peace.over_at(due_at)
    if comes_at == due_at:
        return ""
    return context.text("view.in_quiet_hours", at=context.language.moment(comes_at))


def _record(act: str, view: SavedView, context: Context) -> None:
    """Put a change of a team's view on record; one's own views are nobody else's business."""
    if view.is_teams:
        context.uow.audit.record(context.actor, act, str(view.holder), {"view": str(view.id)})


def _record_posting(act: str, posting: Posting, context: Context) -> None:
    detail = {"posting": str(posting.id), "platform": posting.platform, "view": posting.view}
    context.uow.audit.record(context.actor, act, f"team:{posting.team_id}", detail)
