"""Parses Slack's payloads into Requests. Pure: no client, no clock, no memory.

What only Slack's API can tell (the person's name and language, whether a conversation is the bot's
own) is added by the adapter.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Literal, TypeAlias

from bot.platforms.slack.forms import FormContext, read_answer, unpack
from bot.platforms.slack.markup import typed, unescaped, visible, width
from bot.platforms.slack.message_words import words_of
from bot.platforms.slack.render import chosen_in_menu
from handlers.core.commands import (
    FILE_ACTION,
    GLOBAL_SHORTCUTS,
    HELLO_ACTION,
    HOME_ACTION,
    MESSAGE_SHORTCUTS,
    parse_command,
)
from handlers.core.requests import Conversation, Request, Sender
from handlers.core.ui import Button

Payload: TypeAlias = Mapping[str, Any]
NAME = "slack"
REPLAY = "slack.command"
"""Our own button that runs a typed command again, now with a trigger that can open a form."""
UNKNOWN = "help.unknown"
EMPTY_MENTION = "help.open"
_BUTTON_TAKES = 2000
_MENTION = re.compile(r"<@[UW][A-Z0-9]++(?:\|[^<>]*+)?>")


@dataclass(frozen=True, slots=True)
class Surface:
    """Where a request came from, so that the answer finds its way back.

    ``direct`` is the bot's own 1:1; ``message`` is the time stamp of the card that can be redrawn;
    ``ephemeral`` means only ``response_url`` can redraw it; ``home`` means it came from the Home
    tab, which is redrawn afterwards; a ``greeting`` is asked for by opening the messages tab;
    ``again`` repeats the request from a button; ``file`` is the id of an attached file, still to be
    read.
    """

    kind: Literal["command", "button", "submission", "search", "message", "home", "greeting"]
    user: str
    channel: str = ""
    direct: bool = False
    thread: str = ""
    trigger: str = ""
    response_url: str = ""
    message: str = ""
    ephemeral: bool = False
    home: bool = False
    again: Button | None = None
    view: Payload | None = None
    context: FormContext | None = None
    title: str = ""
    file: str = ""
    team: str = ""
    """The workspace that the payload says it comes from."""


def read(payload: Payload, *, unique: str, timezone: tzinfo) -> Request | None:
    """The request in ``payload``, or None if there is nothing to answer.

    ``unique`` identifies a search, which Slack never delivers twice and gives no id.
    """
    request = _read(payload, unique, timezone)
    if request is None:
        return None
    return replace(request, surface=replace(request.surface, team=_team(payload)))


def _team(payload: Payload) -> str:
    """The workspace that a payload comes from; an organisation's payload may name none."""
    team = payload.get("team")
    found = team.get("id") if isinstance(team, Mapping) else payload.get("team_id")
    return found if isinstance(found, str) else ""


def _read(payload: Payload, unique: str, timezone: tzinfo) -> Request | None:
    if "command" in payload:
        return _command(payload)
    match payload.get("type"):
        case "block_actions":
            return _button(payload)
        case "message_action":
            return _shortcut(payload)
        case "shortcut":
            return _anywhere(payload)
        case "view_submission":
            return _submission(payload, timezone)
        case "block_suggestion":
            return _search(payload, unique)
        case "event_callback":
            return _event(payload)
        case _:
            return None


def _command(payload: Payload) -> Request:
    text = typed(payload.get("text", ""))
    command = parse_command(f"{payload['command']} {text}")
    action = command.action if command else UNKNOWN
    behind = command.text if command else f"{payload['command']} {text}".strip()
    named = payload.get("channel_name", "")
    surface = Surface(
        "command",
        payload["user_id"],
        channel=payload["channel_id"],
        trigger=payload["trigger_id"],
        response_url=payload.get("response_url", ""),
        again=replay(action, behind),
        title="" if named == "directmessage" else named,
    )
    sender = Sender(NAME, payload["user_id"], payload.get("user_name", ""))
    line = f"{payload['command']} {text}"
    wish = f"trigger:{payload['trigger_id']}"
    return _request(surface, wish, action, sender, text=behind, typed=line)


