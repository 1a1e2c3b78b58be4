"""A lead's state in the words of other systems: stage, high-intent mark and grade kept apart.

One column often holds all three [P4]: 成交 is a stage, 高意向 the high-intent mark, 中等 a grade.
"""

import re
from dataclasses import dataclass
from typing import Final

from sales.imports.headings import plain
from sales.imports.values import stage_of
from sales.leads import Grade, Stage
from sales.patterns import lazy_pattern

_WORDS_OF_INTENT: Final = (
    "高意向|高意向度|意向高|意向度高|意向强|意向强烈|强意向|强烈意向|意向明确|热|热线索|热客户|火热|"
    "高热度|热度高|hot|hot lead|hot prospect|very hot|high intent|high intention|high interest"
)
_HOT: Final = frozenset(_WORDS_OF_INTENT.split("|"))
_GRADES: Final = {
    word: grade
    for grade, words in {
        Grade.HIGH: "high|high value|high priority|高|高等|高级|高价值|高质量|优质|a|a级|a类|甲",
        Grade.MEDIUM: "medium|mid|middle|moderate|medium value|medium priority|normal priority|"
        "warm|中|中等|中级|中价值|中等价值|中质量|中意向|中等意向|意向中|意向中等|意向一般|"
        "一般意向|一般|温|b|b级|b类|乙",
        Grade.LOW: "low|low value|low priority|low intent|cold|低|低等|低级|低价值|低质量|"
        "低意向|意向低|意向度低|弱意向|意向弱|无意向|冷|冷淡|冷线索|c|c级|c类|丙",
    }.items()
    for word in words.split("|")
}
_SUFFIX: Final = re.compile(r"(?:客户|线索|商机|lead|prospect|deal|rating)$")
_ORDINAL: Final = re.compile(r"^\d{1,2} ?(?=\D)")
_JOINT: Final = lazy_pattern(
    r"[-/／、，,;；|｜+＋&＆·()（）\[\]【】\n:：–—]|(?<=[^\x00-\x7f])\s|\s(?=[^\x00-\x7f])"
)
_BRACKET: Final = re.compile(r"[(（\[【]")
_FIGURE: Final = re.compile(r"\d{1,3}(?:\.\d{1,2})? ?[%％]?")
"""A probability or a number beside the word, which is part of no state."""
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class LeadState:
    """What a state says; None and False where it says nothing of it.

    ``unread`` holds the parts that mean none of the three, as written.
    """

    stage: Stage | None = None
    is_hot: bool = False
    grade: Grade | None = None
    unread: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was understood."""
        return self.stage is None and not self.is_hot and self.grade is None


def read_state(text: str) -> LeadState:
    """Read a state such as ``高意向``, ``中等``, ``已成交`` or ``跟进中/高意向``; raises nothing.

    The whole is tried before its parts, since 合同-谈判 may be one word. The first word of each of
    the three counts; another one that contradicts it is ``unread``.
    """
    words = text.strip()
    whole = LeadState() if _BRACKET.search(words) else _read_part(words)
    if not words or not whole.is_empty or len(words) > _LONGEST:
        return whole
    state = LeadState()
    for part in filter(None, map(str.strip, _JOINT.split(words))):
        if not _FIGURE.fullmatch(part):
            state = _joined(state, _read_part(part), part)
    return LeadState(unread=(words,)) if state.is_empty else state


def _read_part(text: str) -> LeadState:
    word = _ORDINAL.sub("", plain(text[:_LONGEST]))
    for spelled in (word, _SUFFIX.sub("", word).strip()):
        if spelled in _HOT:
            return LeadState(is_hot=True)
        if spelled in _GRADES:
            return LeadState(grade=_GRADES[spelled])
        if stage := stage_of(spelled):
            return LeadState(stage=stage)
    return LeadState(unread=(text,) if text else ())


def _joined(state: LeadState, part: LeadState, text: str) -> LeadState:
    contradicts = (part.stage and state.stage not in (None, part.stage)) or (
        part.grade and state.grade not in (None, part.grade)
    )
    if contradicts:
        part = LeadState(unread=(text,))
    return LeadState(
        state.stage or part.stage,
        state.is_hot or part.is_hot,
        state.grade or part.grade,
        (*state.unread, *part.unread),
    )
