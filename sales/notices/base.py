"""What every notice is.

A notice holds ids and nothing personal: its words are found when it is delivered, in the
reader's language and from the state of that moment.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Notice:
    """``kind`` names it in the outbox.

    ``once`` True means at most once: an unclear delivery is shown to the admin and never
    repeated blindly. False means at least once: it is repeated until it surely arrived.
    ``urgent`` notices stand in the conversation itself, too, and not in a lead's thread alone.
    ``by_mail``: also goes to the mailbox of who chose so.
    """

    kind: ClassVar[str]
    once: ClassVar[bool] = False
    urgent: ClassVar[bool] = False
    by_mail: ClassVar[bool] = False