def _shortcut(payload: Payload) -> Request | None:
    """An action on a message, of which only what it says is taken."""
    action = payload.get("callback_id")
    if action not in {shortcut.action for shortcut in MESSAGE_SHORTCUTS}:
        return None
    message, channel = payload.get("message") or {}, payload.get("channel") or {}
    text = words_of(message) if isinstance(message, Mapping) else ""
    surface = Surface(
        "command",
        payload["user"]["id"],
        channel=channel.get("id", ""),
        trigger=payload["trigger_id"],
        response_url=payload.get("response_url", ""),
        again=replay(action, text),
    )
    sender = Sender(NAME, surface.user, _name(payload["user"]))
    return _request(surface, f"trigger:{payload['trigger_id']}", action, sender, text=text)


def _anywhere(payload: Payload) -> Request | None:
    """A shortcut that belongs to no message and no conversation: answered in the 1:1."""
    action = payload.get("callback_id", "")
    if action not in {shortcut.action for shortcut in GLOBAL_SHORTCUTS}:
        return None
    user = payload["user"]["id"]
    surface = Surface(
        "button",
        user,
        channel=user,
        direct=True,
        trigger=payload["trigger_id"],
        again=Button(action, ""),
    )
    sender = Sender(NAME, user, _name(payload["user"]))
    return _request(surface, f"trigger:{payload['trigger_id']}", action, sender)


def _button(payload: Payload) -> Request | None:
    pressed = payload["actions"][0]
    container = payload.get("container", {})
    on_home = (payload.get("view") or {}).get("type") == "home"
    if not (on_home or container.get("type") == "message"):
        return None
    match pressed.get("type"):
        case "button":
            action, value = pressed["action_id"].partition("#")[0], pressed.get("value", "")
        case "overflow":
            action, value = chosen_in_menu(pressed)
        case _:
            return None
    again = Button(action, "", value)
    text, state = "", {"value": value}
    if action == REPLAY:
        replayed = json.loads(unescaped(value))
        action, text, state = replayed["action"], replayed["text"], {}
    draw = _home_surface if on_home else _button_surface
    surface = draw(payload, container, again)
    sender = Sender(NAME, surface.user, _name(payload["user"]))
    wish = f"trigger:{payload['trigger_id']}"
    # A repeated command is meant for where it was typed.
    under = _under(surface) if again.action == REPLAY else ""
    return _request(surface, wish, action, sender, text=text, state=state, under=under)


def _home_surface(payload: Payload, _container: Payload, again: Button) -> Surface:
    """The surface of the Home tab, whose actions are answered in the 1:1."""
    user = payload["user"]["id"]
    trigger = payload.get("trigger_id", "")
    return Surface(
        "button", user, channel=user, direct=True, trigger=trigger, home=True, again=again
    )


def _button_surface(payload: Payload, container: Payload, again: Button) -> Surface:
    channel = container.get("channel_id", "")
    hidden = bool(container.get("is_ephemeral"))
    thread = payload.get("message", {}).get("thread_ts", "")
    own = channel.startswith("D") and not hidden
    return Surface(
        "button",
        payload["user"]["id"],
        channel=channel,
        # A bot is in no 1:1 but its own; what it shows elsewhere is ephemeral.
        direct=own,
        thread="" if thread == container["message_ts"] else thread,
        trigger=payload.get("trigger_id", ""),
        response_url=payload.get("response_url", ""),
        message=container["message_ts"],
        ephemeral=hidden,
        again=again,
        title="" if own else payload.get("channel", {}).get("name", ""),
    )


def _submission(payload: Payload, timezone: tzinfo) -> Request:
    view = payload["view"]
    context = unpack(view.get("private_metadata", ""), view.get("callback_id", ""))
    surface = _view_surface("submission", payload, context)
    states = view.get("state", {}).get("values", {}).values()
    sent = [
        file for block in states for given in block.values() for file in given.get("files") or ()
    ]
    surface = replace(surface, file=sent[0]["id"] if sent else "")
    # JSON knows no tuples.
    folded = {
        name: value if isinstance(value, str) else tuple(value)
        for name, value in context.folded.items()
    }
    values = folded | {
        name: read_answer(given, timezone) for block in states for name, given in block.items()
    }
    sender = Sender(NAME, surface.user, _name(payload["user"]))
    wish = f"view:{view['id']}:{view.get('hash', '')}"
    return _request(surface, wish, context.action, sender, values=values, state=dict(context.state))


def _search(payload: Payload, unique: str) -> Request | None:
    view = payload.get("view") or {}
    context = unpack(view.get("private_metadata", ""), view.get("callback_id", ""))
    action = context.search.get(payload["action_id"])
    if action is None:
        return None
    surface = _view_surface("search", payload, context)
    sender = Sender(NAME, surface.user, _name(payload["user"]))
    return _request(
        surface,
        f"search:{unique}",
        action,
        sender,
        text=unescaped(payload.get("value", "")),
        state=dict(context.state),
    )


