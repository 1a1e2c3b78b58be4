"""Days without a year, and days that another language writes."""

from datetime import date

import pytest

from sales.imports.values import NotADate, parse_date
from sales.imports.years import latest, yearless
from tests.imports.reading import SATURDAY, taken
from tests.office import SHANGHAI

NOV_24 = date(2026, 11, 24)
MARCH_5 = ["3月5日", "03月05日", "3 月 5 日", "3月5号", "03-05", "3-5", "5 Mar", "5. März",
           "5.3.", "05.03.", "5 de marzo", "5 mars", "Mar 5", "March 5th", "5-Mar",
           "Do, 5. März"]  # fmt: skip


@pytest.mark.parametrize("text", MARCH_5)
def test_a_day_without_a_year(text: str) -> None:
    assert yearless(text, "dmy") == (3, 5)


@pytest.mark.parametrize(
    ("text", "order", "country", "day"),
    [("3/5", "mdy", "", (3, 5)), ("3/5", "dmy", "DE", (5, 3)), ("3/5", "dmy", "CN", (3, 5)),
     ("25/3", "mdy", "US", (3, 25)), ("3.25", "dmy", "DE", (3, 25)),
     ("2月29日", "dmy", "", (2, 29))],
)  # fmt: skip
def test_figures(text: str, order: str, country: str, day: tuple[int, int]) -> None:
    assert yearless(text, order, country) == day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", "3月", "13月1日", "2-30", "13/13", "2026-11", "5 Foo", "5", "soon", "5 x" * 99]
)
def test_what_is_no_day(text: str) -> None:
    assert yearless(text, "dmy") is None


@pytest.mark.parametrize(
    "text",
    ["24.11.2026", "24. November 2026", "24 nov. 2026", "24 de noviembre de 2026",
     "24 de noviembre 2026", "martes, 24 de noviembre de 2026", "mardi 24 novembre 2026",
     "le 24 novembre 2026", "24 novembre 2026 14:30", "Dienstag, 24. November 2026",
     "24 novembro de 2026", "24-nov-2026", "24 november 2026", "24.11.2026 09:15:00"],
)  # fmt: skip
def test_days_in_another_language(text: str) -> None:
    assert parse_date(text, "mdy") == NOV_24


@pytest.mark.parametrize(
    ("text", "day"),
    [("1er mars 2026", date(2026, 3, 1)), ("3. Dez. 2025", date(2025, 12, 3)),
     ("5 août 2026", date(2026, 8, 5)), ("7 ene 2026", date(2026, 1, 7)),
     ("9 maggio 2026", date(2026, 5, 9)), ("12 Okt 2026", date(2026, 10, 12)),
     ("2 févr. 2026", date(2026, 2, 2)), ("1º de março de 2026", date(2026, 3, 1)),
     ("15 mei 2026", date(2026, 5, 15)), ("8. Jänner 2026", date(2026, 1, 8))],
)  # fmt: skip
def test_months_in_another_language(text: str, day: date) -> None:
    assert parse_date(text, "mdy") == day


def test_a_word_is_no_month() -> None:
    with pytest.raises(NotADate):
        parse_date("24 Marktplatz 2026", "dmy")


def _read(rows: str) -> tuple[list[str], dict[int, list[str]]]:
    read = taken(f"公司,状态,创建日期,成交日期\n{rows}")
    created = [lead.created_at.astimezone(SHANGHAI).date().isoformat() for lead in read.leads]
    return created, read.said


@pytest.mark.parametrize(
    ("rows", "expected", "problem"),
    [
        ("甲,成交,3月5日,2025-06-01\n", "2025-03-05", "created:year_told"),
        ("甲,成交,12月5日,2025-06-01\n", "2024-12-05", "created:year_told"),
        ("甲,新建,3月5日,\n", "2026-03-05", "created:year_guessed"),
        ("甲,新建,12月5日,\n", "2025-12-05", "created:year_guessed"),
        ("甲,新建,11月28日,\n", "2026-11-28", "created:year_guessed"),
        ("甲,新建,3月5日,\n乙,新建,2024-02-01,\n", "2024-03-05", "created:year_told"),
        ("甲,新建,03-05,\n乙,新建,2024-02-01,\n", "2024-03-05", "created:year_told"),
    ],
)
def test_the_year_is_what_the_file_tells(rows: str, expected: str, problem: str) -> None:
    created, said = _read(rows)
    assert created[0] == expected
    assert said[2][0] == problem


def test_a_sorted_column_tells_the_year() -> None:
    rows = "甲,新建,2024-11-01,\n乙,新建,12月30日,\n丙,新建,1月3日,\n丁,新建,2025-02-01,\n"
    created, _ = _read(rows)
    assert created == ["2024-11-01", "2024-12-30", "2025-01-03", "2025-02-01"]


def test_the_end_follows_the_beginning() -> None:
    [lead] = taken("公司,状态,创建日期,成交日期\n甲,成交,2024-11-20,1月5日\n").leads
    assert lead.closed_at is not None
    assert lead.closed_at.astimezone(SHANGHAI).date() == date(2025, 1, 5)


def test_the_latest_is_never_in_the_future() -> None:
    assert latest((11, 29), SATURDAY.date()) == date(2025, 11, 29)
    assert latest((2, 29), SATURDAY.date()) == date(2024, 2, 29)
