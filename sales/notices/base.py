"""What every notice is.

A notice holds ids and nothing personal: its words are found when it is delivered, in the
reader's language and from the state of that moment.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Batch(StrEnum):
    """With what a notice may wait for company; of each, the first to come goes at once."""

    NEWS = "news"
    OFFERS = "offers"


class Topic(StrEnum):
    """What is good to know and nobody's duty: people may turn it down."""

    TALK = "talk"
    LIBRARY = "library"
    SHARING = "sharing"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Notice:
    """``kind`` names it in the outbox.

    ``once`` True means at most once: an unclear delivery is shown to the admin and never
    repeated blindly. False means at least once: it is repeated until it surely arrived.
    ``urgent`` notices stand in the conversation itself, too, and not in a lead's thread alone.
    ``by_mail``: also goes to the mailbox of who chose so. ``names_customers``: in a channel its
    card depends on who reads there.
    ``batch`` None: never waits for company, since a minute matters or somebody has just asked.
    ``topic`` None: a duty, or an answer to one's own question; it always comes.
    """

    kind: ClassVar[str]
    once: ClassVar[bool] = False
    urgent: ClassVar[bool] = False
    by_mail: ClassVar[bool] = False
    names_customers: ClassVar[bool] = False
    batch: ClassVar[Batch | None] = Batch.NEWS
    topic: ClassVar[Topic | None] = None
