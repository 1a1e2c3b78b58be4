"""The forms of saved views: the name of one, and the days and hours on which it is posted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time

from handlers.core.button_values import pack, unpack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import channel_label, team_label
from handlers.core.recipients import led_channels
from handlers.core.ui import Checklist, Choice, Field, Form, MultiChoice, Option, Text
from handlers.saved_views.cards import words_of
from handlers.saved_views.service import (
    View,
    all_views,
    channel_value,
    holders,
    own_views,
    team_views,
)
from sales.lead_lists import LeadQuery, LeadSort
from sales.playbook import WEEKDAYS
from sales.posting_times import MORNING, PostingTimes, parse_hour
from sales.saved_views import (
    LONGEST_NAME,
    InvalidViewName,
    Posting,
    SavedView,
    WhenEmpty,
    may_change,
    parse_name,
)
from sales.targets import Holder
from storage.channels import BoundChannel

NEW, OWN_CHAT = "new", "me"
WORKDAYS = "workdays"
_MOST_OPTIONS, _LONGEST_LABEL = 100, 75


@dataclass(frozen=True, slots=True)
class NamedView:
    """What the form of a view says: its name, and whose it is or which view it replaces."""

    name: str
    holder: Holder
    replaces: SavedView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPosting:
    """What the form of a posting says; ``channel`` None for the person's own chat."""

    view: str
    name: str
    channel: BoundChannel | None
    times: PostingTimes
    when_empty: WhenEmpty


def save_form(value: str, query: LeadQuery, sort: LeadSort, context: Context) -> Form:
    """The form to save the list that somebody sees; ``value`` is the list as its button has it."""
    text, mine = context.text, changeable_views(context)
    fields: list[Field] = [
        Text(
            name="name",
            label=text("view.name"),
            hint=text("view.name_hint"),
            max_length=LONGEST_NAME,
        )
    ]
    options = [Option(str(holder), holder_label(holder, context)) for holder in holders(context)]
    if len(options) > 1:
        fields.append(
            Choice(
                name="holder",
                label=text("view.holder"),
                required=True,
                options=tuple(options),
                value=options[0].value,
            )
        )
    if mine:
        fields.append(
            Choice(
                name="replaces",
                label=text("view.replaces"),
                hint=text("view.replaces_hint"),
                options=view_options(mine, context),
            )
        )
    return Form(
        action="view.create",
        title=text("view.save_title"),
        intro=text("view.save_intro", words=words_of(query, sort, context)),
        fields=tuple(fields),
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"value": value},
    )


def read_view_form(context: Context) -> NamedView:
    """Read the form of a new or replaced view. Raises InvalidInput."""
    mine = {view.ref: view for view in changeable_views(context)}
    allowed = {str(holder): holder for holder in holders(context)}
    with FormReader(context) as form:
        replaced = mine.get(form.one_of("replaces", ("", *mine)))
        chosen = form.one_of("holder", allowed, empty=next(iter(allowed)))
        if replaced and replaced.saved and not context.typed("name"):
            return NamedView(replaced.name, replaced.saved.holder, replaced.saved)
        name = read_name(form)
    if replaced and replaced.saved:
        return NamedView(name, replaced.saved.holder, replaced.saved)
    return NamedView(name, allowed[chosen])


def read_name(form: FormReader) -> str:
    """The name typed for a view; one that cannot be used is refused with an example."""
    try:
        return parse_name(form.context.typed("name"))
    except InvalidViewName as error:
        form.refuse("name", error.problem, n=LONGEST_NAME)
        return ""


def rename_form(view: SavedView, context: Context) -> Form:
    return Form(
        action="view.update",
        title=context.text("view.rename_title"),
        fields=(
            Text(
                name="name",
                label=context.text("view.name"),
                required=True,
                value=view.name,
                max_length=LONGEST_NAME,
            ),
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"value": str(view.id)},
    )


