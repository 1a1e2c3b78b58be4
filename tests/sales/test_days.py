"""Days and times as people say them: a corpus of both languages, and what holds for any text."""

from collections.abc import Iterator
from datetime import UTC, date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.days import NamedDay, NotADay, Order, named_days, parse_day, parse_moment, unread_times
from sales.playbook import WorkingHours

MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)
CORPUS = Path(__file__).with_name("days.tsv")
FRAMES = {
    True: ("电话 好的，{}联系", "客户想{}再谈", "请{}发方案", "约好{}演示", "先这样（{}）"),
    False: (
        "call fine, send it {}",
        "{}: send it",
        "we agreed to meet {} with Ann",
        "ok. {}, demo",
    ),
}
"""Sentences in which an expression names the same day as alone, for Chinese and English."""


def corpus() -> Iterator[tuple[date, str, str]]:
    today = SATURDAY
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            today = date.fromisoformat(line[2:])
        elif not line.startswith("#"):
            text, _, expected = line.partition("\t")
            yield today, text, expected


def shown(day: NamedDay) -> str:
    at = f" {day.at:%H:%M}" if day.at else ""
    past = f" was {day.past_reading}" if day.past_reading else ""
    return f"{'~' * day.vague}{day.day}{at}{past}"


def read(text: str, today: date) -> str:
    days, unread = named_days(text, today), " / ".join(unread_times(text, today))
    if days:
        return "; ".join(map(shown, days)) + (f" ? {unread}" if unread else "")
    return f"? {unread}" if unread else "-"


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= one <= "\u9fff" for one in text)


class TestCorpus:
    def test_every_text_names_the_days_that_it_says(self) -> None:
        wrong = [
            (str(today), text, expected, found)
            for today, text, expected in corpus()
            if (found := read(text, today)) != expected
        ]
        assert wrong == []

    def test_is_large_enough(self) -> None:
        lines = list(corpus())
        none = [text for _, text, expected in lines if expected[0] in "-?"]
        assert len(lines) - len(none) >= 700
        assert len(none) >= 180
        assert len({today for today, *_ in lines}) >= 5

    def test_every_day_is_found_inside_a_sentence_too(self) -> None:
        wrong = [
            (framed, found, expected)
            for today, text, expected in corpus()
            if expected[0] not in "-?" and not text.startswith("the ")
            for frame in FRAMES[is_chinese(text)]
            if (found := read(framed := frame.format(text), today)) != expected
        ]
        assert wrong == []


class TestNamedDays:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("information friday was late, send offer 12/8", ["friday", "12/8"]),
            ("call back on December 5th at 3pm", ["December 5th at 3pm"]),
            ("电话 好的，周五（12月4日）下午三点到四点演示", ["周五（12月4日）下午三点到四点"]),
            ("下週五下午三點簽約", ["下週五下午三點"]),
            ("by EOD Friday please", ["EOD Friday"]),
            ("1２月５日 １５：３０ 见", ["1２月５日 １５：３０"]),
            ("on the 5th", ["the 5th"]),
            ("周五前给报价", ["周五"]),
        ],
    )  # fmt: skip
    def test_names_the_words_that_name_the_day(self, text: str, words: list[str]) -> None:
        assert [text[day.start : day.end] for day in named_days(text, SATURDAY)] == words

    @pytest.mark.parametrize(
        ("text", "order", "day"),
        [
            ("12/8", "mdy", date(2026, 12, 8)), ("12/8", "dmy", date(2027, 8, 12)),
            ("5/12/2026", "mdy", date(2026, 5, 12)), ("5/12/2026", "dmy", date(2026, 12, 5)),
            ("25/12", "mdy", date(2026, 12, 25)), ("12/25", "dmy", date(2026, 12, 25)),
            ("5.12.", "dmy", date(2026, 12, 5)),
        ],
    )  # fmt: skip
    def test_the_order_of_figures_is_that_of_the_company(
        self, text: str, order: Order, day: date
    ) -> None:
        assert parse_day(text, SATURDAY, order=order) == day

    @pytest.mark.parametrize(
        ("text", "today", "day"),
        [
            ("3月15日", date(2026, 3, 20), date(2026, 3, 15)),
            ("3月15日", date(2026, 11, 28), date(2027, 3, 15)),
            ("Nov 20", SATURDAY, date(2026, 11, 20)),
            ("1月5日", date(2026, 12, 28), date(2027, 1, 5)),
            ("周五", SATURDAY, date(2026, 12, 4)),
            ("昨天", SATURDAY, date(2026, 11, 27)),
        ],
    )
    def test_a_date_that_passed_lately_is_likely_that_one(
        self, text: str, today: date, day: date
    ) -> None:
        (named,) = named_days(text, today)
        assert named.likely(today) == day

    def test_the_working_calendar_decides_what_a_working_day_is(self) -> None:
        office = WorkCalendar(WorkingHours(country="CN"), UTC)
        eve = date(2026, 9, 30)
        assert parse_day("两个工作日后", eve) == date(2026, 10, 2)
        assert parse_day("两个工作日后", eve, office) == date(2026, 10, 9)
        assert parse_day("国庆后", eve, office) == date(2026, 10, 8)
        assert parse_day("元旦前", date(2025, 12, 1), office) == date(2025, 12, 31)

    def test_the_end_of_a_day_is_when_the_office_closes(self) -> None:
        office = WorkCalendar(WorkingHours(country="CN"), UTC)
        closing = office.closing(date(2026, 12, 4))
        assert closing is not None
        (named,) = named_days("EOD Friday", SATURDAY, office)
        assert named.at == closing.time()

    @given(st.text(max_size=60), st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
    def test_never_breaks_on_any_text(self, text: str, today: date) -> None:
        check(text, today)

    @given(
        st.lists(st.sampled_from(sorted({text for _, text, _ in corpus()})), max_size=4),
        st.sampled_from(["", " ", "，", ", ", "前", " to "]),
        st.dates(),
    )
    def test_never_breaks_on_any_days(self, texts: list[str], joint: str, today: date) -> None:
        check(joint.join(texts), today)


def check(text: str, today: date) -> None:
    """The days of a text lie in it, in order and apart."""
    end = 0
    for day in named_days(text, today):
        assert end <= day.start < day.end <= len(text)
        end = day.end
    assert all(words in text for words in unread_times(text, today))


class TestWholeTexts:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2026-12-01", date(2026, 12, 1)), ("3/5", date(2027, 3, 5)), ("3-5", date(2027, 3, 5)),
            ("2/29", date(2028, 2, 29)), ("三天后", date(2026, 11, 26)),
            ("by Friday", date(2026, 11, 27)), ("周五前", date(2026, 11, 27)),
            (" 下周五。", date(2026, 12, 4)), ("下周", date(2026, 12, 4)),
            ("Friday, 27 November", date(2026, 11, 27)),
        ],
    )  # fmt: skip
    def test_are_parsed(self, text: str, day: date) -> None:
        assert parse_day(text, MONDAY) == day

    @pytest.mark.parametrize(
        "text",
        ["", "soon", "2026-02-30", "13/45", "fried", "0000-00-00", "周五见客户", "friday call them",
         "明天或者再说", "周五和下周一", "尽快", "每周五", "1/32", "9999-99-99", "0/0"],
    )  # fmt: skip
    def test_are_refused_when_they_are_no_day(self, text: str) -> None:
        with pytest.raises(NotADay):
            parse_day(text, MONDAY)

    def test_past_means_the_last_such_day(self) -> None:
        assert parse_day("3/15", date(2026, 3, 20), past=True) == date(2026, 3, 15)
        assert parse_day("周五", SATURDAY, past=True) == date(2026, 11, 27)
        assert parse_day("明天", SATURDAY, past=True) == date(2026, 11, 29)

    def test_keep_their_time(self) -> None:
        named = parse_moment("12月5日下午三点半", SATURDAY)
        assert (named.day, named.at) == (date(2026, 12, 5), time(15, 30))


