"""Due jobs: their arguments come back as scheduled, by versions before this one, too."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from handlers.jobs import PERFORM
from sales.clocks import ClockLevel
from sales.contact_alerts import Window
from sales.jobs import (
    JOBS,
    AdvanceBulkAct,
    AdvanceErasure,
    AdvanceImport,
    AlertProbing,
    AlertReveals,
    AnnounceSession,
    AskForLossReview,
    AskForRecord,
    AskForReports,
    AssignLead,
    BriefOnPool,
    ConsiderNurture,
    CoolLead,
    CountOutcomes,
    EscalateFollowUp,
    EscalateTask,
    ExpireOffer,
    HandleRefusal,
    HandOverWork,
    Job,
    JobArgs,
    PostView,
    PublishDigest,
    PublishHonours,
    PublishReview,
    PublishSync,
    RaiseRepeat,
    ReleaseNotices,
    RemindOfReports,
    RemindOwner,
    ReviewPool,
    ReviveLead,
    RingClock,
    RunAutomations,
    SettleHolding,
    SweepLeads,
    TakeBackup,
    TakeForecast,
    TellOfRemarks,
    TellOfReports,
    TellOfWithheld,
)
from sales.signals import SignalKind
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.schema import migrate
from storage.tables import work
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.databases import Databases, Kind
from tests.storage.former import database_before

ARGS_IN_A_COLUMN = "0041"
LATER: dict[str, JobArgs] = {
    "nurture:9": ConsiderNurture(9),
    "withheld:slack:C1:2026-W47": TellOfWithheld(1, "slack", "C1"),
    "loss_review:9:1700000000": AskForLossReview(9),
    "honours:2026-11": PublishHonours("2026-11"),
    "backup:2026-11-23": TakeBackup(date(2026, 11, 23)),
    "forecast:2026-11-23": TakeForecast(date(2026, 11, 23)),
    "outcomes:2026-10-01:2026-11-23": CountOutcomes(date(2026, 10, 1)),
    "review:2026-11": PublishReview("2026-11"),
    "weekly_ask:2026-W47": AskForReports("2026-W47"),
    "weekly_remind:2026-W47": RemindOfReports("2026-W47"),
    "weekly_tell:2026-W47": TellOfReports("2026-W47"),
    "view:7:2026-11-23:1": PostView(7, date(2026, 11, 23)),
    "erasure:1:2": AdvanceErasure(1, 2),
    "bulk_act:1:2:3": AdvanceBulkAct(1, 2, 3),
}
"""Kinds that came after their arguments had a column."""
FORMER: dict[str, tuple[str, JobArgs]] = {
    "reminder:7:1709262000:2": ("7", RemindOwner(7)),
    "overdue:7:1709262000:2:3": ("7", EscalateFollowUp(7, 2)),
    "offer:4:9": ("4", ExpireOffer(4, 9)),
    "unowned:9:1709262000": ("9", AssignLead(9)),
    "clock:5:2": ("5", RingClock(5, ClockLevel.BREACH)),
    "record:5:3:1709262000": ("5:3", AskForRecord(5, 3)),
    "digest:2:2026-W47": ("team:2", PublishDigest(2, "2026-W47")),
    "sync:2:2026-W48": ("team:2", PublishSync(2, "2026-W48")),
    "revival:9:2026-12-01:6": ("9", ReviveLead(9)),
    "task:8:2": ("8", EscalateTask(8, 2)),
    "leaver:3:1709262000": ("3", HandOverWork(3)),
    "pool_day:2026-11-23": ("pool", ReviewPool(date(2026, 11, 23))),
    "pool_lead:9:2026-11-23": ("9", SettleHolding(9)),
    "pool_brief:2:1709262000": ("2", BriefOnPool(2, 1709262000)),
    "cool:9:1709262000": ("9", CoolLead(9)),
    "repeat:9:renewal_due:2:30:1709262000": (
        "9",
        RaiseRepeat(9, SignalKind.RENEWAL_DUE, 2, 30, 1709262000),
    ),
    "talk:9:1709262000:1709262600": ("9", TellOfRemarks(9, 1709262000, 1709262600)),
    "sharing:1709262000": ("sharing", AnnounceSession()),
    "event:6": ("6", RunAutomations(6)),
    "silence:2026-11-23": ("all", SweepLeads()),
    "import:1:2:3": ("1", AdvanceImport(1, 2, 3)),
    "morning:11:1709262000": ("3", ReleaseNotices(3, 11, "morning")),
    "company:12:1709262000": ("3", ReleaseNotices(3, 12, "company")),
    "reveals:3:hour:2026-11-23T09": ("3:hour", AlertReveals(3, Window.HOUR)),
    "probing:3:day:2026-11-23": ("3:day", AlertProbing(3, Window.DAY)),
    "refusal:5:1709262000:1": ("5", HandleRefusal(5)),
    "refusal:5:1709262000:again": ("5", HandleRefusal(5, again=True)),
}
"""Each key that a version without arguments wrote, with its subject; and what it is now."""


@pytest.fixture
def old(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Database]:
    """As the version before left it."""
    with database_before(ARGS_IN_A_COLUMN, databases, database_kind, tmp_path) as database:
        yield database


def plan_as_before(database: Database, key: str, kind: str, subject: str) -> None:
    columns = [work.c[name] for name in ("key", "kind", "subject", "due_at")]
    row = {"key": key, "kind": kind, "subject": subject, "due_at": MONDAY}
    with database.write() as connection:
        connection.execute(insert(work).values({one: row[one.name] for one in columns}))


def due(units: UnitOfWorkFactory) -> dict[str, JobArgs]:
    """All that is due now, done in this moment."""
    done = {}
    with units() as uow:
        while claimed := uow.jobs.claim(MONDAY):
            done[claimed.unique_key] = claimed.job.args
            uow.jobs.done(claimed, MONDAY)
        uow.commit()
    return done


class TestArguments:
    def test_of_every_kind_come_back(self, units: UnitOfWorkFactory) -> None:
        planned = {key: args for key, (_, args) in FORMER.items()} | LATER
        assert {type(args) for args in planned.values()} == set(JOBS.values())
        with units() as uow:
            for key, args in planned.items():
                assert uow.jobs.add(Job(args, MONDAY, key))
            uow.commit()
        assert due(units) == planned

    def test_have_somebody_who_performs_them(self) -> None:
        assert set(PERFORM) == set(JOBS.values())

    def test_that_this_version_does_not_know_can_be_claimed_and_fail(
        self, units: UnitOfWorkFactory
    ) -> None:
        with units() as uow:
            uow.jobs.add(Job(PublishDigest(1, "2026-W47"), MONDAY, "digest:1"))
            uow.commit()
        with units.database.write() as connection:
            connection.execute(work.update().values(args={"team_id": "none"}))
        with units() as uow:
            claimed = uow.jobs.claim(MONDAY)
            assert claimed is not None
            with pytest.raises(ValueError, match="team_id"):
                _ = claimed.job
            uow.jobs.failed(claimed, MONDAY)
            assert uow.jobs.backlog(MONDAY).failing == 1

    def test_that_are_cancelled_together(self, units: UnitOfWorkFactory) -> None:
        jobs = [EscalateFollowUp(1, 1), EscalateFollowUp(1, 2), EscalateFollowUp(2, 1)]
        records = [AskForRecord(1, 2), AskForRecord(1, 3)]
        with units() as uow:
            for args in (*jobs, *records):
                uow.jobs.add(Job(args, MONDAY, repr(args)))
            uow.jobs.cancel(EscalateFollowUp, 1)
            uow.jobs.cancel(AskForRecord, 1, 2)
            uow.commit()
        assert list(due(units).values()) == [EscalateFollowUp(2, 1), AskForRecord(1, 3)]


class TestUpgrade:
    def test_keeps_all_that_is_due(self, old: Database) -> None:
        for key, (subject, args) in FORMER.items():
            plan_as_before(old, key, args.kind, subject)
        migrate(old)
        units = UnitOfWorkFactory(old, Fields(), now=lambda: MONDAY)
        with units() as uow:
            for key, (_, args) in FORMER.items():
                assert not uow.jobs.add(Job(args, MONDAY, key))
        assert due(units) == {key: args for key, (_, args) in FORMER.items()}

    def test_carries_over_many_and_stops_at_none_that_cannot_be_read(self, old: Database) -> None:
        for number in range(1203):
            plan_as_before(old, f"task:{number}:1", "task", str(number))
        plan_as_before(old, "task:x", "task", "x")
        plan_as_before(old, "odd", "of another version", "")
        with old.write() as connection:
            connection.execute(text("UPDATE work SET done_at = due_at WHERE key = 'task:1202:1'"))
        migrate(old)
        with old.read() as connection:
            stored = dict(connection.execute(select(work.c.key, work.c.args)).all())
        assert stored.pop("odd") == stored.pop("task:x") == {}
        assert stored == {f"task:{n}:1": {"task_id": n, "level": 1} for n in range(1203)}

    def test_lets_what_was_planned_before_be_cancelled(self, old: Database) -> None:
        for key, (subject, args) in FORMER.items():
            plan_as_before(old, key, args.kind, subject)
        migrate(old)
        units = UnitOfWorkFactory(old, Fields(), now=lambda: MONDAY)
        later = MONDAY + timedelta(days=1)
        with units() as uow:
            for kind in (RemindOwner, EscalateFollowUp):
                uow.jobs.cancel(kind, 7)
            uow.jobs.cancel(ExpireOffer, 4)
            uow.jobs.cancel(RingClock, 5)
            uow.jobs.cancel(AskForRecord, 5, 3)
            uow.jobs.cancel(EscalateTask, 8)
            uow.jobs.cancel(HandOverWork, 3)
            uow.jobs.cancel(RaiseRepeat, 9)
            assert uow.jobs.planned(ReviveLead, 9) == MONDAY
            uow.jobs.cancel(ReviveLead, 9)
            assert uow.jobs.planned(ReviveLead, 9) is None
            assert uow.jobs.add(Job(RemindOwner(7), later, "reminder:7:1709262000:2"))
            uow.commit()
        assert len(due(units)) == len(FORMER) - 9
