"""Files that are no valid list of leads: refused with a reason, or read as far as possible."""

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from handlers.core.language import Language
from handlers.core.requests import Request, Upload
from sales.imports.columns import field_of, suggested
from sales.imports.files import read_sheet
from sales.imports.sheet import MOST_COLUMNS, Sheet, Unreadable, reason_by_name
from sales.imports.values import NotADate, order_in, parse_date, stage_of
from sales.leads import Stage
from tests.office import SHANGHAI

GOOD = "客户,联系人,手机\n甲示例科技,王样本,13800001111\n乙示例,李样本,\n"


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    fill(book)
    book.save(written)
    return written.getvalue()


def rows(*rows: tuple[Any, ...]) -> bytes:
    def fill(book: Workbook) -> None:
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]

    return workbook(fill)


def packed(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def bomb() -> bytes:
    """A small archive whose one part unpacks to more than any list holds, as it says itself."""
    content = bytearray(packed({"xl/worksheets/sheet1.xml": b"0" * 1000}))
    place = content.find(b"PK\x01\x02") + 24
    content[place : place + 4] = (300_000_000).to_bytes(4, "little")
    return bytes(content)


def encrypted() -> bytes:
    """Marked as encrypted; what is inside does not matter any more."""
    content = bytearray(rows(("客户",), ("甲",)))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = content.find(mark)
        while place >= 0:
            content[place + (6 if mark[2] == 3 else 8)] |= 1
            place = content.find(mark, place + 4)
    return bytes(content)


def entities(part: str, encoding: str = "utf-8", comment: int = 5_000) -> bytes:
    """A small workbook, one part of which unfolds to 475 MB."""
    source = zipfile.ZipFile(io.BytesIO(rows(("customer",), ("Acme",))))
    parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts.pop("xl/worksheets/sheet1.xml").decode()
    body = sheet[sheet.index("<worksheet") :].replace("Acme", "&a;" * 95)
    kind = f'<!DOCTYPE sst [<!ENTITY a "{"B" * 5_000_000}">]>'
    text = f'<?xml version="1.0" encoding="{encoding}"?><!--{"x" * comment}-->{kind}{body}'
    types = parts["[Content_Types].xml"].decode()
    parts["[Content_Types].xml"] = types.replace("xl/worksheets/sheet1.xml", part).encode()
    relations = parts["xl/_rels/workbook.xml.rels"].decode()
    relations = relations.replace("/xl/worksheets/sheet1.xml", f"/{part}")
    parts["xl/_rels/workbook.xml.rels"] = relations.encode()
    return packed({**parts, part: text.encode(encoding)})


_TYPES = {"[Content_Types].xml": b"<Types/>"}
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b" \n\r\n\t", "empty"),
    "zeros": (bytes(500), "empty"),
    "only a header": ("客户,手机\n".encode(), "only_header"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
    "a photo": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "picture"),
    "a photo of a telephone": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "picture"),
    "a picture of the web": (b"RIFF\x24\x10\0\0WEBPVP8 ", "picture"),
    "a bitmap": (b"BM6\x10\x0e\0\0\0\0\0", "picture"),
    "a packed archive": (b"Rar!\x1a\x07\x01\0", "zip"),
    "a PDF": (b"%PDF-1.7\nplain, text\nbehind, it\n", "document"),
    "a program": (b"\x7fELF\x02\x01\x01\0" + bytes(range(256)), "binary"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked"),
    "an encrypted workbook": (encrypted(), "locked"),
    "an archive": (packed({"list.csv": GOOD.encode()}), "zip"),
    "a zip bomb": (bomb(), "bomb"),
    "a million parts": (packed({**_TYPES, **{f"p{n}": b"" for n in range(1100)}}), "bomb"),
    "half a workbook": (rows(("客户",), ("甲",))[:900], "damaged"),
    "a workbook of nothing": (packed(_TYPES), "damaged"),
    "entities": (
        packed({**_TYPES, "xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]>'}),
        "damaged",
    ),
    "entities behind a comment": (entities("xl/worksheets/sheet1.xml"), "damaged"),
    "entities in UTF-16": (entities("xl/worksheets/sheet1.xml", "utf-16"), "damaged"),
    "entities in a part of another name": (entities("xl/sheet.bin", "utf-8"), "damaged"),
    "a prolog without end": (entities("xl/workbook.xml", comment=100_000), "damaged"),
    "an empty workbook": (rows(), "empty"),
    "200 columns": (",".join(f"c{n}" for n in range(200)).encode() + b"\n1\n", "wide"),
    "200 columns of a workbook": (rows(tuple(f"c{n}" for n in range(200)), (1,)), "wide"),
    "an unknown encoding": ("会社\nサンプル株式会社\n".encode("shift_jis"), "encoding"),
    "broken GB18030": (GOOD.encode("gb18030")[:-3] + b"\xff\xff\n", "encoding"),
    "mixed encodings": (GOOD.encode() * 2 + "丙示例,,\n".encode("gb18030"), "mixed"),
    "a huge cell": (b"customer,need\nA," + b"x" * 200_000 + b"\n", "cell"),
    "a huge cell of a workbook": (rows(("客户", "需求"), ("甲", "x" * 6_000)), "cell"),
    "a quote that never closes": (b'customer\n"' + b"word, " * 2_000, "cell"),
    "half a vCard": (b"BEGIN:VCARD\r\nFN\r\n", "damaged"),
}


class TestRefused:
    @pytest.mark.parametrize("name", REFUSED)
    def test_with_a_reason_that_has_words(self, name: str) -> None:
        content, problem = REFUSED[name]
        with pytest.raises(Unreadable) as refused:
            read_sheet(content)
        assert refused.value.problem == problem
        for locale in ("en", "zh_CN"):
            key = f"import.unreadable_{problem}"
            assert Language(locale, SHANGHAI).text(key, **refused.value.params)

    def test_says_in_which_row(self) -> None:
        with pytest.raises(Unreadable) as refused:
            read_sheet(REFUSED["mixed encodings"][0])
        assert refused.value.params == {"line": 7}
        with pytest.raises(Unreadable) as refused:
            read_sheet(REFUSED["a huge cell"][0])
        assert refused.value.params["row"] == 2


class TestRead:
    @pytest.mark.parametrize(
        ("content", "encoding"),
        [
            (GOOD.encode(), "UTF-8"),
            (GOOD.encode("utf-8-sig"), "UTF-8"),
            (GOOD.encode("gb18030"), "GB18030"),
            (GOOD.encode("gbk"), "GB18030"),
            (GOOD.encode("utf-16"), "UTF-16"),
            (GOOD.replace(",", ";").encode(), "UTF-8"),
            (GOOD.replace(",", "\t").replace("\n", "\r\n").encode(), "UTF-8"),
        ],
    )
    def test_the_same_list_in_every_encoding(self, content: bytes, encoding: str) -> None:
        sheet = read_sheet(content)
        assert (sheet.kind, sheet.encoding) == ("csv", encoding)
        assert sheet.columns == ("客户", "联系人", "手机")
        assert sheet.rows[0].cells == ("甲示例科技", "王样本", "13800001111")
        assert [row.number for row in sheet.rows] == [2, 3]

    def test_a_workbook_with_days_numbers_and_merged_cells(self) -> None:
        def fill(book: Workbook) -> None:
            sheet = book.active
            assert sheet is not None
            sheet.append(("2024年客户名单",))
            sheet.merge_cells("A1:D1")
            sheet.append(())
            sheet.append(("客户", "手机", "日期", "金额"))
            sheet.append(("甲", 13800001111, date(2024, 3, 1), 12.5))
            sheet.append(("乙", "138 0000 2222", date(2024, 3, 2), "=1+1"))
            book.create_sheet("other").append(("not this",))

        sheet = read_sheet(workbook(fill))
        assert (sheet.kind, sheet.columns) == ("xlsx", ("客户", "手机", "日期", "金额"))
        assert sheet.rows[0].cells == ("甲", "13800001111", "2024-03-01", "12.5")
        assert sheet.rows[1].cells[:3] == ("乙", "138 0000 2222", "2024-03-02")
        assert [row.number for row in sheet.rows] == [4, 5]

    def test_the_first_sheet_that_holds_anything(self) -> None:
        def fill(book: Workbook) -> None:
            book.create_sheet("second").append(("客户",))
            book["second"].append(("甲",))

        assert read_sheet(workbook(fill)).rows[0].cells == ("甲",)

    def test_ragged_rows(self) -> None:
        sheet = read_sheet(b"a,b\n1\n1,2,3\n1,2,,\n\n")
        assert [(row.number, row.cells, row.surplus) for row in sheet.rows] == [
            (2, ("1", ""), False),
            (3, ("1", "2", "3"), True),
            (4, ("1", "2"), False),
        ]

    def test_headings_that_stand_twice(self) -> None:
        assert read_sheet(b"phone,phone,\n1,2,3\n").columns == ("phone", "phone (2)")

    @pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
    def test_cards(self, version: str) -> None:
        phone = "TEL;VALUE=uri:tel:+86-138-0000-1111" if version == "4.0" else "TEL:13800001111"
        card = (
            f"BEGIN:VCARD\r\nVERSION:{version}\r\nFN:王样本\r\nN:王;样本\r\nORG:甲示例;销售\r\n"
            f"{phone}\r\nEMAIL:w@a.example\r\nNOTE:long\r\n  line\r\nEND:VCARD\r\n"
        )
        sheet = read_sheet((card * 2).encode())
        assert sheet.kind == "vcard"
        assert len(sheet.rows) == 2
        assert suggested(sheet.columns, [sheet.rows[0].cells]).keys() >= {"customer", "phone"}
        assert sheet.rows[0].cells[1] == "甲示例"
        assert "1380000" in sheet.rows[0].cells[3].replace("-", "")

    def test_cards_with_old_escapes_groups_and_folds(self) -> None:
        card = (
            "BEGIN:VCARD\r\nVERSION:2.1\r\n"
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E6=A0=B7=\r\n=E6=9C=AC;;;\r\n"
            'item1.TEL;TYPE="a:b;c":13800001111\r\nTEL:13900002222\r\n'
            "ORG:A\\; B\\, Ltd;Sales\r\nNOTE:one\\ntwo\r\nthis is no property\r\n"
            "AGENT:\r\nBEGIN:VCARD\r\nFN:Somebody else\r\nEND:VCARD\r\nEND:VCARD\r\n"
        )
        [row] = read_sheet(card.encode()).rows
        assert row.cells == ("王样本", "A; B, Ltd", "", "13800001111; 13900002222", "", "one two",
                             "")  # fmt: skip

    def test_a_name_without_a_written_one(self) -> None:
        card = "BEGIN:VCARD\nN:Sample;Kay;;;\nORG:Acme\nEND:VCARD\n"
        assert read_sheet(card.encode()).rows[0].cells[0] == "Kay Sample"

    def test_nothing_of_a_damaged_card_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        read_sheet(b"BEGIN:VCARD\nFN:Kay\nTEL 13812345678\n;;;\nEND:VCARD\n")
        assert not caplog.records

    @given(st.text(max_size=200))
    def test_any_card_is_read_or_refused(self, text: str) -> None:
        with suppress(Unreadable):
            read_sheet(f"BEGIN:VCARD\nTEL:{text}\nEND:VCARD\n".encode())

    def test_as_many_rows_and_columns_as_may_be(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sales.imports.sheet.MOST_ROWS", 30)
        assert len(read_sheet(b"customer\n" + b"x\n" * 30).rows) == 30
        for long in (b"customer\n" + b"x\n" * 31, b"customer\n" + b"\n" * 70 + b"x"):
            with pytest.raises(Unreadable) as refused:
                read_sheet(long)
            assert (refused.value.problem, refused.value.params) == ("long", {"most": 30})
        wide = read_sheet(",".join(f"c{n}" for n in range(MOST_COLUMNS)).encode() + b"\n1\n")
        assert len(wide.columns) == MOST_COLUMNS

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=400))
    def test_any_bytes_are_a_sheet_or_refused(self, content: bytes) -> None:
        _sheet_or_refused(content)

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=80), st.integers(0, 6000), st.integers(1, 40))
    def test_a_workbook_with_some_bytes_changed(self, new: bytes, at: int, length: int) -> None:
        good = _WORKBOOK
        _sheet_or_refused(good[:at] + new + good[at + length :])

    @settings(max_examples=80, deadline=None)
    @given(st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=6))
    def test_any_cells(self, cells: list[list[str]]) -> None:
        text = "\n".join(",".join(row) for row in cells)
        _sheet_or_refused(text.encode(errors="replace"))


