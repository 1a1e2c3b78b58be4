"""A follow-up in one line or a few: the words stay, and each day is read as what it is."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.contact_times import ContactNotYet, ContactTooEarly, contact_time, is_now, read_when
from sales.followup_days import Contacted, Habits
from sales.followup_periods import AskedFor, asked_for
from sales.followups import Method
from sales.quick_followup import parse_line, without_plan

MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)
HALF_PAST_THREE = time(15, 30)
HERE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 15, 30, tzinfo=HERE)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


class TestWordsStay:
    @pytest.mark.parametrize(
        ("said", "step", "due"),
        [
            ("they accept 12.5万 minus 1,200 for v2.1, send offer to x@larch.example monday",
             "send offer to x@larch.example", day(11, 30)),
            ("budget went from 3.5 to 4.25 million; visit Thursday 10:30", "visit", day(12, 3)),
            ("客户接受12.5万，官网 www.yangli.example 已看，周四发合同", "发合同", day(12, 3)),
            ("information friday was late, send offer 12/8", "send offer", day(12, 8)),
            ("met on Friday, send the deck Monday", "send the deck", day(11, 30)),
            ("likes v2.0.1 at ¥1,200.50/month, see http://a.example/x?y=1,2. Call back Monday",
             "Call back", day(11, 30)),
            ("uses 10,000 seats, e.g. 2,500 in EU; send quote Tuesday", "send quote", day(12, 1)),
            ("报价 3.5-4.5 万,要带 ISO 9001 证书,周三寄样品", "寄样品", day(12, 2)),
            ("offer to Mr. Hill at Larch Ltd. is fine, send contract to Mr. Hill monday",
             "send contract to Mr. Hill", day(11, 30)),
            ("ratio 3:1, 24/7 support; send SLA friday", "send SLA", day(12, 4)),
            ("第一行：要案例\n第二行 1,000 人\n周五发方案", "发方案", day(12, 4)),
            ("wants 3.5% off.  Two spaces,no space after comma, ring again Tuesday",
             "ring again", day(12, 1)),
        ],
    )  # fmt: skip
    def test_as_they_were_typed_and_the_step_is_a_part(
        self, said: str, step: str, due: date
    ) -> None:
        found = parse_line(f"call {said}", SATURDAY, HALF_PAST_THREE)
        assert (found.method, found.summary) == (Method.CALL, said)
        assert (found.next_step, found.next_on) == (step, due)
        assert found.next_step in said

    @given(st.text(max_size=80))
    def test_never_fails_and_every_part_was_typed(self, line: str) -> None:
        found = parse_line(line, MONDAY, HALF_PAST_THREE)
        assert found.next_step in line
        assert all(part in line for part in found.summary.split("\n"))
        assert all(part in line for part in found.feedback.split("\n"))

    @given(
        st.sampled_from(["电话", "微信", "call", "email", ""]),
        st.sampled_from(["需要同行案例", "客户很满意", "wants a case", "likes it a lot"]),
        st.sampled_from(["，", ", ", "。", " "]),
        st.sampled_from(
            ["明天", "明天下午三点", "下周二上午10点", "12月1日前", "tomorrow ", "by friday ",
             "next friday at 3pm ", "3pm tomorrow ", "in 2 weeks "]
        ),
        st.sampled_from(["发方案", "再去一次", "电话确认", "send proposal", "ring again"]),
    )  # fmt: skip
    def test_loses_nothing_that_was_typed(
        self, method: str, said: str, stop: str, when: str, step: str
    ) -> None:
        found = parse_line(f"{method} {said}{stop}{when}{step}", MONDAY)
        assert (found.summary, found.next_step) == (f"{said}{stop}{when}{step}", step)
        assert found.next_on is not None


class TestWhatWasSaidBesidesThePlan:
    @pytest.mark.parametrize(
        ("said", "step", "rest"),
        [
            ("they want a case; send it 2026-12-08 10:00", "send it", "they want a case"),
            ("打了电话，想要个案例，下周三上午十点发过去", "发过去", "打了电话，想要个案例"),
            ("客户说预算要等年底批。我周五下午再联系。", "再联系", "客户说预算要等年底批"),
            ("She'd like a case. Will send Wednesday 10am", "send", "She'd like a case"),
            ("likes it and will call back Monday", "call back", "likes it"),
            ("send the deck Monday", "send the deck", ""),
            ("2026-12-08 10:00 send it", "send it", ""),
            # Elsewhere the plan is part of what was said.
            ("周三发方案，客户很满意", "发方案", "周三发方案，客户很满意"),
            ("wants a case, send it Monday", "visit", "wants a case, send it Monday"),
            ("nothing planned", "", "nothing planned"),
        ],
    )  # fmt: skip
    def test_is_left(self, said: str, step: str, rest: str) -> None:
        assert without_plan(said, step, MONDAY) == rest


class TestTheStep:
    @pytest.mark.parametrize(
        ("line", "method", "step", "due", "at"),
        [
            ("电话 需要同行案例 下周五发方案", Method.CALL, "发方案", day(12, 4), None),
            ("call wants a case, send proposal by friday", Method.CALL, "send proposal",
             day(11, 27), None),
            ("微信 已发资料", Method.WECHAT, "", None, None),
            ("demo liked it. tomorrow ask for the decision", Method.DEMO, "ask for the decision",
             day(11, 24), None),
            ("call fine 12/3 write to them", Method.CALL, "write to them", day(12, 3), None),
            ("just a note", None, "", None, None),
            ("邮件 12月1日前回复报价", Method.EMAIL, "回复报价", day(12, 1), None),
            ("电话沟通很顺利，3天后约演示", Method.CALL, "约演示", day(11, 26), None),
            ("微信 聊得不错，下周二上午10点电话确认", Method.WECHAT, "电话确认", day(12, 1),
             time(10)),
            ("电话 有兴趣，明天晚上8点半再聊", Method.CALL, "再聊", day(11, 24), time(20, 30)),
            ("call likes it, 3pm tomorrow show them", Method.CALL, "show them", day(11, 24),
             time(15)),
            ("电话 约了明天下午去拜访", Method.CALL, "去拜访", day(11, 24), time(14)),
            ("电话 提了三点建议，明天回复", Method.CALL, "回复", day(11, 24), None),
            ("电话 好的，明天发合同 10点", Method.CALL, "发合同", day(11, 24), time(10)),
            ("今天去了客户那里，下周五发方案", None, "发方案", day(12, 4), None),
            ("call ok, send the deck Tuesday to Anna", Method.CALL,
             "send the deck Tuesday to Anna", day(11, 24), None),
            ("call agreed and will send the order form tuesday", Method.CALL,
             "send the order form", day(11, 24), None),
            ("call happy, Thursday or Friday visit them", Method.CALL, "visit them", day(11, 27),
             None),
            ("电话 需要案例 发方案 下周五", Method.CALL, "发方案", day(12, 4), None),
            ("电话 周四发合同，客户很满意", Method.CALL, "发合同", day(11, 26), None),
            ("电话 周四发合同，带上样品", Method.CALL, "发合同，带上样品", day(11, 26), None),
            ("电话 客户看了昨天的方案，周三复盘", Method.CALL, "复盘", day(11, 25), None),
            ("电话 客户周五开会，周六问结果", Method.CALL, "问结果", day(11, 28), None),
            ("call, they meet on Friday's fair, send samples Wednesday", Method.CALL,
             "send samples", day(11, 25), None),
        ],
    )  # fmt: skip
    def test_is_read(
        self, line: str, method: Method | None, step: str, due: date | None, at: time | None
    ) -> None:
        found = parse_line(line, MONDAY)
        assert (found.method, found.next_step, found.next_on, found.next_time) == (
            method, step, due, at,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("line", "step", "due", "at"),
        [
            ("明天下午三点再去", "再去", day(11, 24), time(15)),
            ("send proposal next friday at 3pm", "send proposal", day(12, 4), time(15)),
            ("visit tomorrow 10:30", "visit", day(11, 24), time(10, 30)),
            ("12月1日（周二）下午两点演示", "演示", day(12, 1), time(14)),
            ("call back tomorrow", "call back", day(11, 24), None),
            ("明天上门", "上门", day(11, 24), None),
            ("我下周五发方案", "发方案", day(12, 4), None),
        ],
    )
    def test_alone_is_no_contact_yet(self, line: str, step: str, due: date, at: time) -> None:
        found = parse_line(line, MONDAY)
        assert (found.method, found.summary) == (None, "")
        assert (found.next_step, found.next_on, found.next_time) == (step, due, at)

    @pytest.mark.parametrize(
        "line",
        [
            "10月8日寄了合同", "上周五打了电话", "昨天见过面", "今天去了客户那里",
            "they came by last friday", "预算8-10万", "met them on tuesday", "周五见了面",
        ],
    )  # fmt: skip
    def test_is_no_past_deed(self, line: str) -> None:
        found = parse_line(line, MONDAY)
        assert (found.summary, found.next_step, found.next_on) == (line, "", None)

    def test_the_day_comes_first_where_that_is_usual(self) -> None:
        found = parse_line("call fine, 5/12 send it", MONDAY, habits=Habits(order="dmy"))
        assert found.next_on == day(12, 5)

    def test_at_the_turn_of_the_year_a_day_of_january_is_ahead(self) -> None:
        assert parse_line("1月5日发方案", MONDAY).next_on == date(2027, 1, 5)


class TestFieldCases:
    """What people typed and was read wrongly, on Saturday 28 November 2026."""

    @pytest.mark.parametrize(
        ("line", "step", "due", "at"),
        [
            ("call agreed, send contract by end of month", "send contract", day(11, 30), None),
            ("call agreed, send the contract next week", "send the contract", day(12, 4), None),
            ("call agreed, call back on December 5th at 3pm", "call back", day(12, 5), time(15)),
            ("call wants a case, send proposal in two weeks", "send proposal", day(12, 12), None),
            ("call agreed, send contract Thurs 10am", "send contract", day(12, 3), time(10)),
            ("电话 客户同意，月底签合同", "签合同", day(11, 30), None),
            ("电话 客户同意，下个月5号回访", "回访", day(12, 5), None),
            ("电话 客户同意，明早10点打给他", "打给他", day(11, 29), time(10)),
            ("面谈 下周回访", "回访", day(12, 4), None),
            ("call wants a case, call back Monday after next", "call back", day(12, 7), None),
            ("call agreed, call back a week from Tuesday", "call back", day(12, 8), None),
            ("电话 客户同意，二十天后回访", "回访", day(12, 18), None),
            ("电话 客户同意，下下下周一回访", "回访", day(12, 14), None),
            ("call agreed, EOD Tuesday send quote", "send quote", day(12, 1), time(18)),
            ("电话 同意，元旦后签合同", "签合同", date(2027, 1, 4), None),
        ],
    )  # fmt: skip
    def test_have_their_right_values(
        self, line: str, step: str, due: date, at: time | None
    ) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert (found.next_step, found.next_on, found.next_time) == (step, due, at)
        assert found.summary == line.partition(" ")[2]
        assert found.unread == ()

    @pytest.mark.parametrize(
        ("line", "unread", "taken"),
        [
            ("电话 续约 9999年12月31日", ("9999年12月31日",), ""),
            ("call ok; next: renew on 2126-11-28", ("2126-11-28",), ""),
            ("电话 客户同意，尽快发合同", ("尽快",), ""),
            ("call agreed, send contract asap", ("asap",), ""),
            ("电话 客户同意，过几天发合同", ("过几天",), ""),
            ("call agreed, send it soon", ("soon",), ""),
            ("call agreed, send it on 2026-02-30", ("2026-02-30",), ""),
            ("电话 刚才聊了，客户同意", (), ""),
            ("电话 聊了 下一步：尽快发合同", ("尽快",), ""),
            ("电话 聊了 下一步：发合同 预计时间：等通知", ("等通知",), ""),
            ("call agreed, send the contract next week", (), "next week"),
            ("电话 客户同意，月底签合同", (), "月底"),
            ("电话 客户同意，周五签合同", (), ""),
            ("电话 Q1再看", ("Q1",), ""),
            ("电话 客户开会，晚上8点再打", ("晚上8点",), ""),
            ("call busy, ring back at 8pm", ("8pm",), ""),
            ("call once the quarter closes we sign", ("once the quarter closes",), ""),
            ("电话 12点半到的 聊到2点", (), ""),
            ("电话 放假回来再联系", ("放假回来",), ""),
            ("电话 忙完这阵子再说", ("忙完这阵子",), ""),
            ("电话 过完元旦再说", (), "过完元旦"),
            ("电话 国庆后再联系", (), "国庆后"),
        ],
    )
    def test_name_what_was_not_understood(
        self, line: str, unread: tuple[str, ...], taken: str
    ) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert (found.unread, found.taken) == (unread, taken)

    @pytest.mark.parametrize(
        ("line", "due"),
        [
            ("电话 国庆后再联系", date(2027, 10, 8)),
            ("电话 等他们12.5前给答复", day(12, 5)),
            ("电话 5.1前内部评审", date(2027, 5, 1)),
            ("电话 版本5.1前的功能", None),
            ("电话 报价9.5折", None),
        ],
    )
    def test_dates_that_look_like_others(self, line: str, due: date | None) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert (found.next_on, found.contacted) == (due, None)

    def test_a_step_is_more_than_a_sign(self) -> None:
        found = parse_line("email they replied, after the holidays”", SATURDAY)
        assert found.next_step == ""


class TestWhen:
    @pytest.mark.parametrize(
        ("line", "method", "said"),
        [
            ("昨天面谈，客户很满意", Method.VISIT, Contacted(day(11, 27))),
            ("上周五电话，客户要报价", Method.CALL, Contacted(day(11, 20))),
            ("3月15日拜访了采购经理，感兴趣", Method.VISIT, Contacted(day(3, 15))),
            ("yesterday call, wants a demo", Method.CALL, Contacted(day(11, 27))),
            ("met on Friday, send the deck Monday", Method.VISIT, Contacted(day(11, 27))),
            ("call met on Friday, send the deck Monday", Method.CALL, Contacted(day(11, 27))),
            ("和王经理昨天下午3点见了面", None, Contacted(day(11, 27), time(15))),
            ("电话 昨天聊过，客户要报价", Method.CALL, Contacted(day(11, 27))),
            ("今天上午9点半面谈，客户满意", Method.VISIT, Contacted(day(11, 28), time(9, 30))),
            ("微信 前天聊了价格", Method.WECHAT, Contacted(day(11, 26))),
            ("visited them last Tuesday at 10am, fine", Method.VISIT,
             Contacted(day(11, 24), time(10))),
            ("11/25 visit, wants a quote", Method.VISIT, Contacted(day(11, 25))),
            ("demo on Nov 25 went well, next: contract by EOM", Method.DEMO,
             Contacted(day(11, 25))),
            ("email sent contract friday", Method.EMAIL, Contacted(day(11, 27))),
            ("周五微信，客户要案例", Method.WECHAT, Contacted(day(11, 27))),
            ("今早电话，客户不感兴趣", Method.CALL, Contacted(day(11, 28), time(9), roughly=True)),
            ("10:30 call, wants a demo", Method.CALL, Contacted(day(11, 28), time(10, 30))),
            ("下午三点面谈，客户满意", Method.VISIT, Contacted(day(11, 28), time(15))),
            ("上月底面谈过，客户暂缓", Method.VISIT, Contacted(day(10, 31))),
            ("had a call with ops two days ago, agreed on a pilot", Method.CALL,
             Contacted(day(11, 26))),
            ("时间：11月26日 14:00 方式：面谈 摘要：看了样机", Method.VISIT,
             Contacted(day(11, 26), time(14))),
        ],
    )  # fmt: skip
    def test_the_contact_took_place(
        self, line: str, method: Method | None, said: Contacted
    ) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert (found.method, found.contacted) == (method or found.method, said)

    @pytest.mark.parametrize(
        "line",
        [
            "电话 客户说昨天收到样品，明天回复", "刚才打了电话，客户很满意",
            "电话 昨天的方案客户很喜欢",
            "call they received the sample yesterday", "call yesterday's deck was fine",
            "微信 客户昨天试用了", "call information friday was late, send offer 12/8",
            "电话 报价3.5万，11月底前定", "明天下午三点再去", "call wants a demo friday",
            "call they sent the contract friday", "16:00 call them, 客户要报价",
        ],
    )  # fmt: skip
    def test_other_days_are_not_when(self, line: str) -> None:
        assert parse_line(line, SATURDAY, HALF_PAST_THREE).contacted is None

    @pytest.mark.parametrize(
        ("said", "number", "at", "day_only"),
        [
            (Contacted(day(11, 27)), 27, time(12), True),
            (Contacted(day(11, 27), time(15)), 27, time(15), False),
            (Contacted(day(11, 28)), 28, HALF_PAST_THREE, False),
            (Contacted(day(11, 28), time(18), roughly=True), 28, HALF_PAST_THREE, False),
            (Contacted(day(11, 26)), 26, time(14, 10), True),
            (Contacted(day(11, 26), time(9), roughly=True), 26, time(14, 10), False),
            (Contacted(day(11, 26), time(14, 10)), 26, time(14, 10), False),
        ],
    )
    def test_is_an_instant(self, said: Contacted, number: int, at: time, *, day_only: bool) -> None:
        """The lead was created on the 26th at 14:10."""
        created = datetime(2026, 11, 26, 14, 10, tzinfo=HERE)
        instant = datetime.combine(day(11, number), at, HERE)
        assert contact_time(said, NOW, created=created) == (instant, day_only)

    def test_a_day_alone_counts_from_when_the_clock_began(self) -> None:
        begun = [datetime(2026, 11, 27, 16, tzinfo=HERE), datetime(2026, 11, 26, 18, tzinfo=HERE)]
        assert contact_time(Contacted(day(11, 27)), NOW, begun=begun) == (begun[0], True)

    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (Contacted(day(11, 29)), ContactNotYet),
            (Contacted(day(11, 28), time(16)), ContactNotYet),
            (Contacted(day(11, 25)), ContactTooEarly),
            (Contacted(day(11, 26), time(14, 9)), ContactTooEarly),
        ],
    )
    def test_is_neither_to_come_nor_before_the_lead(
        self, said: Contacted, error: type[ValueError]
    ) -> None:
        created = datetime(2026, 11, 26, 14, 10, 30, tzinfo=HERE)
        with pytest.raises(error):
            contact_time(said, NOW, created=created)

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", None), ("now", None), ("刚才", None), ("现在", None),
            ("2026-11-27", Contacted(day(11, 27))),
            ("2026-11-27 15:00", Contacted(day(11, 27), time(15))),
            ("昨天 15:00", Contacted(day(11, 27), time(15))),
            ("昨天下午三点", Contacted(day(11, 27), time(15))),
            ("yesterday", Contacted(day(11, 27))), ("last friday", Contacted(day(11, 27))),
            ("周三", Contacted(day(11, 25))), ("11/25 9:30", Contacted(day(11, 25), time(9, 30))),
            ("9:30", Contacted(day(11, 28), time(9, 30))),
            ("今天9点", Contacted(day(11, 28), time(9))),
        ],
    )  # fmt: skip
    def test_a_form_reads_it(self, typed: str, said: Contacted | None) -> None:
        assert read_when(typed, SATURDAY) == said

    @pytest.mark.parametrize("typed", ["soonish", "当时", "13/45", "friend"])
    def test_a_form_refuses_what_it_cannot_read(self, typed: str) -> None:
        assert not is_now(typed)
        with pytest.raises(ValueError, match=typed):
            read_when(typed, SATURDAY)


class TestHoursFromNow:
    """At half past three on Saturday the 28th."""

    @pytest.mark.parametrize(
        ("line", "step", "due", "at"),
        [
            ("call busy, call back in 2 hours", "call back", day(11, 28), time(17, 30)),
            ("call busy, call back in half an hour", "call back", day(11, 28), time(16)),
            ("call busy, try again in 45 min", "try again", day(11, 28), time(16, 15)),
            ("call busy, ring in an hour and a half", "ring", day(11, 28), time(17)),
            ("call busy, call him after two hours", "call him", day(11, 28), time(17, 30)),
            ("call busy, call back within the hour", "call back", day(11, 28), time(16, 30)),
            ("call no answer, 1h later", "", day(11, 28), time(16, 30)),
            ("call busy next: call back in 2 hours", "call back", day(11, 28), time(17, 30)),
            ("call busy, call back in 10 hours", "call back", day(11, 29), time(1, 30)),
            ("电话 客户在开会，半小时后回电", "回电", day(11, 28), time(16)),
            ("电话 没接，过两个小时再打", "再打", day(11, 28), time(17, 30)),
            ("电话 没接，一个半小时后再打", "再打", day(11, 28), time(17)),
            ("电话 没接，两小时四十分钟后再打", "再打", day(11, 28), time(18, 10)),
            ("电话 没接，两个小時後再打", "再打", day(11, 28), time(17, 30)),
            ("电话 没接 9小时后再打", "再打", day(11, 29), time(0, 30)),
            ("电话 忙 下一步：两小时后回电", "回电", day(11, 28), time(17, 30)),
            ("两小时后回电", "回电", day(11, 28), time(17, 30)),
            ("微信 约了两小时后演示", "演示", day(11, 28), time(17, 30)),
            ("今天17:00 电话客户，客户要报价", "电话客户", day(11, 28), time(17)),
        ],
    )
    def test_are_when_a_step_is_due(self, line: str, step: str, due: date, at: time) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert (found.next_step, found.next_on, found.next_time) == (step, due, at)
        assert (found.contacted, found.unread, found.taken) == (None, (), "")

    @pytest.mark.parametrize(
        ("line", "number", "at"),
        [
            ("an hour ago called, send deck Friday", 28, time(14, 30)),
            ("called an hour ago, call back in 45 min", 28, time(14, 30)),
            ("half an hour ago met Ann, she likes it", 28, time(15)),
            ("met them 20 mins ago, fine", 28, time(15, 10)),
            ("两小时前电话沟通，下周五发方案", 28, time(13, 30)),
            ("20分钟前微信聊过，明天报价", 28, time(15, 10)),
            ("半个小时前拜访了客户，谈得不错", 28, time(15)),
            ("电话 16小时前聊过，客户同意", 27, time(23, 30)),
        ],
    )
    def test_are_when_a_contact_took_place(self, line: str, number: int, at: time) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert found.contacted == Contacted(day(11, number), at)

    @pytest.mark.parametrize(
        "line",
        ["面谈 方案看完了，两小时后发了资料", "call fine, sent the deck an hour later",
         "电话 聊了半小时后客户同意", "call finished the demo in 45 minutes", "call talked 2 hours",
         "call it grew in 5m", "电话 到货后2小时内要安装"],
    )  # fmt: skip
    def test_how_long_something_took_is_no_time(self, line: str) -> None:
        found = parse_line(line, SATURDAY, HALF_PAST_THREE)
        assert (found.next_on, found.contacted) == (None, None)

    @pytest.mark.parametrize(
        ("typed", "number", "at"),
        [("两小时前", 28, time(13, 30)), ("an hour ago", 28, time(14, 30)),
         ("半小时前", 28, time(15)), ("1h ago", 28, time(14, 30)), ("16小时前", 27, time(23, 30)),
         ("20 min ago", 28, time(15, 10))],
    )  # fmt: skip
    def test_a_form_reads_them(self, typed: str, number: int, at: time) -> None:
        said = read_when(typed, SATURDAY, clock=HALF_PAST_THREE)
        assert said == Contacted(day(11, number), at)


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("打了电话没人接", Method.CALL),
        ("打了个电话，没人接", Method.CALL),
        ("发了微信没回", Method.WECHAT),
        ("发了邮件，没回", Method.EMAIL),
    ],
)
def test_a_method_with_its_verb(line: str, method: Method) -> None:
    assert parse_line(line, SATURDAY, HALF_PAST_THREE).method is method


@pytest.mark.parametrize(
    ("line", "method"),
    [
        ("rang back Weds arvo", Method.CALL), ("gave her a bell, wants pricing", Method.CALL),
        ("left a voicemail", Method.CALL), ("打给王总没人接", Method.CALL),
        ("打通了，下周再说", Method.CALL),
        ("popped in, liked the demo", Method.VISIT), ("grabbed lunch with them", Method.VISIT),
        ("跑了一趟，老板不在", Method.VISIT), ("一起吃了个饭，聊得不错", Method.VISIT),
        ("texted him the quote", Method.WECHAT), ("发了条消息没回", Method.WECHAT),
        ("dropped her a line re pricing", Method.EMAIL),
        ("wrote to them with the offer", Method.EMAIL),
        ("the ring road project is on", None), ("budget approved", None), ("预算批了", None),
        ("they write software", None), ("客户公司在现场搭展台", None),
    ],
)  # fmt: skip
def test_a_method_is_told_by_verbs(line: str, method: Method | None) -> None:
    assert parse_line(line, MONDAY).method is method


class TestMarkers:
    @pytest.mark.parametrize(
        ("line", "summary", "feedback", "step", "due"),
        [
            ("电话 介绍产品 反馈：要同行案例 下一步：12月3日前发案例与详细方案",
             "介绍产品", "要同行案例", "发案例与详细方案", day(12, 3)),
            ("邮件 摘要：发送方案。反馈：想看演示 下一步：产品经理安排演示 预计时间：12月5日",
             "发送方案。", "想看演示", "产品经理安排演示", day(12, 5)),
            ("电话 聊了报价，客户反馈：太贵了；下次：周二带新报价",
             "聊了报价", "太贵了", "带新报价", day(12, 1)),
            ("call went through the quote. Feedback: too expensive. Next: send new quote by friday",
             "went through the quote.", "too expensive.", "send new quote", day(12, 4)),
            ("demo shown\nobjection: price 1,200.50\nnext step: ring again tuesday",
             "shown", "price 1,200.50", "ring again", day(12, 1)),
            ("电话\n摘要：看了 v2.1\n客户反馈：要 12.5万 以内\n下一步：周四发合同",
             "看了 v2.1", "要 12.5万 以内", "发合同", day(12, 3)),
            ("电话 反馈：太贵", "", "太贵", "", None),
            ("call fine, feedback: none, next step: n/a", "fine", "", "", None),
            ("电话 聊了 下一步：发方案", "聊了", "", "发方案", None),
            ("微信 付款方式：月结，交货时间：两周", "付款方式：月结，交货时间：两周", "", "", None),
            ("call what's next? they ask 10:30", "what's next? they ask 10:30", "", "", None),
            ("电话 聊了 下一步：周二发方案，周五问结果", "聊了", "", "发方案，周五问结果",
             day(12, 1)),
        ],
    )  # fmt: skip
    def test_fill_the_fields(
        self, line: str, summary: str, feedback: str, step: str, due: date | None
    ) -> None:
        found = parse_line(line, SATURDAY)
        assert (found.summary, found.feedback) == (summary, feedback)
        assert (found.next_step, found.next_on) == (step, due)


class TestPeriods:
    @pytest.mark.parametrize(
        ("text", "asked"),
        [
            ("", AskedFor()),
            ("2026-11-01 2026-11-15", AskedFor(day(11, 1), day(11, 15))),
            ("2026-11-01 到 2026-11-15", AskedFor(day(11, 1), day(11, 15))),
            ("11月1日到15日", AskedFor(day(11, 1), day(11, 15))),
            ("2026-10-05 to 2026-11-15 Toronto", AskedFor(day(10, 5), day(11, 15), "Toronto")),
            ("昨天", AskedFor(day(11, 27), day(11, 27))),
            ("since 2026-11-01", AskedFor(day(11, 1), None)),
            ("11月1日以来", AskedFor(day(11, 1), None)),
            ("本月", AskedFor(day(11, 1), day(11, 28))),
            ("上周", AskedFor(day(11, 16), day(11, 22))),
            ("last month", AskedFor(day(10, 1), day(10, 31))),
            ("A科技 本周", AskedFor(day(11, 23), day(11, 28), "A科技")),
            ("Alder Sample", AskedFor(rest="Alder Sample")),
        ],
    )
    def test_are_read(self, text: str, asked: AskedFor) -> None:
        assert asked_for(text, SATURDAY) == asked
