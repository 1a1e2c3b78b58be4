"""What is done about a message that could not be sent. Pure: told the failure and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.platforms import Refused, Throttled, Unavailable, Unclear
from storage.clocks import LONGEST_WAIT
from storage.lanes import Leased, Outcome

_PATIENCE: Final = timedelta(hours=24)
"""How long a platform may be away before its messages are put aside for the admin."""
_PATIENCE_UNCLEAR: Final = timedelta(hours=2)
"""Shorter, since each attempt may arrive and be one too many."""
_BUGS: Final = 5
"""Attempts at a card that our own code fails to make or to send."""
_LONGEST_BACKOFF: Final = 300.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``wait``: seconds until the conversation may be written to again."""

    outcome: Outcome
    wait: float = 0.0


def after_failure(leased: Leased, error: BaseException, now: datetime, jitter: float) -> Verdict:
    """The verdict on a send that failed; ``jitter`` in [0, 1) spreads the retries."""
    match error:
        case Throttled():
            return Verdict(
                Outcome("waiting", "throttled"),
                min(max(error.retry_after, 0.0), LONGEST_WAIT.total_seconds()),
            )
        case Refused():
            return Verdict(Outcome("dead", f"refused: {error}"))
        case Unavailable():
            return later(leased, "unavailable", now, jitter)
        case _ if leased.once:
            return Verdict(Outcome("unknown", _problem(error)))
        case Unclear() | TimeoutError():
            return _unclear(leased, now, jitter)
        case _:
            return after_bug(leased, error, jitter)


def after_bug(leased: Leased, error: BaseException, jitter: float) -> Verdict:
    """The verdict when our own code failed and surely nothing was sent twice by trying again."""
    if leased.attempts + 1 >= _BUGS:
        return Verdict(Outcome("dead", _problem(error)))
    return _again(leased, _problem(error), jitter)


def later(leased: Leased, problem: str, now: datetime, jitter: float) -> Verdict:
    """Surely not sent, for a reason that will pass."""
    if now - leased.created_at >= _PATIENCE:
        return Verdict(Outcome("dead", problem))
    return _again(leased, problem, jitter)


def _unclear(leased: Leased, now: datetime, jitter: float) -> Verdict:
    if now - leased.created_at >= _PATIENCE_UNCLEAR:
        return Verdict(Outcome("unknown", "unclear"))
    return _again(leased, "unclear", jitter)


def _again(leased: Leased, problem: str, jitter: float) -> Verdict:
    """After 1 s, 2 s, 4 s … 5 min, of which the jitter takes up to a half."""
    backoff = min(2.0 ** min(leased.attempts, 16), _LONGEST_BACKOFF)
    return Verdict(Outcome("waiting", problem), backoff * (1 - jitter / 2))


def _problem(error: BaseException) -> str:
    """A bug is named by its kind alone: its text may hold what must not be kept."""
    if isinstance(error, Unclear | TimeoutError):
        return "unclear"
    return f"bug: {type(error).__name__}"
