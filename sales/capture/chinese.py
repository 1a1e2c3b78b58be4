"""Customer, contact and title in Chinese messages: ``我是华康医疗的王建国``, ``恒信机械 赵敏``.

Works clause by clause, since a name in Chinese has no sign of its own: what comes before and behind
decides.
"""

import re
from dataclasses import dataclass

from sales.capture.companies import CN_COMPANY, STRONG_START, is_company, is_plainly_company
from sales.capture.details import CN_TITLE
from sales.capture.people_names import (
    CALLED,
    CN_NAME,
    DOUBLE_SURNAME,
    HAN,
    POLITE,
    RANKS,
    SURNAME,
    is_chinese_name,
    leading_name,
    rank_in,
)
from sales.patterns import lazy_pattern

_APART = lazy_pattern(
    r"[，,、。；;！!？?|｜\n\t…:：/~～【】\[\]“”\"「」*·•—]|[ \u3000]{1,}"
    r"|(?<![A-Za-z])-(?![A-Za-z])"
)
_MOST, _LONGEST = 120, 60
_LEAD = lazy_pattern(
    r"(?:您好|你好|哈喽|嗨|嗯+|那个|啊|大家好|早上好|下午好|各位|请问|麻烦|请|帮忙|一下|客户方?"
    r"|线索|新客户|有个客户|老客户|这边是|我这边是|这里是|我这里是"
    r"|(?:我们?)?(?:公司|单位|学校|企业)(?:名称)?(?:是|叫|为)|我司是|我司|我们?是|我们?叫|本人叫?|我叫|我们|咱们|我在|我|叫"
    r"|联系人|联络人|来自于?|代表|联系|找|跟进|打给|刚才|刚刚|上次|昨天|今天|展会上?(?:加的"
    r"|认识的|见的)?"
    r"|官网(?:留言|表单)|来自官网表单|在(?=.{2,14}(?:上班|工作|任职|就职))|对方是?|认识的|是|姓名|名字)"
)
_INTRODUCED = re.compile(r"(?:介绍|推荐|让我|叫我|转给|建议)")
_OF = lazy_pattern(
    rf"^(?:您好|你好)?(?:我们?(?:这边)?是|我这边是|我来自|来自|这里是|我在|代表"
    rf"|本人是)({HAN}{{2,14}}?)的((?:{CN_TITLE}|{HAN}{{1,4}}?(?:{RANKS}))?)({CN_NAME})(?!{HAN})"
)
_STOPS = lazy_pattern(
    r"负责|介绍|推荐|认识|朋友|客户|做|搞|管|卖|展会|上次|你们|我们|一家|一个|这边|新来|刚|公司$"
)
_JOIN = r"(?:的|方|那边的?|这边的?|里的|上班的?|工作的?)?"
_DEPARTMENT = lazy_pattern(rf"{HAN}{{1,4}}?(?:部|处|科|室|组)")
_GOES_ON = lazy_pattern(
    r"[（(]|这边|那边|我|电话|手机|要|想|来电|咨询|需要|急|\d|在|目前|打算|准备|计划"
)
_TITLED = lazy_pattern(rf"(?P<title>{CN_TITLE})(?P<rest>{HAN}.{{1,20}})")
_BRACKETED = lazy_pattern(
    rf"({HAN}{{2,12}})[ ]{{0,3}}[（(][ ]{{0,3}}({HAN}{{1,12}})[ ]{{0,3}}[)）]"
)
_ADDRESSED = lazy_pattern(rf"^[ \t]{{0,4}}({HAN}{{1,4}})[，,]?[ ]?(?:您好|你好|早上好|下午好)")
_RANKED_END = lazy_pattern(rf"{SURNAME}(?:{RANKS}|{CALLED}|{POLITE})$")
_CALLED = lazy_pattern(rf"(?:叫我|称呼我?)({SURNAME}(?:{POLITE}|{RANKS}|{CALLED}))")


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
    text = _bracketed(text, found)
    if match := _ADDRESSED.match(text):
        # Who is greeted is our colleague.
        text = text[match.end() :]
    for line in text.split("\n"):
        if (of := _OF.match(line.strip())) and not _STOPS.search(of[1]):
            found.add(of[1], leading_name(of[3]), of[2])
    clauses = [clause.strip() for clause in _APART.split(text) if clause.strip()]
    parts = [_part(clause[:_LONGEST]) for clause in clauses[:_MOST]]
    _companies(parts, found)
    _names(parts, found, trusted=reachable or bool(found.customer))
    if not found.contact and (called := _CALLED.search(text)):
        found.contact = called[1]
    if found.contact and not found.title:
        found.title = rank_in(found.contact)
    return found


