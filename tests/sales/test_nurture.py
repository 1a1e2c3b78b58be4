from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sales.leads import Authority, Clarity, Lead, Stage, Timeframe
from sales.library import Content, Item, ItemKind, Tags, Wording
from sales.nurture import enters_at_once, enters_unanswered, stays_low, to_send, waits_for_answers
from sales.playbook import Playbook, Revival
from sales.scoring import scored
from tests.sales.leads import MONDAY, a_lead

RULES = Playbook()
NEVER = Playbook(revival=Revival(nurture_low=False))
STAFF, VAGUE, LATER = Authority.STAFF, Clarity.VAGUE, Timeframe.LATER
LOW: dict[str, Any] = {"authority": STAFF, "clarity": VAGUE, "owner_id": 1}


def low(**known: Any) -> Lead:
    return scored(a_lead(**(LOW | known)), RULES.scoring)


class TestEntersAtOnce:
    @pytest.mark.parametrize(
        ("known", "sure"),
        [
            ({"timeframe": LATER}, True),  # only the budget is open: at most 2 points
            ({"timeframe": LATER, "budget_low": Decimal(1)}, True),
            ({"clarity": Clarity.CLEAR, "timeframe": LATER}, True),
            ({}, False),  # budget and timeframe are open: 5 points
            ({"authority": Authority.UNKNOWN}, False),
            ({"clarity": Clarity.CLEAR}, False),
            ({"authority": Authority.MANAGER, "timeframe": LATER}, False),
        ],
    )
    def test_only_when_no_open_question_could_make_it_more(
        self, known: dict[str, Any], sure: bool
    ) -> None:
        lead = low(**known)
        assert stays_low(lead, RULES.scoring) is sure
        assert enters_at_once(lead, None, RULES) is sure
        assert waits_for_answers(lead, RULES)

    @pytest.mark.parametrize(
        "known",
        [
            {"next_at": MONDAY},
            {"hot_since": MONDAY},
            {"owner_id": None},
            {"stage": Stage.DISCOVERY},
            {"stage": Stage.NURTURE},
            {"stage": Stage.WON},
            {"stage": Stage.LOST},
        ],
    )
    def test_not_while_somebody_works_on_it_or_it_rests(self, known: dict[str, Any]) -> None:
        lead = low(timeframe=LATER, **known)
        assert not enters_at_once(lead, None, RULES)
        assert not enters_unanswered(lead, RULES)

    def test_not_again_what_a_person_took_back(self) -> None:
        lead = low(timeframe=LATER)
        edited = replace(lead, contact="Kim Sample")
        assert not enters_at_once(edited, lead, RULES)
        assert enters_at_once(lead, low(), RULES)

    def test_not_where_the_playbook_does_not_want_it(self) -> None:
        lead = low(timeframe=LATER)
        assert not enters_at_once(lead, None, NEVER)
        assert not waits_for_answers(lead, NEVER)
        patient = Playbook(revival=Revival(ask_days=0))
        assert not waits_for_answers(lead, patient)

    def test_not_after_contact_when_questions_stayed_open(self) -> None:
        assert enters_unanswered(low(), RULES)
        assert not enters_unanswered(low(last_contact_at=MONDAY), RULES)


def item(number: int, kind: ItemKind = ItemKind.CASE, **tags: str) -> Item:
    words = {"en": Wording(title=f"item {number}")}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    content = Content(words=words, tags=Tags(**tags))
    return Item(id=number, kind=kind, content=content, author_id=1, changed_by=1, changed_at=now)


class TestToSend:
    ITEMS = (
        item(1, industry="it", product="basic"),
        item(2, industry="education"),
        item(3, product="advanced"),
        item(4),
    )

    def test_offers_what_fits_industry_and_product(self) -> None:
        lead = low(industry="it", product="basic")
        assert [one.id for one in to_send(self.ITEMS, lead, (), 3)] == [1, 4]

    def test_of_an_unknown_industry_only_what_fits_any(self) -> None:
        assert [one.id for one in to_send(self.ITEMS, low(), (), 3)] == [3, 4]
        named = low(product="basic")
        assert [one.id for one in to_send(self.ITEMS, named, (), 3)] == [4]

    def test_something_new_first(self) -> None:
        lead = low(industry="it", product="basic")
        assert [one.id for one in to_send(self.ITEMS, lead, (1,), 1)] == [4]
