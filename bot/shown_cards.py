"""Keeps the lead's card that an answer showed, so that it lives like one that a notice posted.

The answer is out when it is kept: whatever fails here is logged and never shown.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.platforms import Address
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)


class ShownCards:
    """Implements ``bot.platforms.LeadCards``."""

    def __init__(self, new_uow: UnitOfWorkFactory, now: Callable[[], datetime]) -> None:
        self._new_uow = new_uow
        self._now = now

    async def keep(self, to: Address, ref: str, subject: str) -> None:
        if lead_id := _lead_of(subject):
            try:
                await asyncio.to_thread(self._keep, to, ref, lead_id)
            except Exception:  # the card is shown; without this it is only not redrawn
                log.exception("card.not_kept", platform=to.platform)

    async def living(self, to: Address, subject: str) -> str:
        lead_id = _lead_of(subject)
        if not lead_id:
            return ""
        try:
            return await asyncio.to_thread(self._living, to, lead_id)
        except Exception:  # then the card is posted anew
            log.exception("card.not_found", platform=to.platform)
            return ""

    def _keep(self, to: Address, ref: str, lead_id: int) -> None:
        with self._new_uow() as uow:
            person = uow.people.find(to.platform, to.id)
            if person is None:
                return
            moved = uow.posted_cards.show_lead(lead_id, person.id, to.lane, ref, self._now())
            if moved:
                uow.outbox.refresh(moved)
            uow.commit()

    def _living(self, to: Address, lead_id: int) -> str:
        with self._new_uow(read_only=True) as uow:
            return uow.posted_cards.living(lead_id, to.lane)


def _lead_of(subject: str) -> int:
    """The id of the lead ``lead:12``; 0 for any other subject."""
    kind, _, number = subject.partition(":")
    return int(number) if kind == "lead" and number.isdecimal() else 0
