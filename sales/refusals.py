"""What a chat platform refuses until somebody fixes it: one address, or all our messages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

RefusalKind = Literal["platform", "direct", "person", "channel"]
"""All messages to a platform, all its 1:1 conversations, or one address."""


class Reason(StrEnum):
    """Why messages are refused.

    An admin can fix the first group; ``UNKNOWN``: the platform gave a code that we do not know, so
    that nobody can say who has to fix it.
    """

    CREDENTIALS = "credentials"
    SCOPE = "scope"
    QUOTA = "quota"
    POLICY = "policy"
    DIRECT_OFF = "direct_off"

    ARCHIVED = "archived"
    NOT_MEMBER = "not_member"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    GONE = "gone"

    UNKNOWN = "unknown"


ADMIN_MENDS: Final = frozenset(
    {Reason.CREDENTIALS, Reason.SCOPE, Reason.QUOTA, Reason.POLICY, Reason.DIRECT_OFF}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal by a platform.

    ``address`` is the account or channel, empty for a whole platform. ``code`` is the platform's
    own code, ``detail`` what it misses (permissions); both without personal data. ``attempts``
    counts the refusals in a row; no retry happens before ``retry_at``.
    """

    id: int
    key: str
    platform: str
    kind: RefusalKind
    address: str
    reason: Reason
    code: str
    detail: str
    since: datetime
    retry_at: datetime
    attempts: int


def keys_over(lane: str) -> tuple[str, str, str]:
    """The keys of the refusals that hold back a lane (``platform:person|channel:id``).

    Of its platform, of the platform's 1:1 conversations or channels, and of itself.
    """
    platform, kind, _ = lane.split(":", 2)
    return platform, f"{platform}:{kind}", lane
