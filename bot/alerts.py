"""Alerts the admins about lasting problems: once, then daily, and when they are over.

Sends to their 1:1 chats through the platforms directly, not through the outbox: it has to work
while the database cannot be written. In that case each process remembers by itself what it has
sent.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
"""A condition that no process has seen for this long is over."""
_PATIENCE: Final = 20.0
"""Seconds for one post."""


@dataclass(frozen=True, slots=True)
class Admin:
    """An admin to alert. ``accounts``: platform and id there, the most likely one first."""

    name: str
    locale: str
    accounts: tuple[tuple[str, str], ...]


FindAdmins = Callable[[], Sequence[Admin]]
"""The admins; blocks for a query and raises StorageUnavailable."""


class Alerts:
    """Sends alerts to the admins. ``store`` is shared by all replicas."""

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
        self._untold: dict[str, tuple[Alert, datetime]] = {}
        self._said_nobody = False
        self._began: float | None = None

    async def tell(self, lasting: Iterable[Lasting]) -> None:
        """Send the alerts that are due, and say which conditions are over. Raises nothing
        expected."""
        now = self._clock.now()
        self._began = self._began or self._clock.monotonic()
        await asyncio.to_thread(self._load_admins)
        active = {item.condition.id: item for item in lasting}
        due = [
            Alert(name, item.condition.key, item.condition.params)
            for name, item in active.items()
            if item.patience is not None and now - item.since >= item.patience
        ]
        if due and self._is_alone():
            return
        begun = await asyncio.to_thread(self._claimed, due, now)
        if begun and not await self._send("alert.began", begun, advised=True):
            await asyncio.to_thread(self._release, begun)
            for alert in begun:
                self._untold.setdefault(alert.id, (alert, active[alert.id].since))
        elif begun:
            for alert in begun:
                self._untold.pop(alert.id, None)
        await self._tell_afterwards(active, now)
        over = await asyncio.to_thread(self._ended, active.keys(), now)
        if over:
            await self._send("alert.over", over, advised=False)

    async def _tell_afterwards(self, active: Mapping[str, Lasting], now: datetime) -> None:
        """Tell what is over and could not be told while it lasted, such as that the only chat was
        away."""
        for name, (alert, since) in tuple(self._untold.items()):
            if name in active:
                continue
            if not await asyncio.to_thread(self._claimed, [alert], now):
                del self._untold[name]  # Another process tells it.
            elif await self._send_lasted(alert, since, now):
                del self._untold[name]
                await asyncio.to_thread(self._close, alert, now)
            else:
                await asyncio.to_thread(self._release, [alert])

    async def _send_lasted(self, alert: Alert, since: datetime, now: datetime) -> bool:
        def lasted(language: Language) -> Card:
            card = alert_card(language, "alert.untold", [alert], advised=False)
            problem = language.text(f"health.{alert.key}", **alert.params)
            when = language.text(
                "alert.lasted", start=language.moment(since), end=language.moment(now)
            )
            return replace(card, body=f"{problem}\n{when}")

        return any([await self._reach(admin, lasted, [alert]) for admin in self._admins])

    def _close(self, alert: Alert, now: datetime) -> None:
        self._told_alone.pop(alert.id, None)
        try:
            self._store.close(alert.id, now)
        except Exception as error:  # noqa: BLE001 - as above
            log.info("alert.not_closed", reason=type(error).__name__)

    def _load_admins(self) -> None:
        try:
            self._admins = tuple(self._find_admins()) or self._admins
        except StorageUnavailable:
            return  # The admins of the last look-up will do.
        except Exception as error:  # noqa: BLE001 - the tables themselves may be broken
            log.warning("alert.admins_unread", reason=type(error).__name__)

    def _is_alone(self) -> bool:
        """Whether there is no admin to alert; logged once, where somebody may look."""
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
            except Exception as error:  # noqa: BLE001 - then this process alerts on its own
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

    def _ended(self, active: Iterable[str], now: datetime) -> list[Alert]:
        last = set(active)
        try:
            self._store.see(last, now)
        except Exception as error:  # noqa: BLE001 - as above
            log.debug("alert.not_seen", reason=type(error).__name__)
        over = [alert for name, (alert, _) in self._told_alone.items() if name not in last]
        for alert in over:
            del self._told_alone[alert.id]
        # Right after the start nothing has checked yet whether it still lasts.
        if self._began is None or self._clock.monotonic() - self._began < _SILENT.total_seconds():
            return over
        try:
            return over + self._store.take_over(now - _SILENT, now)
        except Exception as error:  # noqa: BLE001 - as above
            log.debug("alert.end_not_taken", reason=type(error).__name__)
            return over

    async def _send(self, title: str, alerts: Sequence[Alert], *, advised: bool) -> bool:
        """Send the alerts; returns whether at least one admin received them."""
        reached = [
            await self._reach(
                admin, lambda words: alert_card(words, title, alerts, advised=advised), alerts
            )
            for admin in self._admins
        ]
        return any(reached)

    async def _reach(
        self, admin: Admin, card_in: Callable[[Language], Card], alerts: Sequence[Alert]
    ) -> bool:
        """Post the card to the admin wherever they can be reached first."""
        language = self._languages(admin.locale)
        card = card_in(language)
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
    """The card listing what is wrong or over, each with what to do about it (``advised``)."""
    lines = []
    for alert in alerts:
        key = f"health.{alert.key}"
        if not language.has(key):
            continue  # A condition of an earlier version.
        problem = language.text(key, **alert.params)
        lines.append(problem if advised else language.text("alert.no_longer", problem=problem))
        if advised and language.has(f"{key}.advice"):
            lines[-1] += "\n→ " + language.text(f"{key}.advice", **alert.params)
    footnote = language.text("alert.why_again" if advised else "alert.why")
    return Card(title=language.text(title), body="\n\n".join(lines), footnote=footnote)
