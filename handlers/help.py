"""``/genjin``: what a role needs most, all commands, and binding a channel to the digests."""

from typing import TypeAlias

from handlers.core.button_values import pack, unpack
from handlers.core.channel_privacy import NAMES, TOTALS, channel_of, reason, verdict_of
from handlers.core.commands import Group, available_to, first_commands, shown_name, typed_name
from handlers.core.context import Context
from handlers.core.labels import enum_label, home_button, team_label
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section
from handlers.digests.actions import ensure_digests
from handlers.onboarding.cards import setup_sections
from handlers.sync_meeting import ensure_syncs
from sales.channel_privacy import Told
from sales.errors import NotAllowed
from sales.people import Role
from sales.permissions import may
from storage.channels import BoundChannel

Bound: TypeAlias = tuple[tuple[str, ...], tuple[Button, ...]]
"""Lines about a channel, and the buttons available for it."""


def open_help(context: Context) -> Reply:
    """What the person's role needs most; in a channel, leaders can bind it to digests."""
    role = enum_label(context.actor.role, context.language)
    about = "help.role" if context.actor.sells else "help.role_tasks"
    return Reply(
        card=Card(
            title=context.text("help.title"),
            body=context.text(about, name=context.actor.name, role=role),
            sections=(*_setup(context), _first(context), *_channel(context)),
            buttons=_starts(context),
        )
    )


def open_all(context: Context) -> Reply:
    """Button: every command for the person's role, with examples."""
    return Reply(
        card=Card(
            title=context.text("help.all_title"),
            sections=_commands(context),
            buttons=(home_button(context),),
            footnote=context.text("help.privacy"),
        )
    )


def _starts(context: Context) -> tuple[Button, ...]:
    rest = (
        Button("help.all", context.text("button.all_commands")),
        Button("quiet.choose", context.text("button.my_notices")),
    )
    if not context.actor.sells:
        return (home_button(context), *rest)
    return (
        Button("lead.new", context.text("button.new_lead"), "", "primary"),
        Button("followup.new", context.text("button.log")),
        home_button(context),
        *rest,
    )


def greet(context: Context) -> Reply:
    """Say hello to who added the bot to a channel: what it can do there, and who may decide it.

    In its 1:1 it says nothing: who is known was welcomed there when they were let in.
    """
    if context.request.conversation.private:
        return Reply()
    sections = _channel(context)
    body = context.text("hello.channel" if sections else "hello.channel_leader")
    buttons = (home_button(context), Button("help.open", context.text("button.help")))
    title = context.text("hello.title")
    return Reply(card=Card(title, body=body, sections=sections, buttons=buttons))


def bind(context: Context) -> Reply:
    """Button in a channel: post this team's digests here from now on."""
    return _bind(context.actor.team_id, context)


def bind_company(context: Context) -> Reply:
    """Button for admins in a channel: post the whole company's digests here from now on."""
    return _bind(None, context)


def _bind(team_id: int | None, context: Context) -> Reply:
    channel = channel_of(context.request)
    if not channel:
        return Reply(toast=context.text("bind.only_channels"))
    platform = context.request.conversation.platform
    _refuse_other_teams(context.uow.channels.of_channel(platform, channel), context)
    if _is_absent(context):
        return Reply(toast=context.text("bind.absent"), update=open_help(context).card)
    chosen = unpack(context.pressed, str, str)[0] == NAMES
    bound = BoundChannel(
        platform, channel, team_id, context.language.locale, context.actor.id, chosen
    )
    context.uow.channels.bind(bound)
    context.uow.refusals.end(f"{platform}:channel:{channel}")
    ensure_digests(context)
    ensure_syncs(context)
    detail = {"platform": platform, "names": "chosen" if chosen else ""}
    context.uow.audit.record(context.actor, "channel.bind", _audited(team_id), detail)
    return Reply(
        toast=context.text("bind.done", team=team_label(team_id, context)),
        update=open_help(context).card,
        in_place=True,
    )


def unbind(context: Context) -> Reply:
    """Button in a bound channel: stop posting digests here."""
    platform = context.request.conversation.platform
    bound = context.uow.channels.of_channel(platform, channel_of(context.request))
    _refuse_other_teams(bound, context)
    if bound:
        context.uow.channels.unbind(platform, bound.conversation)
        context.uow.refusals.end(f"{platform}:channel:{bound.conversation}")
        detail = {"platform": platform}
        context.uow.audit.record(context.actor, "channel.unbind", _audited(bound.team_id), detail)
    return Reply(toast=context.text("bind.undone"), update=open_help(context).card, in_place=True)


def _audited(team_id: int | None) -> str:
    return "company" if team_id is None else f"team:{team_id}"


