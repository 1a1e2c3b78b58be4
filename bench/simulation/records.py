"""What was posted, what happened, and a plain count of it that knows nothing of the database."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.platforms import Address, Thread
from handlers.core.ui import Button, Card
from sales.leads import OPEN_STAGES, Stage
from tests.clock import MovableClock
from tests.office import Desk, Posted

_WON: Final = (Stage.WON, Stage.AFTERSALES)


@dataclass
class RecordingDesk(Desk):
    """A platform that keeps what was posted in channels, and of all else only how much it was."""

    clock: MovableClock = field(default_factory=MovableClock)
    look: Callable[[Card], None] | None = None
    seen: Counter[str] = field(default_factory=Counter)
    in_channels: list[tuple[datetime, Posted]] = field(default_factory=list)
    offered: dict[tuple[str, str], Button] = field(default_factory=dict)
    """By account and action, the newest button of each kind that was sent to a person."""

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        if self.look:
            self.look(card)
        self.seen["posted"] += 1
        if to.id.startswith("C-"):
            self.in_channels.append((self.clock.now(), Posted(to.id, card, locale, thread)))
        else:
            self.offered |= {(to.id, button.action): button for button in card.every_button}
        return str(self.seen["posted"])

    async def edit(self, to: Address, _ref: str, card: Card, *, locale: str) -> None:  # noqa: ARG002
        self.seen["redrawn"] += 1
        if not to.id.startswith("C-"):
            self.offered |= {(to.id, button.action): button for button in card.every_button}
        if self.look:
            self.look(card)

    def posts_of(self, channel: str, since: datetime) -> list[Posted]:
        return [posted for at, posted in self.in_channels if posted.to == channel and at > since]


@dataclass
class Played:
    """One lead as those who worked on it would tell it: created, its moves, what it was worth."""

    created_at: datetime
    source: str
    moves: list[tuple[datetime, Stage]] = field(default_factory=list)
    amount: Decimal = Decimal(0)
    reason: str = ""

    def stage_at(self, at: datetime) -> Stage | None:
        """The stage just before the moment; None when the lead was not there."""
        if self.created_at >= at:
            return None
        before = [stage for when, stage in self.moves if when < at]
        return before[-1] if before else Stage.CAPTURED

    @property
    def is_lost(self) -> bool:
        """Whether it is lost now."""
        return bool(self.moves) and self.moves[-1][1] is Stage.LOST

    def closed_at(self, at: datetime) -> datetime | None:
        """When the lead was closed that is closed just before the moment."""
        stage = self.stage_at(at)
        if stage is None or stage in OPEN_STAGES:
            return None
        closed = None
        for when, entered in self.moves:
            if when >= at:
                break
            if entered in OPEN_STAGES:
                closed = None
            elif closed is None or entered is not Stage.AFTERSALES:
                closed = when
        return closed


@dataclass(frozen=True)
class Counted:
    """What a week of some leads comes to."""

    new: int
    by_source: Counter[str]
    won: int
    won_amount: Decimal
    lost: int
    by_reason: Counter[str]
    open_at_start: int
    open_at_end: int
    nurtured_at_end: int


class Tally:
    """Counts what was done, as it was done."""

    def __init__(self) -> None:
        self.leads: dict[int, Played] = {}
        self.contacts: list[tuple[datetime, str, int]] = []
        """When, by which account, with which lead."""

    def count(self, lead_ids: Iterable[int], start: datetime, end: datetime) -> Counted:
        """Count ``[start, end)`` of the leads."""
        mine = [self.leads[one] for one in lead_ids if one in self.leads]
        new = [one for one in mine if start <= one.created_at < end]
        closed = [one for one in mine if (at := one.closed_at(end)) is not None and at >= start]
        won = [one for one in closed if one.stage_at(end) in _WON]
        lost = [one for one in closed if one.stage_at(end) is Stage.LOST]
        return Counted(
            new=len(new),
            by_source=Counter(one.source for one in new),
            won=len(won),
            won_amount=sum((one.amount for one in won), Decimal(0)),
            lost=len(lost),
            # The reason goes with the loss when a lead is reopened.
            by_reason=Counter(one.reason if one.is_lost else "" for one in lost),
            open_at_start=sum(one.stage_at(start) in OPEN_STAGES for one in mine),
            open_at_end=sum(one.stage_at(end) in OPEN_STAGES for one in mine),
            nurtured_at_end=sum(one.stage_at(end) is Stage.NURTURE for one in mine),
        )

    def contacted(self, lead_ids: Iterable[int], start: datetime, end: datetime) -> Counter[str]:
        """How many of the leads each person was in contact with."""
        mine = set(lead_ids)
        pairs = {
            (account, lead)
            for at, account, lead in self.contacts
            if start <= at < end and lead in mine
        }
        return Counter(account for account, _ in pairs)
