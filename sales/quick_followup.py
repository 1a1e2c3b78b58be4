"""Parse a follow-up in one line: ``电话 需要同行案例 下周五发方案`` [P16]."""

import re
from dataclasses import dataclass
from datetime import date, time
from itertools import islice

from sales.days import coming_days
from sales.followups import Method
from sales.times import split_time, time_after, time_before

_METHODS = {
    Method.CALL: ("线上电话", "打电话", "电话", "致电", "call", "phone", "called"),
    Method.EMAIL: ("邮件", "电子邮件", "email", "e-mail", "mail"),
    Method.VISIT: ("面谈", "拜访", "上门", "见面", "visit", "meeting", "met"),
    Method.WECHAT: ("微信", "企微", "wechat"),
    Method.DEMO: ("线上演示", "演示", "demo"),
}
_BY_WORD = {word: method for method, words in _METHODS.items() for word in words}
_CLAUSE = re.compile(r"(?<=[,，;；。.!！])\s*")
_STOPS = ",，;；。.!！"
_EDGE = " \t,，;；。.、:：-"
_BEFORE_DATE = re.compile(r"(?:\b(?:by|on|before|until|at)|[在于到])\s{0,4}$", re.IGNORECASE)
_AFTER_DATE = re.compile(r"\s{0,4}(?:之前|以前|前|before\b|左右|:)\s{0,4}", re.IGNORECASE)
_WEEKDAY_TOO = re.compile(
    r"\s{0,4}[（(]?\s{0,4}(?:周|星期|礼拜)[一二三四五六日天](?:\s{0,4}[)）])?"
)
_NEAR = 12
"""Characters before a day in which a word that belongs to it is searched."""
_MOST_DAYS = 20
"""Maximum number of days that are considered in one line."""
_DONE = re.compile(r"[了过]")
_PLAN_ZH = (
    "发 寄 送 约 去 再 拜访 上门 打 回复 回访 安排 提交 给 确认 演示 报价 签 催 问 联系 跟进 见"
    " 准备 请 带 讨论 沟通 复盘 致电"
)
_PLAN_EN = (
    "send call visit ask write meet show demo follow arrange book offer quote confirm check prepare"
    " mail email see sign talk go present review discuss schedule deliver ring remind"
)
_PLAN = re.compile(
    rf"(?:{'|'.join(_PLAN_ZH.split())})|(?:{'|'.join(_PLAN_EN.split())})\b", re.IGNORECASE
)
"""How a clause begins that says what is to be done."""
_JOINED = re.compile(
    r"(?:^|(?<=\s))((?:我们?|咱们|约好了?|约定|约在|约了?|定了|定在|定于|定|计划|准备|打算|改到|改|说好"
    r"|再约|会|将|争取|预计|先)++)$"
)
"""Words before a day that belong to what follows it: 我下周五发方案."""


@dataclass(frozen=True, slots=True)
class ParsedFollowup:
    """The parsed line; no word is in two of its parts.

    ``method`` None: none was named; ``next_on`` None: no coming day, and ``next_time`` None: no
    time of that day. ``summary`` is empty when nothing was said, but something planned or a method
    chosen.
    """

    method: Method | None
    summary: str
    next_step: str
    next_on: date | None
    next_time: time | None = None


@dataclass(frozen=True, slots=True)
class _When:
    """A coming day in a text, with the words around it that belong to it."""

    day: date
    at: time | None
    start: int
    end: int


def parse_line(line: str, today: date) -> ParsedFollowup:
    """Parse a line typed after the lead's number.

    Never fails: what is not understood stays in the summary, for the person to correct. The next
    step is what follows the day; when nothing does, the clause that it ends.
    """
    method, rest, word = _method(line.strip())
    when = _when(rest, today)
    if when is None:
        # A past day belongs to what was said.
        return ParsedFollowup(method, rest.strip(_EDGE), "", None)
    before, after = rest[: when.start], rest[when.end :]
    if not before.strip(_EDGE) and not after.strip(_EDGE):
        # 明天上门: the method is what is planned; nothing was said yet.
        return ParsedFollowup(None, "", word, when.day, when.at)
    summary, step = _around(before, after)
    at = when.at
    if at is None:
        step, at = split_time(step)
    return ParsedFollowup(method, summary, step, when.day, at)


def is_method(word: str) -> bool:
    return word.strip(_EDGE).lower() in _BY_WORD


def _when(text: str, today: date) -> _When | None:
    """The day on which something is planned.

    Today only when no later one is named, and only when it was not done today.
    """
    days = list(islice(coming_days(text, today), _MOST_DAYS))
    ahead = [day for day in days if day[0] > today]
    if ahead:
        return _widened(text, *ahead[0])
    for day, span in days:
        when = _widened(text, day, span)
        before, after = text[: when.start], text[when.end :].strip(_EDGE)
        clause = _CLAUSE.split(before)[-1]
        done = _DONE.search(clause + _CLAUSE.split(after)[0])
        planned = after or when.at or _is_plan(clause)
        if planned and not done:
            return when
    return None


def _widened(text: str, day: date, span: tuple[int, int]) -> _When:
    start, end = span
    if weekday := _WEEKDAY_TOO.match(text, end):
        end = weekday.end()
    at: time | None = None
    if match := time_after(text, end):
        at, end = match[0], match[1][1]
    elif match := time_before(text, start):
        at, start = match[0], match[1][0]
    if named := _AFTER_DATE.match(text, end):
        end = named.end()
    near = text[max(0, start - _NEAR) : start]
    start -= len(near) - len(_BEFORE_DATE.sub("", near))
    return _When(day, at, start, end)


def _around(before: str, after: str) -> tuple[str, str]:
    """Split the words on both sides of a day into what was said and what is planned."""
    *parts, last = (part.strip() for part in _CLAUSE.split(before))
    ends_clause, behind = after.lstrip()[:1] in _STOPS, after.strip(_EDGE)
    if not behind:
        alone = not any(part.strip(_EDGE) for part in parts)
        if alone and not _is_plan(last):
            return last.strip(_EDGE), ""
        return _joined(parts), last.strip(_EDGE)
    if ends_clause and last and _is_plan(last):
        return _joined([*parts, behind]), last.strip(_EDGE)
    if joined := _JOINED.search(last):
        return _joined([*parts, last[: joined.start()]]), joined[1] + behind
    return _joined([*parts, last]), behind


def _joined(parts: list[str]) -> str:
    return " ".join(part for part in parts if part).strip(_EDGE)


def _is_plan(clause: str) -> bool:
    return bool(_PLAN.match(clause.strip(_EDGE))) and not _DONE.search(clause)


def _method(line: str) -> tuple[Method | None, str, str]:
    """The method that a line begins with, the rest, and the word that was read as the method."""
    word, _, rest = line.partition(" ")
    bare = word.strip(_EDGE).lower()
    if bare in _BY_WORD:
        return _BY_WORD[bare], rest.strip(), word.strip(_EDGE)
    for name in sorted(_BY_WORD, key=len, reverse=True):
        # Chinese is written without spaces: 电话沟通 starts with the method 电话.
        if not name.isascii() and bare.startswith(name) and len(bare) > len(name):
            return _BY_WORD[name], line, ""
    return None, line, ""
