"""The commands people type, with their aliases; every platform uses this list."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from handlers.core.context import Context
from handlers.core.requests import Request
from handlers.core.ui import Button, Card
from sales.capture import read_message
from sales.contacts import mask_contacts
from sales.leads import lead_number, parse_lead_number
from sales.permissions import may


class Group(StrEnum):
    """How the help page groups the commands."""

    DAY = "day"
    CUSTOMER = "customer"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Command:
    """A command people can type.

    ``name`` has no slash; ``about`` and ``usage`` are catalogue keys. ``takes_words``: whether text
    may follow it, as its usage then shows.
    """

    name: str
    aliases: tuple[str, ...]
    action: str
    about: str
    usage: str
    group: Group
    takes_words: bool = True


COMMANDS = (
    Command("lead", ("录线索", "线索"), "lead.open", "command.lead", "usage.lead", Group.DAY),
    Command(
        "followup",
        ("跟进", "写跟进"),
        "followup.open",
        "command.followup",
        "usage.followup",
        Group.DAY,
    ),
    Command("stage", ("推进", "阶段"), "stage.open", "command.stage", "usage.stage", Group.DAY),
    Command(
        "pipeline",
        ("漏斗", "看板"),
        "board.open",
        "command.pipeline",
        "usage.pipeline",
        Group.DAY,
        takes_words=False,
    ),
    Command(
        "tasks",
        ("待办", "任务"),
        "task.list",
        "command.tasks",
        "usage.tasks",
        Group.DAY,
        takes_words=False,
    ),
    Command(
        "discovery",
        ("需求", "需求挖掘"),
        "discovery.open",
        "command.discovery",
        "usage.discovery",
        Group.CUSTOMER,
    ),
    Command(
        "proposal",
        ("方案", "写方案"),
        "proposal.open",
        "command.proposal",
        "usage.proposal",
        Group.CUSTOMER,
    ),
    Command(
        "objection",
        ("异议",),
        "objection.open",
        "command.objection",
        "usage.objection",
        Group.CUSTOMER,
    ),
    Command(
        "library",
        ("话术", "话术库"),
        "library.open",
        "command.library",
        "usage.library",
        Group.CUSTOMER,
    ),
    Command("pool", ("公海", "公海池"), "pool.open", "command.pool", "usage.pool", Group.CUSTOMER),
    Command("target", ("目标",), "target.open", "command.target", "usage.target", Group.TEAM),
    Command("sync", ("例会", "同步会"), "sync.show", "command.sync", "usage.sync", Group.TEAM),
    Command(
        "people", ("团队", "同事"), "people.open", "command.people", "usage.people", Group.TEAM
    ),
    Command(
        "playbook",
        ("规则", "规则手册"),
        "playbook.open",
        "command.playbook",
        "usage.playbook",
        Group.TEAM,
    ),
    Command("import", ("导入",), "import.open", "command.import", "usage.import", Group.TEAM),
    Command(
        "export",
        ("导出",),
        "export.open",
        "command.export",
        "usage.export",
        Group.TEAM,
        takes_words=False,
    ),
    Command("genjin", ("帮助", "help"), "help.open", "command.genjin", "usage.genjin", Group.TEAM),
)


FILE_ACTION = "import.take"
"""The action for a file that somebody sends to the bot."""


HOME_ACTION = "home.open"
"""The action for the bot's home page, on platforms that have one."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An action on a message or available anywhere. ``name`` (≤ 24 characters) and ``about`` are
    catalogue keys."""

    action: str
    name: str
    about: str


MESSAGE_SHORTCUTS = (Shortcut("lead.capture", "shortcut.capture", "shortcut.capture_about"),)


GLOBAL_SHORTCUTS = (
    Shortcut("lead.new", "shortcut.lead", "shortcut.lead_about"),
    Shortcut("followup.new", "shortcut.followup", "shortcut.followup_about"),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A recognised command: the action to dispatch, and the text after the command."""

    action: str
    text: str


def parse_command(line: str) -> Typed | None:
    """Parse ``/lead LX001``, ``lead LX001`` or ``跟进 LX001 …``; None when it is not a command.

    The slash is optional and may be full-width; case does not matter. A Chinese alias may be
    followed directly by a lead number (``跟进LX001``).
    """
    stripped = line.strip().lstrip("/／").strip()
    word, _, rest = stripped.replace("\u3000", " ").partition(" ")
    for command in COMMANDS:
        for name in (command.name, *command.aliases):
            if word.lower() == name:
                return _as_claim(Typed(command.action, rest.strip()))
            if not name.isascii() and word.upper().startswith(f"{name}LX"):
                return Typed(command.action, f"{word[len(name) :]} {rest}".strip())
    return None


_ADMIN_WORDS = ("admin", "管理员")
"""After ``/genjin``: a one-time code follows, with which a person becomes an admin."""


def _as_claim(typed: Typed) -> Typed:
    word, _, code = typed.text.partition(" ")
    if typed.action == "help.open" and word.lower() in _ADMIN_WORDS:
        return Typed("admin.claim", code.strip())
    return typed


def about_a_lead(request: Request) -> Request:
    """Turn ``/lead LX001`` into a request to show that lead, to people who may see it; it logs
    nothing."""
    lead_id = parse_lead_number(request.text) if request.action == "lead.open" else None
    if lead_id is None:
        return request
    return replace(request, action="lead.show", text="", state={"value": lead_number(lead_id)})


_SHOWN = 60
_BUTTON_TAKES = 1900
_GREETINGS = re.compile(
    r"(?:你好|您好|嗨|哈[喽啰]|在[吗么]|早|(?:早上|上午|中午|下午|晚上)好|大家好"
    r"|hi|hello|hey|hallo|good ?(?:morning|afternoon|evening))(?: ?there)?",
    re.IGNORECASE,
)
_APART = re.compile(r"[\W_]+")


def echoed(text: str, longest: int = _SHOWN) -> str:
    """Typed text as repeated to the person: contacts masked, and cut between words."""
    line = mask_contacts(" ".join(text.split()))
    if len(line) <= longest:
        return line
    head, space, _ = line[:longest].rpartition(" ")
    return f"{head if space and len(head) > longest // 2 else line[:longest]}…"


def is_greeting(text: str) -> bool:
    return bool(_GREETINGS.fullmatch(_APART.sub(" ", text).strip()))


def message_card(context: Context) -> Card | None:
    """An offer to create a lead, for text that reads like a message from or about a customer."""
    text = context.request.text.strip()
    if not may(context.actor, "lead.capture"):
        return None
    message = read_message(text)
    if not (message.names_somebody or message.contact):
        return None
    return Card(
        title=context.text("help.message"),
        body=context.text("help.message_quoted", words=echoed(text, 2 * _SHOWN)),
        buttons=(
            Button("lead.capture", context.text("button.capture"), text[:_BUTTON_TAKES], "primary"),
            Button("followup.new", context.text("button.log")),
        ),
        footnote=context.text("help.message_hint"),
    )