def _bracketed(text: str, found: Found) -> str:
    """``王丽（采购总监）``: the name stands at the end of the words before the bracket."""
    for match in _BRACKETED.finditer(text):
        if is_chinese_name(match[2]) and (ranked := _RANKED_END.search(match[1])):
            # 刘总（刘建军）: the full name stands in the bracket.
            found.add(contact=match[2], title=rank_in(ranked[0]))
            return f"{text[: match.start()]}，{text[match.end() :]}"
        if not re.fullmatch(CN_TITLE, match[2]) and not re.search(r"老师|总|长$", match[2]):
            continue
        if name := _last_name(match[1]):
            before = _without_lead(match[1][: -len(name)])[0]
            company = before if is_company(before) and _ends_company(before) else ""
            found.add(company, name, match[2])
            return f"{text[: match.start()]}，{text[match.end() :]}"
    return text


def _last_name(run: str) -> str:
    """The name at the end of a run: of two or three characters, or with a double surname."""
    short, long, double = run[-2:], run[-3:], run[-4:]
    if len(double) == 4 and is_chinese_name(double) and re.match(DOUBLE_SURNAME, double):
        return double
    if not is_chinese_name(long) or len(long) < 3:
        return short if is_chinese_name(short) else ""
    only_long = not is_chinese_name(short) or len(run) == 3 or _ends_company(run[:-3])
    return long if only_long and not _ends_company(run[:-2]) else short


def _ends_company(text: str) -> bool:
    return bool(re.fullmatch(CN_COMPANY, text))


def _part(clause: str) -> _Part:
    bare, lead = _without_lead(clause)
    company = _company_part(clause, bare, lead)
    if company is not None:
        return company
    if is_chinese_name(bare):
        return _Part(
            clause, bare, lead, name=re.sub(rf"(?:{POLITE})$", "", bare) if len(bare) > 3 else bare
        )
    if re.fullmatch(CN_TITLE, bare):
        return _Part(clause, bare, lead, title=bare)
    if (match := _TITLED.fullmatch(bare)) and (name := leading_name(match["rest"])):
        return _Part(clause, bare, lead, name=name, title=match["title"], sure=True)
    name = "" if _INTRODUCED.search(clause) else leading_name(bare)
    if name:
        rest = re.match(CN_TITLE, bare[len(name) :])
        return _Part(clause, bare, lead, name=name, title=rest[0] if rest else "", sure=lead)
    return _Part(clause, bare, lead)


def _without_lead(clause: str) -> tuple[str, bool]:
    bare, lead = clause, False
    for _ in range(4):
        match = _LEAD.match(bare)
        if match is None or match.end() == len(bare) or is_chinese_name(bare):
            break
        bare, lead = bare[match.end() :], True
    return bare, lead


def _company_part(clause: str, bare: str, lead: bool) -> _Part | None:
    """The clause as ``company [的] [title] [name] …``: the shortest company that leaves a name."""
    whole: _Part | None = None
    for end in range(2, min(len(bare), 30) + 1):
        company = bare[:end]
        if not re.fullmatch(CN_COMPANY, company) or not is_company(company):
            continue
        if STRONG_START.match(bare, end):
            continue
        rest = re.sub(rf"^{_JOIN}", "", bare[end:])
        name, title = _name_and_title(rest)
        if name:
            return _Part(clause, bare, lead, company, name, title, sure=True)
        if not rest:
            whole = _Part(clause, bare, lead or bare.endswith("的"), company=company)
        elif title and title == rest:
            whole = _Part(clause, bare, True, company=company, title=title)
        elif lead and _GOES_ON.match(rest):
            whole = whole or _Part(clause, bare, lead, company=company)
    return whole


def _name_and_title(rest: str) -> tuple[str, str]:
    """The name behind a company, and the title before or behind it."""
    title = re.match(CN_TITLE, rest)
    if title:
        name = leading_name(rest[title.end() :]) if title.end() < len(rest) else ""
        if name or title.end() == len(rest):
            return name, title[0]
    if _INTRODUCED.search(rest):
        return "", ""
    department = _DEPARTMENT.match(rest)
    name = leading_name(rest) or (leading_name(rest[department.end() :]) if department else "")
    after = re.match(CN_TITLE, rest[len(name) :]) if name and rest.startswith(name) else None
    return name, after[0] if after else ""


def _companies(parts: list[_Part], found: Found) -> None:
    both = [part for part in parts if part.company and part.name]
    for part in both:
        found.add(part.company, part.name, part.title)
        return
    for number, part in enumerate(parts):
        if not part.company:
            continue
        near = parts[max(0, number - 2) : number + 3]
        beside = bool(found.contact) or any(other.name or other.title for other in near)
        if is_plainly_company(part.company) or part.lead or beside:
            found.add(part.company, title=part.title)
            return


def _names(parts: list[_Part], found: Found, *, trusted: bool) -> None:
    for sure in (True, False):
        for part in parts:
            if (
                part.name
                and not _INTRODUCED.search(part.text)
                and (part.sure or (trusted and not sure))
            ):
                found.add(contact=part.name, title=part.title)
    for part in parts:
        if part.title and not part.name and (found.contact or found.customer):
            found.add(title=part.title)
