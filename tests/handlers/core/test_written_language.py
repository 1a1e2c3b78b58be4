"""The language of an answer: what somebody writes in, their platform's word, what they wrote in."""

from dataclasses import replace

import pytest

from handlers.core.requests import Conversation, Request, Sender
from handlers.core.written_language import written_locale
from sales.people import Person, Role
from tests.office import Office


def asked(typed: str, profile: str = "") -> Request:
    sender = Sender("desk", "x", locale=profile)
    return Request("desk:1", "help.open", sender, Conversation("desk", "x", True), typed=typed)


def somebody(locale: str) -> Person:
    return Person(id=1, name="X", role=Role.REP, team_id=1, locale=locale)


class TestWithoutAProfile:
    @pytest.mark.parametrize(
        "line",
        [
            "帮助", "/跟进 LX001 call", "录线索", "跟进LX001", "你好", "/lead A科技",
            "/followup LX001 电话 需要同行案例 下周五发方案", "请问怎么用", "ｇ 帮我看看",
        ],
    )  # fmt: skip
    def test_chinese_words_ask_for_chinese(self, line: str) -> None:
        assert written_locale(asked(line)) == "zh_CN"

    @pytest.mark.parametrize(
        "line",
        ["/followup LX001 call wants a case by friday", "what can you do", "/lead show me all"],
    )
    def test_an_english_sentence_asks_for_english(self, line: str) -> None:
        assert written_locale(asked(line)) == "en"

    @pytest.mark.parametrize(
        "line", ["", "/genjin", "/lead", "help", "hi", "LX001", "/lead LX001", "ok", "123", "👍"]
    )
    def test_a_bare_command_tells_nothing(self, line: str) -> None:
        assert written_locale(asked(line)) == ""

    def test_a_customers_name_does_not_turn_the_language(self) -> None:
        assert written_locale(asked("/lead A科技"), somebody("en")) == ""
        assert written_locale(asked("/lead A科技"), somebody("")) == "zh_CN"
        assert written_locale(asked("漏斗"), somebody("en")) == "zh_CN"

    @pytest.mark.parametrize("line", ["Dear Sir\nwe want to buy a lot", "we want to buy " * 30])
    def test_what_was_pasted_tells_nothing(self, line: str) -> None:
        assert written_locale(asked(line)) == ""


class TestWithAProfile:
    @pytest.mark.parametrize(
        ("line", "profile", "told"),
        [
            ("漏斗", "en-US", "zh_CN"),
            ("/跟进 LX001 电话", "en-US", "zh_CN"),
            ("你好", "en-US", "zh_CN"),
            ("/lead A科技", "en-US", ""),
            ("/followup LX001 电话 需要同行案例", "en-US", ""),
            ("张女士想要报价，手机 13800000000", "en-US", ""),
            ("/pipeline", "zh-CN", ""),
            ("/followup LX001 call wants a case by friday", "zh-CN", ""),
            ("hello", "zh-CN", ""),
        ],
    )
    def test_only_a_chinese_command_or_greeting_asks_for_another(
        self, line: str, profile: str, told: str
    ) -> None:
        assert written_locale(asked(line, profile)) == told


class TestAnswers:
    def write(self, office: Office, typed: str, locale: str = "") -> str:
        request = office.request("robin", "help.open", locale=locale)
        card = office.send(replace(request, typed=typed)).card
        assert card
        return card.title

    def test_what_is_written_now_wins_and_is_remembered(self, office: Office) -> None:
        words = {
            locale: office.world.languages(locale).text("help.title") for locale in ("en", "zh_CN")
        }
        office.change_person("robin", lambda robin: replace(robin, locale=""))
        assert self.write(office, "/genjin") == words["en"]
        assert self.write(office, "帮助") == words["zh_CN"]
        assert office.person("robin").locale == "zh_CN"
        assert self.write(office, "/genjin") == words["zh_CN"]
        assert self.write(office, "what can you do") == words["en"]
        assert office.person("robin").locale == "en"

    def test_a_profile_stays_what_is_remembered(self, office: Office) -> None:
        words = office.world.languages("zh_CN").text("help.title")
        assert self.write(office, "帮助", locale="en-US") == words
        assert office.person("robin").locale == "en"
