"""The follow-up table of the process: in chat and as a file, within the reader's rights."""

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
from openpyxl import load_workbook

from handlers.core.ui import Card, Table
from sales.followups import TABLE_COLUMNS
from sales.people import Role
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import Office, words_of

LINES = (
    (2, "robin", "电话 介绍产品 反馈：希望看同行业案例 下一步：3月3日前发送案例和详细方案"),
    (
        3,
        "robin",
        "邮件 发送案例和方案。反馈：感兴趣，想看演示 下一步：产品经理安排演示 预计：3月5日",
    ),
    (6, "pat", "昨天线上演示 v2.1 反馈：满意，需要内部讨论 下一步：3月8日询问结果"),
)
"""The thread of A科技 in the process: what was typed on which day of March 2024."""
ROWS = (
    ("2024-03-02", "call", "Robin Sample", "介绍产品", "希望看同行业案例", "发送案例和详细方案",
     "2024-03-03"),
    ("2024-03-03", "email", "Robin Sample", "发送案例和方案。", "感兴趣，想看演示",
     "产品经理安排演示", "2024-03-05"),
    ("2024-03-05", "demo", "Pat Sample", "昨天线上演示 v2.1", "满意，需要内部讨论", "询问结果",
     "2024-03-08"),
)  # fmt: skip


@pytest.fixture
def office(offices: Offices, locale: str) -> Iterator[Office]:
    with offices.open(FRIDAY, locale) as office:
        yield office


async def thread_of_a_tech(office: Office) -> None:
    office.log_lead("robin", owner="keep", customer="A科技有限公司")
    pat = office.hire("pat", "Pat Sample", Role.PRODUCT)
    form = office.ask("robin", "support.ask", pressed="LX001").form
    assert form
    office.submit("robin", form, question="请演示", person=str(pat.id))
    for day, account, line in LINES:
        await office.travel(2024, 3, day, 11)
        reply = office.ask(account, "followup.open", text=f"LX001 {line}")
        if reply.form:
            # The step of a colleague replaces the owner's: the form says so first.
            reply = office.submit(account, reply.form)
        assert reply.card, reply


def listed(office: Office, account: str, text: str = "list LX001") -> Card:
    card = office.ask(account, "followup.open", text=text).card
    assert card
    return card


def table_of(card: Card) -> Table:
    [section] = card.sections
    assert section.table
    return section.table


def expected(office: Office) -> list[tuple[str, ...]]:
    return [
        ("A科技有限公司", day, office.say(f"method.{method}"), *rest) for day, method, *rest in ROWS
    ]


def day_of(office: Office, iso: str) -> str:
    return office.language.day(date.fromisoformat(iso))


class TestInChat:
    async def test_a_tech_has_the_three_rows_of_the_process(self, office: Office) -> None:
        await thread_of_a_tech(office)
        table = table_of(listed(office, "robin"))
        assert table.columns == tuple(
            office.say(f"followup.column_{name}") for name in TABLE_COLUMNS
        )
        for shown, row in zip(table.rows, expected(office), strict=True):
            assert shown[1].startswith(day_of(office, row[1]))
            assert (shown[0], *shown[2:7], shown[7]) == (row[0], *row[2:7], day_of(office, row[7]))

    async def test_everybody_sees_what_is_theirs(self, office: Office) -> None:
        await thread_of_a_tech(office)
        for account, n in (("robin", 3), ("pat", 3), ("max", 3), ("ada", 3), ("kim", 0)):
            card = listed(office, account, "列表")
            assert len(table_of(card).rows if n else card.sections) == n
        assert office.ask("kim", "followup.open", text="list LX001").card is None

    @pytest.mark.parametrize(
        ("text", "n"),
        [
            ("list LX001 2024-03-03 2024-03-05", 2), ("列表 lx1 3月3日以来", 2),
            ("list A科技 昨天", 1),
            ("list A科技有限公司", 3), ("列表 上周", 2), ("list 3月3日", 1), ("list last month", 0),
        ],
    )  # fmt: skip
    async def test_of_a_customer_and_of_days(self, office: Office, text: str, n: int) -> None:
        await thread_of_a_tech(office)
        card = listed(office, "robin", text)
        assert len(table_of(card).rows if n else card.sections) == n

    def test_is_masked_and_turns_pages(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        for number in range(12):
            office.world.clock.advance(60)
            line = f"LX001 call talk {number}, ring 138 1234 5678 or x@larch.example tomorrow"
            office.ask("robin", "followup.open", text=line)
        first = listed(office, "robin", "list")
        assert len(table_of(first).rows) == 10
        assert "talk 11" in table_of(first).rows[0][4]
        assert "1234 5678" not in words_of(first)
        second = office.press("robin", first, "button.next_page").update
        assert second
        assert "talk 0" in table_of(second).rows[1][4]
        assert office.press("robin", second, "button.previous").update == first

    def test_opens_from_the_history(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        office.ask("robin", "followup.open", text="LX001 call fine")
        history = office.ask("robin", "lead.history", pressed="LX001").card
        assert history
        assert office.press("robin", history, "button.as_table").card == listed(office, "robin")


class TestAsAFile:
    async def test_has_the_same_rows(self, office: Office) -> None:
        await thread_of_a_tech(office)
        form = office.press("max", listed(office, "max"), "button.as_file").form
        assert form
        found = office.submit("max", form, kind="csv").attachment
        assert found
        head, *rows = csv.reader(io.StringIO(found.content.decode("utf-8-sig")))
        assert head == [office.say(f"followup.column_{name}") for name in TABLE_COLUMNS]
        assert [(*row[:1], row[1][:10], *row[2:]) for row in rows] == expected(office)
        assert found.name.startswith(
            office.say("export.file_name_followups", day="2024-03-06").partition(" ")[0]
        )
        found = office.submit("max", form, kind="xlsx", since="2024-03-05").attachment
        assert found
        [sheet] = load_workbook(io.BytesIO(found.content)).worksheets
        [_, row] = sheet.iter_rows(values_only=True)
        assert [f"{cell:%m-%d}" for cell in (row[1], row[7])] == ["03-05", "03-08"]

    async def test_is_for_leaders_of_their_own_leads(self, office: Office) -> None:
        await thread_of_a_tech(office)
        values = {"table": "followups", "kind": "csv"}
        assert office.say("button.as_file") not in words_of(listed(office, "robin"))
        assert office.ask("robin", "export.create", values=values).attachment is None
        errors = office.ask("wes", "export.create", values=values).errors
        assert errors == {"stages": office.say("problem.nothing_to_export_followups")}
