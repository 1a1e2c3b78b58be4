"""Lines that are no command: understood, or answered with what comes nearest."""

import pytest

from handlers.core.commands import RUN
from handlers.core.replies import Reply
from handlers.core.ui import LeadPick, LongText
from sales.people import Role
from tests.office import Office, button_of

FOLLOWUP = "followup.create"


@pytest.fixture
def busy(office: Office) -> Office:
    office.log_lead("robin", owner="keep")
    office.log_lead(
        "robin", owner="keep", customer="华康医疗器械有限公司", phone="139 8765 4321", email=""
    )
    office.log_lead("dana", owner="keep", customer="Acme West Inc", phone="", email="")
    return office


def say(office: Office, line: str, who: str = "robin") -> Reply:
    return office.ask(who, "help.unknown", text=line)


def filled(reply: Reply) -> tuple[str, str]:
    """The lead and the words of a follow-up form."""
    assert reply.form, reply
    assert reply.form.action == FOLLOWUP
    lead = next(field for field in reply.form.fields if isinstance(field, LeadPick))
    said = next(field for field in reply.form.fields if isinstance(field, LongText))
    return lead.value, said.value


class TestCourtesy:
    @pytest.mark.parametrize(
        ("line", "key"),
        [
            *((line, "help.welcome") for line in
              ("谢谢", "谢谢你！", "好的谢谢", "Thanks!", "thank you so much", "辛苦了",
               "ＴＨＡＮＫＳ")),
            *((line, "help.heard") for line in
              ("ok", "OK。", "okok", "👌", "好的", "收到！", "👍", "got it", "嗯嗯", "再见")),
        ],
    )  # fmt: skip
    def test_is_answered_without_an_error(self, office: Office, line: str, key: str) -> None:
        assert say(office, line) == Reply(toast=office.say(key))

    @pytest.mark.parametrize(
        "line", ["你好", "hi", "Hello there!", "早上好呀", "Hi Genjin", "在吗？"]
    )
    def test_of_a_greeting_offers_what_to_do(self, office: Office, line: str) -> None:
        card = say(office, line).card
        assert card
        assert card.title == office.say("help.hello", name="Robin Sample")


