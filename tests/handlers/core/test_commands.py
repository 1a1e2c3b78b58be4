"""Phones and e-mails in free text.

Kept for people who may contact customers, masked for all others, and in no record that nobody can
change.
"""

import pytest

from handlers.core.requests import Value
from sales.contacts import holds_contact, mask_contacts
from sales.leads import Stage
from sales.people import Role
from tests.office import Office, words_of

LX001 = "LX001"
MOBILE, MAIL = "13987654321", "boss@acme.example"
MOVED = "stage.move"
TYPED = f"Ask the boss, {MOBILE} or {MAIL}"


@pytest.fixture
def written(office: Office) -> Office:
    """A lead with contacts in every text about it, won, with colleagues of all parts on it."""
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    office.hire("sam", "Sam Sample", Role.SERVICE)
    office.hire("fay", "Fay Sample", Role.FINANCE)
    office.log_lead("robin", owner="keep", need=TYPED)
    contact: dict[str, Value] = {"method": "call", "summary": TYPED, "feedback": TYPED}
    contact |= {"next_step": TYPED, "next_on": "2024-03-05", "lead": LX001}
    assert not office.ask("robin", "followup.create", values=contact).errors
    for account in ("pat", "sam"):
        asked = {"person": str(office.people[account].id), "question": TYPED}
        office.ask("robin", "support.create", state={"lead": LX001}, values=asked)
    [task] = [one for one in office.tasks() if one.role is Role.SERVICE]
    done = office.ask("sam", "task.done", state={"value": str(task.id)}, values={"note": TYPED})
    assert not done.errors
    return office


def move(office: Office, to: Stage, **values: Value) -> None:
    state = {"lead": LX001, "to": to, "version": str(office.lead().version)}
    reply = office.ask("robin", "stage.move", values=values, state=state)
    assert not reply.errors


class TestReaders:
    def test_a_card_shows_it_masked_to_everybody(self, written: Office) -> None:
        for account in ("robin", "max", "sam"):
            shown = words_of(written.ask(account, "lead.show", pressed=LX001))
            assert (MOBILE in shown, MAIL in shown) == (False, False), account
            assert "138****5678" in shown, account

    def test_product_reads_it_masked_on_the_lead_and_its_task(self, written: Office) -> None:
        [task] = [one for one in written.tasks() if one.role is Role.PRODUCT]
        for reply in (
            written.ask("pat", "lead.show", pressed=LX001),
            written.ask("pat", "task.show", pressed=str(task.id)),
            written.ask("pat", "task.finish", pressed=str(task.id)),
        ):
            shown = words_of(reply)
            assert "Ask the boss" in shown
            assert not [word for word in (MOBILE, MAIL, "boss@") if word in shown]

    def test_finance_reads_none_of_them(self, written: Office) -> None:
        move(written, Stage.WON, amount="100000", contract="HT-1", reason=TYPED)
        [task] = [one for one in written.tasks() if one.role is Role.FINANCE]
        for action, pressed in (("lead.show", LX001), ("task.show", str(task.id))):
            shown = words_of(written.ask("fay", action, pressed=pressed))
            assert written.lead().customer in shown
            assert not [word for word in (MOBILE, MAIL) if word in shown]


class TestRecord:
    def test_holds_the_keys_of_reasons_and_no_words(self, written: Office) -> None:
        move(written, Stage.NEGOTIATION, reason=TYPED)
        move(written, Stage.LOST, lost="price", reason=TYPED)
        reasons = [row["detail"]["reason"] for row in written.rows("audit") if row["act"] == MOVED]
        assert reasons == ["skip", "price"]
        assert MAIL not in repr([row["detail"] for row in written.rows("audit")])
        assert TYPED in written.lead().lost_reason

    def test_what_was_said_about_a_move_stands_in_the_talk(self, written: Office) -> None:
        move(written, Stage.NEGOTIATION, reason="They asked for it")
        talk = words_of(written.ask("robin", "remark.open", pressed=LX001))
        stage = written.say("stage.negotiation")
        assert written.say("move.noted", stage=stage, note="They asked for it") in talk

    def test_an_extension_keeps_its_reason_to_itself(self, written: Office) -> None:
        state = {"value": LX001}
        reply = written.ask("robin", "pool.keep", values={"reason": TYPED}, state=state)
        assert not reply.errors
        [row] = [row for row in written.rows("audit") if row["act"] == "pool.extend"]
        assert set(row["detail"]) == {"until"}
        assert [row["reason"] for row in written.rows("pool_extension")] == [TYPED]


@pytest.mark.parametrize(
    "typed",
    [
        MOBILE,
        "wx13812345678abc",
        "call138 1234 5678now",
        "0571-8888 9999",
        MAIL,
        "联系王@acme.example",
        "邮箱zhang＠acme.example",
    ],
)
def test_what_is_masked_counts_as_a_contact(typed: str) -> None:
    assert holds_contact(typed)
    assert not holds_contact(mask_contacts(typed))


@pytest.mark.parametrize("typed", ["", "20 seats for 300,000", "合同 HT-24-031，2024-03-05 签"])
def test_what_is_none_stays(typed: str) -> None:
    assert mask_contacts(typed) == typed
    assert not holds_contact(typed)


class TestSmallBudget:
    def test_of_a_bare_number_is_asked_about(self, office: Office) -> None:
        form = office.ask("robin", "lead.new").form
        assert form is not None
        typed: dict[str, Value] = {"customer": "Acme", "source": "website", "owner": "keep"}
        reply = office.submit("robin", form, **typed, budget="15")
        assert reply.errors == {"budget": office.say("problem.budget_small", typed="15")}
        assert "15k" in reply.errors["budget"]
        assert not office.submit("robin", form, **typed, budget="15元").errors
        assert office.lead().budget_low == 15
        edit = office.ask("robin", "lead.edit", pressed=LX001).form
        assert edit is not None
        assert not office.submit("robin", edit).errors
