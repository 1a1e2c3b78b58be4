"""Tracks what platforms currently refuse, and when one message may be tried anyway.

While a platform refuses everything, one message out of all its conversations is tried, after
growing pauses; while an address is refused, one of its own. The first message that arrives ends the
refusal.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.platforms import AddressRefused, Refused, Suspended, Unrecognised
from bot.retries import SendVerdict
from sales.refusals import Reason, Refusal, RefusalKind, keys_over
from storage.database.clock_skew import LONGEST_WAIT
from storage.outbox.lanes import Leased, Outcome
from storage.outbox.refusals import Refusals, is_held

log = structlog.get_logger(__name__)

_FRESH: Final = 1.0
"""Seconds for which the cached refusals are fresh enough."""
_GIVE_UP: Final = {AddressRefused: timedelta(days=30), Unrecognised: timedelta(days=3)}
"""How long a message waits for an address, and for an unknown error code to pass. A refusal that
an admin has to fix is waited out without a limit."""


class Holds:
    """One process's view of the refusals. The blocking methods run in threads."""

    def __init__(self, refusals: Refusals, clock: Clock) -> None:
        self._refusals = refusals
        self._clock = clock
        self._known: dict[str, Refusal] = {}
        self._read_at: float | None = None

    async def waits(self, leased: Leased) -> SendVerdict | None:
        """The verdict on a message that has to wait; None if it is to be sent.

        It waits while its platform or address refuses messages. Raises StorageUnavailable.
        """
        if not await self._standing(leased.lane):
            return None
        return await asyncio.to_thread(self._waits, leased)

    def stands(self, lane: str) -> bool:
        """Whether anything is known to hold a lane back."""
        return any(key in self._known for key in keys_over(lane))

    def still(self, lane: str) -> bool:
        """Whether a lane is held back now, whether this process knew it or not. Blocks."""
        return not self._refusals.all().keys().isdisjoint(keys_over(lane))

    def over(self, lane: str) -> None:
        """End the refusals above a lane, because a message arrived there. Blocks."""
        keys = [key for key in keys_over(lane) if key in self._known]
        self._refusals.clear(keys, self._clock.now())
        self._read_at = None
        log.info("delivery.refusal_over", keys=len(keys))

    def written(self, leased: Leased, error: Refused, now: datetime) -> SendVerdict:
        """Record a refusal and return the verdict on the refused message. Blocks."""
        kind = _kind(leased.lane, error)
        platform, _, _ = keys = keys_over(leased.lane)
        key = {"platform": platform, "direct": keys[1]}.get(kind, leased.lane)
        refusal = self._refusals.record(
            key, kind, error.reason, code=error.code, detail=error.detail, now=now
        )
        self._refusals.push_back(refusal, now)
        self._read_at = None
        give_up = _GIVE_UP.get(type(error))
        if give_up is not None and now - refusal.since >= give_up:
            if isinstance(error, Unrecognised):
                self._refusals.clear([key], now)
            return SendVerdict(Outcome("dead", f"refused: {error}"))
        return SendVerdict(Outcome("waiting", f"refused: {error}"), _seconds_until(refusal, now))

    async def _standing(self, lane: str) -> bool:
        now = self._clock.monotonic()
        if self._read_at is None or not 0 <= now - self._read_at < _FRESH:
            self._known = await asyncio.to_thread(self._refusals.all)
            self._read_at = now
        return self.stands(lane)

    def _waits(self, leased: Leased) -> SendVerdict | None:
        now = self._clock.now()
        for key in keys_over(leased.lane):
            refusal = self._known.get(key)
            if refusal is None or (refusal.kind == "channel" and not leased.attempts):
                # New messages for a channel are tried at once, or others would be notified of them.
                continue
            if not is_held(refusal, now) and self._refusals.claim(refusal, now):
                self._read_at = None
                continue
            # The refusal read a moment ago may be over, or claimed by another process.
            refusal = self._refusals.all().get(key)
            if refusal is None or not is_held(refusal, now):
                continue
            self._refusals.push_back(refusal, now)
            outcome = Outcome("waiting", f"refused: {refusal.code}", tried=False)
            return SendVerdict(outcome, _seconds_until(refusal, now))
        return None


def lasts(error: BaseException) -> bool:
    """Whether a failure lasts until somebody fixes it."""
    return isinstance(error, AddressRefused | Suspended | Unrecognised)


def _kind(lane: str, error: Refused) -> RefusalKind:
    if isinstance(error, Suspended):
        return "direct" if error.reason is Reason.DIRECT_OFF else "platform"
    return "person" if lane.split(":", 2)[1] == "person" else "channel"


def _seconds_until(refusal: Refusal, now: datetime) -> float:
    """Seconds until the lane is checked again, never longer than lanes may wait."""
    return max(0.0, min(refusal.retry_at - now, LONGEST_WAIT).total_seconds())
