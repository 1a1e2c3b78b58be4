"""Parse a customer's message as a lead: sender, origin, need and budget.

Pure and careful: what is not plainly there stays empty, since a person reviews it. Reads Chinese
and English, in labelled lines (``联系人：…``, ``Budget: …``) and in plain sentences.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sales.amounts import NotAnAmount, parse_budget
from sales.contacts import NotAnEmail, parse_email, phones_in

LONGEST = 10_000
"""Number of characters of a message that are parsed."""
_MOST = 20
LONG_ENOUGH = 40
"""From this many characters on, a text that names somebody is a message and not a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a message contains.

    ``phones`` are E.164 and ``emails`` lower case, in the order in which they appear; ``budget`` is
    as typed, and can be parsed; ``need`` is what was said, without the contacts.
    """

    customer: str = ""
    contact: str = ""
    title: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    budget: str = ""
    need: str = ""

    @property
    def names_somebody(self) -> bool:
        """Whether there is a way to reach the customer, or a company's full name."""
        return bool(self.phones or self.emails or self.customer)


# Chinese needs no space before an address: 邮箱是a@b.example.
_EMAIL = re.compile(
    r"[a-z0-9][a-z0-9._%+'-]{0,63}[@＠](?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}",
    re.IGNORECASE | re.ASCII,
)
_LABELS: Mapping[str, str] = {
    "customer": r"客户名?称?|公司名?称?|单位|企业|customer|company|organi[sz]ation",
    "contact": r"联系人|姓名|称呼|contact(?: person)?|(?:full )?name",
    "title": r"职位|职务|title|position|role",
    "budget": r"预算|budget",
    "need": r"需求|诉求|想要|needs?|requirements?|wants?",
}
_LABELLED = {
    name: re.compile(
        rf"^[ \t*·•-]*(?:{words})[ \t]*[:：][ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE
    )
    for name, words in _LABELS.items()
}
_HAN = r"[\u4e00-\u9fff]"
_CN_COMPANY = re.compile(
    rf"(?:{_HAN}|[A-Za-z0-9·&（）()]){{1,28}}?"
    r"(?:有限责任公司|股份有限公司|有限公司|集团|公司|大学|学院|学校|中学|小学|幼儿园|医院|银行|研究院|事务所)"
)
_LEAD_IN = re.compile(r"^.*(?:是|来自|在|叫|给|跟|和|与|为|我们|你们|咱们|贵|的|一家|这家)")
_NOT_A_NAME = frozenset({"", "公司", "集团", "我们公司", "学校", "医院", "银行", "大学", "学院"})
_EN_COMPANY = re.compile(
    r"\b(?:[A-Z][\w&'’-]{0,40}+\.?[ ]){1,5}"
    r"(?:Ltd|Limited|Inc|LLC|LLP|GmbH|AG|PLC|Corp|Corporation|Co|Company|Group|Holdings"
    r"|University|School|College|Hospital|Bank)\b\.?"
)
_EN_LEAD_IN = re.compile(r"^(?:(?:Hi|Hello|Dear|From|At|The|We|I|This|Here|Our|My|For)[ ,]+)+")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
    "向汤欧阳"
)
_CN_RANKS = (
    "总监|总经理|经理|主任|校长|院长|部长|处长|主管|厂长|店长|董事长|总裁|老师|老板|采购|总|工"
)
_CN_POLITE = "先生|女士|小姐|同学"
_CN_CALLED = re.compile(
    rf"(?:我叫|我是|本人|姓名是)[ ]?([{_SURNAMES}]{_HAN}{{1,2}})(?!{_HAN}*公司)"
)
_CN_OF_COMPANY = re.compile(rf"的([{_SURNAMES}]{_HAN}{{1,2}})(?![\u4e00-\u9fff])")
_CN_ADDRESSED = re.compile(
    rf"(?<!{_HAN})([{_SURNAMES}]{_HAN}?(?:{_CN_RANKS}|{_CN_POLITE}))"
    rf"|[的是]([{_SURNAMES}](?:{_CN_RANKS}|{_CN_POLITE}))"
)
_CN_TITLE = re.compile(
    r"((?:采购|销售|市场|运营|技术|信息|教务|人事|财务|行政|产品|项目|大区|区域|部门|总|副总|副|董事){0,3}"
    r"(?:总监|经理|主任|校长|院长|部长|处长|主管|厂长|店长|董事长|总裁|负责人))"
)
_CN_WITH_TITLE = re.compile(
    rf"({_HAN}{{2,12}})\s{{0,3}}[（(]\s{{0,3}}{_HAN}{{0,6}}(?:总监|经理|主任|长|主管|总裁|负责人|总工|老师|总)\s{{0,3}}[)）]"
)
_EN_NAME = r"([A-Z][\w'’-]{1,40}+(?:[ ][A-Z][\w'’-]{1,40}+){0,2})"
_EN_CALLED = re.compile(
    r"(?:[Mm]y name is|[Tt]his is|I am|I['’]m|[Rr]egards,|[Cc]heers,|[Tt]hanks,|[Bb]est,)\s{1,4}"
    rf"{_EN_NAME}"
)
_EN_WITH_TITLE = re.compile(
    rf"\b{_EN_NAME}\s*\([^()\n]{{0,40}}"
    r"(?:[Mm]anager|[Dd]irector|[Hh]ead|[Ll]ead|C[A-Z]O|VP|[Pp]rincipal|[Ff]ounder|[Oo]wner)"
)
_EN_ADDRESSED = re.compile(rf"\b(?:Mr|Mrs|Ms|Dr)\.?[ ]{_EN_NAME}")
_EN_TITLE = re.compile(
    r"\b((?:(?:[Hh]ead|[Dd]irector|VP|[Vv]ice [Pp]resident|[Mm]anager) of [A-Za-z]+)"
    r"|CEO|CTO|CIO|CFO|COO|CMO"
    r"|(?:(?:[Pp]urchasing|[Ss]ales|[Mm]arketing|[Oo]perations|[Pp]roject|[Pp]roduct|[Gg]eneral"
    r"|[Oo]ffice|IT) )"
    r"(?:[Mm]anager|[Dd]irector|[Ll]ead)|[Pp]rincipal|[Ff]ounder|[Oo]wner)\b"
)
_AMOUNT = (
    r"((?:[¥￥$€]|RMB ?|USD ?)?\d[\d,，.]{0,12} ?(?:万|千|[wkm])?元?"
    r"(?: ?(?:-|–|~|～|至|到|to) ?(?:[¥￥$€])?\d[\d,，.]{0,12} ?(?:万|千|[wkm])?元?)?)"
)
_BUDGETS = (
    re.compile(rf"预算[^\d\n¥￥$€]{{0,8}}{_AMOUNT}", re.IGNORECASE),
    re.compile(rf"\bbudget\b[^\d\n¥￥$€]{{0,20}}{_AMOUNT}", re.IGNORECASE),
    re.compile(rf"{_AMOUNT} ?(?:左右|以内|上下)?的?预算", re.IGNORECASE),
    re.compile(rf"{_AMOUNT} budget\b", re.IGNORECASE),
)
_GAP = re.compile(r"[ \t]{2,}")
_EMPTY_LINES = re.compile(r"\n[^\S\n]*+\n(?:[^\S\n]*+\n)++")


