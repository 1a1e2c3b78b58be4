"""``/genjin``: what I can do for you, and binding a channel to the digests."""

from typing import TypeAlias

from rapidfuzz import fuzz, process

from handlers.core.commands import COMMANDS, Command, Group, echoed, is_greeting, message_card
from handlers.core.context import Turn
from handlers.core.labels import enum_label, home_button
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section
from handlers.digests.actions import ensure_digests
from handlers.digests.channel_privacy import NAMES, TOTALS, channel_of, reason, verdict_of
from handlers.sync_meeting import ensure_syncs
from sales.channel_privacy import Told
from sales.errors import NotAllowed
from sales.people import Role
from sales.permissions import may
from storage.channels import Binding

_NEAR = 60.0
Bound: TypeAlias = tuple[tuple[str, ...], tuple[Button, ...]]
"""What is said of a channel, and what can be done there."""


def open_help(turn: Turn) -> Reply:
    """Every command for the person's role; in a channel, a leader can bind it to digests."""
    role = enum_label(turn.actor.role, turn.language)
    footnote = turn.text("help.privacy")
    return Reply(
        card=Card(
            title=turn.text("help.title"),
            body=turn.text(
                "help.role" if turn.actor.sells else "help.role_tasks",
                name=turn.actor.name,
                role=role,
            ),
            sections=(*_commands(turn), *_channel(turn)),
            buttons=_starts(turn),
            footnote=footnote,
        )
    )


def _starts(turn: Turn) -> tuple[Button, ...]:
    notices = Button("quiet.choose", turn.text("button.my_notices"))
    if not turn.actor.sells:
        return (home_button(turn), notices)
    return (
        Button("lead.new", turn.text("button.new_lead"), "", "primary"),
        Button("followup.new", turn.text("button.log")),
        home_button(turn),
        notices,
    )


def unknown(turn: Turn) -> Reply:
    """A line that is no command: answer a greeting, offer to make a lead of a message, or name
    the nearest command."""
    if is_greeting(turn.request.text):
        return Reply(card=_welcome(turn))
    if card := message_card(turn):
        return Reply(card=card)
    typed = turn.request.text.strip().lstrip("/／").partition(" ")[0].lower()
    known = _known_to(turn)
    names = {name: command for command in known for name in (command.name, *command.aliases)}
    near = (
        process.extractOne(typed, list(names), scorer=fuzz.ratio, score_cutoff=_NEAR)
        if typed
        else None
    )
    if near:
        command = names[near[0]]
        body = turn.text(
            "help.did_you_mean", command=_shown(command, turn), about=turn.text(command.about)
        )
    else:
        body = turn.text("help.not_understood" if turn.actor.sells else "help.not_understood_tasks")
    return Reply(
        card=Card(
            title=turn.text("help.unknown", text=echoed(turn.request.text) or "…"),
            body=body,
            buttons=(Button("help.open", turn.text("button.help")),),
        )
    )


def _welcome(turn: Turn) -> Card:
    """Whoever says hello is told what to do next."""
    sells = turn.actor.sells
    return Card(
        title=turn.text("help.hello", name=turn.actor.name),
        body=turn.text("help.not_understood" if sells else "help.not_understood_tasks"),
        buttons=(
            home_button(turn),
            *((Button("lead.new", turn.text("button.new_lead")),) if sells else ()),
            Button("help.open", turn.text("button.help")),
        ),
    )


def bind(turn: Turn) -> Reply:
    """Button in a channel: this team's digests come here from now on."""
    channel = channel_of(turn.request)
    if not channel:
        return Reply(toast=turn.text("bind.only_channels"))
    platform, team_id = turn.request.conversation.platform, turn.actor.team_id
    _refuse_other_teams(turn.uow.bindings.of_channel(platform, channel), turn)
    chosen = turn.pressed.startswith(NAMES)
    bound = Binding(platform, channel, team_id, turn.language.locale, turn.actor.id, chosen)
    turn.uow.bindings.bind(bound)
    turn.uow.refusals.end(f"{platform}:channel:{channel}")
    ensure_digests(turn)
    ensure_syncs(turn)
    detail = {"platform": platform, "names": "chosen" if chosen else ""}
    turn.uow.audit.record(turn.actor, "channel.bind", f"team:{team_id}", detail)
    return Reply(
        toast=turn.text("bind.done", team=_team_name(team_id, turn)), update=open_help(turn).card
    )


