"""Customer, contact and title in Chinese messages: ``我是华康医疗的王建国``, ``恒信机械 赵敏 经理``.

Works clause by clause, since a name in Chinese has no sign of its own: what comes before and behind
decides.
"""

import re
from dataclasses import dataclass

from sales.capture.companies import CN_COMPANY, is_company, is_plainly_company
from sales.capture.details import CN_TITLE
from sales.capture.people_names import (
    CN_NAME,
    HAN,
    POLITE,
    is_chinese_name,
    leading_name,
    rank_in,
)

_APART = re.compile(r"[，,、。；;！!？?|｜\n\t…:：/~～【】\[\]“”\"「」*·•—]|[ \u3000]{1,}|(?<![A-Za-z])-(?![A-Za-z])")
_MOST, _LONGEST = 120, 60
_LEAD = re.compile(
    r"(?:您好|你好|哈喽|嗨|嗯+|那个|啊|大家好|早上好|下午好|各位|请问|麻烦|请|帮忙|一下|客户方?|线索|新客户|有个客户|老客户|这边是|我这边是|这里是|我这里是"
    r"|我们?公司是|我们单位是|我司是|我司|我们?是|我们?叫|本人叫?|我叫|我|叫|来自于?|代表|联系|找|加|跟进|打给|给|刚才|刚刚|上次|昨天|今天|展会上(?:加的|认识的|见的)?"
    r"|官网(?:留言|表单)|来自官网表单|是|在|于|和|与|跟|姓名|名字)"
)
_INTRODUCED = re.compile(r"(?:介绍|推荐|让我|叫我|转给|建议)")
_OF = re.compile(
    rf"^(?:您好|你好)?(?:我们?(?:这边)?是|我这边是|我来自|来自|这里是|我在|代表|本人是)({HAN}{{2,14}}?)的((?:{CN_TITLE})?)({CN_NAME})(?!{HAN})"
)
_STOPS = re.compile(r"负责|介绍|推荐|认识|朋友|客户|做|搞|管|卖|展会|上次|你们|我们|一家|一个|这边|新来|刚|公司$")
_JOIN = r"(?:的|方|那边的?|这边的?|里的|上班的?|工作的?)?"
_CLAUSE = re.compile(rf"(?P<company>{CN_COMPANY}){_JOIN}(?P<title>{CN_TITLE})?(?P<rest>{HAN}.{{0,40}})?")
_TITLED = re.compile(rf"(?P<title>{CN_TITLE})(?P<rest>{HAN}.{{1,20}})")
_NAME_TITLE = re.compile(rf"(?P<name>{CN_NAME}|(?:{CN_NAME}))(?P<title>{CN_TITLE})")
_BRACKETED = re.compile(rf"({HAN}{{2,12}})[ ]{{0,3}}[（(][ ]{{0,3}}({HAN}{{1,12}})[ ]{{0,3}}[)）]")
_ADDRESSED = re.compile(rf"^[ \t]{{0,4}}({HAN}{{1,4}})[，,]?[ ]?(?:您好|你好|早上好|下午好)")
_SURNAMED = re.compile(rf"(?:我|免贵|本人)?姓({HAN})(?![名氏])")


@dataclass(slots=True)
class Found:
    """What a message shows of its sender; "" for what it does not."""

    customer: str = ""
    contact: str = ""
    title: str = ""

    def add(self, customer: str = "", contact: str = "", title: str = "") -> None:
        """Fill in what is still open."""
        self.customer = self.customer or customer
        self.contact = self.contact or contact
        self.title = self.title or title


@dataclass(frozen=True, slots=True)
class _Part:
    """What one clause may be."""

    text: str
    bare: str
    lead: bool
    company: str = ""
    name: str = ""
    title: str = ""
    sure: bool = False


def read_chinese(text: str, *, reachable: bool) -> Found:
    """Read the Chinese parts of a text; lone names count only beside some contact or company."""
    found = Found()
    _bracketed(text, found)
    if match := _ADDRESSED.match(text):
        # Who is greeted is our colleague.
        text = text[match.end() :]
    for line in text.split("\n"):
        if (of := _OF.match(line.strip())) and not _STOPS.search(of[1]):
            found.add(of[1], of[3] if not _split(of[3]) else _split(of[3]), of[2])
    clauses = [clause.strip() for clause in _APART.split(text) if clause.strip()]
    parts = [_part(clause[:_LONGEST]) for clause in clauses[:_MOST]]
    _companies(parts, found)
    _names(parts, found, trusted=reachable or bool(found.customer))
    if found.contact and not found.title:
        found.title = rank_in(found.contact)
    return found


def _split(name: str) -> str:
    return ""