def read_message(text: str, region: str = "CN") -> Captured:
    """Parse what ``text`` says of a customer; numbers without ``+`` belong to ``region``."""
    text = text[:LONGEST]
    phones, emails = tuple(phones_in(text, region)), tuple(_emails(text))
    labelled = {name: _labelled(name, text) for name in _LABELLED}
    rest = _without([span for _, *span in (*phones, *emails)], text)
    return Captured(
        customer=labelled["customer"] or _company(rest),
        contact=labelled["contact"] or _person(rest),
        title=labelled["title"] or _first((_CN_TITLE, _EN_TITLE), rest),
        phones=_distinct(phone for phone, *_ in phones),
        emails=_distinct(email for email, *_ in emails),
        budget=_budget(labelled["budget"], rest),
        need=labelled["need"] or rest,
    )


def _emails(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _EMAIL.finditer(text):
        try:
            yield parse_email(match[0]), match.start(), match.end()
        except NotAnEmail:
            continue


def _labelled(name: str, text: str) -> str:
    match = _LABELLED[name].search(text)
    if match is None:
        return ""
    value = match[1].strip()
    return "" if "@" in value and name != "need" else value[:200]


def _without(spans: Iterable[list[int]], text: str) -> str:
    """The text without its contacts, which are stored encrypted elsewhere; words are not."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}…{text[end:]}"
    return _EMPTY_LINES.sub("\n\n", _GAP.sub(" ", text)).strip()


def _company(text: str) -> str:
    for match in _CN_COMPANY.finditer(text):
        name = _LEAD_IN.sub("", match[0]).strip("（）()·& ")
        if name not in _NOT_A_NAME:
            return name
    for match in _EN_COMPANY.finditer(text):
        name = _EN_LEAD_IN.sub("", match[0]).strip()
        if " " in name:
            return name
    return ""


def _person(text: str) -> str:
    return _before_title(text) or _first(
        (_CN_CALLED, _CN_OF_COMPANY, _CN_ADDRESSED, _EN_CALLED, _EN_WITH_TITLE, _EN_ADDRESSED), text
    )


def _before_title(text: str) -> str:
    """Extract 王丽 from ``王丽（采购总监）``: names are not set off from the words before them."""
    for match in _CN_WITH_TITLE.finditer(text):
        run = match[1]
        short, long = run[-2:], run[-3:]
        if short[0] in _SURNAMES and (long[0] not in _SURNAMES or len(run) > len(long)):
            return short
        if len(long) > len(short) and long[0] in _SURNAMES:
            return long
        if short[0] in _SURNAMES:
            return short
    return ""


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> str:
    """The match of the first pattern that matches."""
    for pattern in patterns:
        if match := pattern.search(text):
            return next(group for group in match.groups() if group)
    return ""


def _budget(labelled: str, text: str) -> str:
    for typed in (
        labelled,
        *(match[1] for pattern in _BUDGETS for match in pattern.finditer(text)),
    ):
        amount = typed.strip(" ,，.。")
        try:
            parse_budget(amount)
        except NotAnAmount:
            continue
        return amount
    return ""


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:_MOST]