class TestLead:
    @pytest.mark.parametrize(
        "line", ["LX001", "lx1", "lx001:", "LX 001", "#LX001", "ＬＸ００１", "LX-1？", "看看LX001",
                 "LX001怎么样了", "how is LX001 doing?", "Acme Sample Ltd", "acme sample",
                 "Sample。"],
    )  # fmt: skip
    def test_is_shown(self, busy: Office, line: str) -> None:
        card = say(busy, line).card
        assert card
        assert card.subject == "lead:1"

    @pytest.mark.parametrize(
        ("line", "lead", "said"),
        [
            ("LX001 they want a case", "LX001", "they want a case"),
            ("LX001，客户要同行案例，报价12.5万", "LX001", "客户要同行案例，报价12.5万"),
            ("lx2: 价格太高", "LX002", "价格太高"),
            ("Acme Sample: price is too high", "LX001", "price is too high"),
            ("华康医疗 王总说价格太高", "LX002", "王总说价格太高"),
            ("上海华康医疗的王总说价格太高", "LX002", "上海华康医疗的王总说价格太高"),
        ],
    )
    def test_with_words_is_offered_as_a_followup(
        self, busy: Office, line: str, lead: str, said: str
    ) -> None:
        assert filled(say(busy, line)) == (lead, said)
        assert not busy.history()

    @pytest.mark.parametrize(
        ("line", "field", "value"),
        [
            ("LX001成交12万", "amount", "12万"),
            ("把LX001推进到成交 12万", "amount", "12万"),
            ("move LX001 to won 120k", "amount", "120k"),
            ("LX001 lost too expensive", "lost", "price"),
            ("把LX001成交 12万", "amount", "12万"),
            ("LX001 赢了 12万", "amount", "12万"),
            ("LX001赢下来了，12万", "amount", "12万"),
            ("恭喜LX001成交12万", "amount", "12万"),
            ("LX001签了12万", "amount", "12万"),
            ("华康签了12万", "amount", "12万"),
            ("LX001 won 120k", "amount", "120k"),
            ("we won LX001 for 120k", "amount", "120k"),
            ("win LX001 120k", "amount", "120k"),
            ("lose LX001 too expensive", "lost", "price"),
            ("LX001 is won, 120k", "amount", "120k"),
            ("LX001 we lost the deal, price", "lost", "price"),
            ("Acme Sample: closed won 98,500", "amount", "98,500"),
        ],
    )
    def test_that_was_won_or_lost_is_moved_in_the_form(
        self, busy: Office, line: str, field: str, value: str
    ) -> None:
        form = say(busy, line).form
        assert form
        assert form.action == "stage.move"
        assert {one.name: getattr(one, "value", "") for one in form.fields}[field] == value

    @pytest.mark.parametrize(
        "line", ["LX001 won't buy", "LX001 they lost the budget", "LX001 has signed an NDA",
                 "LX001 we lost contact with Zhang", "LX001 win their trust",
                 "LX001 lose interest fast", "给LX001打电话 没接", "LX001签了保密协议",
                 "LX001客户赢了招标"],
    )  # fmt: skip
    def test_that_was_not_is_a_followup(self, busy: Office, line: str) -> None:
        assert filled(say(busy, line))[0] == "LX001"

    @pytest.mark.parametrize(
        "line", ["history of LX001", "LX001的历史", "assign LX001 to Max", "把LX001给Max"],
    )  # fmt: skip
    def test_that_is_asked_about_is_shown_to_a_rep(self, busy: Office, line: str) -> None:
        card = say(busy, line).card
        assert card
        assert card.subject == "lead:1"

    @pytest.mark.parametrize(
        "line", ["assign LX001 to Dana", "give LX001 to Dana", "把LX001转给小李", "LX001派给小李"]
    )
    def test_to_hand_on_is_handed_on_in_the_form(self, busy: Office, line: str) -> None:
        form = say(busy, line, "max").form
        assert form
        assert (form.action, form.state["lead"]) == ("lead.assign", "LX001")

    def test_to_hand_on_fills_in_who_is_named(self, busy: Office) -> None:
        form = say(busy, "give LX001 to Dana", "max").form
        assert form
        [field] = form.fields
        assert getattr(field, "value", "") == str(busy.people["dana"].id)

    def test_to_snooze_is_moved_in_the_form(self, busy: Office) -> None:
        busy.ask("robin", "followup.open", text="LX001 call fine, send it 2024-03-08")
        form = say(busy, "snooze LX001 1 week").form
        assert form
        assert form.action == "reminder.move"

    @pytest.mark.parametrize(
        ("line", "day", "at"),
        [("LX001 改到下周三", "2024-03-06", ""), ("改期 LX001", "", ""),
         ("LX001推迟到3月12号下午3点", "2024-03-12", "15:00"),
         ("put off LX001 till monday", "2024-03-04", ""),
         ("LX001 move to Mar 12 9:30", "2024-03-12", "09:30"), ("reschedule LX001", "", ""),
         ("把LX001的回访挪到周一", "2024-03-04", "")],
    )  # fmt: skip
    def test_to_another_day_is_filled_in(self, busy: Office, line: str, day: str, at: str) -> None:
        busy.ask("robin", "followup.open", text="LX001 call fine, send it 2024-03-08")
        form = say(busy, line).form
        assert form
        assert form.action == "reminder.move"
        values = {field.name: getattr(field, "value", "") for field in form.fields}
        assert (values["next_on"], values["at"]) == (day, at)

    @pytest.mark.parametrize("line", ["LX001 moved to a new office", "LX001 push back on price"])
    def test_what_only_sounds_like_it_is_a_followup(self, busy: Office, line: str) -> None:
        busy.ask("robin", "followup.open", text="LX001 call fine, send it 2024-03-08")
        assert filled(say(busy, line))[0] == "LX001"

    def test_to_call_tomorrow_is_planned_in_the_form(self, busy: Office) -> None:
        reply = say(busy, "call LX001 tomorrow")
        assert filled(reply)[0] == "LX001"
        assert reply.form
        values = {field.name: getattr(field, "value", "") for field in reply.form.fields}
        assert values["next_on"] == "2024-03-02"
        assert "call" in str(values["next_step"])

    def test_keeps_a_number_that_is_a_word_of_its_sentence(self, busy: Office) -> None:
        form = say(busy, "明天给LX001打电话").form
        assert form
        values = {field.name: getattr(field, "value", "") for field in form.fields}
        assert (values["next_step"], values["next_on"]) == ("给LX001打电话", "2024-03-02")

    @pytest.mark.parametrize(
        "line",
        ["LX001电话多少", "LX001的电话是多少？", "查看联系方式 LX001", "看一下LX001的手机号",
         "LX001 联系方式发我", "LX001 phone number?", "phone of LX001", "LX001's phone number?",
         "LX001的电话", "LX001 手机号多少"],
    )  # fmt: skip
    def test_whose_contact_is_asked_for_opens_that(self, busy: Office, line: str) -> None:
        form = say(busy, line).form
        assert form
        assert (form.action, form.state["lead"]) == ("contact.reveal", "LX001")

    def test_of_a_name_that_several_share_is_asked_for(self, busy: Office) -> None:
        card = say(busy, "Acme", "max").card
        assert card
        assert {"LX001", "LX003"} <= {
            button.value for part in card.sections for button in part.buttons
        }

    def test_of_a_colleague_is_not_shown(self, busy: Office) -> None:
        for line in ("LX003", "Acme West", "Acme West: too expensive", "LX003 too expensive"):
            reply = say(busy, line, "kim")
            assert reply.form is None
            assert not reply.card or not reply.card.subject