def unbind(turn: Turn) -> Reply:
    """Button in a bound channel: no more digests here."""
    platform = turn.request.conversation.platform
    bound = turn.uow.bindings.of_channel(platform, channel_of(turn.request))
    _refuse_other_teams(bound, turn)
    if bound:
        turn.uow.bindings.unbind(platform, bound.conversation)
        turn.uow.refusals.end(f"{platform}:channel:{bound.conversation}")
        detail = {"platform": platform}
        turn.uow.audit.record(turn.actor, "channel.unbind", f"team:{bound.team_id}", detail)
    return Reply(toast=turn.text("bind.undone"), update=open_help(turn).card)


def _refuse_other_teams(bound: Binding | None, turn: Turn) -> None:
    """A manager does not take away another team's digests."""
    if bound and bound.team_id != turn.actor.team_id and turn.actor.role is not Role.ADMIN:
        raise NotAllowed(roles=[Role.ADMIN])


def _commands(turn: Turn) -> tuple[Section, ...]:
    """The commands by what they are for, and how those of every day are typed."""
    known = _known_to(turn)
    groups = (
        Section(
            turn.text(f"help.group_{group.value}"),
            tuple(
                f"{_shown(command, turn)} — {turn.text(command.about)}"
                for command in known
                if command.group is group
            ),
        )
        for group in Group
    )
    examples = tuple(
        turn.text(command.usage)
        for command in known
        if command.takes_words and command.group is Group.DAY
    )
    examples_section = (Section(turn.text("help.examples"), examples),) if examples else ()
    return (*(group for group in groups if group.lines), *examples_section)


def _known_to(turn: Turn) -> tuple[Command, ...]:
    """The commands that the person's role may use."""
    return tuple(command for command in COMMANDS if may(turn.actor, command.action))


def _shown(command: Command, turn: Turn) -> str:
    if turn.language.locale == "zh_CN":
        return f"/{command.name}（{command.aliases[0]}）"
    return f"/{command.name}"


def _channel(turn: Turn) -> tuple[Section, ...]:
    channel = channel_of(turn.request)
    if not channel or not may(turn.actor, "channel.bind"):
        return ()
    bound = turn.uow.bindings.of_channel(turn.request.conversation.platform, channel)
    lines, buttons = _bound(bound, turn) if bound else _offered(channel, turn)
    return (Section(turn.text("bind.heading"), lines, buttons=buttons),)


def _offered(channel: str, turn: Turn) -> Bound:
    """Where the platform can never tell who reads, a leader chooses what is told."""
    lines = (turn.text("bind.offer", team=_team_name(turn.actor.team_id, turn)),)
    if not _must_choose(turn):
        return lines, (Button("channel.bind", turn.text("button.bind"), channel, "primary"),)
    return (*lines, turn.text("bind.choose")), _choices(channel, turn)


def _bound(bound: Binding, turn: Turn) -> Bound:
    """That it is bound, whether names are shown, and why."""
    line = turn.text("bind.is_bound", team=_team_name(bound.team_id, turn))
    unbind = Button("channel.unbind", turn.text("button.unbind"), bound.conversation)
    why = reason(verdict_of(bound, turn), turn)
    if not _must_choose(turn):
        return (line, why), (unbind,)
    names, totals = _choices(bound.conversation, turn)
    return (line, why), (totals if bound.with_names else names, unbind)


def _must_choose(turn: Turn) -> bool:
    readers = turn.request.conversation.readers
    return readers is not None and readers.told is Told.NEVER


def _choices(channel: str, turn: Turn) -> tuple[Button, Button]:
    return (
        Button("channel.bind", turn.text("button.bind_names"), f"{NAMES}{channel}"),
        Button("channel.bind", turn.text("button.bind_totals"), f"{TOTALS}{channel}", "primary"),
    )


def _team_name(team_id: int, turn: Turn) -> str:
    return next((team.name for team in turn.uow.people.teams() if team.id == team_id), "—")
