"""Parse a move in one line: ``成交 12万``, ``lost too expensive``, ``方案 12万 预计12月20日`` [P2].

Careful: what is not plainly a stage, an amount, a contract number or a known reason stays a note,
as typed, for the person to correct in the form.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from sales.amounts import CURRENCIES, NotAnAmount, parse_worth
from sales.days import NamedDay
from sales.leads import Stage
from sales.patterns import lazy_pattern

LONGEST = 500
"""Characters that are parsed; what is beyond them stays in the note."""
_ALONE = r"(?![^\s,，.。;；!！约¥￥$\d一二两三四五六七八九十百])"
"""What follows 签了 of a deal, and not of a letter of confidentiality."""
_STAGES: Mapping[Stage, str] = {
    Stage.CAPTURED: "线索获取|captured|capture",
    Stage.SCREENED: "线索筛选|已筛选|筛选|screening|screened|screen|qualified|qualify",
    Stage.DISCOVERY: "需求挖掘|需求沟通|需求调研|挖掘需求|挖掘|需求|discovery|discover",
    Stage.PROPOSAL: "方案呈现|已报价|提案|方案|报价|proposal|proposed|propose|quoted|quote",
    Stage.NEGOTIATION: "商务谈判|谈判|商务|议价|negotiations?|negotiating|negotiate",
    Stage.WON: "成交签约|已成交|成交|已签约|签约|签单|签合同|赢单|赢了|拿下|赢下来|赢下|签下来|签下"
    rf"|签了{_ALONE}|赢{_ALONE}"
    "|closed[ -]won|won|win|signed",
    Stage.AFTERSALES: "售后跟进|售后|after[ -]?sales",
    Stage.NURTURE: "培育池|放培育|培育|搁置|nurture|nurturing|on hold",
    Stage.LOST: "流失|已流失|丢单|丢了|输单|输了|没成|失单|closed[ -]lost|lost|lose",
}
_ANYWHERE = frozenset({Stage.WON, Stage.LOST})
"""Stages whose words mean nothing else: they may stand behind other words."""


def _pattern(words: str) -> re.Pattern[str]:
    """A pattern of the words: English ones whole, Chinese ones wherever they stand."""
    each = words.split("|")
    english = "|".join(word for word in each if word.isascii())
    chinese = "|".join(word for word in each if not word.isascii())
    return lazy_pattern("|".join(filter(None, (chinese, rf"(?<![a-z])(?:{english})(?![a-z'’])"))))


_NAMED = {stage: _pattern(words) for stage, words in _STAGES.items()}
_LEAD_IN = lazy_pattern(
    r"(?:[\s,:;、。.!\-–—>→]|把|推进|推|到|为|至|成(?!交)|进入|转到|转为|转|移到|改为"
    r"|改成|已经|(?:please|to|into|as|is|was|stage|mark|move|set|close|closed)\b){0,6}"
)
_TAIL = re.compile(r"(?:阶段|了|啦|stage\b|[\s,:;、。.!\-–—>]){0,6}")
_EDGE = " \t\n,，;；、。.!！:："
_UNIT = r"(?:万|千|仟|萬|亿|百万|w|k|mn|million|m|thousand)"
_AMOUNT = lazy_pattern(
    rf"(?:(?<![a-z])(?!try\b)(?:{CURRENCIES}) ?|(?<![a-z0-9\-/.])(?<!\d:))"
    r"(?:\d[\d,.]{0,18}+[几多余来]?"
    r"|[上零一二三四五六七八九十百千两几数]{1,8}[多余来]?(?=[万萬亿]))"
    rf"(?: ?{_UNIT})?+"
    r"(?:[零一二三四五六七八九\d](?! ?(?:年|个?月|次))千?)?+"
    rf"(?: ?(?!try\b)(?:{CURRENCIES})(?![a-z]))?+"
    r"(?![a-z\-%:月日号年天个人套席万萬千仟亿百])(?!\d(?!\d{0,3}(?:年|个?月|次)))(?!/\d)"
    r"(?! ?(?:seats?|users?|licen[cs]es?|months?|days?|weeks?|years?|people|units?|pcs))"
    r"(?! ?[个人套席])"
)
_HEDGED = lazy_pattern(
    r"(?:(?:不到|不超过|超过|将近|接近|近|大约|大概|差不多|约|不含税|含税|未税|每[年月]|一年"
    r"|\b(?:nearly|almost|about|around|roughly|approx\.?|(?:just )?(?:under|over)|close to|up to))"
    r"\s?){1,3}$"
)
_QUALIFIED = lazy_pattern(
    r"(?:\s?(?:左右|上下|出头|不到|以内|以上|[(（]?(?:不含税|含税|未税)[)）]?|每[年月]|一年"
    r"|/\s?(?:[年月人]|季度?|yr|year|month|mo|user|seat)(?![a-z])"
    r"|(?:per|a) (?:year|month|user|seat)\b"
    r"|[\s,(+]{1,3}(?:(?:incl|excl)(?:uding|usive|\.)?(?: of)?|inc\.?|exc?\.?|plus)?"
    r"\s?(?:vat|tax)\)?)){1,3}"
)
_ABOUT_AMOUNT = lazy_pattern(
    r"(?:合同|成交|签约|订单)?(?:总?金额|总价|总额|价格?|额)?[是为共:]?\s{0,3}$|\b(?:for|at|worth|amount|of)[\s:]{1,3}$"
)
_EXPECTING = frozenset({Stage.SCREENED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION})
"""Stages of which may be said what the deal is worth and when it is expected to be closed."""
_APART = re.compile(r"[\s,，;；、。!！:：]{0,9}")
_WORTH = lazy_pattern(
    r"(?:(?:预计|预期)?(?:合同|成交|签约|订单)?(?:总?金额|总价|总额)[是为共约:：]?\s{0,3}"
    r"|(?:(?:worth|amount|value|for|at)\b[ :]{0,3}){1,2})?"
    r"(?:(?:大约|大概|差不多|约|about\b|around\b|roughly\b|approx\.?|~)\s?)?"
)
_ROUGHLY = re.compile(r"\s?(?:左右|上下|出头)$")
_UNITED = lazy_pattern(rf"{CURRENCIES}|{_UNIT}|[万萬亿]")
_BARE = range(4, 10)
"""Digits of an amount without unit and currency."""
_BEFORE_CLOSE = lazy_pattern(
    r"(?:预计|预期|预估|计划|争取|有望)(?:在|于)?(?:成交|签约|签单|签下|关单)?(?:日期?|时间)?[在于是为:：]?\s{0,3}"
    r"|(?:成交|签约|签单|关单)(?:日期?|时间)[在于是为:：]?\s{0,3}"
    r"|(?:(?:expected|expecting|expect|estimated|est\.?|should|will|to|likely)[ ]){0,3}"
    r"(?:clos(?:e|es|ing)|sign(?:s|ing)?|expected|eta)\b"
    r"(?:[ ](?:date|on|by|in|around|at|of|is)\b){0,3}[ :]{0,3}"
)
_UNTIL = re.compile(r"(?:by|before|until|on|in|around|约|大约|最晚)?[ ]?")
_BEFORE = re.compile(r"\s?(?:之?前|左右|底)?[\s.。]{0,3}$")
_BEHIND_CLOSE = lazy_pattern(
    r"\s?(?:之?前|左右|底)?\s?(?:(?:能|可以?)?(?:成交|签约|签单|签下来?|关单)|(?:应该)?(?:能|可以?)签(?![^\s,，。.了]))"
    r"|[ ](?:close|closing|signing)\b"
)
_CONTRACT = lazy_pattern(
    r"(?:合同编?号?|contract(?: (?:no\.?|number))?)[\s:#是为]{0,4}([a-z0-9][a-z0-9\-/_]{2,39})"
)
_REASONS: Mapping[str, str] = {
    "price": r"价格|太贵|偏贵|贵了|便宜"
    r"|\b(?:pric(?:e|ey|ing)|expensive|cheaper|costs?|costly)\b",
    "competitor": r"竞品|竞争对手|对手|友商|别家|别人家|\b(?:competitors?|rival|went with|chose)\b",
    "budget": r"没有?预算|预算(?:不够|不足|砍|取消|没)"
    r"|\b(?:no|without|lack of) budget\b|\bbudget (?:cut|frozen|gone)\b",
    "need": r"没有?需求|不需要|需求(?:没|消失|取消)|用不上"
    r"|\b(?:no (?:longer )?needs?|no need|not needed|don't need)\b",
    "timing": r"时机|推迟|延期|暂缓|明年再|以后再"
    r"|\b(?:timing|not now|postponed?|later|next year)\b",
    "silent": r"联系不上|失联|不回|没回|不接电话"
    r"|\b(?:no (?:answer|reply|response)|silent|unresponsive|ghosted)\b",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMove:
    """What a line says of a move. ``to`` None: no stage was recognised.

    ``before`` is what stands before the stage; ``amount`` and ``contract`` are as typed; ``reason``
    is a key of the vocabulary's reasons for a loss; ``close`` is when an open deal is expected to
    be closed; ``note`` are the other words.
    """

    to: Stage | None = None
    before: str = ""
    amount: str = ""
    contract: str = ""
    reason: str = ""
    close: date | None = None
    note: str = ""


Days = Callable[[str], Sequence[NamedDay]]


def _no_days(_text: str) -> Sequence[NamedDay]:
    return ()


def parse_move(
    text: str, reasons: Mapping[str, tuple[str, ...]], days: Days = _no_days
) -> ParsedMove:
    """Parse what was typed after a lead's number. ``reasons`` are the names of the reasons for a
    loss, by their key; ``days`` finds the days that a text names."""
    folded = _folded(text[:LONGEST])
    found = _stage(folded)
    if found is None:
        return ParsedMove(note=text.strip(_EDGE))
    to, start, end = found
    before = text[:start].strip(_EDGE) if start > _end(_LEAD_IN, folded, 0) else ""
    rest = text[_end(_TAIL, folded, end) :].strip(_EDGE)
    if to is Stage.WON:
        return _won(rest, before)
    if to in _EXPECTING:
        return _expecting(to, rest, before, days)
    if to is not Stage.LOST:
        return ParsedMove(to=to, before=before, note=rest)
    named = _reason_first(rest, reasons)
    reason, note = named or (reason_of(f"{before} {rest}", reasons), rest)
    note = "" if note.casefold() in _names(reason, reasons) else note
    return ParsedMove(to=to, before=before, reason=reason, note=note)


def _reason_first(text: str, reasons: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """The reason whose name a text begins with, and what is said of it; None for no such text."""
    folded = _folded(text)
    named = [
        (len(name), key)
        for key, names in reasons.items()
        for name in (_folded(one) for one in names)
        if len(name) > 1
        and folded.startswith(name)
        and folded[len(name) : len(name) + 1] in _BEHIND_REASON
    ]
    if not named:
        return None
    length, key = max(named)
    # After a blank the name may be a word of the sentence: price too high.
    note = text if folded[length] in " \t\n" else text[length:]
    return key, note.strip(_EDGE)


_BEHIND_REASON = frozenset(" \t\n,，;；、。.:：")
"""What sets the name of a reason off from what is said of it."""


def is_exact(amount: str) -> bool:
    """Whether an amount is one, and neither about it nor for a year: ``12万``, ``¥98,500``."""
    return _AMOUNT.fullmatch(_folded(amount)) is not None


def reason_of(text: str, reasons: Mapping[str, tuple[str, ...]]) -> str:
    """The key of the one reason for a loss that the words give; "" for none or several."""
    said = _folded(text[:LONGEST])
    named = {
        key
        for key, names in reasons.items()
        if any(len(name) > 1 and name.casefold() in said for name in names)
    }
    meant = {key for key, words in _REASONS.items() if key in reasons and re.search(words, said)}
    every = named | meant
    return every.pop() if len(every) == 1 else ""


def _won(rest: str, before: str) -> ParsedMove:
    folded = _folded(rest)
    contract = ""
    if named := _CONTRACT.search(folded):
        contract = rest[named.start(1) : named.end(1)]
        rest = _without(rest, named.start(), named.end())
        folded = _folded(rest)
    for match in _AMOUNT.finditer(folded):
        start, end = _whole_amount(folded, match)
        amount = rest[start:end].strip(_EDGE)
        try:
            parse_worth(normalize("NFKC", amount))
        except NotAnAmount as error:
            if error.problem.key not in _ASKED:
                continue
        head = _ABOUT_AMOUNT.sub("", folded[:start])
        note = _without(rest, len(head), end)
        return ParsedMove(to=Stage.WON, before=before, amount=amount, contract=contract, note=note)
    return ParsedMove(to=Stage.WON, before=before, contract=contract, note=rest)


_ASKED = frozenset({"amount_vague", "amount_each"})
"""What is wrong with amounts that the form asks about."""


def _expecting(to: Stage, rest: str, before: str, days: Days) -> ParsedMove:
    """What is said first of an open deal, if it is its amount or its day; all else is a note."""
    folded, place, amount = _folded(rest), 0, ""
    close: date | None = None
    while True:
        here = _end(_APART, folded, place)
        if close is None and (told := _close_at(folded, here, days)):
            close, place = told
        elif not amount and (end := _worth_at(folded, here)):
            start = _end(_WORTH, folded, here)
            amount, place = _ROUGHLY.sub("", rest[start:end].strip(_EDGE)), end
        else:
            break
    if amount and close is None:
        close = _only_day(folded[_end(_APART, folded, place) :], days)
        place = len(rest) if close else place
    return ParsedMove(
        to=to, before=before, amount=amount, close=close, note=rest[place:].strip(_EDGE)
    )


def _only_day(folded: str, days: Days) -> date | None:
    """The day that is all that follows an amount: ``12万 12月20日前``, ``120k by Dec 20``."""
    start = _end(_UNTIL, folded, 0)
    first = next(iter(days(folded[start:])), None)
    if first is None or first.start or folded[_end(_BEFORE, folded, start + first.end) :]:
        return None
    return first.day


def _close_at(folded: str, place: int, days: Days) -> tuple[date, int] | None:
    """The day of closing that is named at a place, and where that ends."""
    marked = _BEFORE_CLOSE.match(folded, place)
    start = marked.end() if marked else place
    first = next(iter(days(folded[start:])), None)
    if first is None or first.start:
        return None
    behind = _BEHIND_CLOSE.match(folded, start + first.end)
    if not (marked or behind):
        return None
    return first.day, behind.end() if behind else start + first.end


def _worth_at(folded: str, place: int) -> int:
    """Where the amount ends that stands at a place; 0 for none. A small bare number is none."""
    match = _AMOUNT.match(folded, _end(_WORTH, folded, place))
    if match is None:
        return 0
    if not _UNITED.search(match[0]) and sum(map(str.isdecimal, match[0])) not in _BARE:
        return 0
    _, end = _whole_amount(folded, match)
    try:
        parse_worth(normalize("NFKC", _ROUGHLY.sub("", folded[match.start() : end].strip(_EDGE))))
    except NotAnAmount as error:
        if error.problem.key not in _ASKED:
            return 0
    return end


def _whole_amount(folded: str, match: re.Match[str]) -> tuple[int, int]:
    """Where an amount begins and ends with what qualifies it: ``不到10万``, ``3.6万元/年``."""
    before = _HEDGED.search(folded[max(0, match.start() - 30) : match.start()])
    behind = _QUALIFIED.match(folded, match.end())
    start = match.start() - len(before[0]) if before else match.start()
    return start, behind.end() if behind else match.end()


def _stage(folded: str) -> tuple[Stage, int, int] | None:
    """The stage that the text begins with, or one that its words can only mean; with its place."""
    begin = _end(_LEAD_IN, folded, 0)
    first = [
        (match.end(), stage)
        for stage, pattern in _NAMED.items()
        if (match := pattern.match(folded, begin))
    ]
    if first:
        end, stage = max(first)
        return stage, begin, end
    later = [
        (match.start(), -match.end(), stage)
        for stage in _ANYWHERE
        if (match := _NAMED[stage].search(folded))
    ]
    if not later:
        return None
    start, end, stage = min(later)
    return stage, start, -end


def _without(text: str, start: int, end: int) -> str:
    parts = (text[:start].strip(_EDGE), text[end:].strip(_EDGE))
    return " ".join(part for part in parts if part)


def _names(key: str, reasons: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {name.casefold() for name in reasons.get(key, ())}


def _folded(text: str) -> str:
    """Small and narrow, character by character, so that places stay the same."""
    return "".join(_narrow(char) for char in text)


def _narrow(char: str) -> str:
    small = normalize("NFKC", char).lower()
    return small if len(small) == 1 else char


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place
