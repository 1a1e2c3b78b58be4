"""Parse a follow-up in one line or a few: ``电话 需要同行案例，下周五发方案`` [P16].

What was typed stays as it was typed: a method, marked parts and days are recognised in it, and
nothing is joined anew. Which day is which is ``sales.followup_days``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from sales.contact_times import is_now, read_when
from sales.days import unread_times
from sales.followup_days import EDGE, FILLS, USUAL, Contacted, DatedText, Habits, Planned
from sales.followups import Method
from sales.patterns import lazy_pattern
from sales.times import split_time, times_in

LONGEST = 2000
"""Maximum length of a follow-up, in characters."""
_METHODS = {
    Method.CALL: (
        "线上电话",
        "打电话",
        "打了电话",
        "打了个电话",
        "打过电话",
        "通了电话",
        "电话",
        "致电",
        "通话",
        "call",
        "phone",
        "called",
        "phoned",
    ),
    Method.EMAIL: ("邮件", "发了邮件", "电子邮件", "email", "e-mail", "mail", "emailed", "mailed"),
    Method.VISIT: ("面谈", "拜访", "上门", "见面", "visit", "meeting", "met", "visited"),
    Method.WECHAT: ("微信", "发了微信", "企微", "wechat"),
    Method.DEMO: ("线上演示", "演示", "demo", "online demo"),
}
_BY_WORD = {word: method for method, words in _METHODS.items() for word in words}
_WORDS = "|".join(sorted(_BY_WORD, key=len, reverse=True))
_LEADING = lazy_pattern(rf"(?:{_WORDS})(?=$|[\s,，;；。.、:：])", re.IGNORECASE)
_WITHIN = lazy_pattern(rf"(?<![a-z])(?P<word>{_WORDS})(?![a-z])", re.IGNORECASE)
_VERBS = frozenset(("called", "phoned", "emailed", "mailed", "met", "visited"))
"""Methods that are words of the sentence which they begin: they are not cut off."""
_TO_SOMEBODY = re.compile(r"\s{1,4}(?:back|again|him|her|them)\b", re.IGNORECASE)
"""What makes a method a step: call back on Monday."""
_WHOM = r"(?:him|her|them|you|[a-z]{2,20}|the [a-z]{2,20})"
_TELLING = 200
"""Characters in which verbs tell the method."""
_SPOKEN = lazy_pattern(
    r"(?P<EMAIL>\b(?:shot|dropped|sent|send) " + _WHOM + r" (?:an? )?(?:e-?mail|mail|line)\b"
    r"|\b(?:wrote|write|writing) (?:to|back|him|her|them)\b"
    r"|\b(?:by|via|per) e-?mail\b|[发回写收]了?[个封一]{0,2}邮件)"
    r"|(?P<CALL>\brang\b|\bring(?:ing)? (?:back|him|her|them|again|up)\b|\bring "
    r"(?=(?:mon|tue|wed|thu|fri|sat|sun|tomorrow|next|on|at)[a-z]{0,9}\b)"
    r"|\b(?:gave|give|giving) " + _WHOM + r" a (?:quick )?(?:ring|bell|buzz|call|tinkle|shout)\b"
    r"|\bbuzz(?:ed)? (?:him|her|them)\b|\bdial(?:l?ed|ing)\b|\bvoice ?mail\b|\b(?:on|over|by) the "
    r"(?:phone|blower)\b|\bdid(?:n['’]t| not) (?:pick up|answer)\b|\bno answer\b"
    r"|\b(?:call|calling|phone|phoning|phoned|called) (?:back|again|him|her|them)\b"
    r"|\b(?:video|zoom|teams) call\b|打给|打过去|打不通|打通|拨[打通]|回拨|回了?电|去电|来电"
    r"|没接|没人接"
    r"|接通了?|通了[个次]?话|视频会议|腾讯会议|视频通话)"
    r"|(?P<VISIT>\b(?:dropped|popped|swung|stopped|drop|pop|swing|stop) (?:by|in|over|round)\b"
    r"|\bcaught up (?:in person|over|for)\b|\b(?:had|over|for|grabbed) (?:a )?(?:coffee|lunch"
    r"|dinner"
    r"|drinks?|breakfast)\b|\bwent (?:to see|over to|round to)\b|\bin person\b"
    r"|\bface[- ]to[- ]face\b"
    r"|\bon[- ]?site\b|\bsat down with\b|跑了[一]?[趟下]|去了[一]?趟|过去了?一趟|当面"
    r"|见了[个次]?面|碰了?面"
    r"|[吃喝]了?[个顿次杯]{0,2}(?:饭|茶|咖啡)|登门|到访|走访|面聊)"
    r"|(?P<WECHAT>\bwhats ?app(?:ed)?\b|\btexted\b|\btext (?:him|her|them|back)\b|\bsms\b"
    r"|\bmessaged\b"
    r"|\bdm['’]?ed\b|\bpinged\b|加了微信|微信[聊说问回发]|[发回]了?[条个]?(?:消息|信息|短信"
    r"|语音)|私信|留言)",
    re.IGNORECASE,
)
_JUST_NOW = re.compile(r"刚|方才|just\b", re.IGNORECASE)
_FIRST_WORDS = 60
"""Characters in which the method of an earlier contact is searched."""

_MARKERS: Mapping[str, str] = {
    "summary": "沟通摘要|沟通内容|沟通要点|摘要|纪要|内容|summary|notes?",
    "feedback": (
        r"客户反馈\s?[/／]\s?异议|反馈\s?[/／]\s?异议|客户反馈|客户异议|反馈|异议|customer feedback"
        r"|feedback\s?/\s?objections?|feedback|objections?"
    ),
    "step": (
        "下一步计划|下一步|下步|下次跟进|下次|后续计划|后续|计划"
        "|next steps?|next action|next|to ?do"
    ),
    "due": (
        "预计完成时间|预计时间|预计日期|预计|截止时间|截止|期限"
        "|expected date|expected|due date|due|deadline"
    ),
    "when": "跟进时间|沟通时间|时间|日期|date|time|when",
    "method": "跟进方式|沟通方式|方式|method|how",
}
_ANYWHERE = "客户反馈|客户异议|反馈|异议|下一步"
"""Markers that no other word ends with: they need nothing before them."""
_MARKER = lazy_pattern(
    r"(?:(?:^|(?<=[\s\u3000,，;；。.!！、|（(]))"
    rf"(?:{'|'.join(f'(?P<{part}>{names})' for part, names in _MARKERS.items())})"
    rf"|(?P<bare>{_ANYWHERE}))\s{{0,2}}[:：]",
    re.IGNORECASE,
)
_NOTHING = frozenset(("无", "没有", "暂无", "none", "n/a", "nothing", "no"))
"""What people write behind a marker for nothing."""
_TO_COME = lazy_pattern(
    r"[\s，,]{0,2}(?:之?[前后])?(?:我们?|咱们)?(?:再|回电|回访|回复)(?![没也未无])"
)
_TO_COME_AT = lazy_pattern(
    r"\b(?:back|again|call them|call him|call her)\s(?:at|by|before|after)\s$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]")
_APART = " \t\r\n\u3000,，;；、|"
"""What separates marked parts."""


@dataclass(frozen=True, slots=True)
class ParsedFollowup:
    """The parsed words; ``summary``, ``feedback`` and ``next_step`` are parts of what was typed.

    ``method`` None: none was named. ``summary`` is empty when nothing was said, but something
    planned or a method chosen; otherwise it is all that no marker assigns, with the next step in
    it. ``contacted`` None: just now. ``next_on`` None: no coming day, and ``next_time`` None: no
    time of that day. ``unread`` are words that look like a time and were not understood, ``taken``
    the words for a next day that they do not name exactly.
    """

    method: Method | None
    summary: str
    next_step: str
    next_on: date | None
    next_time: time | None = None
    feedback: str = ""
    contacted: Contacted | None = None
    unread: tuple[str, ...] = ()
    taken: str = ""


def parse_line(
    line: str, today: date, clock: time | None = None, habits: Habits = USUAL
) -> ParsedFollowup:
    """Parse what is typed after the lead's number; ``clock`` is the time of day of whoever types,
    ``habits`` say how days are meant there.

    Never fails: what is not understood stays in the summary, for the person to correct. So does all
    of a text that is too long for one follow-up.
    """
    if len(line) > LONGEST:
        return ParsedFollowup(None, line.strip(), "", None)
    parsed = _parsed(line, today, clock, habits)
    if parsed.method or not parsed.summary:
        return parsed
    return replace(parsed, method=_told_by_verbs(parsed.summary))


def _told_by_verbs(line: str) -> Method | None:
    """The method that the verbs of a sentence tell: ``gave her a ring``, ``跑了一趟``."""
    found = _SPOKEN.search(line[:_TELLING])
    return Method[found.lastgroup] if found and found.lastgroup else None


def _parsed(line: str, today: date, clock: time | None, habits: Habits) -> ParsedFollowup:
    method, rest, word = _method(line.strip())
    parts = _parts(rest)
    head = DatedText(parts["head"], today, clock, habits)
    contacted, unread = _contacted(parts, head, today, clock, habits)
    if (
        method is None
        and (contacted or _JUST_NOW.match(rest))
        and (named := _WITHIN.search(rest[:_FIRST_WORDS]))
    ):
        method = _BY_WORD[named["word"].lower()]
    marked = "step" in parts or "due" in parts
    plan = None if marked else head.planned()
    if plan and not _WORD.search(plan.step):
        plan = replace(plan, step="")
    said = "\n".join(filter(None, (parts["head"], parts.get("summary", ""))))
    parsed = ParsedFollowup(
        _BY_WORD.get(parts.get("method", "").lower(), method),
        said,
        plan.step if plan else "",
        plan.day if plan else None,
        plan.at if plan else None,
        parts.get("feedback", ""),
        contacted,
        (
            *unread,
            *head.too_far,
            *_unread(parts["head"], today, habits),
            *_dayless(parts["head"], contacted, plan),
        ),
        plan.taken if plan else "",
    )
    if marked:
        return _with_marked_step(parsed, parts, today, clock, habits)
    if plan and len(parts) == 1 and not contacted and _is_all(plan, parts["head"]):
        return _only_planned(parsed, word)
    return parsed


def without_plan(said: str, step: str, today: date, habits: Habits = USUAL) -> str:
    """What was said, without the plan of the ``step`` that it ends with: for where the step stands
    beside it. ``today`` is when it was said. Nothing is left where it says nothing else."""
    plan = DatedText(said[:LONGEST], today, None, habits).planned()
    if plan is None or plan.step != step or said[plan.end :].strip(EDGE):
        return said
    return _LINK.sub("", said[: plan.start].rstrip(EDGE)).rstrip(EDGE)


_LINK = lazy_pattern(
    r"(?:(?:(?<![^\W_])(?:and|then|so|will|to|i['’]ll|we['’]ll)|然后|并且|所以|[我会将])\s{0,2}){1,3}$",
    re.IGNORECASE,
)
"""The words that join a plan to what stands before it."""


def is_method(word: str) -> bool:
    return word.strip(EDGE).lower() in _BY_WORD


def _is_all(plan: Planned, text: str) -> bool:
    """Whether a text says nothing besides what is planned."""
    before, after = text[: plan.start].strip(EDGE), text[plan.end :].strip(EDGE)
    return not after and (not before or bool(FILLS.fullmatch(before)))


def _only_planned(parsed: ParsedFollowup, word: str) -> ParsedFollowup:
    """Nothing was said: 明天再去. A method before it (面谈 明天再去) is a contact; one that is all
    there is (明天上门, visit tomorrow) is what is planned."""
    if not word:
        return replace(parsed, method=None, summary="")
    if not parsed.next_step:
        return replace(parsed, method=None, summary="", next_step=word)
    return parsed


def _with_marked_step(
    parsed: ParsedFollowup,
    parts: Mapping[str, str],
    today: date,
    clock: time | None,
    habits: Habits,
) -> ParsedFollowup:
    """Add the step that stands behind a marker, and its day there or behind one of its own."""
    typed, due = parts.get("step", ""), parts.get("due", "")
    words = DatedText(typed, today, clock, habits)
    plan = words.marked()
    dated = DatedText(due, today, clock, habits).marked()
    step, at = (plan.step, plan.at) if plan else split_time(typed)
    unread = (*parsed.unread, *words.too_far, *_unread(typed, today, habits))
    if due and not dated:
        unread = (*unread, *(_unread(due, today, habits) or (due,)))
    day = dated or plan
    return replace(
        parsed,
        next_step=step,
        next_on=day.day if day else None,
        next_time=(dated.at if dated else None) or at,
        unread=unread,
        taken=day.taken if day else "",
    )


def _contacted(
    parts: Mapping[str, str], head: DatedText, today: date, clock: time | None, habits: Habits
) -> tuple[Contacted | None, tuple[str, ...]]:
    """When the contact took place, as marked or as told, and a marked time that was not
    understood."""
    typed = parts.get("when", "")
    if not typed:
        return head.contacted(), ()
    try:
        return read_when(typed, today, habits, clock), ()
    except ValueError:
        return None, (typed,)


def _unread(text: str, today: date, habits: Habits) -> tuple[str, ...]:
    found = unread_times(text, today, habits.calendar, order=habits.order)
    return tuple(words for words in found if not is_now(words))


def _dayless(text: str, contacted: Contacted | None, plan: Planned | None) -> tuple[str, ...]:
    """Times of day at which something is to be done, on a day that nothing names: 晚上8点再打."""
    if contacted or plan:
        return ()
    return tuple(
        text[start:end].strip()
        for start, end in times_in(text)
        if _TO_COME.match(text, end) or _TO_COME_AT.search(text[max(0, start - 30) : start])
    )


def _parts(text: str) -> dict[str, str]:
    """The marked parts of a text by what they are, and as ``head`` what stands before them."""
    found: dict[str, list[str]] = {"head": []}
    part, begins = "head", 0
    for match in _MARKER.finditer(text):
        found.setdefault(part, []).append(text[begins : match.start()].strip(_APART))
        part = _part_of(match)
        begins = match.end()
    found.setdefault(part, []).append(text[begins:].strip(_APART))
    whole = {part: "\n".join(filter(None, texts)) for part, texts in found.items()}
    return {
        part: "" if part != "head" and text.strip(EDGE).lower() in _NOTHING else text
        for part, text in whole.items()
    }


def _part_of(match: re.Match[str]) -> str:
    if bare := match["bare"]:
        return "step" if bare == "下一步" else "feedback"
    return next(part for part in _MARKERS if match[part])


def _method(line: str) -> tuple[Method | None, str, str]:
    """The method that a line begins with, the rest, and the word that was cut off as the method."""
    if match := _LEADING.match(line):
        word = match[0].lower()
        if word in _VERBS or _TO_SOMEBODY.match(line, match.end()):
            return _BY_WORD[word], line, ""
        return _BY_WORD[word], line[match.end() :].lstrip(_APART + "。.:："), match[0]
    # Chinese is written without spaces: 电话沟通 starts with the method 电话.
    if (match := _WITHIN.match(line)) and not match[0].isascii():
        return _BY_WORD[match[0]], line, ""
    return None, line, ""
