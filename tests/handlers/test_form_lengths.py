"""Forms ask for what the task needs: what is rarely wanted is folded, and its value is kept."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from handlers.core.ui import Form
from sales.leads import Stage
from tests.furnished import Offices
from tests.office import SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_lead) as office:
        yield office


def a_lead(office: Office) -> None:
    office.log_lead("robin", owner="keep")


def shown(form: Form | None) -> list[str]:
    assert form is not None
    return [field.name for field in form.fields if not field.folded]


def test_a_lead_asks_two_required_and_four_usual_questions(office: Office) -> None:
    form = office.ask("robin", "lead.open").form
    assert shown(form) == ["customer", "source", "contact", "phone", "need", "budget"]
    assert form is not None
    assert not any(field.required for field in form.fields if field.folded)


def test_what_a_message_says_is_shown(office: Office) -> None:
    form = office.ask(
        "robin", "lead.open", text="客户：丁示例 王总 13900001111 wang@ding.example 想买系统"
    ).form
    assert "email" in shown(form)


def test_filters_and_reports_ask_the_usual_and_what_is_set(office: Office) -> None:
    form = office.ask("max", "lead_list.filter", pressed="").form
    assert shown(form) == ["status", "stages", "steps", "owners", "text", "sort"]


def test_a_followup_asks_six(office: Office) -> None:
    assert len(shown(office.ask("robin", "followup.log", pressed="LX001").form)) == 6


def test_a_win_asks_for_the_sum_and_keeps_the_terms(office: Office) -> None:
    state = {"lead": "LX001", "to": "negotiation", "version": str(office.lead().version)}
    office.ask("robin", "stage.move", state=state, values={"reason": "They said so."})
    form = office.ask("robin", "stage.open", text="LX001 成交").form
    assert shown(form) == ["criteria", "amount", "contract", "reason"]
    assert form is not None
    reply = office.submit("robin", form, amount="12万", criteria=("signed",))
    assert not reply.errors
    assert office.lead().stage is Stage.WON
