"""The stages of other systems in ours."""

from typing import Final

from sales.imports.columns import plain
from sales.leads import Stage

_WORDS: Final = {
    Stage.CAPTURED: "captured|new|open|prospecting|prospect|lead|线索获取|新线索|新建|待跟进|"
    "未跟进|初始",
    Stage.SCREENED: "screened|qualified|qualification|contacted|线索筛选|已筛选|已验证|已联系|"
    "初步接触",
    Stage.DISCOVERY: "discovery|engaging|engaged|needs analysis|working|需求挖掘|需求确认|"
    "需求分析|"
    "跟进中|沟通中",
    Stage.PROPOSAL: "proposal|quote|quoted|proposal sent|presentation|方案呈现|方案报价|报价|"
    "已报价|方案",
    Stage.NEGOTIATION: "negotiation|negotiating|contract sent|review|商务谈判|谈判|谈判中|合同谈判",
    Stage.WON: "won|closed won|deal|signed|customer|converted|成交签约|成交|已成交|赢单|签约|"
    "已签约",
    Stage.AFTERSALES: "aftersales|after sales|售后跟进|售后",
    Stage.NURTURE: "nurture|nurturing|on hold|培育池|培育|暂缓",
    Stage.LOST: "lost|closed lost|dead|unqualified|disqualified|流失|丢单|输单|已流失|无效|战败",
}
_LONGEST: Final = 200
_STAGES: Final = {word: stage for stage, words in _WORDS.items() for word in words.split("|")}


def stage_of(text: str) -> Stage | None:
    """The stage that a word of another system means; None for one we do not know."""
    return _STAGES.get(plain(text[:_LONGEST]))
