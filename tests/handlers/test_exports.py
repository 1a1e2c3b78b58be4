"""``/export``: what a file holds, what it must not hold, and who gets one."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from handlers.core.spreadsheets import csv_bytes, harmless, xlsx_bytes
from tests.furnished import Offices
from tests.office import LEAD, SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale) as office:
        yield office


def rows_of(office: Office, account: str, **typed: Any) -> list[dict[str, str]]:
    """The file by the keys of its columns."""
    form = office.ask(account, "export.open").form
    assert form is not None
    reply = office.submit(account, form, **{"kind": "csv"} | typed)
    assert not reply.errors, reply.errors
    assert reply.attachment is not None
    assert reply.attach is None
    text = reply.attachment.content.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    return [{key: row[office.say(f"column.{key}")] for key in ("number", "customer", "owner",
             "need", "stage", "created", "budget_low")} for row in found]  # fmt: skip


class TestWhatAFileHolds:
    def test_the_leads_one_leads_and_nobody_elses(self, office: Office) -> None:
        for account in ("robin", "kim"):
            typed = {"customer": f"Of {account}", "phone": "", "email": "", "owner": "keep"}
            office.log_lead(account, **typed)
        assert [row["customer"] for row in rows_of(office, "max")] == ["Of robin"]
        assert [row["customer"] for row in rows_of(office, "wes")] == ["Of kim"]
        assert [row["owner"] for row in rows_of(office, "ada")] == ["Robin Sample", "Kim Sample"]

    def test_no_way_to_reach_a_customer(self, office: Office) -> None:
        office.log_lead("max", need="call 138 1234 5678 or boss@acme.example, budget 100000")
        for kind in ("csv", "xlsx"):
            values = {"kind": kind}
            found = office.ask("max", "export.create", values=values).attachment
            assert found is not None
            cells = _cells(found.content, kind)
            assert "Zhang Sample" in cells
            for secret in ("1234 5678", "1381234", "boss@", "zhang@", "z***"):
                assert secret not in cells, secret
        [row] = rows_of(office, "max")
        assert row["need"] == "call 138****5678 or b***@acme.example, budget 100000"
        assert (row["budget_low"], row["created"]) == ("150000", "2024-03-01")

    def test_filters(self, office: Office) -> None:
        lead = office.log_lead("max", phone="", email="")
        office.log_lead("max", customer="Other", phone="", email="")
        office.change_lead(lead.id, lambda one: replace(one, created_at=FRIDAY - timedelta(days=9)))
        assert len(rows_of(office, "max", since="2024-02-21", until="2024-02-21")) == 1
        assert len(rows_of(office, "max", since="2024-02-22")) == 1
        assert len(rows_of(office, "max", stages=("captured", "won"))) == 2

    def test_is_on_record(self, office: Office) -> None:
        office.log_lead("max", phone="", email="")
        rows_of(office, "max", stages=("captured",))
        [row] = [row for row in office.rows("audit") if row["act"] == "export.create"]
        assert row["actor_id"] == office.people["max"].id
        assert (row["detail"]["leads"], row["detail"]["stages"]) == ("1", "captured")


class TestWhoGetsNone:
    def test_a_rep_hears_who_can_help(self, office: Office) -> None:
        for action in ("export.open", "export.create"):
            reply = office.ask("robin", action, values={"kind": "csv"})
            said = reply.toast + "".join(reply.errors.values())
            assert office.say("role.manager") in said
            assert reply.attachment is None

    @pytest.mark.parametrize(
        ("typed", "field", "problem"),
        [
            ({"kind": "exe"}, "kind", "choose_one"),
            ({"stages": ("no such",)}, "stages", "choose_one"),
            ({"since": "someday"}, "since", "day"),
            ({"since": "2024-03-01", "until": "2024-02-01"}, "until", "ends_before"),
            ({"until": "2030-01-01"}, "until", "day_to_come"),
            ({"stages": ("lost",)}, "stages", "nothing_to_export"),
        ],
    )
    def test_who_asks_for_nonsense(
        self, office: Office, typed: dict[str, Any], field: str, problem: str
    ) -> None:
        office.log_lead("max", phone="", email="")
        form = office.ask("max", "export.open").form
        assert form is not None
        before = office.rows("audit")
        reply = office.submit("max", form, **typed)
        said = office.say(
            f"problem.{problem}", typed="someday", today=office.language.day(date(2024, 3, 1))
        )
        assert reply.errors == {field: said}
        assert office.rows("audit") == before


class TestSpreadsheets:
    @given(st.text(max_size=40))
    def test_no_text_is_a_formula(self, text: str) -> None:
        assert not harmless(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))

    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+86 1",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\n=1",
            "＝1+1",
            "＠SUM(A1)",
            "a\0b",
            '客户,"x"\n',
        ],
    )
    def test_both_kinds_show_the_same_text(self, text: str) -> None:
        rows = (("head",), (text,))
        [[_], [in_csv]] = csv.reader(io.StringIO(csv_bytes(rows).decode("utf-8-sig"), newline=""))
        sheet = load_workbook(io.BytesIO(xlsx_bytes(rows))).active
        assert sheet is not None
        cell = sheet["A2"]
        assert cell.value == in_csv == harmless(text)
        assert cell.data_type == "s"


def _cells(content: bytes, kind: str) -> str:
    if kind == "csv":
        return content.decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return repr(list(sheet.values)) + LEAD["source"]