def _refuse_other_teams(bound: BoundChannel | None, context: Context) -> None:
    """Raise NotAllowed if a manager tries to change another team's channel."""
    if bound and bound.team_id != context.actor.team_id and context.actor.role is not Role.ADMIN:
        raise NotAllowed(roles=[Role.ADMIN])


def _setup(context: Context) -> tuple[Section, ...]:
    """What an admin still has to set up, where nobody else reads it."""
    if not context.request.conversation.private:
        return ()
    return setup_sections(context.actor, context.uow, context.language)


def _first(context: Context) -> Section:
    lines = tuple(
        context.text(
            "help.line", command=typed_name(command, context), about=context.text(command.about)
        )
        for command in first_commands(context)
    )
    return Section(context.text("help.first"), lines)


def _commands(context: Context) -> tuple[Section, ...]:
    """The commands by group, and examples of how the daily ones are typed."""
    available = available_to(context)
    groups = (
        Section(
            context.text(f"help.group_{group.value}"),
            tuple(
                context.text(
                    "help.line",
                    command=shown_name(command, context),
                    about=context.text(command.about),
                )
                for command in available
                if command.group is group
            ),
        )
        for group in Group
    )
    examples = tuple(
        context.text(command.usage)
        for command in available
        if command.takes_words and command.group is Group.DAY
    )
    examples_section = (Section(context.text("help.examples"), examples),) if examples else ()
    return (*(group for group in groups if group.lines), *examples_section)


def _channel(context: Context) -> tuple[Section, ...]:
    channel = channel_of(context.request)
    if not channel or not may(context.actor, "channel.bind"):
        return ()
    bound = context.uow.channels.of_channel(context.request.conversation.platform, channel)
    lines, buttons = _bound(bound, context) if bound else _offered(channel, context)
    return (Section(context.text("bind.heading"), lines, buttons=buttons),)


def _offered(channel: str, context: Context) -> Bound:
    """The offer to bind a channel. On platforms that never reveal a channel's readers, the leader
    chooses whether names are shown."""
    team_id = context.actor.team_id
    lines: tuple[str, ...] = (context.text("bind.offer", team=team_label(team_id, context)),)
    whole = may(context.actor, "channel.bind_company") and len(context.uow.people.teams()) > 1
    if _is_absent(context):
        again = Button("channel.bind", context.text("button.bind_again"), channel, "primary")
        return (context.text("bind.absent"),), (again,)
    if whole:
        lines += (context.text("bind.offer_company"),)
    if not _must_choose(context):
        bind_here = Button("channel.bind", context.text("button.bind"), channel, "primary")
        buttons: tuple[Button, ...] = (bind_here,)
        if whole:
            label = context.text("button.bind_company")
            buttons += (Button("channel.bind_company", label, channel),)
        return lines, buttons
    choices = _choices(team_id, channel, context)
    if whole:
        choices += _choices(None, channel, context)
    return (*lines, context.text("bind.choose")), choices


def _bound(bound: BoundChannel, context: Context) -> Bound:
    """That the channel is bound, whether names are shown there, and why."""
    line = context.text("bind.is_bound", team=team_label(bound.team_id, context))
    unbind = Button("channel.unbind", context.text("button.unbind"), bound.conversation)
    absent = _is_absent(context)
    why = context.text("bind.absent") if absent else reason(verdict_of(bound, context), context)
    buttons: tuple[Button, ...] = (unbind,)
    if _must_choose(context):
        names, totals = _choices(bound.team_id, bound.conversation, context)
        buttons = (totals if bound.with_names else names, unbind)
    if bound.team_id is not None:
        news = Button("announcement.settings", context.text("button.announcements"))
        buttons = (news, *buttons)
    return (line, why), buttons


def _is_absent(context: Context) -> bool:
    """Whether the bot is not in the channel, so that nothing it posts would arrive."""
    readers = context.request.conversation.readers
    return readers is not None and readers.told is Told.ABSENT


def _must_choose(context: Context) -> bool:
    readers = context.request.conversation.readers
    return readers is not None and readers.told is Told.NEVER


def _choices(team_id: int | None, channel: str, context: Context) -> tuple[Button, ...]:
    names, totals = pack(NAMES, channel), pack(TOTALS, channel)
    if team_id is None:
        action = "channel.bind_company"
        return (
            Button(action, context.text("button.bind_company_names"), names),
            Button(action, context.text("button.bind_company_totals"), totals),
        )
    return (
        Button("channel.bind", context.text("button.bind_names"), names),
        Button("channel.bind", context.text("button.bind_totals"), totals, "primary"),
    )
