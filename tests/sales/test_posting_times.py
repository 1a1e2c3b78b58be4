"""When lists are posted: days and hours as people say them, and the moments these fall on."""

from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from sales.calendar import WorkCalendar
from sales.playbook import WorkingHours
from sales.posting_times import EVERY_DAY, MORNING, PostingTimes, parse_hour, read_posting
from sales.times import NotATime

WORKWEEK = ("mon", "tue", "wed", "thu", "fri")


def calendar(zone: str = "Asia/Shanghai", country: str = "CN") -> WorkCalendar:
    return WorkCalendar(WorkingHours(country=country), ZoneInfo(zone))


class TestReadPosting:
    @pytest.mark.parametrize(
        ("line", "days", "at", "workdays", "rest"),
        [
            ("每天9点 我的逾期", EVERY_DAY, "09:00", False, "我的逾期"),
            ("每天早上9点 我的逾期", EVERY_DAY, "09:00", False, "我的逾期"),
            ("每天早上 我的逾期", EVERY_DAY, "09:00", False, "我的逾期"),
            ("每早8点半 逾期", EVERY_DAY, "08:30", False, "逾期"),
            ("每个早上8点 逾期", EVERY_DAY, "08:00", False, "逾期"),
            ("每天下午5:30 今天没联系的", EVERY_DAY, "17:30", False, "今天没联系的"),
            ("每天 逾期", EVERY_DAY, "09:00", False, "逾期"),
            ("９点每天 逾期", EVERY_DAY, "09:00", False, "逾期"),
            ("每日 18:00 热门", EVERY_DAY, "18:00", False, "热门"),
            ("我的线索 华东 每天9点", EVERY_DAY, "09:00", False, "我的线索 华东"),
            ("请每天9点发给我 我的逾期", EVERY_DAY, "09:00", False, "我的逾期"),
            ("每周一9点 团队逾期", ("mon",), "09:00", False, "团队逾期"),
            ("每周1 9点 团队逾期", ("mon",), "09:00", False, "团队逾期"),
            ("每星期五下午5点 高价值", ("fri",), "17:00", False, "高价值"),
            ("每周一三五 9:30 逾期", ("mon", "wed", "fri"), "09:30", False, "逾期"),
            ("每周一、周三下午3点 逾期", ("mon", "wed"), "15:00", False, "逾期"),
            ("每周一三点 逾期", ("mon",), "15:00", False, "逾期"),
            ("每周一到周五 9点 逾期", WORKWEEK, "09:00", False, "逾期"),
            ("周一至周五 9点 逾期", WORKWEEK, "09:00", False, "逾期"),
            ("每周五到周一 9点 逾期", ("mon", "fri", "sat", "sun"), "09:00", False, "逾期"),
            ("每周末 10点 逾期", ("sat", "sun"), "10:00", False, "逾期"),
            ("每周 9点 逾期", ("mon",), "09:00", False, "逾期"),
            ("每个工作日 8:30 逾期", EVERY_DAY, "08:30", True, "逾期"),
            ("工作日9点 逾期", EVERY_DAY, "09:00", True, "逾期"),
            ("every monday 9:00 team overdue", ("mon",), "09:00", False, "team overdue"),
            ("Every Monday at 9: overdue", ("mon",), "09:00", False, "overdue"),
            ("every morning: my overdue", EVERY_DAY, "09:00", False, "my overdue"),
            ("every morning at 8:30 my overdue", EVERY_DAY, "08:30", False, "my overdue"),
            ("every afternoon 5:30 overdue", EVERY_DAY, "17:30", False, "overdue"),
            ("every friday afternoon overdue", ("fri",), "14:00", False, "overdue"),
            ("overdue every day at 9", EVERY_DAY, "09:00", False, "overdue"),
            ("daily 9am no next step", EVERY_DAY, "09:00", False, "no next step"),
            ("send me overdue daily", EVERY_DAY, "09:00", False, "overdue"),
            ("on mondays at 10 east", ("mon",), "10:00", False, "east"),
            (
                "every mon, wed & fri 9am overdue",
                ("mon", "wed", "fri"),
                "09:00",
                False,
                "overdue",
            ),
            ("every monday to friday 9am overdue", WORKWEEK, "09:00", False, "overdue"),
            ("every weekday at 8:30 overdue", EVERY_DAY, "08:30", True, "overdue"),
            ("weekdays 9:00 overdue", EVERY_DAY, "09:00", True, "overdue"),
            ("weekly 9:00 overdue", ("mon",), "09:00", False, "overdue"),
            ("every weekend 10:00 overdue", ("sat", "sun"), "10:00", False, "overdue"),
        ],
    )
    def test_days_hour_and_list(
        self, line: str, days: tuple[str, ...], at: str, workdays: bool, rest: str
    ) -> None:
        read = read_posting(line)
        assert read is not None
        times = PostingTimes(weekdays=days, at=time.fromisoformat(at), workdays_only=workdays)
        assert (read.times, read.rest, read.unread) == (times, rest, "")

    @pytest.mark.parametrize(
        ("line", "unread", "rest"),
        [
            ("每两周 逾期", "每两周", "逾期"),
            ("每月1号 逾期", "每月1号", "逾期"),
            ("隔天 逾期", "隔天", "逾期"),
            ("monthly overdue", "monthly", "overdue"),
            ("every other monday overdue", "every other monday", "overdue"),
            ("every 2 weeks overdue", "every 2 weeks", "overdue"),
            ("every hour overdue", "every hour", "overdue"),
        ],
    )
    def test_says_what_there_is_no_rhythm_for(self, line: str, unread: str, rest: str) -> None:
        read = read_posting(line)
        assert read is not None
        assert (read.times, read.unread, read.rest) == (None, unread, rest)

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "华东 方案",
            "周一开会",
            "weekly report",
            "monday overdue",
            "每股收益",
            "这周 逾期",
        ],
    )
    def test_other_lines_ask_for_nothing(self, line: str) -> None:
        assert read_posting(line) is None

    @pytest.mark.parametrize(
        ("line", "rest"),
        [
            ("每周一9点 团队逾期 发到群里", "团队逾期"),
            ("每天 逾期 发到本群", "逾期"),
            ("every monday team overdue to the channel", "team overdue"),
            ("every day overdue here", "overdue"),
        ],
    )
    def test_the_channel_as_the_place(self, line: str, rest: str) -> None:
        read = read_posting(line)
        assert read is not None
        assert (read.to_channel, read.rest) == (True, rest)

    @pytest.mark.parametrize(
        ("line", "is_word"),
        [("daily foods", True), ("Weekly Ltd", True), ("daily 9am foods", False), ("每天", False)],
    )
    def test_one_word_may_be_a_name(self, line: str, is_word: bool) -> None:
        read = read_posting(line)
        assert read is not None
        assert read.is_word is is_word

    def test_within_a_sentence(self) -> None:
        read = read_posting("客户每天开会")
        assert read is not None
        assert read.within