def _view_surface(
    kind: Literal["submission", "search"], payload: Payload, context: FormContext
) -> Surface:
    return Surface(
        kind,
        payload["user"]["id"],
        channel=context.channel,
        direct=context.direct,
        thread=context.thread,
        trigger=payload.get("trigger_id", ""),
        message=context.message,
        home=context.home,
        view=payload["view"],
        context=context,
        title=context.title,
    )


def _event(payload: Payload) -> Request | None:
    event = payload["event"]
    if event.get("type") == "app_home_opened":
        return _opened(event, payload["event_id"])
    if event.get("type") == "member_joined_channel":
        return _added(event, payload)
    direct = event.get("type") == "message" and event.get("channel_type") == "im"
    mention = event.get("type") == "app_mention"
    files = event.get("files") or () if direct else ()
    kind = event.get("subtype", "")
    plain = kind in ("", "thread_broadcast") or (bool(files) and kind == "file_share")
    from_person = "user" in event and not event.get("bot_id") and plain
    if not from_person or not (direct or mention):
        return None
    said = str(event.get("text") or "")
    words = visible(_without_bot(said, payload) if mention else said)
    command = parse_command(words)
    action = command.action if command else (UNKNOWN if words else EMPTY_MENTION)
    text = command.text if command else words
    if files:
        action, text = FILE_ACTION, ""
    surface = Surface(
        "message",
        event["user"],
        channel=event["channel"],
        direct=direct,
        thread=event.get("thread_ts", ""),
        again=replay(action, text),
        file=files[0]["id"] if files else "",
    )
    sender = Sender(NAME, event["user"])
    wish = f"event:{payload['event_id']}"
    if files:
        return _request(surface, wish, action, sender)
    under = _under(surface)
    line = words if under else ""
    return _request(surface, wish, action, sender, text=text, under=under, line=line, typed=words)


def _without_bot(text: str, payload: Payload) -> str:
    """The text without the mention that brought it here: the bot's own, else the first."""
    for account in payload.get("authorizations") or ():
        own = re.compile(rf"<@{re.escape(str(account.get('user_id')))}(?:\|[^<>]{{0,300}})?>")
        if own.search(text):
            return own.sub("", text, count=1)
    return _MENTION.sub("", text, count=1)


def _under(surface: Surface) -> str:
    """The card that starts the thread, as ``post`` referred to it."""
    return f"{surface.channel}:{surface.thread}" if surface.thread else ""


def _opened(event: Payload, event_id: str) -> Request | None:
    """The opened Home tab; or the messages tab, where the bot says hello once."""
    user = event["user"]
    if event.get("tab") == "messages":
        surface = Surface("greeting", user, channel=event["channel"], direct=True)
        return _request(surface, f"event:{event_id}", HELLO_ACTION, Sender(NAME, user))
    if event.get("tab") != "home":
        return None
    surface = Surface("home", user, channel=user, direct=True, home=True)
    return _request(surface, f"event:{event_id}", HOME_ACTION, Sender(NAME, user))


def _added(event: Payload, payload: Payload) -> Request | None:
    """The bot itself was added to a channel, by a person who reads its hello there."""
    bots = {str(account.get("user_id")) for account in payload.get("authorizations") or ()}
    inviter = event.get("inviter")
    if event.get("user") not in bots or not isinstance(inviter, str):
        return None
    surface = Surface("message", inviter, channel=event["channel"])
    wish = f"event:{payload['event_id']}"
    return _request(surface, wish, HELLO_ACTION, Sender(NAME, inviter))


def replay(action: str, text: str) -> Button:
    """The button that repeats the request; its label comes with the surrounding text."""
    value = json.dumps({"action": action, "text": text}, ensure_ascii=False)
    for most in (1900, 900):
        if width(value) > _BUTTON_TAKES:
            value = json.dumps({"action": action, "text": text[:most]}, ensure_ascii=False)
    return Button(REPLAY, "", value)


def _name(user: Payload) -> str:
    return str(user.get("name") or user.get("username") or "")


def _request(surface: Surface, wish: str, action: str, sender: Sender, **asked: Any) -> Request:
    conversation = Conversation(NAME, surface.channel, surface.direct, surface.title)
    asked |= {"surface": surface, "picks_accounts": True}
    return Request(f"{NAME}:{wish}", action, sender, conversation, **asked)
