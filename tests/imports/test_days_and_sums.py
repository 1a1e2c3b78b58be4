"""Days and amounts of files, and what follows from them: history keeps its dates."""

from datetime import date
from decimal import Decimal

import pytest

from sales.imports.values import NotADate, Order, order_in, parse_date
from sales.leads import Stage
from tests.imports.reading import SATURDAY, taken
from tests.office import SHANGHAI

NOV_24 = date(2026, 11, 24)
DAYS = [
    "2026-11-24", "2026/11/24", "2026.11.24", "2026年11月24日", "20261124", "2026-11-24 14:02",
    "2026-11-24 14:02:11", "2026-11-24T09:15:00.000Z", "2026-11-24T09:15:00+08:00",
    "2026-11-24 09:15:00 +0800", "2026/11/24 下午2:30", "2026年11月24日 14时30分",
    "2026-11-24 星期二",
    "24-Nov-26", "24 Nov 2026", "24.Nov.2026", "24th November 2026", "Nov 24 2026", "Nov 24, 2026",
    "November 24, 2026 9:15 AM", "Tue, 24 Nov 2026 10:00", "Tuesday, November 24, 2026",
    "24-NOV-2026", "46350", "46350.75", "24/11/2026", "24.11.2026", "24-11-2026", "24.11.26",
    "11/24/2026 9:15 AM", "24/11/2026, 09:15", "24/11/26 9:15 PM", "1795478400000",
]  # fmt: skip
NO_DAYS = [
    "", "soon", "-", "N/A", "2026-02-30", "13/13/2026", "24-1-1", "24-11-26", "12345", "99999",
    "2026-11", "11/2026", "Nov 2026", "31-Nov-26", "2026", "0", "1/2/3", "24 Foo 2026", "x" * 500,
]  # fmt: skip


class TestDays:
    @pytest.mark.parametrize("text", DAYS)
    def test_as_programs_write_them(self, text: str) -> None:
        assert parse_date(text, "dmy", SHANGHAI) == NOV_24

    @pytest.mark.parametrize("text", NO_DAYS)
    def test_what_is_none(self, text: str) -> None:
        for order in ("dmy", "mdy"):
            with pytest.raises(NotADate):
                parse_date(text, order, SHANGHAI)

    @pytest.mark.parametrize(
        ("text", "day"),
        [("2026-11-23T23:30:00Z", 24), ("2026-11-24T02:00:00-08:00", 24),
         ("2026-11-24T23:30:00+08:00", 24), ("2026-11-24T20:00Z", 25)],
    )  # fmt: skip
    def test_of_another_zone_are_the_companys(self, text: str, day: int) -> None:
        assert parse_date(text, "dmy", SHANGHAI).day == day

    @pytest.mark.parametrize(
        ("texts", "order"),
        [
            (("1/2/2026", "20/2/2026"), "dmy"), (("1/2/2026", "2/20/2026 9:15 AM"), "mdy"),
            (("1/2/2026", "3/4/2026"), None), (("01.10.2026", "02.10.2026"), "dmy"),
            (("20/1/2026", "1/20/2026"), None), (("2026-01-20", "x"), None), (("5/13/26",), "mdy"),
        ],
    )  # fmt: skip
    def test_the_column_tells_the_order(self, texts: tuple[str, ...], order: Order | None) -> None:
        assert order_in(texts) == order

    def test_of_a_file_follow_it(self) -> None:
        text = "Company,Created Date,x\nOak,3/4/2026,1\nElm,25/4/2026,1\n"
        assert [lead.created_at.month for lead in taken(text).leads] == [4, 4]


class TestHistory:
    @pytest.mark.parametrize(
        ("row", "stage", "created", "closed", "said"),
        [
            ("Won,,2025-03-14", Stage.WON, date(2025, 3, 14), date(2025, 3, 14), []),
            ("Lost,,2025-06-20", Stage.LOST, date(2025, 6, 20), date(2025, 6, 20), []),
            ("Won,2025-01-02,2025-03-14", Stage.WON, date(2025, 1, 2), date(2025, 3, 14), []),
            ("Won,2025-01-02,", Stage.WON, date(2025, 1, 2), date(2025, 1, 2),
             ["closed:created_instead"]),
            ("Won,,", Stage.WON, SATURDAY.date(), None, ["closed:undated"]),
            ("Won,,2027-01-01", Stage.WON, SATURDAY.date(), None, ["closed:date"]),
            ("Won,2025-05-01,2025-03-14", Stage.WON, date(2025, 3, 14), date(2025, 3, 14),
             ["closed:before_created"]),
            ("New,2025-01-02,2027-01-01", Stage.CAPTURED, date(2025, 1, 2), None, []),
            ("New,,", Stage.CAPTURED, SATURDAY.date(), None, []),
        ],
    )  # fmt: skip
    def test_keeps_the_days_that_the_file_has(
        self, row: str, stage: Stage, created: date, closed: date | None, said: list[str]
    ) -> None:
        read = taken(f"Company,Stage,Created Date,Close Date,Amount\nOak,{row},500\n")
        [lead] = read.leads
        assert lead.stage is stage
        assert lead.created_at.astimezone(SHANGHAI).date() == created
        assert (lead.closed_at.astimezone(SHANGHAI).date() if lead.closed_at else None) == closed
        assert read.said.get(2, []) == said
        assert read.drafts[0].dated == bool(row.split(",")[1])


