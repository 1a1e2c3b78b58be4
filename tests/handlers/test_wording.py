"""The kinds of words readers must not meet: another country's habits, dialect, half sentences."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.core.commands import COMMANDS, FIRST_COMMANDS
from handlers.core.language import Language
from handlers.core.ui import Card
from handlers.texts.__main__ import FOR_ADMINS, catalogue, forms
from sales.amounts import parse_budget
from sales.countries import Countries
from sales.examples import examples
from sales.people import Role
from sales.phones import parse_phone
from sales.playbook.shipped import shipped
from tests.office import Office

ABROAD = [("GB", "GBP"), ("DE", "EUR"), ("US", "USD")]
CHINESE_HABITS = re.compile(
    r"[\u3000-\u303f\u4e00-\u9fff]|\b138|\bChina\b|\bCNY\b|\bRMB\b|¥|Shanghai"
)
COMMAND = re.compile(r"/(?:" + "|".join(command.name for command in COMMANDS) + r")\b")
DIALECT = re.compile(
    r"这一项要填|再看日期|再看一眼|看一眼|本人致电|暗示|不买的理由|我不接|不导入了|不填了|再要一|没那么热"
    r"|你这个角色|没动静|没有动静|卡住|卡在|碰到|没人接|谁都可以|搞|弄错|咋|啥|瞧|不对劲|趁|拍板"
    r"|资料库|知识库|[^服]主管|接单|公司以外的人"
)
QUOTES = (
    "setup.ask_currency",
    "setup.hint_client_id",
    "setup.refused_dingtalk",
    "setup.scope_",
    "health.dingtalk.",
)
"""Texts of the wizard that name currencies, or say what DingTalk's console says in Chinese."""
LONGEST_HELP = 400


def language_of(country: str, currency: str, locale: str = "en") -> Language:
    return Language(locale, ZoneInfo("UTC"), currency, countries=Countries(country))


class _Blank(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""


def rendered(language: Language) -> dict[str, str]:
    """Every text as a reader of the company's sees it, with nothing in its own placeholders."""
    country = language.countries.home
    shown = _Blank(examples(country, language.currency, language.locale))
    return {
        f"{key}/{number}": text.format_map(shown)
        for key, message in catalogue(language.locale).items()
        for number, text in enumerate(forms(message))
    }


@pytest.mark.parametrize(("country", "currency"), ABROAD)
class TestAbroad:
    def test_no_text_shows_chinese_habits(self, country: str, currency: str) -> None:
        texts = rendered(language_of(country, currency))
        habits = {key for key, text in texts.items() if CHINESE_HABITS.search(text)}
        assert {key for key in habits if not key.startswith(QUOTES)} == set()

    def test_shipped_regions_and_holidays_are_the_country_s(
        self, country: str, currency: str
    ) -> None:
        rules = shipped(country)
        assert rules.working_hours.country == country
        labels = [term.en for term in rules.vocabulary.regions]
        assert not [label for label in labels if CHINESE_HABITS.search(label)]

    def test_examples_are_read_as_they_are_shown(self, country: str, currency: str) -> None:
        style = language_of(country, currency).amount_style
        shown = examples(country, currency, "en")
        assert parse_phone(shown["example_phone"], country)
        for name in ("example_budget", "example_amount", "example_limit", "example_price"):
            for written in shown[name].split(" or "):
                assert parse_budget(written, 1, style)


class TestShipped:
    def test_a_country_without_its_own_list_is_divided_by_compass(self) -> None:
        assert [term.en for term in shipped("FR").vocabulary.regions][:2] == ["North", "East"]
        assert shipped("FR").working_hours.country == "FR"

    def test_at_home_nothing_changes(self) -> None:
        assert shipped("CN").vocabulary.regions[0].zh == "华东"


class TestChinese:
    def test_no_dialect_and_no_second_name_of_a_concept(self) -> None:
        texts = rendered(language_of("CN", "CNY", "zh_CN"))
        assert {key: text for key, text in texts.items() if DIALECT.search(text)} == {}

    def test_chinese_commands_come_first(self) -> None:
        texts = {
            key: text
            for key, text in rendered(language_of("CN", "CNY", "zh_CN")).items()
            if not key.startswith((*FOR_ADMINS, "run."))
        }
        bare = {key: re.sub(r"（/\w+）", "", text) for key, text in texts.items()}
        assert {key: text for key, text in bare.items() if COMMAND.search(text)} == {}

    def test_examples_are_chinese(self) -> None:
        text = language_of("CN", "CNY", "zh_CN").text
        assert "15-20万" in text("lead.budget_example")
        assert "138 1234 5678" in text("problem.phone", typed="x")


class TestEnglish:
    def test_examples_begin_alike(self) -> None:
        texts = rendered(language_of("GB", "GBP"))
        assert {key: text for key, text in texts.items() if "e.g." in text} == {}


class TestNearMoment:
    def test_names_the_weekday_within_six_days_and_the_date_beyond(self) -> None:
        language = language_of("CN", "CNY", "zh_CN")
        now = datetime(2024, 3, 1, 9, tzinfo=UTC)
        assert language.near_moment(datetime(2024, 3, 4, 18, tzinfo=UTC), now) == "周一 18:00"
        assert "3月8日" in language.near_moment(datetime(2024, 3, 8, 18, tzinfo=UTC), now)


def length(card: Card) -> int:
    lines = [line for section in card.sections for line in (section.heading, *section.lines)]
    return sum(map(len, (card.title, card.body, card.footnote, *lines)))


class TestHelp:
    @pytest.mark.parametrize("who", ["robin", "max"])
    def test_is_five_things_for_the_role_and_a_button_to_the_rest(
        self, office: Office, who: str
    ) -> None:
        card = office.ask(who, "help.open").card
        assert card is not None
        assert length(card) <= LONGEST_HELP
        assert len(card.sections[0].lines) <= FIRST_COMMANDS
        assert "help.all" in [button.action for button in card.buttons]

    def test_everything_else_is_one_press_away(self, office: Office) -> None:
        whole = office.ask("max", "help.all").card
        assert whole is not None
        said = "\n".join(line for section in whole.sections for line in section.lines)
        for command in COMMANDS:
            assert f"/{command.name}" in said
        assert office.people["max"].role is Role.MANAGER
