"""The words by which other systems head their columns, and which field of a lead each means."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from rapidfuzz.distance import OSA

from sales.patterns import lazy_pattern

FIELDS: Final = (
    "customer", "contact", "first_name", "last_name", "title", "phone", "email", "wechat", "need",
    "product", "source", "industry", "region", "budget", "owner", "stage", "amount", "created",
    "closed", "lost_reason", "contract",
)  # fmt: skip
"""In the order in which the form asks for them."""
_ONLY_READ: Final = frozenset({"first_name", "last_name", "wechat"})
TEMPLATE_FIELDS: Final = tuple(name for name in FIELDS if name not in _ONLY_READ)
"""The columns of the file that people fill in."""
_TIMEFRAME: Final = (
    "timeframe|time frame|timeline|purchase timeframe|purchase time frame|purchase time|"
    "purchasing timeframe|buying timeframe|decision timeframe|decision timeline|"
    "expected purchase|when to buy|采购时间|预计采购时间|计划采购时间|采购周期|采购计划|购买时间|"
    "预计购买时间|计划购买时间|上线时间|计划上线时间|预计上线时间|期望上线时间|决策时间|决策周期|"
    "意向时间|需求时间"
)
"""When somebody means to buy: a part of the need that is kept with its heading."""
MONEY: Final = ("budget", "amount")
"""Fields whose bare numbers may be in another unit."""
HEADINGS: Final[Mapping[str, str]] = {
    "customer": "customer|customer name|company|company name|company account|account name|account|"
    "organization|organisation|organization name|organisation name|deal organization|"
    "lead organization|person organization|client|client name|associated company|"
    "primary associated company|primary company|associated company names|partner name|partner|"
    "company organization|lead company|potential customer|sales account|firma|kunde|unternehmen|"
    "business name|parent account name|employer|lead|"
    "客户|客户名称|客户名|客户全称|客户简称|公司|公司名称|公司名|公司全称|企业|企业名称|企业全称|单位|"
    "单位名称|所属客户|所属公司|关联客户|客户公司|客户公司名称|线索公司|学校|学校名称|机构|机构名称",
    "contact": "contact|contact name|contact person|contact full name|full name|primary contact|"
    "contact display name|display name|person name|lead name|deal contact person|"
    "lead contact person|associated contact|associated contacts|name|person|"
    "primary person contact|primary contact name|"
    "联系人|联系人姓名|联系人名称|客户联系人|主要联系人|主联系人|首要联系人|姓名|对接人|联络人|"
    "线索姓名|客户姓名|姓名电话|联系人姓名电话|备注名|客户昵称|微信昵称|昵称|ansprechpartner|kontakt",
    "first_name": "first name|firstname|given name|forename|contact first name|person first name|"
    "vorname|"
    "名字|名|名字名",
    "last_name": "last name|lastname|family name|surname|contact last name|person last name|"
    "nachname|"
    "姓|姓氏",
    "title": "job title|designation|jobtitle|position|title|role|job position|contact title|"
    "organization title|person job title|function|occupation|职务|职位|岗位|头衔|职称|"
    "联系人职务|联系人职位",
    "phone": "mobile|mobile phone|mobile number|mobile phone number|mobile no|cell|cell phone|"
    "cellphone|phone|phone number|phone no|telephone|tel|telephone number|work phone|"
    "business phone|office phone|contact phone|primary phone|person phone|direct phone|"
    "phone value|company phone|company main phone|other phone|home phone|phone work|phone mobile|"
    "phone home|phone other|contact number|work|mobil|telefon|handy|phones|"
    "person phone work|person phone mobile|"
    "person phone home|person phone other|"
    "手机|手机号|手机号码|联系人手机|联系人手机号|移动电话|电话|联系电话|电话号码|联系方式|固定电话|"
    "座机|办公电话|公司电话|联系人电话|客户电话|其他电话|更多电话|"
    "企业电话|联系手机|手机电话|商务电话|业务电话|工作电话|单位电话|住宅电话|家庭电话",
    "email": "email|e mail|mail|email address|e mail address|e mail value|email value|work email|"
    "business email|primary email|contact email|person email|email from|person email work|"
    "person email home|person email other|email work|email home|email other|secondary email|"
    "邮箱|邮件|电子邮箱|电子邮件|邮箱地址|联系人邮箱|电邮|更多邮箱|工作邮箱|企业邮箱|客户邮箱",
    "wechat": "wechat|wechat id|weixin|微信|微信号|联系人微信|微信id|企业微信号",
    "need": "need|needs|customer need|customer needs|requirement|requirements|deal name|"
    "deal title|lead title|opportunity name|opportunity|opportunity title|topic|subject|"
    "description|deal description|message|inquiry|notiz|notizen|bemerkung|internal notes|"
    "note|notes|comment|comments|remark|remarks|"
    "需求|需求描述|客户需求|主要需求|需求内容|需求说明|商机名称|商机标题|销售机会名称|机会名称|"
    "项目名称|线索名称|咨询内容|留言|留言内容|备注|说明|描述|线索详情|备注说明|附注|备忘|商机|"
    f"{_TIMEFRAME}",
    "product": "product|product name|products|item|product interest|products of interest|"
    "interested product|deal product name|product family|产品|产品名称|意向产品|商品|商品名称|"
    "关注产品|产品线|感兴趣的产品",
    "source": "lead source|source|original source|original traffic source|channel|origin|"
    "campaign|source name|deal source|deal source channel|lead source channel|source channel|"
    "opportunity source|来源|线索来源|渠道|客户来源|来源渠道|商机来源|获客渠道|"
    "机会来源|线索渠道|quelle|latest source",
    "industry": "industry|sector|industry type|company industry|行业|所属行业|行业类型|客户行业|"
    "1级行业|一级行业|行业分类|branche",
    "region": "region|sales region|territory|state province|state region|province|area|"
    "regional office|office location|billing state province|mailing state province|"
    "billing state|mailing state|business state|地区|区域|大区|省份|所在地区|销售区域|所属区域|"
    "国家省市|省市|省|所属省份|所属地区|所在省份",
    "budget": "budget|budget range|budget amount|estimated budget|estimated value|estimated amount|"
    "预算|预算范围|预算金额|预计金额|客户预算|采购预算|预算区间",
    "owner": "owner|owner name|owner full name|lead owner|deal owner|contact owner|account owner|"
    "opportunity owner|company owner|record owner|deal owner name|person owner|"
    "organization owner|sales agent|sales rep|sales representative|salesperson|sales person|"
    "rep|agent|assigned to|assigned user|assignee|account manager|account executive|responsible|"
    "responsible person|sales owner|hubspot owner|owner alias|user id name|"
    "owned by|assigned user name|responsible user|user|"
    "负责人|负责人姓名|线索负责人|客户负责人|商机负责人|所有人|线索所有人|客户所有人|销售机会所有人|"
    "商机所有人|销售|销售代表|销售人员|销售员|销售负责人|归属人|归属销售|所属销售|跟进人|"
    "跟进人员|业务员|客户经理|拥有者|添加人|所属员工|跟进员工|服务人员",
    "stage": "deal stage|stage|pipeline stage|opportunity stage|sales stage|lead status|"
    "deal status|stage id name|opportunity status|contact status|lifecycle stage|status|"
    "current stage|status label|status reason|rating|lead rating|priority|intent|state|"
    "阶段|销售阶段|商机阶段|销售流程阶段|机会阶段|状态|线索状态|客户状态|商机状态|跟进状态|"
    "成交状态|成单状态|跟进阶段|赢单状态|意向|意向度|意向程度|意向等级|客户意向|客户级别|客户等级|"
    "线索级别|线索等级|等级|级别|客户分级|线索评级|热度",
    "amount": "actual revenue|amount|deal amount|deal value|amount won|won amount|"
    "close value|contract value|"
    "contract amount|total amount|opportunity amount|total value|expected revenue|"
    "expected amount|est revenue|deal size|lead value|betrag|value|total price|"
    "amount in company currency|"
    "金额|成交金额|合同金额|签约金额|赢单金额|商机金额|销售机会金额|机会金额|预计销售金额|"
    "预计成交金额|订单金额|实际成交金额|销售金额|总金额|成交价|预期收入|预计收入|预期金额|"
    "预计销售额|收入|累计成交金额|成单金额",
    "created": "created|created at|created on|create date|created date|created time|date created|"
    "creation date|create time|creation time|date added|added on|added time|"
    "add time|deal add time|person add time|deal created|person created|"
    "lead created|submitted at|submission date|erstellt am|deal created on|lead created time|"
    "lead creation date|engage date|open date|"
    "start date|inquiry date|enquiry date|date|创建日期|创建时间|建立时间|录入时间|录入日期|"
    "建立日期|登记日期|登记时间|线索创建时间|获取时间|获取日期|新增时间|添加时间|日期|咨询时间|提交时间|"
    "咨询日期",
    "closed": "actual close date|actual closing date|won date|won time|"
    "deal won time|deal won date|closed won date|lost time|lost date|"
    "deal lost time|deal lost date|closed lost date|date closed|closed date|closed on|closed at|"
    "closed time|deal closed on|deal closed date|close date|close time|deal close date|"
    "closing date|abgeschlossen am|contract date|signed date|signed on|"
    "sign date|closed|expected close date|deal expected close date|expected closing|"
    "expected closing date|est close date|expected close|expected close on|close date expected|"
    "estimated close date|estimated closing date|target close date|forecast close date|"
    "expected signing date|expected sign date|anticipated close date|projected close date|"
    "成交日期|成交时间|赢单日期|赢单时间|输单日期|输单时间|丢单时间|签约日期|签约时间|签单日期|"
    "实际成交日期|实际结单日期|结单日期|结单时间|关闭日期|关闭时间|结束日期|合同日期|合同签订日期|"
    "预计成交日期|预计结单日期|预计签单日期|预计签约日期|预计成交|预计成交时间|预计成交日|预计签约时间|"
    "预计签单时间|预计结单时间|预计关单日期|预计关单时间|计划成交日期|预期成交日期",
    "lost_reason": "lost reason|loss reason|reason lost|closed lost reason|deal lost reason|"
    "reason for loss|lost because|reason for closing|流失原因|丢单原因|失败原因|输单原因|战败原因|"
    "未成交原因|无效原因|输单理由|丢失原因|失单原因|丢单理由|关闭原因|战败理由|失败理由",
    "contract": "contract|contract number|contract no|contract id|合同|合同号|合同编号",
}
"""The first of a field are its best: they count before later ones of the same file."""
_RANKS: Final = {
    heading.replace(" ", "") if not heading.isascii() else heading: (field, rank)
    for field, headings in HEADINGS.items()
    for rank, heading in enumerate(headings.split("|"))
}
_JOINED: Final = {
    name.replace(" ", ""): found for name, found in _RANKS.items() if name.isascii() and " " in name
}
"""Headings as databases name them: ``closedate``, ``jobtitle``."""
_MISTAKEN: Final = [name for name in _RANKS if name.isascii() and len(name) > 4]
_OPEN: Final = re.compile(r"[(（\[【]")
_CLOSE: Final = re.compile(r"[)）\]】]")
_LABELLED: Final = frozenset(_TIMEFRAME.split("|"))
_ASIDE: Final = frozenset({"region", "industry", "lost_reason", "stage"})
LONGEST_HEADING: Final = 60
"""Maximum number of characters of a heading; a longer one is none of ours."""
_UNIT: Final = lazy_pattern(
    r"(?:[(（\[【/,，]|单位[:：]?|\bin\b)\s*(?:rmb|cny|usd)?\s*(万|千|元|k|w|m)\s*(?:元|rmb|cny|usd|人民币)?"
    r"\s*[)）\]】]?\s*$|(万|千)元?$",
    re.IGNORECASE,
)
UNITS: Final[Mapping[str, int]] = {"元": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000,
                                   "m": 1_000_000}  # fmt: skip
_COUNTED: Final = re.compile(r"(?<!\w)\d{1,2}(?!\w)")
_REQUIRED: Final = re.compile(r"^(?:必填|选填|required)|(?:必填|选填|required)$")


def plain(text: str) -> str:
    """Normalise a heading or a word: without case, signs, and what is in brackets."""
    return " ".join(re.sub(r"[\W_]+", " ", _outside_brackets(text.lower())).split())


def _outside_brackets(text: str) -> str:
    """Remove brackets by hand: a pattern would search again from every bracket never closed."""
    parts, place = [], 0
    while (begins := _OPEN.search(text, place)) and (ends := _CLOSE.search(text, begins.end())):
        parts.append(text[place : begins.start()])
        place = ends.end()
    return " ".join((*parts, text[place:]))


def unit_in(heading: str) -> int:
    """The unit of a column by its heading: 10,000 for ``预算（万）``; 0 when it names none."""
    match = _UNIT.search(heading.strip()) if len(heading) <= LONGEST_HEADING else None
    return UNITS[(match[1] or match[2]).lower()] if match else 0


def name_of(heading: str) -> str:
    """What a heading says, without its unit, its number (``E-mail 2 Address``) and 必填."""
    if len(heading) > LONGEST_HEADING:
        return ""
    name = plain(_UNIT.sub(" ", heading))
    words = _COUNTED.sub(" ", _REQUIRED.sub("", name)).split()
    # ``Deal - Deal created`` says it twice.
    name = " ".join(word for word, _ in groupby(words))
    return name if name.isascii() else name.replace(" ", "")


def ranked(heading: str) -> tuple[str, int]:
    """The field that a heading names, and how far down it stands among the field's headings."""
    name = name_of(heading)
    if _is_of_a_person(heading):
        return "contact", 0
    return _RANKS.get(name) or _JOINED.get(name) or ("", 0)


