"""How lists are laid out: headings of two rows, merged and hidden cells, sheets, separators."""

from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import Workbook

from sales.imports.files import read_sheet
from tests.imports.reading import taken
from tests.imports.test_bad_files import workbook

PHONE = "13812440001"
ROW = f"样例甲,甲一,{PHONE},a@jia.example\n"


class TestHeadings:
    @pytest.mark.parametrize(
        "text",
        [
            f"客户信息,,联系方式,\n客户名称,联系人,手机,邮箱\n{ROW}",
            f"2026年线索,,,\n客户名称,联系人,联系方式,\n,,手机,邮箱\n{ROW}",
            f"导出时间：2026-11-28,,,\n,,,\n客户名称,联系人,手机,邮箱\n{ROW}",
            f"Account,,Contact,\nAccount Name,Full Name,Mobile,Email\n{ROW}",
            f"Customer,Contact,Contact,Contact\nName,Name,Phone,Email\n{ROW}",
        ],
    )
    def test_in_two_rows_or_below_a_title(self, text: str) -> None:
        [lead] = taken(text).leads
        assert (lead.customer, lead.phone, lead.email) == ("样例甲", f"+86{PHONE}", "a@jia.example")

    def test_rows_of_values_are_no_headings(self) -> None:
        assert len(taken("Company,Contact,Phone\nSource,Stage,Region\nOak,Ola,\n").leads) == 2


class TestSeparators:
    @pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("head", ["", "A list, of leads; all\n", "sep={sign}\n"])
    def test_are_told_by_the_rows(self, sign: str, head: str) -> None:
        rows = [["Company", "Phone", "Need"], ["Oak, Ltd", PHONE, "one; two"], ["Elm", "", "x"]]
        body = "\r\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)
        read = taken(head.format(sign=sign) + body)
        assert [(lead.customer, lead.need) for lead in read.leads] == [
            ("Oak, Ltd", "one; two"), ("Elm", "x"),
        ]  # fmt: skip

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
    def test_in_every_encoding_with_lines_within_quotes(self, encoding: str) -> None:
        text = '客户,备注\n样例甲,"第一行\n第二行，""引号"""\n'
        assert taken(text.encode(encoding)).leads[0].need == '第一行\n第二行，"引号"'


def filled(fill: Callable[[Workbook], None]) -> bytes:
    return workbook(fill)


class TestWorkbooks:
    def test_cells_merged_downwards_stand_in_each_row(self) -> None:
        def fill(book: Workbook) -> None:
            sheet = book.active
            assert sheet is not None
            for row in (
                ("公司名称", "联系人", "手机", "负责人"),
                ("样例甲", "甲一", PHONE, "Robin Sample"),
                (None, "甲二", "13812440002", None),
                ("样例乙", "乙一", "13812440003", None),
            ):
                sheet.append(row)
            sheet.merge_cells("A2:A3")
            sheet.merge_cells("D2:D4")

        leads = taken(filled(fill)).leads
        assert [lead.customer for lead in leads] == ["样例甲", "样例甲", "样例乙"]
        assert {lead.owner_id for lead in leads} == {2}

    def test_headings_merged_in_both_directions(self) -> None:
        def fill(book: Workbook) -> None:
            sheet = book.active
            assert sheet is not None
            for row in (
                ("客户名称", "联系方式", None, "负责人"),
                (None, "手机", "邮箱", None),
                ("样例甲", PHONE, "a@jia.example", "Robin Sample"),
            ):
                sheet.append(row)
            for cells in ("A1:A2", "B1:C1", "D1:D2"):
                sheet.merge_cells(cells)

        [lead] = taken(filled(fill)).leads
        assert (lead.customer, lead.phone, lead.owner_id) == ("样例甲", f"+86{PHONE}", 2)

    def test_hidden_rows_and_sheets_are_left_out_and_named(self) -> None:
        def fill(book: Workbook) -> None:
            words = book.active
            assert words is not None
            words.append(("来源", "阶段", "负责人", "行业"))
            words.sheet_state = "hidden"
            sheet = book.create_sheet("线索")
            for row in (
                ("客户名称", "手机"),
                ("样例甲", PHONE),
                ("样例乙", None),
                ("样例丙", None),
            ):
                sheet.append(row)
            sheet.row_dimensions[3].hidden = True

        read = taken(filled(fill))
        assert [lead.customer for lead in read.leads] == ["样例甲", "样例丙"]
        assert read.said == {3: ["row:hidden"]}
        assert read.file.sheets == ()

    def test_one_that_is_all_hidden_is_read(self) -> None:
        def fill(book: Workbook) -> None:
            assert book.active is not None
            book.create_sheet("seen")
            book.active.append(("客户名称", "手机"))
            book.active.append(("样例甲", PHONE))
            book.active.sheet_state = "hidden"

        assert taken(filled(fill)).leads[0].customer == "样例甲"

    @pytest.mark.parametrize(("chosen", "customer"), [(None, "样例乙"), (0, "Oak"), (1, "样例乙")])
    def test_of_several_sheets_one_is_chosen(self, chosen: int | None, customer: str) -> None:
        def fill(book: Workbook) -> None:
            notes = book.active
            assert notes is not None
            notes.title = "Notes"
            notes.append(("read this first",))
            for title, rows in {
                "Leads": (("Company", "Phone"), ("Oak", None)),
                "客户": (("客户名称", "联系人", "手机", "负责人"), ("样例乙", "乙一", None, None)),
                "Words": (("Source", "Stage"), ("Web", "New")),
            }.items():
                sheet = book.create_sheet(title)
                for row in rows:
                    sheet.append(row)

        read = taken(filled(fill), sheet=chosen)
        assert read.file.sheets == ("Leads", "客户")
        assert read.leads[0].customer == customer

    def test_formulas_without_a_result_are_said_to_be(self) -> None:
        def fill(book: Workbook) -> None:
            assert book.active is not None
            book.active.append(("Company", "Contact", "Amount", "Phone"))
            book.active.append(("Oak", '=CONCATENATE("O","la")', "=1+1", ""))

        assert taken(filled(fill)).said == {2: ["contact:formula", "amount:formula"]}

    def test_days_and_numbers(self) -> None:
        def fill(book: Workbook) -> None:
            assert book.active is not None
            book.active.append(("Company", "Phone", "Created", "Closed", "Stage", "Amount"))
            book.active.append(("Oak", 13812440001, 46300, date(2026, 11, 20), "Won", 125.125))
            book.active.append(("Elm", 13812440002.0, date(2026, 11, 2), 46340.5, "Won", 125000))

        oak, elm = taken(filled(fill)).leads
        assert (oak.phone, str(oak.amount), elm.phone) == (
            f"+86{PHONE}",
            "125.12",
            "+8613812440002",
        )
        assert (oak.created_at.date(), elm.closed_at.date()) == (  # type: ignore[union-attr]
            date(2026, 10, 5), date(2026, 11, 14),
        )  # fmt: skip

    def test_a_sheet_of_its_own_name(self) -> None:
        def fill(book: Workbook) -> None:
            assert book.active is not None
            book.active.append(("Company", "Phone"))
            book.active.append(("Oak", 1))

        sheet = read_sheet(filled(fill))
        assert (sheet.name, sheet.sheets) == ("Sheet", ())
