"""What a person does in a Slack client, and what the client makes of the response.

Payloads have the shapes of bolt-python's fixtures and docs.slack.dev.
"""

from typing import Any

from tests.doubles.slack import blocks
from tests.doubles.slack.server import LocalSlack
from tests.doubles.slack.workspace import (
    BOT,
    BOT_USER,
    TEAM,
    Json,
    Message,
    Modal,
    ResponseUrl,
    Room,
)


class Acts:
    """The actions of one person."""

    def __init__(self, server: LocalSlack, user: str) -> None:
        self.server = server
        self.space = server.space
        self.user = user

    async def command(
        self, command: str, text: str, room: Room, *, times: int = 1, **more: Any
    ) -> Json:
        """Type a slash command; ``times`` delivers the very same payload again."""
        payload = {
            "token": "",
            "team_id": TEAM,
            "team_domain": "sample",
            "channel_id": room.id,
            "channel_name": room.name,
            "user_id": self.user,
            "user_name": self.user.lower(),
            "command": command,
            "text": text,
            "api_app_id": "A0GENJIN",
            "response_url": self._response_url(room.id, None),
            "trigger_id": self.space.trigger(self.user),
        } | more
        ack: Json = {}
        for _ in range(times):
            ack = await self.server.wire.deliver("slash_commands", payload)
        if ack.get("text"):
            self._shown_by_slack(room.id, str(ack["text"]))
        return ack

    async def say(self, text: str, room: Room, *, mention: bool = False, **more: Any) -> None:
        """Write a message: to the bot, or in a channel with ``mention`` of it."""
        event = {
            "type": "app_mention" if mention else "message",
            "user": self.user,
            "text": f"<@{BOT_USER}> {text}" if mention else text,
            "ts": self.space.stamp(),
            "channel": room.id,
            "team": TEAM,
            **more,
        }
        if not mention:
            event["channel_type"] = "im"
        await self.event(event, self.space.next("Ev"))

    async def share(self, name: str, content: bytes, room: Room, text: str = "") -> None:
        """Drop a file into a conversation."""
        files = [self.space.upload(name, content)]
        await self.say(text, room, subtype="file_share", files=files)

    async def event(self, event: Json, event_id: str, **envelope: Any) -> None:
        payload = {
            "token": "",
            "team_id": TEAM,
            "api_app_id": "A0GENJIN",
            "type": "event_callback",
            "event": event,
            "event_id": event_id,
            "event_time": 1790000000,
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }
        await self.server.wire.deliver("events_api", payload, **envelope)

    async def run_step(self, callback: str, inputs: Json, *, times: int = 1) -> str:
        """Run a workflow with a step of the app; returns the id of the run."""
        run, event_id = self.space.next("Fx"), self.space.next("Ev")
        self.space.steps[run] = None
        event = {
            "type": "function_executed",
            "function": {"id": "Fn01", "callback_id": callback, "type": "app"},
            "inputs": inputs,
            "function_execution_id": run,
            "workflow_execution_id": self.space.next("Wx"),
            "event_ts": self.space.stamp(),
            "bot_access_token": self.server.bot_token,
        }
        for _ in range(times):
            await self.event(event, event_id)
        return run

    async def press(self, message: Message, button: Json, *, times: int = 1) -> None:
        """Press a button (and *yes*, where it asks)."""
        payload = {
            "type": "block_actions",
            "user": self._me(),
            "team": {"id": TEAM},
            "api_app_id": "A0GENJIN",
            "token": "",
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": bool(message.only_for),
            },
            "trigger_id": self.space.trigger(self.user),
            "channel": {"id": message.channel, "name": self.space.rooms[message.channel].name},
            "message": self._message(message),
            "response_url": self._response_url(message.channel, message),
            "actions": [self._pressed(button)],
        }
        for _ in range(times):
            await self.server.wire.deliver("interactive", payload)

    def _pressed(self, button: Json) -> Json:
        """A pressed button, or with ``type`` an option of an overflow menu."""
        pressed = {
            "type": button.get("type", "button"),
            "action_id": button["action_id"],
            "block_id": "b",
            "action_ts": self.space.stamp(),
        }
        if pressed["type"] == "overflow":
            return pressed | {"selected_option": {"text": button["text"], "value": button["value"]}}
        return pressed | {"text": button["text"], "value": button.get("value", "")}

    async def open_home(self, *, tab: str = "home", times: int = 1) -> None:
        """Open the app's Home tab, or its messages."""
        room = self.space.direct(self.user)
        event = {
            "type": "app_home_opened",
            "user": self.user,
            "channel": room.id,
            "tab": tab,
            "event_ts": self.space.stamp(),
        }
        event_id = self.space.next("Ev")
        for _ in range(times):
            await self.event(event, event_id)

    async def press_at_home(self, button: Json, *, times: int = 1) -> None:
        """Press a button of the Home tab."""
        payload = {
            "type": "block_actions",
            "user": self._me(),
            "team": {"id": TEAM},
            "api_app_id": "A0GENJIN",
            "token": "",
            "container": {"type": "view", "view_id": f"VHOME{self.user}"},
            "trigger_id": self.space.trigger(self.user),
            "view": {"id": f"VHOME{self.user}", "type": "home", "hash": "1.home"}
            | self.space.homes[self.user],
            "actions": [self._pressed(button)],
        }
        for _ in range(times):
            await self.server.wire.deliver("interactive", payload)

    async def press_in_modal(self, modal: Modal, button: Json) -> None:
        """Press a button within an open modal; what is typed there comes along."""
        payload = {
            "type": "block_actions",
            "user": self._me(),
            "team": {"id": TEAM},
            "api_app_id": "A0GENJIN",
            "token": "",
            "container": {"type": "view", "view_id": modal.id},
            "trigger_id": self.space.trigger(self.user),
            "view": modal.payload(),
            "actions": [self._pressed(button)],
        }
        await self.server.wire.deliver("interactive", payload)

    async def use_global_shortcut(self, callback: str, **more: Any) -> None:
        """Choose a shortcut that belongs to no conversation."""
        payload = {
            "type": "shortcut",
            "token": "",
            "action_ts": self.space.stamp(),
            "team": {"id": TEAM, "domain": "sample"},
            "user": self._me(),
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": callback,
            "trigger_id": self.space.trigger(self.user),
        }
        await self.server.wire.deliver("interactive", payload | more)

    async def use_shortcut(self, callback: str, text: str, room: Room, **more: Any) -> None:
        """Choose a shortcut from the menu of a message that somebody wrote."""
        written = {"type": "message", "user": self.user, "ts": self.space.stamp(), "text": text}
        payload = {
            "type": "message_action",
            "token": "",
            "action_ts": self.space.stamp(),
            "team": {"id": TEAM, "domain": "sample"},
            "user": self._me(),
            "channel": {"id": room.id, "name": room.name},
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": callback,
            "trigger_id": self.space.trigger(self.user),
            "response_url": self._response_url(room.id, None),
            "message_ts": written["ts"],
            "message": written,
        }
        await self.server.wire.deliver("interactive", payload | more)

    async def submit(self, modal: Modal, *, times: int = 1) -> Json:
        """Press *submit*; returns the errors by block id, empty if the form was accepted."""
        payload = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": self._me(),
            "api_app_id": "A0GENJIN",
            "token": "",
            "trigger_id": self.space.trigger(self.user),
            "view": modal.payload(),
            "response_urls": [],
        }
        ack: Json = {}
        for _ in range(times):
            ack = await self.server.wire.deliver("interactive", payload)
        return self._apply(modal, ack)

    async def search(self, modal: Modal, block_id: str, action_id: str, query: str) -> list[Json]:
        """Type into a searched menu; returns the options offered."""
        payload = {
            "type": "block_suggestion",
            "user": self._me(),
            "team": {"id": TEAM},
            "container": {"type": "view", "view_id": modal.id},
            "api_app_id": "A0GENJIN",
            "token": "",
            "action_id": action_id,
            "block_id": block_id,
            "value": query,
            "view": modal.payload(),
        }
        ack = await self.server.wire.deliver("interactive", payload)
        offered: list[Json] = ack.get("options", [])
        self.server.violations += blocks.options(offered, least=0)
        return offered

    def _apply(self, modal: Modal, ack: Json) -> Json:
        match ack.get("response_action", "clear"):
            case "errors":
                strays = set(ack["errors"]) - {block["block_id"] for block in modal.body["blocks"]}
                self.server.violations += [f"errors of unknown blocks {strays}"] if strays else []
                self.server.violations += [] if ack["errors"] else ["no errors in errors"]
                return dict(ack["errors"])
            case "update":
                modal.draw(self.server.api.accept_view(ack["view"]), self.space.next("hash."))
            case "clear":
                self.space.modals.pop(modal.id, None)
            case other:
                self.server.violations.append(f"response_action {other}")
        return {}

    def _me(self) -> Json:
        return {
            "id": self.user,
            "username": self.user.lower(),
            "name": self.user.lower(),
            "team_id": TEAM,
        }

    def _message(self, message: Message) -> Json:
        if message.only_for:
            return {}
        shown = {
            "type": "message",
            "bot_id": BOT,
            "user": BOT_USER,
            "ts": message.ts,
            "text": message.text,
            "blocks": message.blocks,
        }
        return shown | ({"thread_ts": message.thread} if message.thread else {})

    def _response_url(self, channel: str, original: Message | None) -> str:
        url_id = self.space.next("url")
        self.space.response_urls[url_id] = ResponseUrl(channel, self.user, original)
        return f"{self.server.url}/response/{url_id}"

    def _shown_by_slack(self, channel: str, text: str) -> None:
        self.space.messages.append(
            Message(channel, self.space.stamp(), BOT_USER, text, only_for=self.user)
        )
