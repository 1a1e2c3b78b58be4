"""Which column of a file is which field of a lead: by its heading, else by its values."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rapidfuzz import fuzz, process

FIELDS: Final = (
    "customer", "contact", "title", "phone", "email", "need", "product", "source", "industry",
    "region", "budget", "owner", "stage", "amount", "created", "closed", "lost_reason", "contract",
)  # fmt: skip
"""In the order in which the form asks for them."""
MONEY: Final = ("budget", "amount")
"""Fields whose bare numbers may be in another unit."""
HEADINGS: Final[Mapping[str, str]] = {
    "customer": "customer|customer name|company|company name|account|account name|organization|"
    "organisation|client|lead|客户|客户名称|客户名|公司|公司名称|企业|企业名称|单位|单位名称|"
    "客户全称",
    "contact": "contact|contact name|contact person|name|full name|person|联系人|联系人姓名|"
    "姓名|对接人",
    "title": "title|job title|position|role|职务|职位|岗位|头衔",
    "phone": "phone|phone number|mobile|mobile phone|telephone|tel|cell|电话|手机|手机号|"
    "手机号码|"
    "联系电话|电话号码|联系方式",
    "email": "email|e mail|mail|email address|邮箱|邮件|电子邮箱|电子邮件|邮箱地址",
    "need": "need|needs|requirement|requirements|description|note|notes|comment|remark|需求|"
    "需求描述|客户需求|备注|说明|描述",
    "product": "product|product name|item|产品|产品名称|意向产品|商品",
    "source": "source|lead source|channel|origin|campaign|来源|线索来源|渠道|客户来源",
    "industry": "industry|sector|行业|所属行业|行业类型",
    "region": "region|area|territory|province|regional office|office location|地区|区域|大区|"
    "省份|所在地区",
    "budget": "budget|budget range|estimated value|预算|预算范围|预计金额",
    "owner": "owner|sales agent|sales rep|rep|agent|assigned to|salesperson|负责人|销售|销售代表|"
    "归属人|所属销售|跟进人|业务员",
    "stage": "stage|deal stage|status|state|pipeline stage|阶段|状态|销售阶段|商机阶段|线索状态",
    "amount": "amount|value|close value|deal value|revenue|contract value|金额|成交金额|"
    "合同金额|签约金额",
    "created": "created|created at|created on|date|engage date|create date|created date|"
    "open date|"
    "创建日期|创建时间|日期|录入时间|录入日期|建立日期|登记日期",
    "closed": "closed|closed at|closed on|close date|won date|结束日期|成交日期|签约日期|"
    "关闭日期|成交时间",
    "lost_reason": "lost reason|loss reason|reason lost|流失原因|丢单原因|失败原因",
    "contract": "contract|contract number|contract no|合同|合同号|合同编号",
}
_NAMES: Final = {
    heading: field for field, headings in HEADINGS.items() for heading in headings.split("|")
}
_ALIKE: Final = 84.0
_SAMPLE: Final = 50
_EMAIL: Final = re.compile(r"[^@\s]++[@＠](?:[^@\s.]++\.)++[^@\s.]++")
_MOBILE: Final = re.compile(r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d[\d -]{7,16}")


def plain(text: str) -> str:
    """Normalise a heading or a word: without case, signs, and what is in brackets."""
    return " ".join(re.sub(r"[\W_]+", " ", _outside_brackets(text.lower())).split())


_OPEN: Final = re.compile(r"[(（\[【]")
_CLOSE: Final = re.compile(r"[)）\]】]")


def _outside_brackets(text: str) -> str:
    """Remove brackets by hand: a pattern would search again from every bracket never closed."""
    parts, place = [], 0
    while (begins := _OPEN.search(text, place)) and (ends := _CLOSE.search(text, begins.end())):
        parts.append(text[place : begins.start()])
        place = ends.end()
    return " ".join((*parts, text[place:]))


LONGEST_HEADING: Final = 60
"""Maximum number of characters of a heading; a longer one is none of ours."""
_UNIT: Final = re.compile(
    r"(?:[(（\[【/,，]|单位[:：]?|\bin\b)\s*(?:rmb|cny|usd)?\s*(万|千|元|k|w|m)\s*(?:元|rmb|cny|usd|人民币)?"
    r"\s*[)）\]】]?\s*$|(万|千)元?$",
    re.IGNORECASE,
)
UNITS: Final[Mapping[str, int]] = {"元": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000,
                                   "m": 1_000_000}  # fmt: skip


def unit_in(heading: str) -> int:
    """The unit of a column by its heading: 10,000 for ``预算（万）``; 0 when it names none."""
    match = _UNIT.search(heading.strip()) if len(heading) <= LONGEST_HEADING else None
    return UNITS[(match[1] or match[2]).lower()] if match else 0


def field_of(heading: str) -> str:
    """The field that a heading means; "" when it means none of ours.

    A merely similar one is accepted when nothing else is as near.
    """
    if len(heading) > LONGEST_HEADING:
        return ""
    name = plain(_UNIT.sub(" ", heading))
    if not name or name in _NAMES:
        return _NAMES.get(name, "")
    near = process.extractOne(name, _NAMES.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return _NAMES[near[0]] if near and len(name) > 2 else ""


def headings_in(cells: Sequence[str]) -> int:
    """How many different fields a row of cells names."""
    return len({found for cell in cells[:100] if (found := field_of(cell))})


def suggested(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Suggest a column, by its position, for each field that has one; each column once."""
    places: dict[str, int] = {}
    for exactly in (True, False):
        for place, heading in enumerate(columns):
            named = heading[:LONGEST_HEADING]
            field = _NAMES.get(plain(_UNIT.sub(" ", named)), "") if exactly else field_of(named)
            if field and field not in places and place not in places.values():
                places[field] = place
    for field, shape in (("email", _EMAIL), ("phone", _MOBILE)):
        free = (place for place in range(len(columns)) if place not in places.values())
        fitting = [place for place in free if field not in places and _is_like(shape, place, rows)]
        places |= {field: fitting[0]} if fitting else {}
    return places


def _is_like(shape: re.Pattern[str], place: int, rows: Sequence[Sequence[str]]) -> bool:
    cells = [row[place].strip() for row in rows[:_SAMPLE] if place < len(row)]
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(bool(shape.fullmatch(value)) for value in filled) > len(filled) / 2