class TestHoursFromNow:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("in 2h", "2026-11-28 17:30"), ("in 1h30", "2026-11-28 17:00"),
            ("in 1 hour 30 minutes", "2026-11-28 17:00"), ("in 1.5 hours", "2026-11-28 17:00"),
            ("in one and a half hours", "2026-11-28 17:00"),
            ("in three quarters of an hour", "2026-11-28 16:15"),
            ("in a couple of hours", "2026-11-28 17:30"),
            ("in twenty-five minutes", "2026-11-28 15:55"),
            ("in an hour or two", "2026-11-28 17:30"), ("in another hour", "2026-11-28 16:30"),
            ("in 2-3 hours", "~2026-11-28 18:30"), ("half hour later", "2026-11-28 16:00"),
            ("2 hours from now", "2026-11-28 17:30"), ("today in 3 hours", "2026-11-28 18:30"),
            ("in 48 hours", "2026-11-30 15:30"), ("in 12 hours", "2026-11-29 03:30"),
            ("1.5小时后", "2026-11-28 17:00"), ("一刻钟后", "2026-11-28 15:45"),
            ("2h后", "2026-11-28 17:30"), ("30min后", "2026-11-28 16:00"),
            ("再过半个钟头", "2026-11-28 16:00"), ("两个半小时以后", "2026-11-28 18:00"),
            ("一个半钟后", "2026-11-28 17:00"), ("大约两小时后", "2026-11-28 17:30"),
            ("两三个小时后", "2026-11-28 18:30"), ("九十分钟后", "2026-11-28 17:00"),
            ("今天两小时后", "2026-11-28 17:30"), ("24小时内", "2026-11-29 15:30"),
            ("三小时后，下午开会", "2026-11-28 18:30"), ("in 2 hours, 5pm", "2026-11-28 17:30"),
            ("半个多小时前", "2026-11-28 15:00"), ("16小时前", "2026-11-27 23:30"),
        ],
    )  # fmt: skip
    def test_are_counted_from_the_clock(self, text: str, moment: str) -> None:
        (named,) = named_days(text, SATURDAY, clock=time(15, 30, 20))
        assert shown(named) == moment

    @pytest.mark.parametrize(
        "text", ["几小时后", "in a few hours", "every 2 hours", "到货后2小时内"]
    )
    def test_no_certain_number_is_left_unread(self, text: str) -> None:
        assert named_days(text, SATURDAY, clock=time(15, 30)) == ()
        assert unread_times(text, SATURDAY) == (text,)
