"""Sends one leased message: composes it, passes it to its platform, and records the outcome.

Raises nothing: whatever goes wrong becomes an outcome of the message.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

import structlog

from bot.clock import Clock
from bot.delivery_holds import Holds, lasts
from bot.platforms import Address, Platform, Refused, Suspended, Thread, Unchangeable
from bot.retries import (
    NOT_KNOWN,
    SendVerdict,
    after_bug,
    after_failure,
    for_another_version,
    later,
)
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told, Withheld
from sales.errors import StorageUnavailable
from sales.notices import CardChanged, Notice, NoticeUnknown
from sales.scheduling import AT_ONCE, DeliveryDecision
from storage.outbox.lanes import Lanes, Leased, Outcome
from storage.outbox.outbox import TURNED_DOWN, Recipient

log = structlog.get_logger(__name__)


class DeliveryPolicy(Protocol):
    def __call__(self, notice: Notice, to: Recipient, conversation: str, /) -> DeliveryDecision:
        """When to deliver a notice to its reader in a conversation. Runs in a thread."""


def at_once(_notice: Notice, _to: Recipient, _conversation: str) -> DeliveryDecision:
    """The ``DeliveryPolicy`` without quiet hours and without batching."""
    return AT_ONCE


class Compose(Protocol):
    def __call__(
        self,
        notice: Notice,
        to: Recipient,
        *,
        again: bool,
        readers: Readers | None = None,
        written_at: datetime | None = None,
    ) -> tuple[Card, str] | None:
        """Compose the card of a notice for its reader, and its locale; None if it is moot.

        ``again``: it was posted before; ``readers`` of the channel it goes to, if they decide what
        may be shown; ``written_at``: when it was put into the outbox, so that the card can say that
        it is late. Runs in a thread, and may run twice for one message.
        """


class AskWhoReads(Protocol):
    async def __call__(self, platform: str, channel: str, /) -> Readers: ...


async def nobody_knows(_platform: str, _channel: str, /) -> Readers:
    """The ``AskWhoReads`` for places where readers cannot be looked up."""
    return Readers(Told.NEVER)


_SETTLE_PAUSE: Final = 0.5
WITHHELD: Final = "outsiders_read"


@dataclass(frozen=True, slots=True)
class SendingLimits:
    """Limits of sending: at most ``senders`` messages at once; the others in seconds.

    A lease outlasts composing and sending, or two processes might send at once. ``poll`` is the
    longest time between two looks for messages that other processes put into the outbox.
    """

    senders: int = 8
    lease: float = 60.0
    send: float = 30.0
    poll: float = 1.0

    def __post_init__(self) -> None:
        if self.lease <= self.send:
            raise ValueError("a lease must outlast a send")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A card to send.

    ``ref`` is the posted card to redraw, empty for a new message, which may belong under another
    (``thread``).
    """

    card: Card
    locale: str
    notice: Notice
    ref: str = ""
    thread: Thread | None = None
    manner: DeliveryDecision = AT_ONCE
    readers: Readers | None = None


