"""Which thread a request runs in."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.request_threads import RequestThreads
from handlers.core.replies import Reply
from handlers.router import Route

CHANGES = Route(lambda _: Reply())
READS = Route(lambda _: Reply(), changes=False)
REPORTS = replace(READS, slow=True)
PREPARES = replace(CHANGES, prepare=lambda request: request)


@pytest.fixture
def on_sqlite() -> Iterator[RequestThreads]:
    threads = RequestThreads(one_writer=True)
    yield threads
    threads.shutdown()


class TestRequestThreads:
    def test_run_changes_one_after_the_other(self, on_sqlite: RequestThreads) -> None:
        first = on_sqlite.of(CHANGES).submit(threading.get_ident)
        second = on_sqlite.changes.submit(threading.get_ident)
        assert first.result() == second.result()

    @pytest.mark.parametrize("route", [READS, PREPARES, None])
    def test_let_the_others_run_during_changes(
        self, on_sqlite: RequestThreads, route: Route | None
    ) -> None:
        done = threading.Event()
        changing = on_sqlite.of(CHANGES).submit(done.wait, 5)
        on_sqlite.of(route).submit(done.set)
        assert changing.result()

    @pytest.mark.parametrize("route", [CHANGES, READS, None])
    def test_let_everything_else_run_however_many_reports_are_asked_for(
        self, on_sqlite: RequestThreads, route: Route | None
    ) -> None:
        done = threading.Event()
        reports = [on_sqlite.of(REPORTS).submit(done.wait, 5) for _ in range(10)]
        on_sqlite.of(route).submit(done.set)
        assert all(report.result() for report in reports)

    def test_run_several_changes_where_the_database_can(self) -> None:
        threads = RequestThreads(one_writer=False)
        done = threading.Event()
        first = threads.of(CHANGES).submit(done.wait, 5)
        threads.of(CHANGES).submit(done.set)
        assert first.result()
        threads.shutdown()