_BETWEEN_TWO: Final = re.compile(r"[/&+、，,及和与]| and ", re.IGNORECASE)
_OF_A_PERSON: Final = frozenset({"phone", "email", "title", "wechat"})


def _is_of_a_person(heading: str) -> bool:
    """Whether a column holds a person and more: ``联系人/电话``, ``Name & Phone``."""
    if len(heading) > LONGEST_HEADING or len(parts := _BETWEEN_TWO.split(heading)) < 2:
        return False
    first, *others = [_RANKS.get(name_of(part), ("", 0))[0] for part in parts]
    return first == "contact" and all(other in _OF_A_PERSON for other in others)


def field_of(heading: str) -> str:
    """The field that a heading means; "" when it means none of ours.

    A misspelled English one is accepted when only one field is as near.
    """
    name = name_of(heading)
    if not name or (field := ranked(heading)[0]) or not name.isascii():
        return field if name else ""
    fields = {_RANKS[known][0] for known in _MISTAKEN if is_mistyped(name, known)}
    return fields.pop() if len(fields) == 1 else ""


def is_labelled(heading: str) -> bool:
    """Whether a column of the need says little without its heading: 采购时间."""
    return name_of(heading) in _LABELLED


def labelled(heading: str, text: str) -> str:
    """``省份：浙江``, ``Industry: Aviation``; the text alone below no heading."""
    label = " ".join(heading[:LONGEST_HEADING].split())
    return f"{label}{': ' if label.isascii() else '：'}{text}" if label else text