def posting_form(
    view: View | None,
    posting: Posting,
    context: Context,
    *,
    unsaved: str = "",
    name: str = "",
    intro: str = "",
) -> Form:
    """The form of a posting, prefilled from ``posting``; its id is 0 for a new one.

    ``view`` None: the list is chosen in the form, or it is ``unsaved``, and the form asks for its
    ``name``.
    """
    text = context.text
    fields = (
        *_view_fields(view, unsaved, name, context),
        *_channel_field(posting, context),
        MultiChoice(
            name="weekdays",
            label=text("view.weekdays"),
            required=True,
            options=tuple(Option(day, text(f"view.day_{day}")) for day in WEEKDAYS),
            value=posting.times.weekdays,
        ),
        Text(
            name="at",
            label=text("view.at"),
            hint=text("view.at_hint"),
            required=True,
            value=f"{posting.times.at:%H:%M}",
            max_length=20,
        ),
        Checklist(
            name="only",
            label=text("view.days_off"),
            options=(Option(WORKDAYS, text("view.workdays_only")),),
            value=(WORKDAYS,) if posting.times.workdays_only else (),
        ),
        Choice(
            name="when_empty",
            label=text("view.when_empty"),
            required=True,
            options=tuple(Option(one.value, text(f"view.empty_{one.value}")) for one in WhenEmpty),
            value=posting.when_empty.value,
        ),
    )
    ref = view.ref if view else NEW if unsaved else ""
    return Form(
        action="view.post",
        title=text("view.post_title"),
        intro=intro or (text("view.post_intro", name=view.name) if view else ""),
        fields=fields,
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"value": pack(posting.id, ref, unsaved)},
    )


def read_posting_form(context: Context) -> ChosenPosting:
    """Read the form of a posting. Raises InvalidInput naming each field that is wrong."""
    _, ref, _ = unpack(context.pressed, str, str, str)
    channels = {channel_value(one.platform, one.conversation): one for one in led_channels(context)}
    with FormReader(context) as form:
        name = read_name(form) if ref == NEW else ""
        if not ref:
            ref = form.one_of("view", [view.ref for view in all_views(context)])
        chosen = form.one_of("channel", (OWN_CHAT, *channels), empty=OWN_CHAT)
        weekdays = form.some_of("weekdays", WEEKDAYS)
        if not weekdays and not form.refused("weekdays"):
            form.refuse("weekdays", "view_weekdays")
        at = _read_at(form)
        only = form.some_of("only", (WORKDAYS,))
        when_empty = form.one_of("when_empty", [one.value for one in WhenEmpty], empty="line")
    days = tuple(day for day in WEEKDAYS if day in weekdays)
    return ChosenPosting(
        view=ref,
        name=name,
        channel=channels.get(chosen),
        times=PostingTimes(weekdays=days, at=at, workdays_only=bool(only)),
        when_empty=WhenEmpty(when_empty),
    )


def changeable_views(context: Context) -> list[View]:
    """The saved views that the actor may change."""
    saved = (*own_views(context), *team_views(context))
    return [view for view in saved if view.saved and may_change(context.actor, view.saved.holder)]


def holder_label(holder: Holder, context: Context) -> str:
    if holder.kind == "person":
        return context.text("view.for_me")
    return context.text("view.for_team", team=team_label(holder.id, context))


def view_options(views: Sequence[View], context: Context) -> tuple[Option, ...]:
    """Views to choose from, as many as every platform can show."""
    shown = views[:_MOST_OPTIONS]
    return tuple(Option(view.ref, full_name(view, context)[:_LONGEST_LABEL]) for view in shown)


def full_name(view: View, context: Context) -> str:
    """A view's name, with its team's."""
    if view.saved and view.saved.is_teams:
        team = team_label(view.saved.holder.id, context)
        return context.text("view.of_team", name=view.name, team=team)
    return view.name


def _read_at(form: FormReader) -> time:
    typed = form.context.line("at")
    try:
        return parse_hour(typed)
    except ValueError:
        form.refuse("at", "view_at" if typed else "view_at_missing", typed=typed[:20])
        return MORNING


def _view_fields(view: View | None, unsaved: str, name: str, context: Context) -> Iterable[Field]:
    if view:
        return
    if unsaved:
        yield Text(
            name="name",
            label=context.text("view.name"),
            hint=context.text("view.name_post_hint"),
            required=True,
            value=name[:LONGEST_NAME],
            max_length=LONGEST_NAME,
        )
        return
    views = all_views(context)
    yield Choice(
        name="view",
        label=context.text("view.which"),
        required=True,
        options=view_options(views, context),
        value=views[0].ref if views else "",
    )


def _channel_field(posting: Posting, context: Context) -> Iterable[Field]:
    channels = led_channels(context)
    if not channels:
        return
    values = {channel_value(one.platform, one.conversation): one for one in channels}
    chosen = channel_value(*posting.channel) if posting.in_channel else OWN_CHAT
    yield Choice(
        name="channel",
        label=context.text("view.where"),
        hint=context.text("view.where_hint"),
        required=True,
        options=(
            Option(OWN_CHAT, context.text("view.own_chat")),
            *(Option(value, channel_label(one, context)) for value, one in values.items()),
        ),
        value=chosen if chosen in values else OWN_CHAT,
    )