def _bracketed(text: str, found: Found) -> None:
    """``王丽（采购总监）``: the name stands at the end of the words before the bracket."""
    for match in _BRACKETED.finditer(text):
        if not re.fullmatch(CN_TITLE, match[2]) and not re.search(r"老师|总|长$", match[2]):
            continue
        run = match[1]
        for size in (4, 3, 2):
            name = run[-size:]
            if len(run) < size or not is_chinese_name(name) or (size == 4 and name[:2] != run[-4:-2]):
                continue
            if size == 4 and not re.match(r"欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒", name):
                continue
            if size == 3 and is_chinese_name(run[-2:]) and len(run) > 3 and _ends_company(run[:-2]):
                name = run[-2:]
            if size == 3 and len(run) > 3 and is_chinese_name(run[-2:]) and not _ends_company(run[:-3]):
                name = run[-2:]
            before = run[: -len(name)]
            found.add(before if is_company(before) and _ends_company(before) else "", name, match[2])
            return


def _ends_company(text: str) -> bool:
    return bool(re.fullmatch(CN_COMPANY, text))


def _part(clause: str) -> _Part:
    bare, lead = clause, False
    for _ in range(4):
        match = _LEAD.match(bare)
        if match is None or match.end() == len(bare) or is_chinese_name(bare):
            break
        bare, lead = bare[match.end() :], True
    company = _company_part(clause, bare, lead)
    if company is not None:
        return company
    if is_chinese_name(bare):
        return _Part(clause, bare, lead, name=re.sub(rf"(?:{POLITE})$", "", bare) if len(bare) > 3 else bare)
    if re.fullmatch(CN_TITLE, bare):
        return _Part(clause, bare, lead, title=bare)
    if (match := _TITLED.fullmatch(bare)) and (name := leading_name(match["rest"])):
        return _Part(clause, bare, lead, name=name, title=match["title"], sure=True)
    name = "" if _INTRODUCED.search(clause) else leading_name(bare)
    if name:
        rest = re.match(CN_TITLE, bare[len(name) :])
        return _Part(clause, bare, lead, name=name, title=rest[0] if rest else "", sure=lead)
    return _Part(clause, bare, lead)


def _company_part(clause: str, bare: str, lead: bool) -> _Part | None:
    """The clause as ``company [的] [title] [name] …``: the shortest company that leaves a name."""
    whole: _Part | None = None
    for end in range(2, min(len(bare), 30) + 1):
        company = bare[:end]
        if not re.fullmatch(CN_COMPANY, company) or not is_company(company):
            continue
        rest = re.sub(rf"^{_JOIN}", "", bare[end:])
        if not rest:
            whole = _Part(clause, bare, lead or bare.endswith("的"), company=company)
            continue
        title = re.match(CN_TITLE, rest)
        name = leading_name(rest[title.end() :]) if title and title.end() < len(rest) else ""
        if name and title:
            return _Part(clause, bare, lead, company, name, title[0], sure=True)
        if not is_chinese_name(rest[:1] + "一") and not leading_name(rest):
            if title and title.end() == len(rest):
                whole = _Part(clause, bare, True, company=company, title=title[0])
            elif re.match(r"[（(]|这边|那边|要|想|来电|咨询|需要|急|\d|在|目前|打算|准备|计划", rest) and lead:
                whole = whole or _Part(clause, bare, lead, company=company)
            elif department := re.match(rf"{HAN}{{1,4}}?(?:部|处|科|室|组)", rest):
                if name := leading_name(rest[department.end() :]):
                    return _Part(clause, bare, lead, company, name, sure=True)
            continue
        name = leading_name(rest)
        if name and not _INTRODUCED.search(rest):
            after = re.match(CN_TITLE, rest[len(name) :])
            return _Part(clause, bare, lead, company, name, after[0] if after else "", sure=True)
    return whole


def _companies(parts: list[_Part], found: Found) -> None:
    both = [part for part in parts if part.company and part.name]
    for part in both:
        found.add(part.company, part.name, part.title)
        return
    for number, part in enumerate(parts):
        if not part.company:
            continue
        near = parts[max(0, number - 2) : number + 3]
        beside = any(other.name or other.title for other in near)
        if is_plainly_company(part.company) or part.lead or beside:
            found.add(part.company, title=part.title)
            return


def _names(parts: list[_Part], found: Found, *, trusted: bool) -> None:
    for sure in (True, False):
        for part in parts:
            if part.name and not _INTRODUCED.search(part.text) and (part.sure or (trusted and not sure)):
                found.add(contact=part.name, title=part.title)
    for part in parts:
        if part.title and not part.name and (found.contact or found.customer):
            found.add(title=part.title)
