"""What somebody writes that is no command: a greeting, or a customer's message."""

import re

from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.capture import read_message
from sales.contacts import mask_contacts
from sales.permissions import may

_SHOWN = 60
_BUTTON_TAKES = 1900
_GREETINGS = re.compile(
    r"(?:你好|您好|嗨|哈[喽啰]|在[吗么]|早|(?:早上|上午|中午|下午|晚上)好|大家好"
    r"|hi|hello|hey|hallo|good ?(?:morning|afternoon|evening))(?: ?there)?",
    re.IGNORECASE,
)
_APART = re.compile(r"[\W_]+")


def echoed(text: str, longest: int = _SHOWN) -> str:
    """What was typed, given back: contacts masked, and cut between words."""
    said = mask_contacts(" ".join(text.split()))
    if len(said) <= longest:
        return said
    head, space, _ = said[:longest].rpartition(" ")
    return f"{head if space and len(head) > longest // 2 else said[:longest]}…"


def is_greeting(text: str) -> bool:
    return bool(_GREETINGS.fullmatch(_APART.sub(" ", text).strip()))


def message_card(turn: Turn) -> Card | None:
    """For what reads like a message of or about a customer: a lead can be made of it."""
    text = turn.request.text.strip()
    if not may(turn.actor, "lead.capture"):
        return None
    found = read_message(text)
    if not (found.names_somebody or found.contact):
        return None
    return Card(
        title=turn.text("help.message"),
        body=turn.text("help.message_quoted", words=echoed(text, 2 * _SHOWN)),
        buttons=(
            Button("lead.capture", turn.text("button.capture"), text[:_BUTTON_TAKES], "primary"),
            Button("followup.new", turn.text("button.log")),
        ),
        footnote=turn.text("help.message_hint"),
    )
