"""Which forms of a person are found in a text, and which are left."""

import time

import pytest

from sales.erasure import ERASED, PersonForms
from sales.erasure.forms import TextEraser
from sales.erasure.names import full_names, names_in, same_name

ZHANG = PersonForms(("Zhang Sample",), ("+8613812345678", "zhang@acme.example", "zs_wx88"))
WANG = PersonForms(("王小样",), ("+8613912345678",))


def far(forms: PersonForms, text: str) -> str:
    return TextEraser(forms).clean(text)


def near(forms: PersonForms, text: str) -> str:
    return TextEraser(forms).clean(text, near=True)


class TestAnywhere:
    @pytest.mark.parametrize(
        "text",
        [
            "Zhang Sample",
            "ZHANG SAMPLE",
            "Sample, Zhang",
            "zhang.sample",
            "ZhangSample",
            "Z. Sample",
            "138 1234 5678",
            "+86 138-1234-5678",
            "008613812345678",
            "１３８１２３４５６７８",
            "幺三八一二三四五六七八",
            "138****5678",
            "zhang@acme.example",
            "Zhang@ACME.example",
            "zhang ＠ acme.example",
            "z***@acme.example",
            "ZS_WX88",
        ],
    )
    def test_removes_what_names_the_person(self, text: str) -> None:
        assert far(ZHANG, f"call {text}, today") == f"call {ERASED}, today"

    @pytest.mark.parametrize(
        "text",
        [
            "138－1234－5678",
            "138‑1234‑5678",
            "(+86) 138 1234 5678",
            "+86 (138) 1234-5678",
            "\u202a+86 138 1234 5678\u202c",
            "138\u200b1234\u200b5678",
            "١٣٨١٢٣٤٥٦٧٨",
            "tel:+8613812345678",
            "zhang+news@acme.example",
            "zhang [at] acme.example",
            "zhang(at)acme(dot)example",
            "zhang@acme．example",
            "sample zhang",
            "Ｚｈａｎｇ　Ｓａｍｐｌｅ",
            "Zháng Sämple",
            "Zha\u0301ng Sample",
        ],
    )
    def test_removes_what_people_and_keyboards_make_of_it(self, text: str) -> None:
        cleaned = far(ZHANG, f"call {text}, today")
        assert ERASED in cleaned
        assert not any(part in cleaned.casefold() for part in ("1234", "sample", "acme", "٢٣"))

    @pytest.mark.parametrize(
        "text", ["zhang@acme.example", "zs_wx88", "13812345678", "Sample Zhang"]
    )
    def test_removes_it_between_chinese_words(self, text: str) -> None:
        assert far(ZHANG, f"请发到{text}谢谢") == f"请发到{ERASED}谢谢"

    def test_finds_an_address_by_its_plus_tag(self) -> None:
        tagged = PersonForms((), ("zhang+crm@acme.example",))
        assert far(tagged, "to zhang@acme.example") == f"to {ERASED}"

    @pytest.mark.parametrize(
        "typed", ["王小样", "王小样总", "王小样经理", "王小样（总经理）", "王小样 Wang Xiaoyang"]
    )
    def test_knows_the_name_beside_a_title(self, typed: str) -> None:
        assert far(PersonForms((typed,)), "王小样总同意") == f"{ERASED}总同意"

    @pytest.mark.parametrize(
        "text", ["Müller, Jörg", "Joerg Mueller", "JÖRG MÜLLER", "jorg muller"]
    )
    def test_removes_a_name_with_and_without_its_marks(self, text: str) -> None:
        assert far(PersonForms(("Jörg Müller",)), f"call {text}") == f"call {ERASED}"

    @pytest.mark.parametrize("text", ["王小样", "王 小样", "王小 样", "139 1234 5678"])
    def test_removes_a_chinese_name_amid_words(self, text: str) -> None:
        assert far(WANG, f"请联系{text}吧") == f"请联系{ERASED}吧"

    @pytest.mark.parametrize(
        "text",
        [
            "Sample order",
            "a sample",
            "Zhangsamples",
            "13812345679",
            "113812345678",
            "138123456789",
            "li@acme.example",
            "Zhang",
            "the zs_wx881",
        ],
    )
    def test_leaves_others(self, text: str) -> None:
        assert far(ZHANG, text) == text

    def test_leaves_parts_of_a_chinese_name(self) -> None:
        assert far(WANG, "王总说小样要改") == "王总说小样要改"