def says_no_need(line: str) -> bool:
    """Whether a line of a need only says where they are, what they do, or when they buy."""
    label, _, text = line[: LONGEST_HEADING + 1].replace("：", ":").partition(":")
    return bool(text) and (is_labelled(label) or ranked(label)[0] in _ASIDE)


def headings_in(cells: Sequence[str]) -> int:
    """How many different fields a row of cells names."""
    return len({found for cell in cells[:100] if (found := field_of(cell))})


def is_mistyped(typed: str, meant: str) -> bool:
    """Whether a text differs from another by typing mistakes alone.

    One in a word of five letters, two in one of eight; never in a digit, a short word or the
    number of words: ``GTX Pro`` and ``GTX Plus`` are two things.
    """
    if not (typed.isascii() and meant.isascii()) or abs(len(typed) - len(meant)) > 2:
        return False
    pairs = list(zip(typed.split(), meant.split(), strict=False))
    if len(typed.split()) != len(meant.split()):
        return False
    return all(_is_slip(one, other) for one, other in pairs) and typed != meant


def _is_slip(typed: str, meant: str) -> bool:
    if typed == meant:
        return True
    shorter = min(len(typed), len(meant))
    if shorter < 5 or not (typed + meant).isalpha() or typed[0] != meant[0]:
        return False
    return bool(OSA.distance(typed, meant, score_cutoff=2) <= (2 if shorter >= 8 else 1))