class TestLists:
    @pytest.mark.parametrize(
        "line", ["逾期的线索", "华东 方案", "overdue leads", "high value, no next step", "本周到期"]
    )
    def test_words_that_are_all_filters_are_a_list(self, busy: Office, line: str) -> None:
        card = say(busy, line, "max").card
        assert card
        assert "lead_list.filter" in repr(card)

    @pytest.mark.parametrize("action", ["people.open", "board.open"])
    @pytest.mark.parametrize("words", ["逾期", "overdue", "华东 高价值"])
    def test_filters_after_a_command_that_takes_none_are_a_list(
        self, busy: Office, action: str, words: str
    ) -> None:
        assert "lead_list.filter" in repr(busy.ask("max", action, text=words).card)

    @pytest.mark.parametrize(
        ("action", "words"),
        [("people.open", ""), ("people.open", "robin"), ("people.open", "zzz"), ("board.open", "")],
    )
    def test_other_words_after_it_are_none(self, busy: Office, action: str, words: str) -> None:
        card = busy.ask("max", action, text=words).card
        assert card
        assert "lead_list.filter" not in repr(card)

    @pytest.mark.parametrize(
        "line", ["谢谢", "ok", "hello", "很好", "我想请假", "今天天气不错", "nice weather today",
                 "who can see my leads"],
    )  # fmt: skip
    def test_other_words_are_none(self, busy: Office, line: str) -> None:
        assert "lead_list.filter" not in repr(say(busy, line, "max"))

    @pytest.mark.parametrize(
        ("line", "value", "left_out"),
        [
            ("what is overdue here", "step=overdue", "here"),
            ("华东的高价值客户有哪些快签了", "grade=high;region=east", "快签了"),
            ("exhibition leads left", "source=exhibition", "left"),
            ("quotes older than two weeks", "older=14", "quotes"),
        ],
    )
    def test_filters_beside_other_words_are_offered_as_a_list(
        self, busy: Office, line: str, value: str, left_out: str
    ) -> None:
        card = say(busy, line, "max").card
        assert card
        assert card.title == busy.say("list.offered")
        assert left_out in card.body
        button = card.buttons[0]
        assert (button.action, button.value) == ("lead_list.show", value)
        assert busy.ask("max", button.action, pressed=button.value).card


class TestWhomToAsk:
    @pytest.mark.parametrize(
        "line", ["who should I ask?", "Who can help me", "我该找谁", "谁是我的主管？", "有问题找谁"]
    )
    def test_names_the_leaders_and_the_admins(self, busy: Office, line: str) -> None:
        card = say(busy, line).card
        assert card
        assert "Max Manager" in card.body
        assert "Ada Admin" in card.body


class TestReport:
    @pytest.mark.parametrize("line", ["谁", "who"])
    def test_is_none_of_a_bare_question(self, busy: Office, line: str) -> None:
        assert "report." not in repr(say(busy, line))

    @pytest.mark.parametrize("line", ["月度复盘", "10月复盘", "monthly review"])
    def test_of_the_month_names_to_a_rep_who_can_open_it(self, busy: Office, line: str) -> None:
        assert "Max Manager" in say(busy, line).toast

    @pytest.mark.parametrize(("line", "kind"), [("周报", "week"), ("月报", "month")])
    def test_of_a_kind_is_of_its_period(self, busy: Office, line: str, kind: str) -> None:
        card = busy.ask("robin", "report.open", text=line).card
        assert card
        assert card.title.startswith(busy.say(f"report.title_{kind}_own"))


class TestMistake:
    @pytest.mark.parametrize(
        ("line", "run", "action"),
        [
            ("/folowup LX001 they want a case", "/followup LX001 they want a case", "lead:1"),
            ("folowup LX001 they want a case", "/followup LX001 they want a case", "lead:1"),
            ("/leed Acme Sample", "/lead Acme Sample", "lead:1"),
            ("跟近LX001电话，要案例", "/followup LX001电话，要案例", "lead:1"),
            ("代办", "/tasks", ""),
            ("/pipline", "/pipeline", ""),
            ("跟进Acme Sample 电话 要案例", "/followup Acme Sample 电话 要案例", "lead:1"),
        ],
    )
    def test_is_offered_with_a_button_that_runs_what_was_meant(
        self, busy: Office, line: str, run: str, action: str
    ) -> None:
        card = say(busy, line).card
        assert card
        button = button_of(card, busy.say("button.run_command", command=run.split(maxsplit=1)[0]))
        assert (button.action, button.value) == (RUN, run)
        reply = busy.ask("robin", button.action, pressed=button.value)
        assert reply.card
        assert not reply.errors
        if run.startswith("/followup"):
            assert [one.summary for one in busy.history()]

    @pytest.mark.parametrize("line", ["跟进情况怎么样", "qwertz", "12.5万", "?", "线索质量不错"])
    def test_that_means_nothing_is_answered_with_a_next_step(
        self, office: Office, line: str
    ) -> None:
        reply = say(office, line)
        assert reply.toast or (reply.card and reply.card.buttons)

    def test_is_offered_only_to_whom_may(self, office: Office) -> None:
        office.hire("pat", "Pat Sample", Role.PRODUCT)
        card = say(office, "/poool", "pat").card
        assert card
        assert RUN not in {button.action for button in card.buttons}
