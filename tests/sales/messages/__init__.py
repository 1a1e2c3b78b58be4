"""Invented messages with what is in each: a line ``### field=value | …``, then the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sales.amounts import parse_budget
from sales.capture import Captured
from sales.timeframes import read_timeframe

WRITTEN = date(2026, 11, 28)
FIELDS = (
    "customer", "contact", "title", "phone", "email", "wechat", "budget", "timeframe", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    right: dict[str, str]


def messages(*names: str) -> list[Message]:
    return [message for name in names for message in _of_file(Path(__file__).parent / name)]


def _of_file(path: Path) -> Iterator[Message]:
    for block in path.read_text(encoding="utf-8").split("### ")[1:]:
        head, _, text = block.partition("\n")
        pairs = (part.strip().partition("=") for part in head.split(" | "))
        yield Message(text.strip(), {name: value for name, _, value in pairs if value})


def found_in(read: Captured) -> dict[str, str]:
    """The fields of a reading in the form of the files."""
    timeframe, _ = read_timeframe(read.said, WRITTEN)
    found = {
        "customer": read.customer.rstrip("."),
        "contact": read.contact,
        "title": read.title,
        "phone": ",".join(read.phones),
        "email": ",".join(read.emails),
        "wechat": read.wechat,
        "budget": read.budget,
        "timeframe": "" if timeframe == "unknown" else timeframe.value,
        "source": read.source,
    }
    return {name: value for name, value in found.items() if value}


def is_same(name: str, one: str, other: str) -> bool:
    if name == "budget" and one and other and one != other:
        return parse_budget(one) == parse_budget(other)
    return one.lower() == other.lower() if name == "title" else one == other