class Sender:
    def __init__(
        self,
        lanes: Lanes,
        platforms: Mapping[str, Platform],
        compose: Compose,
        clock: Clock,
        limits: SendingLimits,
        *,
        holds: Holds,
        hold: DeliveryPolicy,
        who_reads: AskWhoReads = nobody_knows,
    ) -> None:
        self._who_reads = who_reads
        self._lanes = lanes
        self._platforms = platforms
        self._compose = compose
        self._holds = holds
        self._hold = hold
        self._clock = clock
        self._limits = limits

    async def deliver(self, leased: Leased, leased_at: float) -> None:
        """Deliver the message; ``leased_at`` is the monotonic time before it was leased."""
        deadline = leased_at + self._limits.lease
        address = address_of(leased.lane)
        platform = self._platforms.get(address.platform)
        if platform is None:
            return await self._record_outcome(
                leased, self._retry_later(leased, "no_platform"), deadline
            )
        if held := await self._hold_verdict(leased):
            return await self._record_outcome(leased, held, deadline)
        ready = await self._prepare(leased, platform)
        if isinstance(ready, SendVerdict):
            return await self._record_outcome(leased, ready, deadline)
        if self._clock.monotonic() > deadline - self._limits.send:
            slow = SendVerdict(Outcome("waiting", "slow"))
            return await self._record_outcome(leased, slow, deadline)
        verdict = await self._send(leased, ready, platform, address)
        if verdict is None:
            return None
        if isinstance(verdict, Refused):
            return await self._record_outcome(leased, verdict, deadline)
        await self._record_outcome(leased, verdict, deadline)
        if verdict.outcome.state == "sent" and self._holds.stands(leased.lane):
            await self._refusal_over(leased)
        if ready.card.subject and verdict.outcome.subject and platform.can_edit:
            await self._redraw_if_changed(leased, ready)
        return None

    async def _hold_verdict(self, leased: Leased) -> SendVerdict | None:
        try:
            return await self._holds.waits(leased)
        except StorageUnavailable:
            return self._retry_later(leased, "storage_unavailable")

    async def _refusal_over(self, leased: Leased) -> None:
        """Clear the refusal; if this fails, the next message that arrives does it."""
        try:
            await asyncio.to_thread(self._holds.over, leased.lane)
        except StorageUnavailable as error:
            log.warning("delivery.storage_unavailable", cause=type(error.__cause__).__name__)

    async def _prepare(self, leased: Leased, platform: Platform) -> _Ready | SendVerdict:
        try:
            readers = await self._readers(leased, platform)
            ready = await asyncio.to_thread(self._composed, leased, platform, readers)
        except StorageUnavailable:
            return self._retry_later(leased, "storage_unavailable")
        except Withheld as error:
            return SendVerdict(Outcome("moot", WITHHELD, withheld_from=error.team_id))
        except NoticeUnknown:
            log.info("delivery.for_another_version", kind=leased.kind, message=leased.message_id)
            return for_another_version(leased, self._clock.now())
        except Exception as error:
            log.exception("delivery.compose_failed", kind=leased.kind, message=leased.message_id)
            return after_bug(leased, error, random.random())  # noqa: S311
        return ready or SendVerdict(Outcome("moot"))

    async def _readers(self, leased: Leased, platform: Platform) -> Readers | None:
        """The readers of the channel a message goes to, if they decide what it says."""
        notice = leased.notice
        if isinstance(notice, CardChanged):
            posted = await asyncio.to_thread(self._lanes.posted, notice.posting_id)
            notice = posted.notice if posted else notice
        if isinstance(leased.to, int) or not notice.names_customers:
            return None
        return await self._who_reads(platform.name, leased.to[1])

    def _composed(
        self, leased: Leased, platform: Platform, readers: Readers | None
    ) -> _Ready | SendVerdict | None:
        notice = leased.notice
        manner = self._hold(notice, leased.to, leased.lane)
        if manner.never:
            return SendVerdict(Outcome("moot", TURNED_DOWN))
        if manner.until is not None:
            return SendVerdict(Outcome("kept", until=manner.until, company=manner.company))
        if notice.in_thread and not platform.has_threads:
            return None
        if not isinstance(notice, CardChanged):
            composed = self._compose(
                notice, leased.to, again=False, readers=readers, written_at=leased.created_at
            )
            if composed is None or (composed[0].appointment and not platform.has_calendar):
                return None
            thread = self._thread(leased, composed[0]) if platform.has_threads else None
            if notice.in_thread and thread is None:
                return None
            return _Ready(*composed, notice, thread=thread, manner=manner, readers=readers)
        hears = platform.can_edit or platform.has_todos
        posted = self._lanes.posted(notice.posting_id) if hears else None
        if posted is None:
            return None
        composed = self._compose(posted.notice, leased.to, again=True, readers=readers)
        return None if composed is None else _Ready(*composed, notice, posted.ref)

    def _thread(self, leased: Leased, card: Card) -> Thread | None:
        """The thread under the first card about something in a conversation, which collects all
        its messages."""
        ref = self._lanes.thread_of(leased.lane, card.thread) if card.thread else ""
        return Thread(ref, aloud=leased.notice.urgent) if ref else None

    async def _send(
        self, leased: Leased, ready: _Ready, platform: Platform, to: Address
    ) -> SendVerdict | Refused | None:
        """Send the message.

        None if another process took the lane over in the meantime; a refusal that lasts until
        somebody fixes it is returned as it is.
        """
        try:
            if leased.once and not await asyncio.to_thread(self._lanes.mark_sending, leased):
                return None
        except StorageUnavailable:
            return self._retry_later(leased, "storage_unavailable")
        try:
            async with asyncio.timeout(self._limits.send):
                if ready.ref:
                    await platform.edit(to, ready.ref, ready.card, locale=ready.locale)
                    sent = Outcome("sent", ref=ready.ref)
                else:
                    ref = await platform.post(
                        to, ready.card, locale=ready.locale, thread=ready.thread
                    )
                    has_todo = platform.has_todos and ready.card.todo
                    lives = platform.can_edit or has_todo or ready.card.appointment
                    subject = ready.card.starts or (ready.card.subject if lives else "")
                    sent = Outcome(
                        "sent",
                        ref=ref,
                        subject=subject,
                        about=ready.card.thread or ready.card.subject,
                        thread=ready.card.thread if platform.takes_replies else "",
                        calm_until=ready.manner.calm_until,
                    )
        except Exception as error:  # noqa: BLE001 - becomes the message's outcome
            if isinstance(error, Refused) and lasts(error) and not _only_redraws(ready, error):
                return error
            verdict = await self._failed(leased, ready, platform, error)
            return replace(verdict, wait=max(verdict.wait, platform.seconds_between_sends))
        return SendVerdict(sent, platform.seconds_between_sends)

    async def _failed(
        self, leased: Leased, ready: _Ready, platform: Platform, error: Exception
    ) -> SendVerdict:
        verdict = after_failure(leased, error, random.random())  # noqa: S311
        problem = verdict.outcome.problem
        if isinstance(error, Refused) and isinstance(ready.notice, CardChanged):
            # The posted card is gone, or stays as it is; nothing is lost.
            stays = isinstance(error, Unchangeable) or not platform.can_edit
            forget = self._lanes.let_card_be if stays else self._lanes.forget_card
            await asyncio.to_thread(forget, ready.notice.posting_id)
            return SendVerdict(Outcome("moot", problem))
        log.warning(
            "delivery.failed",
            kind=leased.kind,
            message=leased.message_id,
            attempt=leased.attempts + 1,
            state=verdict.outcome.state,
            problem=problem,
            exc_info=error if problem.startswith("bug") else None,
        )
        return verdict

    async def _record_outcome(
        self, leased: Leased, result: SendVerdict | Refused, deadline: float
    ) -> None:
        """Record the outcome, retrying while the lease lasts: unrecorded, the message would be sent
        again."""
        while True:
            try:
                await asyncio.to_thread(self._write, leased, result)
            except StorageUnavailable:
                if self._clock.monotonic() >= deadline:
                    log.exception("delivery.not_settled", message=leased.message_id)
                    return
                await asyncio.sleep(_SETTLE_PAUSE)
            else:
                return

    def _write(self, leased: Leased, result: SendVerdict | Refused) -> None:
        now = self._clock.now()
        if isinstance(result, Refused):
            verdict = self._holds.written(leased, result, now)
            log.warning(
                "delivery.refused",
                kind=leased.kind,
                message=leased.message_id,
                state=verdict.outcome.state,
                reason=result.reason.value,
                problem=result.code,
            )
        else:
            verdict = result
        held = not verdict.outcome.tried and verdict.outcome.problem != NOT_KNOWN
        if held and not self._holds.still(leased.lane):
            # The refusal ended while this waited to be returned: the other messages are going out.
            verdict = replace(verdict, wait=0.0)
        ready_at = now + timedelta(seconds=verdict.wait)
        self._lanes.settle(leased, verdict.outcome, now, ready_at)

    async def _redraw_if_changed(self, leased: Leased, sent: _Ready) -> None:
        """Redraw for a change between composing and now, which found no posted card to redraw."""
        try:
            composed = await asyncio.to_thread(
                self._compose,
                sent.notice,
                leased.to,
                again=True,
                readers=sent.readers,
                written_at=leased.created_at,
            )
            if composed is not None and composed != (sent.card, sent.locale):
                subject = sent.card.subject
                await asyncio.to_thread(self._lanes.refresh, subject, self._clock.now())
        except Exception:
            log.exception("delivery.look_again_failed", message=leased.message_id)

    def _retry_later(self, leased: Leased, problem: str) -> SendVerdict:
        return later(leased, problem, random.random())  # noqa: S311


def _only_redraws(ready: _Ready, error: Refused) -> bool:
    """Whether only a redraw was lost.

    The posted card stays as it is, since its conversation accepts nothing. A refusal that an admin
    has to fix keeps the change waiting.
    """
    return isinstance(ready.notice, CardChanged) and not isinstance(error, Suspended)


def address_of(lane: str) -> Address:
    """Parse a lane, the reverse of ``Address.lane``; raises ValueError for anything else."""
    platform, kind, conversation = lane.split(":", 2)
    kinds: dict[str, Literal["person", "channel"]] = {"person": "person", "channel": "channel"}
    if kind not in kinds:
        raise ValueError(f"no lane: {lane!r}")
    return Address(platform, kinds[kind], conversation)
