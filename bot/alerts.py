"""Tells the admins what holds the product up: once, then daily, and when it is over.

Goes to their 1:1 by the platforms directly, not through the outbox: it has to work where the
database cannot be written. Then each process remembers by itself what it has told.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.health import Lasting
from bot.platforms import Address, Platform
from handlers.core.language import Language, Languages
from handlers.core.ui import Card
from sales.errors import StorageUnavailable
from storage.alerts import AGAIN, Alert, AlertStore

log = structlog.get_logger(__name__)

_SILENT: Final = timedelta(minutes=3)
"""What no process has seen for so long is over."""
_PATIENCE: Final = 20.0
"""Seconds for one post."""


@dataclass(frozen=True, slots=True)
class Admin:
    """``accounts``: platform and id there, the likeliest first."""

    name: str
    locale: str
    accounts: tuple[tuple[str, str], ...]


FindAdmins = Callable[[], Sequence[Admin]]
"""The admins; blocks for a query and raises StorageUnavailable."""


class Alerts:
    """``store`` is shared by all replicas."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        store: AlertStore,
        find_admins: FindAdmins,
        languages: Languages,
        clock: Clock,
    ) -> None:
        self._platforms = platforms
        self._store = store
        self._find_admins = find_admins
        self._languages = languages
        self._clock = clock
        self._admins: tuple[Admin, ...] = ()
        self._told_alone: dict[str, tuple[Alert, datetime]] = {}
        self._said_nobody = False
        self._began: datetime | None = None

    async def tell(self, lasting: Iterable[Lasting]) -> None:
        """Tell what is due of that which lasts, and what is over. Raises nothing expected."""
        now = self._clock.now()
        self._began = self._began or now
        await asyncio.to_thread(self._meet_admins)
        active = {one.condition.id: one for one in lasting}
        due = [
            Alert(name, one.condition.key, one.condition.params)
            for name, one in active.items()
            if one.patience is not None and now - one.since >= one.patience
        ]
        if due and self._is_alone():
            return
        begun = await asyncio.to_thread(self._claimed, due, now)
        if begun and not await self._send("alert.began", begun, advised=True):
            await asyncio.to_thread(self._release, begun)
        over = await asyncio.to_thread(self._over, active.keys(), now)
        if over:
            await self._send("alert.over", over, advised=False)

    def _meet_admins(self) -> None:
        try:
            self._admins = tuple(self._find_admins()) or self._admins
        except StorageUnavailable:
            return  # Those of the last time will do.
        except Exception as error:  # noqa: BLE001 - what is wrong may be the tables themselves
            log.warning("alert.admins_unread", reason=type(error).__name__)

    def _is_alone(self) -> bool:
        """Whether there is nobody to tell; said once in the log, where somebody may look."""
        if not self._admins and not self._said_nobody:
            log.warning("alert.nobody_to_tell")
        self._said_nobody = not self._admins
        return not self._admins

    def _claimed(self, due: Iterable[Alert], now: datetime) -> list[Alert]:
        claimed = []
        for alert in due:
            alone = self._told_alone.get(alert.id)
            if alone and now - alone[1] < AGAIN:
                continue
            try:
                mine = self._store.claim(alert, now)
            except Exception as error:  # noqa: BLE001 - told by this process alone, then
                log.info("alert.not_claimed", reason=type(error).__name__)
                self._told_alone[alert.id] = alert, now
                mine = True
            if mine:
                claimed.append(alert)
        return claimed

    def _release(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            if self._told_alone.pop(alert.id, None) is None:
                try:
                    self._store.release(alert.id)
                except Exception:  # noqa: BLE001 - as above
                    log.warning("alert.not_released", condition=alert.id)

    def _over(self, active: Iterable[str], now: datetime) -> list[Alert]:
        last = set(active)
        try:
            self._store.see(last, now)
        except Exception as error:  # noqa: BLE001 - as above
            log.debug("alert.not_seen", reason=type(error).__name__)
        over = [alert for name, (alert, _) in self._told_alone.items() if name not in last]
        for alert in over:
            del self._told_alone[alert.id]
        # Right after the start nobody has looked yet whether it still lasts.
        if self._began is None or now - self._began < _SILENT:
            return over
        try:
            return over + self._store.take_over(now - _SILENT, now)
        except Exception as error:  # noqa: BLE001 - as above
            log.debug("alert.end_not_taken", reason=type(error).__name__)
            return over

    async def _send(self, title: str, alerts: Sequence[Alert], *, advised: bool) -> bool:
        """Whether at least one admin got it."""
        reached = [await self._reach(one, title, alerts, advised=advised) for one in self._admins]
        return any(reached)

    async def _reach(
        self, admin: Admin, title: str, alerts: Sequence[Alert], *, advised: bool
    ) -> bool:
        language = self._languages(admin.locale)
        card = alert_card(language, title, alerts, advised=advised)
        for name, account in admin.accounts:
            platform = self._platforms.get(name)
            if platform is None:
                continue
            try:
                async with asyncio.timeout(_PATIENCE):
                    await platform.post(
                        Address(name, "person", account), card, locale=language.locale
                    )
            except Exception as error:  # noqa: BLE001 - the next way may work
                log.warning("alert.not_sent", platform=name, reason=type(error).__name__)
            else:
                log.info("alert.sent", platform=name, conditions=[alert.id for alert in alerts])
                return True
        return False


def alert_card(language: Language, title: str, alerts: Iterable[Alert], *, advised: bool) -> Card:
    """What is wrong or over, each with what to do about it (``advised``)."""
    lines = []
    for alert in alerts:
        key = f"health.{alert.key}"
        if not language.has(key):
            continue  # A version before this one knew it.
        problem = language.text(key, **alert.params)
        lines.append(problem if advised else language.text("alert.no_longer", problem=problem))
        if advised and language.has(f"{key}.advice"):
            lines[-1] += "\n→ " + language.text(f"{key}.advice", **alert.params)
    footnote = language.text("alert.why_again" if advised else "alert.why")
    return Card(title=language.text(title), body="\n\n".join(lines), footnote=footnote)
