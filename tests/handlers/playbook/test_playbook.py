"""The rules in chat: shown in words, changed by forms, reviewed, put in force with a reason."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.requests import Value
from handlers.core.ui import Card, Form, LongText, Money, MultiChoice, Number, Text
from sales.playbook import Playbook, PoolMember, Quiet, RoutingRule
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
EAST_IT = RoutingRule(name="华东 × IT", region=("east",), pool=(PoolMember(person="Robin Sample"),))
REST = RoutingRule(name="rest", team="East")


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=two_rules) as office:
        yield office


def two_rules(office: Office) -> None:
    office.rules(routing=(EAST_IT, REST))


def card_of(reply: Reply) -> Card:
    assert not reply.errors, reply.errors
    card = reply.card or reply.update
    assert card is not None, reply
    return card


def form_of(reply: Reply) -> Form:
    assert reply.form is not None, reply
    return reply.form


def in_force(office: Office) -> Playbook:
    with office.world.new_uow(read_only=True) as uow:
        return uow.playbooks.current()


def prepared(office: Office, place: str, account: str = "ada", **typed: Any) -> Card:
    """The card of a change that was typed into the form of a place."""
    form = form_of(office.ask(account, "playbook.edit", pressed=place))
    return card_of(office.submit(account, form, **typed))


def applied(office: Office, card: Card, why: str = "because") -> Reply:
    form = form_of(office.press("ada", card, "button.rules_apply"))
    return office.submit("ada", form, why=why)


def lines(card: Card) -> str:
    return "\n".join(line for part in card.sections for line in part.lines)


class TestReading:
    def test_every_part_of_the_rules_can_be_opened(self, office: Office) -> None:
        """From the overview to the last rule, by buttons alone, and nothing in another tongue."""
        waiting = [card_of(office.ask("max", "playbook.open"))]
        seen: set[str] = set()
        while waiting:
            for button in buttons_of(waiting.pop()):
                if button.action == "playbook.show" and button.value not in seen:
                    seen.add(button.value)
                    waiting.append(
                        card_of(office.ask("max", "playbook.show", pressed=button.value))
                    )
        assert set(Playbook.model_fields) <= seen
        assert {
            "routing.0",
            "routing.1",
            "clocks.high",
            "stages.screened",
            "handover.won.2",
        } <= seen

    def test_a_part_is_opened_by_its_name(self, office: Office) -> None:
        name = office.say("rules.playbook.routing")
        card = card_of(office.ask("max", "playbook.open", text=name))
        assert card.title == name
        assert office.ask("max", "playbook.open", text="zzzzzz").card == card_of(
            office.ask("max", "playbook.open")
        )

    def test_working_time_is_said_and_typed_in_hours(self, office: Office) -> None:
        words = words_of(office.ask("max", "playbook.open").card)
        assert office.say("rules.hours", n=2) in words
        form = form_of(office.ask("ada", "playbook.edit", pressed="clocks.high"))
        for typed, minutes in (("4h", 240), ("1.5小时", 90), ("30 min", 30), ("120", 120)):
            card = card_of(office.submit("ada", form, within=typed))
            applied(office, card)
            assert in_force(office).clocks.high.within == minutes
            form = form_of(office.ask("ada", "playbook.edit", pressed="clocks.high"))
        assert office.submit("ada", form).toast == office.say("rules.nothing_changed")

    def test_no_quiet_hours_are_said_to_be_none(self, office: Office) -> None:
        office.rules(quiet=Quiet(start=time(8), end=time(8)))
        for pressed in (None, "quiet"):
            action = "playbook.show" if pressed else "playbook.open"
            shown = office.ask("max", action, pressed=pressed).card
            assert office.say("rules.quiet_off") in words_of(shown)

    def test_routing_in_words(self, office: Office) -> None:
        card = card_of(office.ask("max", "playbook.show", pressed="routing"))
        assert [part.heading for part in card.sections] == ["1. 华东 × IT", "2. rest"]
        east = {"en": "East China", "zh_CN": "华东"}[office.locale]
        assert east in card.sections[0].lines[0]
        assert "Robin Sample" in card.sections[0].lines[0]

    def test_a_leader_reads_an_admin_changes(self, office: Office) -> None:
        card = card_of(office.ask("max", "playbook.show", pressed="scoring"))
        assert office.say("button.rules_change") not in [one.label for one in buttons_of(card)]
        for action in ("playbook.edit", "playbook.change", "playbook.arrange", "playbook.apply"):
            reply = office.ask("max", action, pressed="scoring")
            assert office.say("role.admin") in reply.toast
        assert "Max Manager" in office.ask("robin", "playbook.open").toast


class TestChanging:
    def test_from_the_form_to_the_next_lead(self, office: Office) -> None:
        card = prepared(office, "scoring", high_from="11")
        assert "8 → 11" in lines(card)
        assert in_force(office).scoring.high_from == 8
        reply = applied(office, card, "only the best are called")
        assert reply.toast == office.say("rules.applied", version=2)
        assert in_force(office).scoring.high_from == 11
        assert office.log_lead().grade == "medium"
        [_, version] = office.rows("playbook")
        assert (version["why"], version["stored_by"]) == (
            "only the best are called",
            office.people["ada"].id,
        )

    @pytest.mark.parametrize(
        ("place", "field", "typed"),
        [
            ("scoring", "high_from", "many"),
            ("scoring", "high_from", "-1"),
            ("scoring", "budget_from", "plenty"),
            ("clocks", "warn_at", "100"),
            ("clocks.high", "within", "0"),
            ("clocks.high", "within", "4.5"),
            ("digest", "at", "25:00"),
            ("digest", "weekday", "someday"),
            ("working_hours", "closed", "2027-02-30"),
            ("working_hours", "country", "Atlantis"),
            ("working_hours.blocks", "mon", "12:00-09:00"),
            ("routing.0", "name", ""),
            ("routing.0", "pool", "Robin Sample ×many"),
            ("stages.screened", "days", "soon"),
            ("stages.screened.criteria.0", "key", "Budget!"),
            ("vocabulary", "regions", "East | East | 华东"),
        ],
    )
    def test_a_slip_is_told_beside_its_field_and_nothing_is_lost(
        self, office: Office, place: str, field: str, typed: str
    ) -> None:
        form = form_of(office.ask("ada", "playbook.edit", pressed=place))
        before = office.rows("playbook_draft")
        reply = office.submit("ada", form, **{field: typed})
        assert set(reply.errors) == {field}, reply
        assert "error" not in reply.errors[field].lower()
        assert office.rows("playbook_draft") == before

    def test_what_does_not_fit_together(self, office: Office) -> None:
        form = form_of(office.ask("ada", "playbook.edit", pressed="scoring"))
        reply = office.submit("ada", form, high_from="3")
        assert reply.errors == {"": office.say("problem.rules_thresholds")}
        form = form_of(office.ask("ada", "playbook.edit", pressed="routing.0"))
        reply = office.submit("ada", form, team="East")
        assert reply.errors == {"": office.say("problem.rules_target")}

    def test_rules_are_added_moved_switched_off_and_deleted(self, office: Office) -> None:
        card = prepared(
            office, "routing.new", name="金融", industry=("finance",),
            pool="Dana Example ×2，Robin Sample",
        )  # fmt: skip
        applied(office, card)
        assert [rule.name for rule in in_force(office).routing] == ["华东 × IT", "rest", "金融"]
        assert in_force(office).routing[2].pool[0].weight == 2
        rule = card_of(office.ask("ada", "playbook.show", pressed="routing.2"))
        card = card_of(office.press("ada", rule, "button.rules_up"))
        assert "金融" in lines(card)
        applied(office, card)
        assert [rule.name for rule in in_force(office).routing] == ["华东 × IT", "金融", "rest"]
        first = card_of(office.ask("ada", "playbook.show", pressed="routing.0"))
        applied(office, card_of(office.press("ada", first, "button.rules_off")))
        assert not in_force(office).routing[0].enabled
        assert office.log_lead(industry="finance").owner_id == office.people["dana"].id
        first = card_of(office.ask("ada", "playbook.show", pressed="routing.0"))
        applied(office, card_of(office.press("ada", first, "button.rules_remove")))
        assert [rule.name for rule in in_force(office).routing] == ["金融", "rest"]

    def test_several_changes_in_one_draft(self, office: Office) -> None:
        card = prepared(office, "scoring", high_from="9")
        section = card_of(office.press("ada", card, "button.rules_further"))
        form = form_of(office.press("ada", section, "button.rules_change"))
        card = card_of(office.submit("ada", form, medium_from="6"))
        applied(office, card)
        scoring = in_force(office).scoring
        assert (scoring.high_from, scoring.medium_from) == (9, 6)
        assert len(office.rows("playbook")) == 2

    def test_no_difference_is_no_draft(self, office: Office) -> None:
        for place in ("scoring", "routing.0", "clocks.high", "working_hours", "vocabulary"):
            form = form_of(office.ask("ada", "playbook.edit", pressed=place))
            reply = office.submit("ada", form)
            assert reply.toast == office.say("rules.nothing_changed"), place
        assert office.rows("playbook_draft") == []

    def test_why_is_asked_for(self, office: Office) -> None:
        card = prepared(office, "scoring", high_from="9")
        assert set(applied(office, card, " ").errors) == {"why"}
        assert len(office.rows("playbook")) == 1

    def test_discarded_is_gone(self, office: Office) -> None:
        card = prepared(office, "scoring", high_from="9")
        assert office.say("rules.waiting") in words_of(office.ask("max", "playbook.open").card)
        apply = button_of(card, office.say("button.rules_apply"))
        office.press("ada", card, "button.rules_discard")
        reply = office.ask("ada", apply.action, pressed=apply.value)
        assert reply.toast == office.say("error.draft_not_found")
        assert office.say("rules.waiting") not in words_of(office.ask("max", "playbook.open").card)


class TestNamesThatNobodyBears:
    def test_a_person_who_is_not_there_is_refused_with_the_nearest(self, office: Office) -> None:
        form = form_of(office.ask("ada", "playbook.edit", pressed="routing.new"))
        reply = office.submit("ada", form, name="南方", pool="Robin")
        assert set(reply.errors) == {"pool"}
        assert "Robin Sample" in reply.errors["pool"]
        assert "“Robin”" in reply.errors["pool"]

    def test_who_may_come_later_is_named_by_the_trial_and_the_draft(self, office: Office) -> None:
        stranger = RoutingRule(name="later", pool=(PoolMember(person="Robyn Sampel"),))
        office.rules(routing=(EAST_IT, stranger, RoutingRule(name="south", team="Easst")))
        card = prepared(office, "scoring", high_from="9")
        for shown in (card, card_of(office.ask("ada", "playbook.try", pressed="1:30"))):
            words = words_of(shown)
            assert office.say("rules.unknown") in words
            assert "Robyn Sampel" in words
            assert "Robin Sample" in words
            assert "Easst" in words


class TestAutomationsInChat:
    def test_a_new_one_tells_a_colleague(self, office: Office) -> None:
        form = form_of(office.ask("ada", "playbook.edit", pressed="automations.rules.new"))
        assert form.title == office.say("rules.form_new")
        typed: dict[str, Value] = {"trigger": "lost", "do": ("tell_person",)}
        reply = office.submit("ada", form, **typed)
        assert set(reply.errors) == {"details.person"}
        reply = office.submit("ada", form, **typed | {"details.person": "Dana Example"})
        applied(office, card_of(reply))
        new = in_force(office).automations.rules[-1]
        assert new.details.person == "Dana Example"

    def test_keys_are_never_shown(self, office: Office) -> None:
        shipped = office.say("automation.name_lost_after_proposal")
        card = card_of(office.ask("ada", "playbook.show", pressed="automations.rules"))
        form = form_of(office.ask("ada", "playbook.edit", pressed="automations.rules.new"))
        added = card_of(office.submit("ada", form, trigger="hot", do=("tell_owner",)))
        changed = prepared(office, "automations.rules.0.details", within="60")
        off = card_of(office.ask("ada", "playbook.arrange", pressed="off:automations.rules.0"))
        page = card_of(office.ask("ada", "playbook.show", pressed="automations.rules.0"))
        for shown in (card, added, changed, off, page):
            assert "lost_after_proposal" not in words_of(shown)
            assert office.say("rules.automation.key") not in words_of(shown)
        for shown in (card, changed, off, page):
            assert shipped in words_of(shown)


class TestTwoAtOnce:
    def test_what_both_changed_comes_together(self, office: Office) -> None:
        """Ada's form is open while another version comes in force."""
        form = form_of(office.ask("ada", "playbook.edit", pressed="clocks.high"))
        applied(office, prepared(office, "scoring", high_from="9"), "stricter")
        card = card_of(office.submit("ada", form, within="240"))
        assert office.say("rules.meanwhile") in [part.heading for part in card.sections]
        assert "stricter" in lines(card)
        old, new = (office.say("rules.hours", n=n) for n in (8, 4))
        assert f"{old} → {new}" in lines(card)
        assert applied(office, card).toast == office.say("rules.applied", version=3)
        assert in_force(office).scoring.high_from == 9
        assert in_force(office).clocks.high.within == 240

    def test_a_draft_is_looked_at_again_before_it_overrules(self, office: Office) -> None:
        mine = prepared(office, "scoring", high_from="10")
        confirm = form_of(office.press("ada", mine, "button.rules_apply"))
        applied(office, prepared(office, "scoring", high_from="9", medium_from="4"), "stricter")
        reply = office.submit("ada", confirm, why="mine")
        assert reply.toast == office.say("rules.look_again")
        assert in_force(office).scoring.high_from == 9
        assert "9 → 10" in lines(card_of(reply))
        applied(office, card_of(reply))
        assert in_force(office).scoring.high_from == 10
        assert in_force(office).scoring.medium_from == 4