_WORKBOOK = rows(("客户", "手机"), ("甲", "1"), ("乙", 2))


def _sheet_or_refused(content: bytes) -> None:
    try:
        sheet = read_sheet(content)
    except Unreadable as error:
        Language("en", SHANGHAI).text(f"import.unreadable_{error.problem}", **error.params)
        return
    assert isinstance(sheet, Sheet)
    assert sheet.rows
    assert len(set(sheet.columns)) == len(sheet.columns) <= MOST_COLUMNS
    assert all(len(row.cells) >= len(sheet.columns) for row in sheet.rows)


class TestColumns:
    @pytest.mark.parametrize(
        ("heading", "field"),
        [
            ("Customer Name*", "customer"), ("公司名称（必填）", "customer"), ("E-Mail", "email"),
            ("联系电话", "phone"), ("sales_agent", "owner"), ("close_value", "amount"),
            ("engage_date", "created"), ("线索来源", "source"),
            ("Costumer name", "customer"), ("x", ""), ("", ""), ("备用", ""), ("id", ""),
        ],
    )  # fmt: skip
    def test_are_known_by_their_headings(self, heading: str, field: str) -> None:
        assert field_of(heading) == field

    def test_are_known_by_their_values_else(self) -> None:
        cells = [("A", "13800001111", "a@b.example"), ("B", "", "c@d.example")]
        assert suggested(("x", "y", "z"), cells) == {"email": 2, "phone": 1}

    def test_each_is_taken_once(self) -> None:
        assert suggested(("Phone", "Mobile", "Name", "Company"), []) == {
            "phone": 0, "contact": 2, "customer": 3,
        }  # fmt: skip


