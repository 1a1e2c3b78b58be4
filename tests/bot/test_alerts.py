"""Alerts: admins are notified of blocking problems once, then daily, and when they are over."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts import Admin, Alerts
from bot.health import Condition, HealthMonitor, Lasting
from bot.platforms import Address, Unavailable
from handlers.core.language import Languages
from handlers.core.ui import Card
from sales.errors import StorageUnavailable
from storage.alerts import AlertStore
from storage.database.engine import Database
from tests.clock import MovableClock

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FULL = Condition("database_full")
ADMINS = (
    Admin("Ada Admin", "zh_CN", (("slack", "ADA"),)),
    Admin("Olga Admin", "en", (("dingtalk", "olga"), ("email", "7"))),
)


@dataclass
class Desk:
    """A platform that only remembers."""

    name: str
    broken: bool = False
    got: list[tuple[str, Card]] = field(default_factory=list)

    async def post(self, to: Address, card: Card, *, locale: str, thread: object = None) -> str:
        if self.broken:
            raise Unavailable("down")
        self.got.append((to.id, card))
        return "1"


class Away:
    """A database that takes nothing."""

    def __getattr__(self, name: str) -> object:
        raise StorageUnavailable


class Company:
    """Two replicas, or more, on one database."""

    def __init__(self, database: Database) -> None:
        self.clock = MovableClock(NOW)
        self.desks = {name: Desk(name) for name in ("slack", "dingtalk", "email")}
        self.store = AlertStore(database)
        self.began = NOW

    def replica(self, store: AlertStore | None = None) -> Alerts:
        return Alerts(
            self.desks,  # type: ignore[arg-type]
            store or self.store,
            lambda: ADMINS,
            Languages(UTC),
            self.clock,
        )

    @property
    def full(self) -> Lasting:
        return Lasting(FULL, self.began)

    def titles(self) -> list[str]:
        return [card.title for _, card in self.desks["slack"].got]


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database)


async def pass_time(
    company: Company,
    alerts: Alerts,
    by: timedelta,
    *lasting: Lasting,
    every: timedelta = timedelta(seconds=30),
) -> None:
    """Look now and then for a while."""
    until = company.clock.now() + by
    while company.clock.now() < until:
        company.clock.advance(every)
        await alerts.tell(lasting)


class TestTell:
    async def test_only_what_lasts(self, company: Company) -> None:
        alerts = company.replica()
        await alerts.tell([company.full])
        assert company.titles() == []
        await pass_time(company, alerts, timedelta(minutes=2), company.full)
        assert company.titles() == ["跟进需要您处理"]
        [(_, card)] = company.desks["slack"].got
        assert "磁盘满了" in card.body
        assert "腾出空间" in card.body

    async def test_once_and_then_daily(self, company: Company) -> None:
        alerts = company.replica()
        every = timedelta(minutes=2)
        await pass_time(company, alerts, timedelta(hours=23), company.full, every=every)
        assert len(company.titles()) == 1
        await pass_time(company, alerts, timedelta(hours=2), company.full, every=every)
        assert len(company.titles()) == 2

    async def test_when_it_is_over(self, company: Company) -> None:
        alerts = company.replica()
        await pass_time(company, alerts, timedelta(minutes=10), company.full)
        await pass_time(company, alerts, timedelta(minutes=10))
        assert company.titles() == ["跟进需要您处理", "已恢复正常"]

    async def test_not_twice_by_two_replicas(self, company: Company) -> None:
        pair = company.replica(), company.replica()
        for _ in range(40):
            company.clock.advance(timedelta(seconds=30))
            for alerts in pair:
                await alerts.tell([company.full])
        for _ in range(20):
            company.clock.advance(timedelta(seconds=30))
            for alerts in pair:
                await alerts.tell([])
        assert company.titles() == ["跟进需要您处理", "已恢复正常"]

    async def test_not_over_while_another_replica_still_sees_it(self, company: Company) -> None:
        sick, well = company.replica(), company.replica()
        for _ in range(40):
            company.clock.advance(timedelta(seconds=30))
            await sick.tell([company.full])
            await well.tell([])
        assert company.titles() == ["跟进需要您处理"]

    async def test_the_end_is_told_by_the_process_after_a_restart(self, company: Company) -> None:
        await pass_time(company, company.replica(), timedelta(minutes=10), company.full)
        await pass_time(company, company.replica(), timedelta(minutes=10))
        assert company.titles() == ["跟进需要您处理", "已恢复正常"]

    async def test_without_a_database(self, company: Company) -> None:
        alerts = company.replica(Away())  # type: ignore[arg-type]
        await pass_time(company, alerts, timedelta(hours=25), company.full)
        assert company.titles() == ["跟进需要您处理"] * 2
        await pass_time(company, alerts, timedelta(minutes=1))
        assert company.titles()[2:] == ["已恢复正常"]

    async def test_by_another_way_when_the_first_is_broken(self, company: Company) -> None:
        company.desks["dingtalk"].broken = True
        await pass_time(company, company.replica(), timedelta(minutes=2), company.full)
        [(to, card)] = company.desks["email"].got
        assert to == "7"
        assert "disk is full" in card.body

    async def test_again_until_somebody_was_reached(self, company: Company) -> None:
        for desk in company.desks.values():
            desk.broken = True
        alerts = company.replica()
        await pass_time(company, alerts, timedelta(minutes=10), company.full)
        for desk in company.desks.values():
            desk.broken = False
        await pass_time(company, alerts, timedelta(minutes=5), company.full)
        assert company.titles() == ["跟进需要您处理"]

    async def test_what_is_only_shown_is_not_told(self, company: Company) -> None:
        quiet = Lasting(Condition("sqlite_wal_bug", serious=False), NOW, None)
        await pass_time(company, company.replica(), timedelta(hours=1), quiet)
        assert company.titles() == []

    async def test_what_comes_and_goes_is_told_once_an_hour(self, company: Company) -> None:
        alerts = company.replica()
        for _ in range(6):
            company.began = company.clock.now()
            await pass_time(company, alerts, timedelta(minutes=4), company.full)
            await pass_time(company, alerts, timedelta(minutes=4))
        assert company.titles().count("跟进需要您处理") == 1


class TestMonitor:
    def test_knows_since_when_and_keeps_what_a_source_said_while_it_cannot_look(self) -> None:
        clock, found = MovableClock(NOW), [[FULL]]
        monitor = HealthMonitor(clock)

        def look() -> list[Condition]:
            if not found:
                raise StorageUnavailable
            return found[0]

        monitor.add(look)
        monitor.conditions()
        clock.advance(timedelta(minutes=5))
        found.clear()
        [lasting] = monitor.conditions()
        assert (lasting.condition, lasting.since) == (FULL, NOW)

    def test_one_broken_source_hides_no_other(self) -> None:
        monitor = HealthMonitor(MovableClock(NOW))
        monitor.add(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        monitor.add(lambda: [FULL])
        assert [one.condition for one in monitor.conditions()] == [FULL]


class TestAClockThatIsSet:
    """Somebody corrects the wall clock while a problem lasts."""

    @pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1)])
    async def test_back_does_not_keep_admins_in_the_dark(
        self, company: Company, jump: timedelta
    ) -> None:
        wrong = [FULL]
        monitor = HealthMonitor(company.clock)
        monitor.add(lambda: wrong)
        alerts = company.replica()

        async def look(by: timedelta) -> None:
            for _ in range(int(by / timedelta(seconds=30))):
                company.clock.advance(timedelta(seconds=30))
                await alerts.tell(monitor.conditions())

        await look(timedelta(seconds=30))
        company.clock.set_wall(company.clock.now() + jump)
        await look(timedelta(minutes=2))
        assert company.titles() == ["跟进需要您处理"]
        company.clock.set_wall(company.clock.now() + jump)
        wrong.clear()
        await look(timedelta(minutes=5))
        assert company.titles() == ["跟进需要您处理", "已恢复正常"]
        company.clock.set_wall(company.clock.now() + 2 * jump)
        wrong.append(FULL)
        await look(timedelta(minutes=3))
        assert company.titles() == ["跟进需要您处理", "已恢复正常", "跟进需要您处理"]

    async def test_ahead_alerts_nobody_about_what_is_over_in_a_moment(
        self, company: Company
    ) -> None:
        wrong = [FULL]
        monitor = HealthMonitor(company.clock)
        monitor.add(lambda: wrong)
        alerts = company.replica()
        await alerts.tell(monitor.conditions())
        company.clock.advance(timedelta(seconds=30))
        company.clock.set_wall(company.clock.now() + timedelta(hours=1))
        await alerts.tell(monitor.conditions())
        assert company.titles() == []


class TestWhatCouldNotBeTold:
    """The only way to the admins was what was broken, or nobody was reachable meanwhile."""

    async def test_is_told_once_afterwards_by_one_of_two_replicas(self, company: Company) -> None:
        pair = company.replica(), company.replica()
        for desk in company.desks.values():
            desk.broken = True
        for alerts in pair:
            await pass_time(company, alerts, timedelta(minutes=10), company.full)
        for desk in company.desks.values():
            desk.broken = False
        for _ in range(40):
            company.clock.advance(timedelta(seconds=30))
            for alerts in pair:
                await alerts.tell([])
        assert company.titles() == ["刚才出过问题，当时没能通知到您"]
        [(_, card)] = company.desks["dingtalk"].got
        assert card.title == "Something was wrong, and I could not reach you"
        assert "disk is full" in card.body
        assert "It lasted from Nov 23, Mon 09:00 to" in card.body
        assert card.body.endswith("and is over.")

    async def test_is_not_told_afterwards_once_it_was_told(self, company: Company) -> None:
        alerts = company.replica()
        for desk in company.desks.values():
            desk.broken = True
        await pass_time(company, alerts, timedelta(minutes=10), company.full)
        for desk in company.desks.values():
            desk.broken = False
        await pass_time(company, alerts, timedelta(minutes=2), company.full)
        await pass_time(company, alerts, timedelta(minutes=10))
        assert company.titles() == ["跟进需要您处理", "已恢复正常"]

    async def test_without_a_database_either(self, company: Company) -> None:
        alerts = company.replica(Away())  # type: ignore[arg-type]
        for desk in company.desks.values():
            desk.broken = True
        await pass_time(company, alerts, timedelta(minutes=10), company.full)
        for desk in company.desks.values():
            desk.broken = False
        await pass_time(company, alerts, timedelta(minutes=10))
        assert company.titles() == ["刚才出过问题，当时没能通知到您"]
