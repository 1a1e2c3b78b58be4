"""Past days as files hold them; never a guess about which number is the month."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias

from rapidfuzz import fuzz, process

from sales.imports.columns import plain
from sales.leads import Stage
from sales.playbook import Term

Order: TypeAlias = Literal["dmy", "mdy"]
_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?")


class NotADate(ValueError):
    """The text is no day of the calendar."""


def parse_date(text: str, order: Order) -> date:
    """Parse ``2024-03-01``, ``2024年3月1日``, ``20240301``, and ``3/1/2024`` by ``order``."""
    typed = text.strip()
    if match := _ISO.fullmatch(typed) or _COMPACT.fullmatch(typed):
        return _day(match[1], match[2], match[3])
    if match := _SLASHED.fullmatch(typed):
        day, month = (match[1], match[2]) if order == "dmy" else (match[2], match[1])
        return _day(match[3], month, day)
    raise NotADate(text)


def order_in(texts: Iterable[str]) -> Order | None:
    """The order that days written with slashes show: a number above 12 is no month.

    None when they leave it open, or contradict each other.
    """
    first = second = False
    for text in texts:
        if match := _SLASHED.fullmatch(text.strip()):
            first, second = first or int(match[1]) > 12, second or int(match[2]) > 12
    if first == second:
        return None
    return "dmy" if first else "mdy"


def _day(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise NotADate(f"{year}-{month}-{day}") from error


_ALIKE: Final = 88.0
_LONGEST: Final = 200
"""Maximum number of characters of a cell; a longer one is no term."""


class TermFinder:
    """Finds terms by their key or their label in either language.

    A file repeats itself, so results are cached while it is read.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self._spelled = {plain(name) for term in terms for name in (term.key, term.en, term.zh)}
        self._terms = {_bare(name): term for term in terms for name in (term.key, term.en, term.zh)}
        self._found: dict[str, Term | None] = {}

    def spells(self, text: str) -> bool:
        """Whether a text is a term's own spelling, except for case and signs."""
        return plain(text) in self._spelled

    def nearest(self, text: str) -> Term | None:
        """The term that a text means: one that is equal, or nearly so.

        Nearly means that only signs or a typing mistake differ. None for no such term, and for two
        that are equally near.
        """
        if len(text) > _LONGEST:
            return None
        if text not in self._found:
            self._found[text] = self._look_up(_bare(text))
        return self._found[text]

    def key(self, text: str) -> str:
        term = self.nearest(text)
        return term.key if term else ""

    def _look_up(self, text: str) -> Term | None:
        if not text or text in self._terms:
            return self._terms.get(text)
        near = process.extract(
            text, self._terms.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=2
        )
        terms = {self._terms[name].key: self._terms[name] for name, score, _ in near
                 if score == near[0][1]}  # fmt: skip
        return next(iter(terms.values())) if len(terms) == 1 else None


def _bare(text: str) -> str:
    return plain(text).replace(" ", "")


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
_STAGES: Final = {word: stage for stage, words in _WORDS.items() for word in words.split("|")}


def stage_of(text: str) -> Stage | None:
    """The stage that a word of another system means; None for one we do not know."""
    return _STAGES.get(plain(text[:_LONGEST]))