class TestHour:
    @pytest.mark.parametrize(
        ("typed", "at"),
        [
            ("9", "09:00"), ("09:00", "09:00"), ("6:30", "06:30"), ("18:30", "18:30"),
            ("5pm", "17:00"), ("下午5点", "17:00"), ("９：３０", "09:30"), ("0:00", "00:00"),
        ],
    )  # fmt: skip
    def test_reads(self, typed: str, at: str) -> None:
        assert parse_hour(typed) == time.fromisoformat(at)

    @pytest.mark.parametrize("typed", ["", "25:00", "9:60", "soon", "24", "9 9", "-1"])
    def test_refuses(self, typed: str) -> None:
        with pytest.raises(NotATime):
            parse_hour(typed)


class TestAfter:
    def due(self, times: PostingTimes, after: datetime, zone: WorkCalendar) -> list[datetime]:
        return [due for _, due in islice(times.after(after, zone), 3)]

    def test_the_named_days_at_the_hour(self) -> None:
        times = PostingTimes(weekdays=("mon", "fri"), at=MORNING)
        friday = datetime(2024, 3, 8, 1, tzinfo=UTC)
        assert self.due(times, friday, calendar()) == [
            datetime(2024, 3, 11, 1, tzinfo=UTC),
            datetime(2024, 3, 15, 1, tzinfo=UTC),
            datetime(2024, 3, 18, 1, tzinfo=UTC),
        ]

    def test_working_days_with_holidays_and_made_up_ones(self) -> None:
        """4 to 6 April 2024 were a holiday in China, and Sunday the 7th was worked."""
        times = PostingTimes(weekdays=EVERY_DAY, workdays_only=True)
        days = [day for day, _ in islice(
            times.after(datetime(2024, 4, 3, 12, tzinfo=UTC), calendar()), 2)]  # fmt: skip
        assert days == [date(2024, 4, 7), date(2024, 4, 8)]

    @pytest.mark.parametrize(
        ("at", "days", "hours"),
        [
            # 02:30 does not exist on 31 March: read with the offset before, it is 03:30.
            (time(2, 30), 30, ["01:30", "01:30", "00:30"]),
            (time(9), 30, ["08:00", "07:00", "07:00"]),
            # 02:30 is twice on 27 October: the first of them.
            (time(2, 30), 240, ["00:30", "01:30", "01:30"]),
        ],
    )
    def test_daylight_saving(self, at: time, days: int, hours: list[str]) -> None:
        berlin = calendar("Europe/Berlin", "DE")
        first = datetime(2024, 3, 29, 23, tzinfo=UTC)
        if days == 240:
            first = datetime(2024, 10, 26, 22, tzinfo=UTC)
        times = PostingTimes(weekdays=EVERY_DAY, at=at)
        assert [f"{due:%H:%M}" for due in self.due(times, first, berlin)] == hours

    def test_days_that_never_come(self) -> None:
        times = PostingTimes(weekdays=("sun",), workdays_only=True)
        assert self.due(times, datetime(2024, 1, 1, tzinfo=UTC), calendar(country="DE")) == []