class TestDays:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2024-03-01", date(2024, 3, 1)), ("2024/3/1 08:30", date(2024, 3, 1)),
            ("2024年3月1日", date(2024, 3, 1)), ("20240301", date(2024, 3, 1)),
            ("3/1/2024", date(2024, 1, 3)), ("13/1/2024", date(2024, 1, 13)),
        ],
    )  # fmt: skip
    def test_day_first(self, text: str, day: date) -> None:
        assert parse_date(text, "dmy") == day

    @pytest.mark.parametrize("text", ["", "soon", "2024-02-30", "13/13/2024", "24-1-1", "0/0/0000"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(NotADate):
            parse_date(text, "mdy")

    def test_the_file_tells_its_order_where_it_can(self) -> None:
        assert order_in(["1/2/2024", "10/20/2024"]) == "mdy"
        assert order_in(["1/2/2024", "20/10/2024"]) == "dmy"
        assert order_in(["1/2/2024"]) is None
        assert order_in(["20/10/2024", "10/20/2024"]) is None


def test_stages_of_other_systems() -> None:
    assert [stage_of(text) for text in ("Closed-Won", "赢单", "Engaging", "公海", "?")] == [
        Stage.WON, Stage.WON, Stage.DISCOVERY, None, None,
    ]  # fmt: skip


def test_marks_that_turn_the_writing_are_gone() -> None:
    from handlers.imports.actions import prepare

    content = "客户\u202e,手机\n甲\u2066示例\u2069\0,1\n".replace("\0", "").encode()
    request = Request("x", "import.take", None, None, upload=Upload("f.csv", content))  # type: ignore[arg-type]
    read = prepare(request).prepared
    headings, rows = (json.loads(page) for page in read.pages)
    assert (headings[0], rows[0][2][0]) == ("客户", "甲示例")


class TestByName:
    @pytest.mark.parametrize(
        ("name", "problem", "expected"),
        [
            ("名片.jpg", "encoding", "picture"),
            ("IMG_0001.HEIC", "binary", "picture"),
            ("截图.png", "only_header", "picture"),
            ("合同.pdf", "encoding", "document"),
            ("说明.docx", "damaged", "document"),
            ("名单.zip", "damaged", "zip"),
            ("名单.xls", "binary", "locked"),
            ("名单.csv", "encoding", "encoding"),
            ("名单", "encoding", "encoding"),
            ("jpg", "encoding", "encoding"),
            ("名片.jpg", "empty", "empty"),
        ],
    )
    def test_a_file_is_called_what_it_is(self, name: str, problem: str, expected: str) -> None:
        assert reason_by_name(name, Unreadable(problem)).problem == expected

    def test_a_list_that_begins_like_a_bitmap_is_read(self) -> None:
        assert read_sheet("BM公司,电话\nA科技,13800001111\n".encode()).rows
