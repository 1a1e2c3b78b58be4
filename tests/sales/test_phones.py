"""Phone numbers in cells, forms and signatures, read for a country."""

import pytest

from sales.imports.vcards import cards_in
from sales.phones import CellPhones, NotAPhone, parse_phone, phones_of_cell

CELLS = [
    ("'13812340002", "+8613812340002"),
    ("13812340003.0", "+8613812340003"),
    ("0086-138 1234 0004", "+8613812340004"),
    ("00 86 138 1234 0004", "+8613812340004"),
    ("86 13812340005", "+8613812340005"),
    ("+86 (0)138-1234-0005", "+8613812340005"),
    ("86-0571-88889999", "+8657188889999"),
    ("１３８１２３４０００６", "+8613812340006"),
    ("＋８６　１３８　１２３４　０００６", "+8613812340006"),
    ('="13812340010"', "+8613812340010"),
    ("1.3812340012E+10", "+8613812340012"),
    ("138-1234-0011(微信同号)", "+8613812340011"),
    ("13812340011（同微信）", "+8613812340011"),
    ("138.1234.0011 微信同号", "+8613812340011"),
    ("\u202d13812340012\u202c", "+8613812340012"),
    ("\u200e+86\u00a0138\u00a01234\u00a00012", "+8613812340012"),
    ("手机：13812340013；", "+8613812340013"),
    ("tel:+86-138-1234-0013", "+8613812340013"),
    ("☎ 0571-88889999", "+8657188889999"),
    ("400-820-8820", "+864008208820"),
    ("400-820-8820转6", "+864008208820;ext=6"),
    ("95588", "+8695588"),
    ("0571-88889009-802", "+8657188889009;ext=802"),
    ("0571－88889009－802", "+8657188889009;ext=802"),
    ("(0571)88889009 转 802", "+8657188889009;ext=802"),
    ("0571-88889009（分机802）", "+8657188889009;ext=802"),
    ("0571-88889009 分机号：802", "+8657188889009;ext=802"),
    ("0571-88889009 x204", "+8657188889009;ext=204"),
    ("+8657188889009;ext=802", "+8657188889009;ext=802"),
    ("+1 415 555 0132 ext. 204", "+14155550132;ext=204"),
    ("+1 415-555-0132, extension 204", "+14155550132;ext=204"),
    ("+44 (0)20 7946 0018", "+442079460018"),
]


class TestCells:
    @pytest.mark.parametrize(("cell", "number"), CELLS)
    def test_one_number_however_it_is_wrapped(self, cell: str, number: str) -> None:
        assert phones_of_cell(cell) == CellPhones((number,))
        assert parse_phone(cell) == number
        assert parse_phone(number) == number

    @pytest.mark.parametrize(
        ("cell", "numbers"),
        [
            ("13812340007/13812340017", ("+8613812340007", "+8613812340017")),
            ("13812340008 13812340018", ("+8613812340008", "+8613812340018")),
            ("138 1234 0008 139 1234 0018", ("+8613812340008", "+8613912340018")),
            ("13812340008、13812340018，13812340028",
             ("+8613812340008", "+8613812340018", "+8613812340028")),
            ("13812340008 or 13812340018", ("+8613812340008", "+8613812340018")),
            ("13812340008\n13812340008", ("+8613812340008",)),
            ("0571-88889999/88889998", ("+8657188889999", "+8657188889998")),
            ("0571-88889999; 13812340007", ("+8613812340007", "+8657188889999")),
            ("电话：0571-88889999转802 手机：13812340007",
             ("+8613812340007", "+8657188889999;ext=802")),
            ("Fax: +44 20 7946 0959 | Tel: +44 20 7946 0958 | Mobile: +44 7911 123456",
             ("+447911123456", "+442079460958", "+442079460959")),
            ("F: +1 206 555 0120, M: +1 206 555 0121", ("+12065550121", "+12065550120")),
        ],
    )  # fmt: skip
    def test_several_mobiles_before_landlines_before_faxes(
        self, cell: str, numbers: tuple[str, ...]
    ) -> None:
        assert phones_of_cell(cell) == CellPhones(numbers)

    @pytest.mark.parametrize(
        ("cell", "key"),
        [
            ("1.38124E+10", "phone_digits_lost"),
            ("13812340007/1381234", "phone"),
            ("13812345678-2", "phone"),
            ("王经理13812345678", "phone"),
            ("call me", "phone"),
            ("1" * 400, "phone"),
        ],
    )
    def test_says_what_it_could_not_read(self, cell: str, key: str) -> None:
        read = phones_of_cell(cell)
        assert read.unread
        assert read.problem is not None
        assert read.problem.key == key

    def test_nothing_is_nothing(self) -> None:
        assert phones_of_cell(" ; ") == CellPhones()
        assert CellPhones().first == ""


