"""Decides what to do about a message that could not be sent. Pure: gets the failure and the
time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.platforms import Refused, Throttled, Unavailable, Unclear, Unwanted
from bot.supervisor import backoff
from storage.database.clock_skew import LONGEST_WAIT
from storage.outbox.lanes import Leased, Outcome
from storage.outbox.outbox import TURNED_DOWN

NOT_KNOWN: Final = "another_version"
_PATIENCE: Final = 600
"""Attempts while a platform is away, before a message is set aside for the admin: at least a day
and a half of them. Counted rather than timed, since a message may be old before its first attempt:
the process was down, or the platform refused what it was sent."""
_PATIENCE_UNCLEAR: Final = 40
"""Fewer (about two hours), since each attempt may arrive and be one too many."""
_BUGS: Final = 5
"""Attempts at a card that our own code fails to make or to send."""
_LONGEST_WAIT: Final = 300.0
_NEWER_WITHIN: Final = timedelta(hours=12)
"""For how long a message that only another version can send waits for a replica of that version."""
_NEWER_WAIT: Final = 5.0
_THROTTLED_OFTEN: Final = 3
"""After this many attempts a throttled message waits longer than the platform asks."""
_LONGEST_THROTTLED: Final = 60.0


@dataclass(frozen=True, slots=True)
class SendVerdict:
    """What happens to a message next. ``wait``: seconds until the conversation may be written to
    again."""

    outcome: Outcome
    wait: float = 0.0


def after_failure(leased: Leased, error: BaseException, jitter: float) -> SendVerdict:
    """The verdict on a send that failed; ``jitter`` in [0, 1) spreads the retries."""
    match error:
        case Throttled():
            return _throttled(leased, error.retry_after, jitter)
        case Unwanted():
            return SendVerdict(Outcome("moot", TURNED_DOWN))
        case Refused():
            return SendVerdict(Outcome("dead", f"refused: {error}"))
        case Unavailable():
            return later(leased, "unavailable", jitter)
        case _ if leased.once:
            return SendVerdict(Outcome("unknown", _problem(error)))
        case Unclear() | TimeoutError():
            return _unclear(leased, jitter)
        case _:
            return after_bug(leased, error, jitter)


def after_bug(leased: Leased, error: BaseException, jitter: float) -> SendVerdict:
    """The verdict when our own code failed and retrying certainly sends nothing twice."""
    if leased.attempts + 1 >= _BUGS:
        return SendVerdict(Outcome("dead", _problem(error)))
    return _retry_later(leased, _problem(error), jitter)


def for_another_version(leased: Leased, now: datetime) -> SendVerdict:
    """The verdict on a notice that this version does not know: during an upgrade another replica
    does. It counts as no attempt; after a downgrade it is given up in the end."""
    if now - leased.created_at > _NEWER_WITHIN:
        return SendVerdict(Outcome("dead", NOT_KNOWN))
    return SendVerdict(Outcome("waiting", NOT_KNOWN, tried=False), _NEWER_WAIT)


def later(leased: Leased, problem: str, jitter: float) -> SendVerdict:
    """The verdict on a message that was certainly not sent, for a reason that will pass."""
    if leased.attempts + 1 >= _PATIENCE:
        return SendVerdict(Outcome("dead", problem))
    return _retry_later(leased, problem, jitter)


def _throttled(leased: Leased, wait: float, jitter: float) -> SendVerdict:
    """Wait for as long as the platform says; longer when it says so again and again.

    Then its pauses are too short, or it names none: with many conversations, a try each second
    keeps it from ever recovering.
    """
    again = leased.attempts - _THROTTLED_OFTEN
    if again >= 0:
        grown = backoff(again, first=2.0, longest=_LONGEST_THROTTLED, jitter=lambda: jitter)
        wait = max(wait, grown)
    return SendVerdict(
        Outcome("waiting", "throttled"), min(max(wait, 0.0), LONGEST_WAIT.total_seconds())
    )


def _unclear(leased: Leased, jitter: float) -> SendVerdict:
    if leased.attempts + 1 >= _PATIENCE_UNCLEAR:
        return SendVerdict(Outcome("unknown", "unclear"))
    return _retry_later(leased, "unclear", jitter)


def _retry_later(leased: Leased, problem: str, jitter: float) -> SendVerdict:
    """Retry after 1 s, 2 s, 4 s … 5 min, reduced by the jitter by up to a half."""
    wait = backoff(
        leased.attempts, first=1.0, longest=_LONGEST_WAIT, spread=0.5, jitter=lambda: jitter
    )
    return SendVerdict(Outcome("waiting", problem), wait)


def _problem(error: BaseException) -> str:
    """Name a bug by its type alone: its text may hold what must not be stored."""
    if isinstance(error, Unclear | TimeoutError):
        return "unclear"
    return f"bug: {type(error).__name__}"
