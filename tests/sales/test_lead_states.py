import pytest

from sales.imports.states import LeadState, read_state
from sales.leads import Grade, Stage

HIGH, MEDIUM, LOW = Grade.HIGH, Grade.MEDIUM, Grade.LOW
HOT = LeadState(is_hot=True)


def stage(name: Stage, *, hot: bool = False, grade: Grade | None = None) -> LeadState:
    return LeadState(name, hot, grade)


READ = {
    # The process' own two rows.
    "高意向": HOT,
    "中等": LeadState(grade=MEDIUM),
    "高意向客户": HOT,
    "强意向": HOT,
    "意向强烈": HOT,
    "Hot": HOT,
    "HOT lead": HOT,
    "High-intent": HOT,
    " 高意向 ": HOT,
    "【高意向】": HOT,
    "高": LeadState(grade=HIGH),
    "高价值": LeadState(grade=HIGH),
    "High": LeadState(grade=HIGH),
    "A": LeadState(grade=HIGH),
    "A类客户": LeadState(grade=HIGH),
    "B级": LeadState(grade=MEDIUM),
    "中": LeadState(grade=MEDIUM),
    "中等价值": LeadState(grade=MEDIUM),
    "warm": LeadState(grade=MEDIUM),
    "一般意向": LeadState(grade=MEDIUM),
    "Medium": LeadState(grade=MEDIUM),
    "低": LeadState(grade=LOW),
    "低意向": LeadState(grade=LOW),
    "低价值客户": LeadState(grade=LOW),
    "cold": LeadState(grade=LOW),
    "Cold lead": LeadState(grade=LOW),
    "c类": LeadState(grade=LOW),
    "已成交": stage(Stage.WON),
    "成交签约": stage(Stage.WON),
    "Closed Won": stage(Stage.WON),
    "Closed - Won": stage(Stage.WON),
    "Closed-Lost": stage(Stage.LOST),
    "流失": stage(Stage.LOST),
    "跟进中": stage(Stage.DISCOVERY),
    "未跟进": stage(Stage.CAPTURED),
    "培育池": stage(Stage.NURTURE),
    "3-方案报价": stage(Stage.PROPOSAL),
    "04 商务谈判": stage(Stage.NEGOTIATION),
    "Negotiation (80%)": stage(Stage.NEGOTIATION),
    "方案呈现 60%": stage(Stage.PROPOSAL),
    # Several in one cell.
    "跟进中/高意向": stage(Stage.DISCOVERY, hot=True),
    "高意向，方案呈现": stage(Stage.PROPOSAL, hot=True),
    "高意向（中等）": LeadState(is_hot=True, grade=MEDIUM),
    "中等-高意向": LeadState(None, True, MEDIUM),
    "高意向 中等": LeadState(None, True, MEDIUM),
    "warm / negotiation": stage(Stage.NEGOTIATION, grade=MEDIUM),
    "已成交、高意向、高价值": stage(Stage.WON, hot=True, grade=HIGH),
    # What is not understood is said, and a contradiction is not guessed.
    "": LeadState(),
    "  ": LeadState(),
    "意向客户": LeadState(unread=("意向客户",)),
    "State of Texas": LeadState(unread=("State of Texas",)),
    "广东": LeadState(unread=("广东",)),
    "高意向/老王介绍": LeadState(is_hot=True, unread=("老王介绍",)),
    "成交/流失": LeadState(Stage.WON, unread=("流失",)),
    "高/低": LeadState(grade=HIGH, unread=("低",)),
}


class TestReadState:
    @pytest.mark.parametrize("text", READ)
    def test_keeps_stage_intent_and_grade_apart(self, text: str) -> None:
        assert read_state(text) == READ[text]

    def test_says_whether_anything_was_understood(self) -> None:
        assert read_state("广东").is_empty
        assert not read_state("高意向/广东").is_empty

    def test_does_not_read_a_story(self) -> None:
        assert read_state("高意向，" * 500).is_empty