class TestCountries:
    @pytest.mark.parametrize(
        ("typed", "region", "number"),
        [
            ("(212) 555-0134", "US", "+12125550134"),
            ("1-212-555-0134", "US", "+12125550134"),
            ("(415) 555-0132-204", "US", "+14155550132;ext=204"),
            ("020 7946 0958", "GB", "+442079460958"),
            ("030 901820", "DE", "+4930901820"),
            ("6123 4567", "SG", "+6561234567"),
            ("+86 138 1234 5678", "US", "+8613812345678"),
            ("0086 138 1234 5678", "US", "+8613812345678"),
            ("57188889999", "CN", "+8657188889999"),
            ("98765 43210", "IN", "+919876543210"),
        ],
    )
    def test_reads_the_numbers_of_the_country(self, typed: str, region: str, number: str) -> None:
        assert parse_phone(typed, region) == number

    @pytest.mark.parametrize(
        ("typed", "region", "reading"),
        [
            ("(212) 555-0134", "CN", "+1 212-555-0134 (US)"),
            ("212.555.0134", "CN", "+1 212-555-0134 (US)"),
            ("2125550134", "CN", "+1 212-555-0134 (US)"),
            ("1-800-555-0134", "CN", "+1 800-555-0134 (US)"),
            ("(212) 555-0134", "DE", "+1 212-555-0134 (US)"),
            ("(212) 555-0134 ext. 12", "CN", "+1 212-555-0134 (US)"),
            ("6123 4567", "CN", "+65 6123 4567 (SG)"),
            ("13812345678", "US", "+86 138 1234 5678 (CN)"),
            ("136 0234 5678", "US", "+86 136 0234 5678 (CN)"),
            ("010-6552 9988", "US", "+86 10 6552 9988 (CN)"),
        ],
    )
    def test_asks_about_a_number_that_looks_like_another_country_s(
        self, typed: str, region: str, reading: str
    ) -> None:
        with pytest.raises(NotAPhone) as refused:
            parse_phone(typed, region)
        assert refused.value.problem.key == "phone_country"
        assert reading in refused.value.problem.params["readings"]


class TestCards:
    @pytest.mark.parametrize(
        ("lines", "phones"),
        [
            (["TEL;TYPE=WORK,FAX:+1 206 555 0120", "TEL;TYPE=CELL:+1 206 555 0121"],
             ("+12065550121", "+12065550120")),
            (["TEL;WORK;FAX:+1 206 555 0120", "TEL;WORK;VOICE:+1 206 555 0121"],
             ("+12065550121", "+12065550120")),
            (['TEL;VALUE=uri;TYPE="work,fax":tel:+1-206-555-0120',
              'TEL;VALUE=uri;TYPE="voice,work":tel:+1-206-555-0121;ext=204'],
             ("+12065550121;ext=204", "+12065550120")),
            (["item1.TEL;TYPE=HOME:0571-88889999", "item2.TEL;TYPE=pref,CELL:13812340007"],
             ("+8613812340007", "+8657188889999")),
            (["TEL;TYPE=WORK:0571-88889999-802"], ("+8657188889999;ext=802",)),
            (["TEL;TYPE=FAX:0571-88889999"], ("+8657188889999",)),
        ],
    )  # fmt: skip
    def test_a_fax_is_never_the_number_to_call(
        self, lines: list[str], phones: tuple[str, ...]
    ) -> None:
        text = "\n".join(["BEGIN:VCARD", "FN:Ida Berg", *lines, "END:VCARD"])
        [header, row] = cards_in(text)
        assert phones_of_cell(row[header.index("phone")]) == CellPhones(phones)