class TestSums:
    @pytest.mark.parametrize(
        ("cells", "sign", "sums"),
        [
            (("125.000", "98.500"), ";", (125_000, 98_500)),
            (("1.250,50", "98.500"), ",", ("1250.50", 98_500)),
            (("1.250.000", "98.500"), ",", (1_250_000, 98_500)),
            (("1,250.50", "98,500"), ",", ("1250.50", 98_500)),
            (("12.5万", "8万"), ",", (125_000, 80_000)),
            (("1250.5", "900"), ";", ("1250.5", 900)),
            (("￥１２，０００", "约15万"), ",", (12_000, 150_000)),
        ],
    )
    def test_are_written_as_their_column_shows(
        self, cells: tuple[str, str], sign: str, sums: tuple[str | int, str | int]
    ) -> None:
        rows = "".join(f'Oak{sign}Won{sign}2026-01-05{sign}"{cell}"\n' for cell in cells)
        read = taken(f"Company{sign}Stage{sign}Close Date{sign}Amount\n{rows}")
        assert [lead.amount for lead in read.leads] == [Decimal(one) for one in sums]

    def test_that_can_be_read_in_two_ways_are_asked_about(self) -> None:
        text = "Company,Stage,Close Date,Amount\nOak,Won,2026-01-05,125.000\n"
        read = taken(text)
        assert read.leads[0].amount is None
        assert "amount:amount_ambiguous" in read.said[2]
        assert taken(text, decimal=",").leads[0].amount == 125_000

    def test_of_another_currency_are_not_taken_for_ours(self) -> None:
        read = taken('Company,Stage,Close Date,Amount\nOak,Won,2026-01-05,"USD 12,000.00"\n')
        assert read.leads[0].amount is None
        assert "amount:amount_currency" in read.said[2]

    def test_of_an_open_or_lost_deal_are_its_budget(self) -> None:
        text = "Company,Stage,Close Date,Amount\nOak,New,,500000\nElm,Lost,2026-01-05,700000\n"
        assert [lead.budget_low for lead in taken(text).leads] == [500_000, 700_000]


def test_a_day_of_creation_that_is_none_dates_nothing() -> None:
    drafts = taken("Company,Created,x\nOak,soon,1\nElm,2026-11-02,1\nFir,,1\n").drafts
    assert [draft.dated for draft in drafts] == [False, True, False]


class TestExpected:
    """What programs export of open deals: when they are expected to be closed, and for how much."""

    @pytest.mark.parametrize(
        ("heading", "stage", "day", "close"),
        [
            ("Close Date", "Proposal", "2026-12-20", date(2026, 12, 20)),
            ("Expected Close Date", "Proposal", "12/20/2026", date(2026, 12, 20)),
            ("Expected close", "Negotiation", "2026-10-02", date(2026, 10, 2)),
            ("预计成交日期", "方案", "2026年12月20日", date(2026, 12, 20)),
            ("预计成交日期", "谈判", "1月15日", date(2027, 1, 15)),
            ("预计签单日期", "谈判", "someday", None),
            ("Close Date", "Closed Lost", "2026-11-20", None),
        ],
    )
    def test_day_of_an_open_deal(
        self, heading: str, stage: str, day: str, close: date | None
    ) -> None:
        found = taken(f"Account Name,Stage,{heading}\nAcme,{stage},{day}\n")
        [lead] = found.leads
        assert lead.expected_close == close
        assert (lead.expected_by, lead.expected_at) == ((1, SATURDAY) if close else (None, None))
        assert found.said.get(2) == (["closed:date"] if day == "someday" else None)

    def test_beside_the_day_on_which_others_were_closed(self) -> None:
        found = taken(
            "Account Name,Stage,Actual Close Date,Expected Close Date\n"
            "Acme,Proposal,,2026-12-20\nBest,Closed Won,2026-11-02,2026-11-20\n"
        )
        acme, best = found.leads
        assert acme.expected_close == date(2026, 12, 20)
        assert best.expected_close is None
        assert best.closed_at
        assert best.closed_at.astimezone(SHANGHAI).date() == date(2026, 11, 2)

    def test_amount_beside_a_budget_is_what_is_expected(self) -> None:
        [lead] = taken("Account Name,Stage,Budget,Amount\nAcme,Proposal,100000,80000\n").leads
        assert (lead.amount, lead.budget_high) == (Decimal(80_000), Decimal(100_000))
        [lead] = taken("Account Name,Stage,Amount\nAcme,Proposal,80000\n").leads
        assert (lead.amount, lead.budget_high) == (None, Decimal(80_000))
