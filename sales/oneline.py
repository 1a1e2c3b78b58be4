"""A follow-up in one line: ``电话 需要同行案例 下周五发方案`` [P16]."""

import re
from dataclasses import dataclass
from datetime import date

from sales.days import FARTHEST, find_day
from sales.followups import Method

_METHODS = {
    Method.CALL: ("线上电话", "打电话", "电话", "致电", "call", "phone", "called"),
    Method.EMAIL: ("邮件", "电子邮件", "email", "e-mail", "mail"),
    Method.VISIT: ("面谈", "拜访", "上门", "见面", "visit", "meeting", "met"),
    Method.WECHAT: ("微信", "企微", "wechat"),
    Method.DEMO: ("线上演示", "演示", "demo"),
}
_BY_WORD = {word: method for method, words in _METHODS.items() for word in words}
_CLAUSE = re.compile(r"(?<=[,，;；。.!！])\s*")
_EDGE = " \t,，;；。.、:：-"
_BEFORE_DATE = re.compile(r"(?:\b(?:by|on|before|until|at)|[在于到])\s*$", re.IGNORECASE)
_AFTER_DATE = re.compile(r"^\s*(?:之前|以前|前|before\b|:)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a line says. ``method`` None: none was named; ``next_on`` None: no coming day."""

    method: Method | None
    summary: str
    next_step: str
    next_on: date | None


def parse_line(line: str, today: date) -> Understood:
    """Read a line typed behind the lead's number. Never fails: what is not understood stays
    in the summary, for the person to correct.

    The next step is what follows the date; when nothing does, the clause that it ends.
    """
    method, rest = _method(line.strip())
    found = find_day(rest, today)
    if not found or not today <= found[0] <= today + FARTHEST:
        # A day that is over belongs to what was said.
        return Understood(method, rest.strip(_EDGE), "", None)
    day, (start, end) = found
    before = _BEFORE_DATE.sub("", rest[:start]).strip(_EDGE)
    after = _AFTER_DATE.sub("", rest[end:]).strip(_EDGE)
    if after:
        return Understood(method, before or after, after, day)
    *said, last = _CLAUSE.split(before)
    summary = " ".join(part.strip() for part in said).strip(_EDGE)
    return Understood(method, summary or last, last if said else "", day)


def _method(line: str) -> tuple[Method | None, str]:
    word, _, rest = line.partition(" ")
    bare = word.strip(_EDGE).lower()
    if bare in _BY_WORD:
        return _BY_WORD[bare], rest.strip()
    for name in sorted(_BY_WORD, key=len, reverse=True):
        # Chinese is written without spaces: 电话沟通 starts with the method 电话.
        if not name.isascii() and bare.startswith(name) and len(bare) > len(name):
            return _BY_WORD[name], line
    return None, line
