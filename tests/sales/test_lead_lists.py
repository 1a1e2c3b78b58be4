"""Lists of leads: the one line by which people ask for them, and the text that buttons carry."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import pytest

from sales.errors import FilterTooLong
from sales.lead_lists import (
    ANYTHING,
    LONGEST,
    CloseDate,
    DayRange,
    Exclusion,
    LastDays,
    LeadFigure,
    LeadQuery,
    LeadSort,
    LostPart,
    Moments,
    NextStep,
    Period,
    QueryField,
    Status,
    decode,
    describe,
    encode,
    nearest_phrase,
    parse_list,
)
from sales.lead_lists.moments import days_of
from sales.lead_lists.order import customer_order, source_key
from sales.leads import OPEN_STAGES, Grade
from sales.playbook.vocabulary import Vocabulary, terms
from sales.reports import Number
from tests.sales.list_names import NAMES

WEDNESDAY = date(2026, 11, 25)
LINES = [
    tuple([*line.split("\t"), "", ""][:3])
    for line in Path(__file__).with_name("lead_lists.tsv").read_text().splitlines()
]


class TestParseList:
    def test_reads_every_line(self) -> None:
        """All in one test: one for each would take ten times as long."""
        wrong = {}
        for line, expected, unread in LINES:
            parsed, wanted = parse_list(line, NAMES, WEDNESDAY), decode(expected)
            assert not wanted.lost, expected
            found = (
                parsed.query,
                parsed.sort or LeadSort.PRESSING,
                "|".join(words.words for words in parsed.unread),
            )
            if found != (wanted.query, wanted.sort, unread):
                wrong[line] = found
        assert wrong == {}

    def test_a_line_that_is_too_long_says_so(self) -> None:
        parsed = parse_list("east " + "x" * 400, NAMES, WEDNESDAY)
        assert parsed.query.regions == ("east",)
        assert parsed.unread[-1].end == 405

    def test_says_where_what_it_did_not_understand_stands(self) -> None:
        line = "east  who never answered"
        (unread,) = parse_list(line, NAMES, WEDNESDAY).unread
        assert line[unread.start : unread.end] == unread.words == "who never answered"

    def test_every_character_is_read_or_said(self) -> None:
        """What is no filter, text or filler is among the words that were not understood."""
        parsed = parse_list("blub! east 42 not hot 上个月", NAMES, WEDNESDAY)
        assert parsed.query == LeadQuery(regions=("east",), text="blub")
        assert [one.words for one in parsed.unread] == ["42", "not hot", "上个月"]


class TestNearestPhrase:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("overdu", "overdue"),
            ("ovredue", "overdue"),
            ("Overduee", "overdue"),
            ("proposel", "proposal"),
            ("逾其", "逾期"),
            ("谈叛", "谈判"),
            ("高价直", "高价值"),
            ("Robn", "robin"),
        ],
    )
    def test_finds_the_word_behind_a_slip(self, typed: str, meant: str) -> None:
        assert nearest_phrase(typed, NAMES) == meant

    @pytest.mark.parametrize("typed", ["", "x", "esat", "华为", "Alder", "甲示例科技", "a" * 200])
    def test_says_nothing_where_it_may_be_several_or_a_name(self, typed: str) -> None:
        assert nearest_phrase(typed, NAMES) in ("", "east")


_T = TypeVar("_T")


def _some(random: Random, values: Iterable[_T], chance: float = 0.25) -> tuple[_T, ...]:
    every = list(values)
    return (
        tuple(random.sample(every, random.randint(1, min(3, len(every)))))
        if random.random() < chance
        else ()
    )


def _query(random: Random) -> LeadQuery:
    """A query as a form may make it."""

    def keys(name: str) -> list[str]:
        return [term.key for term in getattr(NAMES.vocabulary, name)]

    def often(value: Any, chance: float = 0.1) -> Any:
        return value if random.random() < chance else None

    days = DayRange(date(2026, 10, 1), date(2026, 11, 3))
    windows = (*Period, days, DayRange(days.first, days.first), LastDays(30))
    stages = _some(random, OPEN_STAGES)
    status = random.choice((Status.OPEN, *([] if stages else Status)))
    excluded = {
        QueryField.STAGE: ["captured", "proposal", "nurture", "lost"],
        QueryField.REGION: keys("regions"),
        QueryField.SOURCE: keys("sources"),
        QueryField.STEP: ["overdue", "today"],
        QueryField.CLOSE: ["overdue", "none", "this_month", "next_quarter"],
        QueryField.OWNER: ["1", "4", "5"],
        QueryField.TEAM: ["1", "2", "3"],
    }
    field = random.choice(list(excluded))
    low = random.choice((None, None, Decimal(50_000)))
    return LeadQuery(
        status=status,
        stages=stages,
        grades=_some(random, Grade),
        sources=_some(random, keys("sources")),
        regions=_some(random, keys("regions")),
        industries=_some(random, keys("industries")),
        products=_some(random, keys("products")),
        owners=_some(random, range(1, 7), 0.15),
        mine=random.random() < 0.1,
        nobody=random.random() < 0.1,
        teams=_some(random, (1, 2, 3), 0.1),
        low=low,
        high=random.choice((None, None, Decimal(200_000))),
        newer=often(7),
        older=often(90),
        quiet=often(30),
        in_stage=often(14),
        late=often(1),
        steps=_some(random, NextStep, 0.2),
        due_within=often(3),
        due=often(days),
        closes=_some(random, CloseDate, 0.2),
        closing=often(days),
        hot=random.random() < 0.1,
        uncontacted=random.random() < 0.1,
        created=often(random.choice(windows)),
        closed=None if stages else often(random.choice(windows)),
        text=random.choice(("", "", "Acme", "华东 电气", "not east 10万", 'a "b"')),
        excluded=tuple(
            Exclusion(field, value) for value in _some(random, excluded[field], 0.2)[:2]
        ),
    )


class TestDescribed:
    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    def test_words_typed_again_give_the_same_query(self, locale: str) -> None:
        random = Random(5)  # noqa: S311 - chance, not a secret
        for _ in range(400):
            query, sort = _query(random), random.choice(list(LeadSort))
            today = random.choice((None, WEDNESDAY))
            words = " · ".join(one.words for one in describe(query, NAMES, locale, sort, today))
            if len(words) > 300:
                continue
            parsed = parse_list(words, NAMES, WEDNESDAY)
            assert (parsed.query, parsed.sort, parsed.unread) == (query, sort, ()), words

    @pytest.mark.parametrize("near", [-300, -200, -90, -5, 0, 9, 120, 200, 290])
    @pytest.mark.parametrize("name", ["created", "closed", "due", "closing"])
    def test_days_are_said_as_people_say_them(self, name: str, near: int) -> None:
        first = WEDNESDAY + timedelta(days=near)
        for days in (DayRange(first, first), DayRange(first, first + timedelta(days=3))):
            query = LeadQuery(**cast("dict[str, Any]", {name: days}))
            for locale in ("en", "zh_CN"):
                said = " · ".join(
                    one.words for one in describe(query, NAMES, locale, None, WEDNESDAY)
                )
                assert not re.search(r"\d-\d", said)
                parsed = parse_list(said, NAMES, WEDNESDAY)
                assert (getattr(parsed.query, name), parsed.unread) == (days, ()), said

    def test_each_filter_can_be_left_out(self) -> None:
        query = LeadQuery(regions=("east",), low=Decimal(1), mine=True, status=Status.WON)
        names = [one.name for one in describe(query, NAMES, "en")]
        assert names == ["mine", "status", "regions", "low"]
        for name in names:
            query = query.without(name)
        assert query == ANYTHING

    @pytest.mark.parametrize("step", NextStep)
    def test_every_step_has_words(self, step: NextStep) -> None:
        for locale in ("en", "zh_CN"):
            [said] = describe(LeadQuery(steps=(step,)), NAMES, locale)
            assert parse_list(said.words, NAMES, WEDNESDAY).query.steps == (step,)

    @pytest.mark.parametrize("close", CloseDate)
    def test_every_close_date_has_words(self, close: CloseDate) -> None:
        for locale in ("en", "zh_CN"):
            for excluded in (False, True):
                only = Exclusion(QueryField.CLOSE, close.value)
                query = LeadQuery(excluded=(only,)) if excluded else LeadQuery(closes=(close,))
                [said] = describe(query, NAMES, locale)
                assert parse_list(said.words, NAMES, WEDNESDAY).query == query

    def test_the_default_says_nothing(self) -> None:
        assert describe(LeadQuery(), NAMES, "zh_CN") == ()


class TestCodec:
    def test_gives_back_every_query(self) -> None:
        random = Random(6)  # noqa: S311 - chance, not a secret
        for _ in range(300):
            query, sort = _query(random), random.choice(list(LeadSort))
            text = encode(query, sort)
            read = decode(text, NAMES.vocabulary)
            assert (read.query, read.sort, read.lost, read.is_wider) == (query, sort, (), False)
            assert ":" not in text
            assert not set(text) & set(" \n")

    def test_gives_back_a_figure(self) -> None:
        query = LeadQuery.of_figure(LeadFigure(Number.AT_RISK, 3, "2026-W47", 12))
        assert decode(encode(query)).query == query

    @pytest.mark.parametrize(
        ("text", "lost", "wider"),
        [
            ("product=basic", ("product", "basic"), True),
            ("product=basic,gone", ("product", "basic"), False),
            ("-product=basic", ("-product", "basic"), False),
            ("stage=mars", ("stage", "mars"), True),
            ("owner=x", ("owner", "x"), True),
            ("sort=mars", ("sort", "mars"), False),
            ("value=-", ("value", "-"), True),
            ("due=this_week", ("due", "this_week"), True),
            ("closed=2026-99-99_2026-99-99", ("closed", "2026-99-99_2026-99-99"), True),
            ("figure=won,1,2026-W99", ("figure", "won,1,2026-W99"), True),
            ("quiet=0", ("quiet", "0"), True),
            ("what", ("what", ""), True),
        ],
    )
    def test_says_what_it_could_not_read(
        self, text: str, lost: tuple[str, str], wider: bool
    ) -> None:
        vocabulary = Vocabulary(products=terms(("gone", "Gone", "已去")))
        read = decode(text, vocabulary)
        assert read.lost == (LostPart(*lost),)
        assert read.is_wider is wider

    @pytest.mark.parametrize("text", ["", ";;;", "=", "a" * 5000, "\0", "owner=" + "9" * 50, "٣"])
    def test_takes_any_text(self, text: str) -> None:
        decode(text)

    def test_refuses_what_no_button_carries(self) -> None:
        with pytest.raises(FilterTooLong):
            encode(LeadQuery(owners=tuple(range(10_000, 10_400))))
        assert len(encode(LeadQuery(text="华" * 100))) < LONGEST


class TestMoments:
    NOW = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)

    def test_days_are_the_readers(self) -> None:
        moments = Moments(now=self.NOW, timezone=ZoneInfo("Asia/Shanghai"))
        assert moments.today == date(2026, 4, 1)
        assert moments.in_days(0) == datetime(2026, 3, 31, 16, tzinfo=UTC)

    def test_a_day_may_have_23_hours(self) -> None:
        moments = Moments(now=self.NOW, timezone=ZoneInfo("Europe/Berlin"))
        start, end = moments.span(DayRange(date(2026, 3, 29), date(2026, 3, 29)))
        assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=23)

    @pytest.mark.parametrize(
        ("period", "first", "last"),
        [
            (Period.YESTERDAY, (2026, 1, 1), (2026, 1, 1)),
            (Period.THIS_WEEK, (2025, 12, 29), (2026, 1, 4)),
            (Period.LAST_WEEK, (2025, 12, 22), (2025, 12, 28)),
            (Period.LAST_MONTH, (2025, 12, 1), (2025, 12, 31)),
            (Period.THIS_QUARTER, (2026, 1, 1), (2026, 3, 31)),
            (Period.LAST_QUARTER, (2025, 10, 1), (2025, 12, 31)),
            (Period.LAST_YEAR, (2025, 1, 1), (2025, 12, 31)),
        ],
    )
    def test_periods_around_new_year(
        self, period: Period, first: tuple[int, int, int], last: tuple[int, int, int]
    ) -> None:
        assert days_of(period, date(2026, 1, 2)) == DayRange(date(*first), date(*last))


class TestOrder:
    def test_latin_comes_before_chinese_and_chinese_by_pinyin(self) -> None:
        names = ["Zeta", "acme", "中天", "安达", "北川", "ＢETA"]
        by_order = sorted(names, key=customer_order)
        assert by_order == ["acme", "ＢETA", "Zeta", "安达", "北川", "中天"]

    def test_a_source_is_known_by_its_channel(self) -> None:
        assert source_key("ads-SEM") == "ads"
        assert source_key("Old words") == ""
