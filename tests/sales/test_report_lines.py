"""The one line by which reports are asked for, and the text that their buttons carry."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sales.lead_lists import Status, encode
from sales.playbook.vocabulary import Vocabulary, terms
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import (
    Dimension,
    Focus,
    ReportQuery,
    read_query,
    usual_period,
    write_query,
    year_before,
)
from sales.reports.reading import ParsedReport, parse_report
from tests.sales.list_names import NAMES

WEDNESDAY = date(2026, 11, 25)
LINES = [
    tuple([*line.split("\t"), ""][:3])
    for line in Path(__file__).with_name("report_lines.tsv").read_text().splitlines()
]


def read(line: str, today: date = WEDNESDAY) -> ParsedReport:
    return parse_report(line, NAMES, today)


def shown(parsed: ParsedReport) -> str:
    """The query as the corpus writes it."""
    query = parsed.query
    parts = [
        query.period.key,
        query.against and f"vs={query.against.key}",
        query.by and f"by={query.by}",
        query.focus and f"on={query.focus}",
        encode(replace(query.leads, status=Status.OPEN)),
    ]
    return " ".join(part for part in parts if part)


def understood(line: str) -> tuple[str, str]:
    """The query and what was not read, as the corpus writes them."""
    parsed = read(line)
    return shown(parsed), "; ".join(one.words for one in parsed.unread)


def test_reads_what_people_type() -> None:
    """All lines in one test: one for each would take ten times as long."""
    wrong = {line: found for line, *wanted in LINES if (found := understood(line)) != (*wanted,)}
    assert wrong == {}


def test_corpus_has_enough_lines_of_each_language() -> None:
    english = [line for line, *_ in LINES if line.isascii()]
    assert min(len(english), len(LINES) - len(english)) >= 120


def test_what_is_unread_is_where_it_says() -> None:
    for line, *_ in LINES:
        if " " in line.strip():
            for one in read(line).unread:
                assert line[one.start : one.end].strip() == one.words, line


class TestUsualPeriod:
    @pytest.mark.parametrize(
        ("line", "today", "key"),
        [
            ("周报", date(2026, 11, 23), "2026-W47"),
            ("周报", date(2026, 11, 24), "2026-W48"),
            ("", date(2026, 11, 23), "2026-W47"),
            ("月报", date(2026, 11, 10), "2026-10"),
            ("月报", date(2026, 11, 11), "2026-11"),
            ("monthly report", date(2026, 1, 5), "2025-12"),
            ("季报", date(2026, 10, 15), "2026-Q3"),
            ("季报", date(2026, 10, 16), "2026-Q4"),
            ("年报", date(2026, 1, 31), "2025"),
            ("annual report", date(2026, 2, 1), "2026"),
        ],
    )
    def test_a_report_called_by_its_kind(self, line: str, today: date, key: str) -> None:
        parsed = read(line, today)
        assert (parsed.query.period.key, parsed.is_named) == (key, False)

    def test_a_named_period_is_no_usual_one(self) -> None:
        assert read("周报 上周").is_named
        assert usual_period(PeriodKind.WEEK, WEDNESDAY).key == "2026-W48"


class TestCompared:
    def test_a_period_that_is_not_over_is_held_against_as_many_days(self) -> None:
        month = ReportQuery(period=ReportPeriod.of_key("2026-11"))
        period, before = month.compared(WEDNESDAY)
        assert (period.cut, before.key, before.length) == (25, "2026-10", 25)

    def test_so_is_one_against_a_named_period(self) -> None:
        query = read("本月 对比去年同期").query
        period, before = query.compared(WEDNESDAY)
        assert (period.length, before.key, before.length) == (25, "2025-11", 25)

    def test_an_ended_period_is_held_against_all_of_the_other(self) -> None:
        period, before = read("10月 vs 9月").query.compared(WEDNESDAY)
        assert (period.length, before.length) == (31, 30)

    def test_the_week_of_a_year_that_had_no_such_week(self) -> None:
        week = ReportPeriod.of_key("2026-W53")
        assert year_before(week).key == "2025-W52"


class TestWrittenQuery:
    def test_comes_back_as_it_was(self) -> None:
        for line, *_ in LINES:
            query = read(line).query
            assert read_query(write_query(query), Vocabulary()).query == query, line

    @pytest.mark.parametrize("text", ["", "x", "2026-13", "2026-11|shoe", "2026-11||x", "2026|||x"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_query(text)

    def test_a_term_that_is_gone_is_lost(self) -> None:
        few = Vocabulary(regions=terms(("north", "North", "北")))
        decoded = read_query("2026-11|source|won||region=east,north", few)
        assert decoded.query == ReportQuery(
            period=ReportPeriod.of_key("2026-11"),
            by=Dimension.SOURCE,
            focus=Focus.WON,
            leads=replace(decoded.query.leads, regions=("north",)),
        )
        assert [part.value for part in decoded.lost] == ["east"]


class TestAsksForReport:
    """Which lines without a command are answered with a report."""

    @pytest.mark.parametrize(
        "line",
        [
            "how are we doing",
            "how did last month go",
            "report for October",
            "east this quarter",
            "who closes best",
            "best win rate",
            "how fast do we answer",
            "how much did we win this month",
            "how's the month going",
            "last month",
            "上个月业绩怎么样",
            "华东这季度",
            "谁的成交率最高",
            "响应速度",
            "漏斗转化率",
            "和上月比怎么样",
            "十月份报告",
            "第三季度",
            "这周做得怎么样",
            "这个月签了几单",
        ],
    )
    def test_questions_do(self, line: str) -> None:
        parsed = read(line)
        assert parsed.asks_for_report
        assert not parsed.unread

    @pytest.mark.parametrize(
        "line",
        ["today", "明天", "下周", "next month", "华东", "overdue", "逾期", "new leads", "", "what"],
    )
    def test_what_lists_or_plans_are_asked_for_do_not(self, line: str) -> None:
        assert not read(line).asks_for_report

    @pytest.mark.parametrize(
        ("line", "against"),
        [("和上月比怎么样", "2026-10"), ("are we faster than last month", "2026-10")],
    )
    def test_one_period_beside_the_present_one_is_compared_with(
        self, line: str, against: str
    ) -> None:
        query = read(line).query
        assert query.against is not None
        assert (query.period.key, query.against.key) == ("2026-11", against)
