"""The lead's card: what is read at a glance, what is folded, and who is named."""

from handlers.core.ui import Card
from sales.leads import Stage
from tests.office import Office, words_of

NUMBER = "LX001"


def shown(office: Office, account: str = "robin") -> Card:
    card = office.ask(account, "lead.show", pressed=NUMBER).card
    assert card is not None
    return card


def at_once(card: Card) -> str:
    return words_of([section for section in card.sections if not section.folded])


class TestAtAGlance:
    def test_two_sections_and_the_rest_folded(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        for said in ("first talk", "second talk"):
            office.ask("robin", "followup.open", text=f"{NUMBER} call {said}")
        card = shown(office)
        unfolded = [section for section in card.sections if not section.folded]
        assert len(unfolded) <= 2
        assert [one.folded for one in card.sections] == sorted(one.folded for one in card.sections)
        assert "second talk" in at_once(card)
        assert "first talk" not in at_once(card)
        assert "first talk" in words_of(card.sections)

    def test_of_a_customer_what_they_bought_and_who_does_what(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lead = office.lead()
        office.ask(
            "robin", "stage.move", values={"amount": "90000", "reason": "-"},
            state={"lead": NUMBER, "to": str(Stage.WON), "version": str(lead.version)},
        )  # fmt: skip
        card = shown(office)
        first = [fact.label for fact in card.first_facts]
        assert first[0] == office.say("lead.amount")
        assert not {office.say("lead.budget"), office.say("lead.grade")} & set(first)
        assert office.say("task.heading") in at_once(card)


class TestWhoWorksOnIt:
    def test_a_colleague_sees_whose_it_is(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        owner = office.say("lead.owner")
        assert owner not in [fact.label for fact in shown(office).first_facts]
        first = {fact.label: fact.value for fact in shown(office, "max").first_facts}
        assert first[owner] == "Robin Sample"

    def test_a_shared_lead_names_the_others_among_the_first_facts(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        with office.world.new_uow() as uow:
            uow.collaborators.share(1, office.person("dana").id)
            uow.commit()
        shared, named = (
            office.say("lead.shared"),
            office.say("lead.shared_owner", name="Robin Sample"),
        )
        seen = {
            account: {fact.label: fact.value for fact in shown(office, account).first_facts}
            for account in ("robin", "dana", "max")
        }
        assert seen["robin"][shared] == "Dana Example"
        assert seen["dana"][shared] == named
        assert named in seen["max"][shared]
        assert "Dana Example" in seen["max"][shared]