class TestHistory:
    def test_who_when_why_and_back_again(self, office: Office) -> None:
        applied(office, prepared(office, "scoring", high_from="9"), "stricter")
        card = card_of(office.ask("max", "playbook.history"))
        assert "stricter" in words_of(card)
        assert "Ada Admin" in words_of(card)
        card = card_of(office.ask("ada", "playbook.version", pressed="1"))
        [back] = [one for one in buttons_of(card) if one.action == "playbook.restore"]
        assert back.label == office.say("button.rules_restore", version=1)
        draft = card_of(office.ask("ada", back.action, pressed=back.value))
        assert "9 → 8" in lines(draft)
        assert applied(office, draft, "too strict").toast == office.say("rules.applied", version=3)
        assert in_force(office).scoring.high_from == 8


def test_fields_are_of_their_kind(office: Office) -> None:
    form = form_of(office.ask("ada", "playbook.edit", pressed="scoring"))
    assert [type(one) for one in form.fields[:2]] == [Money, Number]
    form = form_of(office.ask("ada", "playbook.edit", pressed="routing.0"))
    kinds = {one.name: type(one) for one in form.fields}
    assert (kinds["name"], kinds["region"], kinds["pool"]) == (Text, MultiChoice, LongText)


def test_a_small_change_of_an_amount_is_told_to_the_last_digit(office: Office) -> None:
    """¥100,000 → ¥100,000 said nothing: in Chinese, ten-thousands were rounded."""
    assert "¥100,040" in lines(prepared(office, "scoring", budget_from="100040"))


def test_an_amount_typed_another_way_is_no_change(office: Office) -> None:
    form = form_of(office.ask("ada", "playbook.edit", pressed="scoring"))
    assert office.submit("ada", form, budget_from="10万").toast == office.say(
        "rules.nothing_changed"
    )


class TestNamedPart:
    @pytest.mark.parametrize(
        "words", ["routing", "Routing", "线索分配", "who gets a lead", "who gets", "routin"]
    )
    def test_opens_that_part(self, office: Office, words: str) -> None:
        card = card_of(office.ask("ada", "playbook.open", text=words))
        assert "华东 × IT" in words_of(card)
        assert buttons_of(card)

    def test_one_that_is_none_is_told(self, office: Office) -> None:
        reply = office.ask("ada", "playbook.open", text="weather in Paris")
        assert reply.card
        assert reply.toast == office.say("rules.unknown_part")
