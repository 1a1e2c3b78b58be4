"""The content of a Slack workspace: people, conversations, messages, modals, triggers."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TEAM = "T0TEAM"
BOT_USER = "U0GENJIN"
BOT = "B0GENJIN"
Json = dict[str, Any]


@dataclass(slots=True)
class Person:
    """A user of Slack.

    ``guest``: "multi" or "single" for a guest of many channels or of one. ``stranger``: of another
    workspace, in no channel that the app sees.
    """

    id: str
    name: str
    locale: str = "en-US"
    admin: bool = False
    deleted: bool = False
    bot: bool = False
    email: str = ""
    team: str = TEAM
    owner: bool = False
    guest: str = ""
    stranger: bool = False
    confirmed: bool = True
    enterprise: str = ""

    def shown(self) -> Json:
        """The user as ``users.info`` returns it: of a deactivated user Slack tells little."""
        shown: Json = {
            "id": self.id,
            "name": self.id.lower(),
            "team_id": self.team,
            "deleted": self.deleted,
            "is_bot": self.bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
            "locale": self.locale,
            "profile": {
                "real_name": self.name,
                "display_name": self.name,
                "email": self.email,
                "team": self.team,
            },
        }
        if self.deleted:
            return shown
        shown |= {
            "real_name": self.name,
            "is_admin": self.admin,
            "is_owner": self.owner,
            "is_primary_owner": self.owner,
            "is_restricted": bool(self.guest),
            "is_ultra_restricted": self.guest == "single",
            "is_email_confirmed": self.confirmed,
        }
        if self.stranger:
            shown["is_stranger"] = True
        if self.enterprise:
            shown["enterprise_user"] = {
                "id": f"W{self.id}",
                "enterprise_id": self.enterprise,
                "enterprise_name": "Sample",
                "is_admin": False,
                "is_owner": False,
                "teams": [self.team],
            }
        return shown


@dataclass(slots=True)
class Room:
    id: str
    name: str
    members: set[str]
    archived: bool = False


@dataclass(slots=True)
class Message:
    """A message.

    ``only_for`` is set on an ephemeral message; ``author`` is a user's id; ``aloud`` is set on a
    message shown in the conversation, too, and not in its thread alone.
    """

    channel: str
    ts: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    only_for: str = ""
    thread: str = ""
    aloud: bool = False
    edits: int = 0
    picture: bytes = b""

    @property
    def ref(self) -> str:
        return f"{self.channel}:{self.ts}"


@dataclass(slots=True)
class Modal:
    """An open view and the content of its inputs: block id to action id to state."""

    id: str
    hash: str
    user: str
    body: Json
    state: dict[str, dict[str, Json]] = field(default_factory=dict)

    def draw(self, body: Json, hash_: str) -> None:
        """Show ``body``; input under the same ids stays, as it does in Slack."""
        self.body, self.hash = body, hash_
        before, self.state = self.state, {}
        for number, block in enumerate(body["blocks"]):
            block.setdefault("block_id", f"b{number}")
            if block["type"] == "input":
                element = block["element"]
                name, kept = element["action_id"], before.get(block["block_id"], {})
                self.state[block["block_id"]] = {name: kept.get(name) or _initial(element)}

    def payload(self) -> Json:
        return {
            **self.body,
            "id": self.id,
            "hash": self.hash,
            "team_id": TEAM,
            "root_view_id": self.id,
            "app_id": "A0GENJIN",
            "bot_id": BOT,
            "state": {"values": self.state},
        }


def _initial(element: Mapping[str, Any]) -> Json:
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": element.get("initial_value")}
        case "datepicker":
            return {"type": kind, "selected_date": element.get("initial_date")}
        case "datetimepicker":
            return {"type": kind, "selected_date_time": element.get("initial_date_time")}
        case "users_select":
            return {"type": kind, "selected_user": element.get("initial_user")}
        case "static_select" | "external_select":
            return {"type": kind, "selected_option": element.get("initial_option")}
        case "file_input":
            return {"type": kind, "files": []}
        case _:
            return {"type": kind, "selected_options": element.get("initial_options", [])}


@dataclass(slots=True)
class Trigger:
    user: str
    made_at: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    channel: str
    user: str
    original: Message | None
    uses: int = 0
    expired: bool = False


class Workspace:
    """The state; ``now`` gives seconds, by which triggers expire."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.messages: list[Message] = []
        self.modals: dict[str, Modal] = {}
        self.homes: dict[str, Json] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.enterprise = ""
        self.org_wide = False
        """Whether the app is installed for the whole organisation."""
        self.groups: dict[str, set[str]] = {}
        """User groups: members by handle."""
        self.files: dict[str, tuple[str, bytes]] = {}
        """What people uploaded: name and content, by id."""
        self.steps: dict[str, Json | str | None] = {}
        """Runs of our workflow steps: their outputs, or the error; None while they run."""
        self._count = itertools.count(1)

    def next(self, prefix: str) -> str:
        return f"{prefix}{next(self._count):06d}"

    def stamp(self) -> str:
        return f"1790000000.{next(self._count):06d}"

    def upload(self, name: str, content: bytes) -> Json:
        """A person's file, as payloads mention it."""
        file_id = self.next("F")
        self.files[file_id] = (name, content)
        return {"id": file_id, "name": name, "size": len(content), "mode": "hosted"}

    def direct(self, user: str) -> Room:
        """The bot's 1:1 with ``user``."""
        room_id = f"D0{user}"
        if room_id not in self.rooms:
            self.rooms[room_id] = Room(room_id, "directmessage", {user, BOT_USER})
        return self.rooms[room_id]

    def trigger(self, user: str) -> str:
        trigger_id = self.next("13345224609.")
        self.triggers[trigger_id] = Trigger(user, self.now())
        return trigger_id

    def modal_of(self, user: str) -> Modal | None:
        return next((modal for modal in self.modals.values() if modal.user == user), None)

    def find(self, channel: str, ts: str) -> Message | None:
        return next((m for m in self.messages if (m.channel, m.ts) == (channel, ts)), None)

    def visible(self, user: str, channel: str = "") -> list[Message]:
        """Everything ``user`` can read: in ``channel``, or in the 1:1 with the bot and
        ephemerals."""
        direct = self.direct(user).id
        return [
            message
            for message in self.messages
            if message.only_for in {"", user}
            and message.author == BOT_USER
            and (
                message.channel == channel
                if channel
                else message.channel == direct or message.only_for == user
            )
        ]
