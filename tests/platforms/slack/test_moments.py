"""Moments in what several people read: each in their own timezone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.platforms.slack import render
from handlers.core.language import Language
from handlers.core.moments import marked, parts, unmarked
from handlers.core.ui import Card, Fact, Section, Table
from tests.doubles.slack import blocks

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ENGLISH = Language("en", ZoneInfo("Asia/Shanghai"))
SHARED = ENGLISH.for_channel(marks=True, names_zone=False)
DATE = f"<!date^{int(AT.timestamp())}^{{date_short_pretty}} {{time}}|Nov 24, Tue 10:00>"


class TestSlack:
    def test_shows_each_reader_their_own_time(self) -> None:
        at = SHARED.moment(AT)
        card = Card(
            title=f"Session {at}",
            facts=(Fact("When", at),),
            body=f"Begins {at} <sharp>, see https://a.example/x",
            sections=(Section("Due", (f"Acme · {at}",), Table(("Due",), ((at,), ("–",)))),),
            footnote=f"Posted late: {at} *now*",
        )
        drawing = render.card(card, ENGLISH)
        assert blocks.message(drawing.text, drawing.blocks) == []
        assert drawing.text == "Session Nov 24, Tue 10:00", "a notification has words"
        shown = str(drawing.blocks)
        assert shown.count("'type': 'date'") == 4
        assert shown.count(DATE) == 1
        assert "'text': ' <sharp>, see '" in shown
        assert "*now*" not in shown
        assert "\ue000" not in shown

    def test_has_the_words_where_a_text_is_too_long(self) -> None:
        long = f"{SHARED.moment(AT)} {'x' * 4000}"
        drawing = render.card(Card(long, (Fact(long, long),), long, footnote=long), ENGLISH)
        assert blocks.message(drawing.text, drawing.blocks) == []
        assert "\ue000" not in f"{drawing.text}{drawing.blocks}"


class TestWords:
    def test_name_the_zone_where_readers_are_in_several(self) -> None:
        several = ENGLISH.for_channel(marks=False, names_zone=True)
        assert several.moment(AT) == "Nov 24, Tue 10:00 (China Time)"
        chinese = Language("zh_CN", ZoneInfo("Asia/Shanghai")).for_channel(
            marks=False, names_zone=True
        )
        assert chinese.near_moment(AT, AT) == "周二 10:00（中国时间）"

    def test_are_the_same_for_one_person(self) -> None:
        assert ENGLISH.moment(AT) == "Nov 24, Tue 10:00"

    def test_come_back_from_their_marks(self) -> None:
        text = f"a {marked(AT, 'soon')} b"
        assert list(parts(text)) == [("a ", None), ("soon", AT), (" b", None)]
        assert unmarked(text) == "a soon b"
        assert unmarked(text[:6]).startswith("a ")