class TestOnTheirOwnLead:
    @pytest.mark.parametrize(
        "text", ["王总", "王经理", "王 女士", "小王", "老王", "小样", "王小样"]
    )
    def test_removes_what_colleagues_say(self, text: str) -> None:
        assert near(WANG, f"{text}同意了") == f"{ERASED}同意了"

    @pytest.mark.parametrize("text", ["Mr Sample", "Mr. Zhang", "Zhang", "SAMPLE", "Sample经理"])
    def test_removes_titles_and_single_names(self, text: str) -> None:
        assert near(ZHANG, f"{text} agreed") == f"{ERASED} agreed"

    def test_leaves_the_same_word_without_a_capital(self) -> None:
        assert near(ZHANG, "send a sample") == "send a sample"

    def test_removes_whatever_looks_like_a_contact(self) -> None:
        assert near(ZHANG, "his office: 021-6234 5678") == f"his office: {ERASED}"

    @pytest.mark.parametrize("typed", ["王总", "王经理"])
    def test_takes_a_title_for_a_family_name(self, typed: str) -> None:
        forms = PersonForms((typed,))
        assert near(forms, "王女士和小王") == f"{ERASED}和{ERASED}"
        assert far(forms, "王总") == "王总"


class TestAboutTheirLead:
    def cleaned(self, text: str) -> str:
        return TextEraser(WANG, (), (1, 12)).clean_stored(text)

    @pytest.mark.parametrize("number", ["LX001", "lx1", "LX012"])
    def test_removes_what_colleagues_say_and_keeps_other_contacts(self, number: str) -> None:
        text = f"{number} 王总同意，请打 021-6234 5678"
        assert self.cleaned(text) == f"{number} {ERASED}同意，请打 021-6234 5678"

    @pytest.mark.parametrize("number", ["LX002", "LX0011", "XLX001", "LX"])
    def test_leaves_other_leads(self, number: str) -> None:
        assert self.cleaned(f"{number} 王总同意") == f"{number} 王总同意"

    def test_a_card_of_their_lead_is_about_it_in_all_its_parts(self) -> None:
        assert "王总" not in self.cleaned('{"title": "LX001", "body": ["王总同意"]}')
        assert "王总" not in self.cleaned('{"lead_id": 1, "body": ["王总同意"]}')
        several = '{"title": "LX001", "rows": ["LX002", "王总同意"]}'
        assert self.cleaned(several) == several


class TestStored:
    def test_changes_only_values_within_json(self) -> None:
        stored = '{"kind": "call", "who": ["王小样", 3], "inner": "[\\"王小样\\"]"}'
        cleaned = TextEraser(WANG).clean_stored(stored)
        assert "王小样" not in cleaned
        assert '"kind": "call"' in cleaned

    def test_leaves_what_looks_like_json(self) -> None:
        assert TextEraser(WANG).clean_stored("{王小样") == "{" + ERASED


class TestNames:
    def test_are_the_same_in_another_order(self) -> None:
        assert same_name("Li Lei") == same_name("lei, LI") == same_name("Mr. Lei Li")
        assert same_name("李雷") == same_name("李雷总") != same_name("李雷雷")
        assert same_name("李总") != same_name("李经理")

    def test_of_two_scripts_are_two(self) -> None:
        assert names_in("王小样 Wang Xiaoyang") == ("王小样", "Wang Xiaoyang")

    def test_are_split(self) -> None:
        assert names_in("王小样/李小例") == ("王小样", "李小例")
        assert names_in("Jane Sample (CFO)") == ("Jane Sample", "CFO")

    def test_are_full_without_a_title(self) -> None:
        assert full_names(("王总", "王小样", "Jane", "Jane Sample", "Mr Sample")) == (
            "王小样",
            "Jane Sample",
        )

    def test_are_compared_without_case_and_blanks(self) -> None:
        assert same_name("Zhang  SAMPLE") == same_name("ｚhang.sample")


def test_is_linear() -> None:
    eraser = TextEraser(ZHANG | WANG)
    for piece in ("1 ", "138 1234 567", "王", "zhang ", "a@", "Z.", "+86"):
        text = piece * (100_000 // len(piece))
        began = time.thread_time()
        eraser.clean(text, near=True)
        assert time.thread_time() - began < 2, piece
