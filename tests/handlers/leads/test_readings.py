"""Answers read from a title and a need, shown as such, and overruled by a person [P5]."""

from typing import Any

import pytest

from handlers.core.ui import Card, Form, Section
from sales.leads import Authority, Clarity, Grade, Timeframe
from tests.office import Office, words_of

LX001 = {
    "customer": "甲示例科技有限公司",
    "source": "ads",
    "title": "采购经理",
    "budget": "15-20万",
    "need": "需要客户管理工具",
    "phone": "138 1234 5678",
}
LX002 = {
    "customer": "乙示例培训学校",
    "source": "exhibition",
    "title": "校长",
    "budget": "8-10万",
    "need": "提升招生效率",
    "phone": "139 1234 5678",
}


def logged(office: Office, typed: dict[str, str]) -> Card:
    assert not office.ask("robin", "lead.create", values=typed | {"owner": "keep"}).errors
    card = office.ask("robin", "lead.show", pressed="LX001").card
    assert card is not None
    return card


def score_section(card: Card, office: Office) -> Section:
    [section] = [one for one in card.sections if one.heading == office.say("score.heading")]
    return section


def edited(office: Office, **typed: str) -> Form:
    form = office.ask("robin", "lead.edit", pressed="LX001").form
    assert form is not None
    reply = office.submit("robin", form, **typed)
    assert not reply.errors, reply.errors
    form = office.ask("robin", "lead.edit", pressed="LX001").form
    assert form is not None
    return form


def field(form: Form, name: str) -> Any:
    return next(one for one in form.fields if one.name == name)


@pytest.mark.every_way
class TestTheProcessExamples:
    def test_lx001_is_seven_points_and_one_answer_from_high(self, office: Office) -> None:
        card = logged(office, LX001)
        lines = score_section(card, office).lines
        lead = office.lead()
        assert (lead.score, lead.grade) == (7, Grade.MEDIUM)
        manager, clear = office.say("authority.manager"), office.say("clarity.clear")
        arrow = office.say("score.read_arrow", words="采购经理", answer=manager)
        assert office.say("score.read_authority", answer=arrow) in lines
        assert office.say("score.read_clarity", answer=clear) in lines
        high = office.say("grade.high")
        assert office.say("score.would_be_timeframe", total=10, grade=high) in words_of(
            card.sections
        )

    def test_lx002_is_five_points(self, office: Office) -> None:
        logged(office, LX002)
        lead = office.lead()
        assert (lead.score, lead.grade, lead.authority) == (5, Grade.MEDIUM, Authority.DECIDER)


class TestOverruling:
    def test_a_reading_says_so_in_the_form_until_a_person_answers(self, office: Office) -> None:
        logged(office, LX001)
        form = edited(office, contact="Zhang Sample")
        assert field(form, "authority").value == "manager"
        assert field(form, "authority").hint == office.say("lead.read_authority")
        assert field(form, "timeframe").hint == ""
        form = edited(office, authority="staff")
        assert (field(form, "authority").value, field(form, "authority").hint) == ("staff", "")
        edited(office, title="总经理")
        assert (office.lead().authority, office.lead().score) == (Authority.STAFF, 4)

    def test_not_known_yet_stays_not_known(self, office: Office) -> None:
        logged(office, LX001 | {"need": "30天内上线客户管理系统"})
        assert office.lead().score == 10
        edited(office, timeframe="unknown")
        edited(office, need="尽快上线客户管理系统")
        assert office.lead().timeframe is Timeframe.UNKNOWN

    def test_a_reading_follows_its_words(self, office: Office) -> None:
        logged(office, LX001)
        edited(office, title="产品经理", need="先了解一下")
        lead = office.lead()
        assert (lead.authority, lead.clarity, lead.score) == (Authority.UNKNOWN, Clarity.VAGUE, 2)

    def test_what_a_message_says_is_prefilled(self, office: Office) -> None:
        said = "甲示例科技有限公司 张样例，采购经理，电话13812345678，这个月要定"
        form = office.ask("robin", "lead.capture", text=said).form
        assert form is not None
        assert field(form, "timeframe").value == "month"
        assert field(form, "timeframe").hint == office.say("lead.read_timeframe")
        saved = office.submit("robin", form, source="ads", customer="甲示例", owner="keep")
        assert not saved.errors, saved.errors
        assert office.lead().answers_read >= {"timeframe"}
        assert office.lead().timeframe is Timeframe.MONTH
