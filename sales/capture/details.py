"""Job titles, budgets, time frames, sources and WeChat ids in a message."""

import re
from collections.abc import Iterable, Mapping

from sales.amounts import CURRENCIES, NotAnAmount, parse_budget
from sales.capture.people_names import HAN, RANKS
from sales.contacts import NotAWechat, parse_wechat
from sales.patterns import lazy_pattern

_FUNCTION = (
    "采购|销售|市场|运营|技术|信息化?|招生|教学|教研|科研|学生|年级|党委|车间|车队|调度|运维|开发|测试|质检|外贸|进出口|单证|会员|社区|教务|人事|人力资源|财务|行政|产品|项目|大区|区域|部门|质量|品质|生产|研发|设备|投资|客服|客户|法务|物流|仓储"
    "|供应链|船务|安全|工程|设计|培训|招商|电商|渠道|品牌|公关|战略|基建|后勤|总务|医务|护理|商务|业务|营销|数据|网络|系统|校区|门店|工厂|分公司"
    "|副|总|常务|执行|高级|资深|首席|联合|助理|第一|大客户"
)
_HEAD = (
    f"{RANKS}|总工程师|工程师|专员|助理|秘书|顾问|代表|创始人|合伙人|负责人|法人|股东|老板|老板娘|店主|经办人|对接人|会计师|出纳|主办|干事"
    "|采购员|业务员|架构师|设计师|分析师|研究员|校董|督导|总助|采购|行政|财务总监|CEO|CTO|CIO|CFO|COO|CMO|CHO|HRD|HRBP|HR|VP"
)
_DEPARTMENT = rf"{HAN}{{1,4}}?(?:部|处|科|室|中心|办)"
CN_TITLE = (
    rf"(?:{_DEPARTMENT})?(?:{_FUNCTION}){{0,3}}(?:部|处|科|室)?(?:副)?(?:{_HEAD})"
    r"(?:助理|秘书|兼[^\s，,]{1,6})?"
)
_HEAD_NOUN = (
    r"manager|director|head|lead|leader|president|vice president|vp|officer|chief|buyer|engineer"
    r"|architect|specialist|coordinator"
    r"|administrator|consultant|analyst|assistant|executive|partner|owner|co-owner|founder"
    r"|co-founder|cofounder|principal|dean"
    r"|headteacher|headmaster|headmistress|bursar|teacher|professor|supervisor|secretary|planner"
    r"|adviser|advisor|associate"
    r"|representative|controller|treasurer|editor|producer|designer|developer|broker|agent"
    r"|superintendent|foreman|chairman"
    r"|chairwoman|chair|trustee|surveyor|accountant|technician|strategist|merchandiser"
    r"|procurement|purchasing|registrar"
    r"|receptionist|matron|nurse|surgeon|physician|scientist|researcher|proprietor|curator"
    r"|librarian|pastor|captain"
    r"|leiter|leiterin|einkaufsleiter|vertriebsleiter|geschäftsführer|geschäftsführerin"
    r"|einkäufer|inkoper|directeur|gerente"
    r"|ceo|cto|cio|cfo|coo|cmo|cpo|cso|chro|gm|md|evp|svp|avp"
)
_EN_HEAD = lazy_pattern(rf"(?<![A-Za-z])(?:{_HEAD_NOUN})(?![A-Za-z])", re.IGNORECASE)
_MODIFIER = (
    r"[A-Z][\w&'’-]{0,20}|senior|junior|regional|national|general|purchasing|procurement|sales"
    r"|marketing|operations|project|product"
    r"|office|it|lab|plant|account|finance|hr|technical|deputy|assistant|group|supply chain"
    r"|category|key account|managing|store"
)
EN_TITLE = (
    rf"(?:(?:{_MODIFIER})[ ]){{0,4}}(?:{_HEAD_NOUN})(?:[ ](?:of"
    rf"|for)[ ][A-Z][\w&'’-]{{1,20}}(?:[ ](?:and|&)?[ ]?[A-Z][\w'’-]{{1,20}}){{0,2}}"
    rf"|[ ][A-Z][\w]{{2,20}})?"
)
_STATED = lazy_pattern(
    rf"\b(?:I['’]m|I am|as|as the|as a|our|the|their|is)[ ](?:the |a |an |our "
    rf"|their )?({EN_TITLE})\b(?![ ]here)",
    re.IGNORECASE,
)
_NO_TITLE = frozenset(
    {
        "lead",
        "head",
        "partner",
        "agent",
        "chair",
        "associate",
        "purchasing",
        "procurement",
        "assistant",
    }
)


def is_english_title(text: str) -> bool:
    """Whether a piece of a signature is a job title: few words, one of which names a job."""
    words = text.split()
    if not 1 <= len(words) <= 7 or not _EN_HEAD.search(text) or re.search(r"[\d@?!]", text):
        return False
    return text.strip().lower() not in _NO_TITLE or text[0].isupper()


def stated_title(text: str) -> str:
    """The job in ``I'm the purchasing manager``."""
    for match in _STATED.finditer(text):
        title = match[1].strip()
        if title.lower() not in _NO_TITLE:
            return title
    return ""


_AMOUNT = (
    rf"((?:(?<![a-z])(?:￥|{CURRENCIES}) ?)?"
    r"(?:\d[\d,，.]{0,12}[几多余来]?"
    r"|[好上]?[一二两三四五六七八九十百几数]{1,6}[多余来]?)"
    r" ?(?:万|千|亿|百万|k|w|m|lakhs?|crores?|million|thousand)?元?"
    r"(?: ?(?:-|–|~|～|至|到|to) ?(?:[¥￥$€£])?\d[\d,，.]{0,12} ?(?:万|千|亿|k|w|m|lakhs?"
    r"|million)?元?)?"
    rf"(?: ?(?:{CURRENCIES})(?![a-z]))?(?![\d])"
    r"(?: ?/ ?(?:[年月季人]|yr|year|month|user|seat)(?![a-z])| (?:per|a) (?:year|month|user|seat)\b"
    r"|(?<=[万千元])(?:一年|每年|[一每]个?月))?)"
)
_MONEY = (
    r"((?:(?:hk|us|s|nt|a|c)?[¥￥$€£₹] ?\d[\d,.]{0,12} ?(?:k|m|million|thousand|万)?(?![a-z])"
    r"(?: ?(?:-|–|to) ?[$€£]?\d[\d,.]{0,12} ?(?:k|m|million)?(?![a-z]))?)"
    r"|\d[\d.]{0,6} ?(?:-|–|~|～|至|到) ?\d[\d.]{0,6} ?万|\d[\d.]{0,6}[几多余来]? ?万"
    r"(?!人|台|套|件|次|条|个|家|户|吨|平|字|公里|米|用户|会员|粉丝|学[员生]))"
)
_BUDGETS = (
    lazy_pattern(
        rf"(?:预算|报价控制在|价格控制在|费用控制在|投入"
        rf"|资金)[^\d\n¥￥$€£₹一二两三四五六七八九十]{{0,8}}?{_AMOUNT}",
        re.IGNORECASE,
    ),
    lazy_pattern(rf"\bbudget\b[^\d\n¥￥$€£₹]{{0,20}}?{_AMOUNT}", re.IGNORECASE),
    lazy_pattern(rf"{_AMOUNT} ?(?:左右|以内|上下)?的?预算", re.IGNORECASE),
    lazy_pattern(rf"{_AMOUNT} budget\b", re.IGNORECASE),
    lazy_pattern(_MONEY, re.IGNORECASE),
    lazy_pattern(r"((?:[一二两三四五六七八九]?十|百)[几多来]万)(?=吧|左右|上下|以内|[块元])"),
)


_FIGURE = lazy_pattern(r"[\d一二两三四五六七八九十百几]")


def budget_in(labelled: str, text: str) -> str:
    """The budget as typed: one that can be parsed, or that leaves a question."""
    found = (match[1] for pattern in _BUDGETS for match in pattern.finditer(text))
    for typed in (labelled, *found):
        amount = typed.strip(" ,，.。")
        try:
            parse_budget(amount)
        except NotAnAmount as error:
            if error.problem.key == "amount":
                continue
        if len(amount) > 1:
            return amount
    # What stands behind the label is asked about, unless it is no figure, such as 待定.
    return labelled.strip(" ,，.。") if _FIGURE.search(labelled) else ""


_SOURCES: Mapping[str, re.Pattern[str]] = {
    "referral": lazy_pattern(r"介绍(?:过来|来的|的客户|的(?=[\s,，。;；]|$)|给|你们)"
                           r"|客户介绍|朋友介绍|推荐(?:过来|来的"
                           r"|的|给)|转介绍|经人介绍"
                           r"|\breferred\b|\breferral\b|\brecommended (?:you|us|by)\b"
                           r"|\brecommendation\b", re.IGNORECASE),
    "exhibition": lazy_pattern(r"展会|展位|展台|展览会|博览会|广交会|交易会|糖酒会|教育展|工博会"
                             r"|进博会|[\u4e00-\u9fff]{2}展上|峰会|论坛上"
                             r"|\b(?:trade ?(?:show|fair)|fair|expo|exhibition|booth|conference"
                             r"|stand)\b", re.IGNORECASE),
    "website": lazy_pattern(r"官网|网站(?:留言|表单|咨询)|网页留言|\b(?:from|via|on"
                          r"|through) (?:the|your|our) (?:web ?site|contact form)\b"
                          r"|\bweb ?site (?:contact|form|enquiry|inquiry)\b"
                          r"|\bcontact form\b", re.IGNORECASE),
    "ads": lazy_pattern(r"百度(?:广告|推广|搜索|竞价)|推广来的|广告来的|看到.{0,6}广告|信息流|抖音"
                      r"|小红书|朋友圈广告|SEM\b"
                      r"|\b(?:google|facebook|linkedin|bing) ads?\b|\bour ad\b|\byour ad(?:vert"
                      r"|vertisement)?\b", re.IGNORECASE),
    "partner": lazy_pattern(r"渠道(?:商|伙伴)?(?:介绍|推荐|报备|来的)|代理商(?:介绍|推荐|报备)"
                          r"|\b(?:reseller|channel partner)\b", re.IGNORECASE),
}  # fmt: skip


_LABELLED_SOURCES: Mapping[str, re.Pattern[str]] = {
    "website": lazy_pattern(r"网站|网页|\bweb(?: ?site)?\b", re.IGNORECASE),
    "ads": lazy_pattern(
        r"广告|推广|百度|竞价|\b(?:ads?|advert\w{0,10}|google|baidu|sem|ppc)\b", re.IGNORECASE
    ),
    "partner": lazy_pattern(r"渠道|代理|伙伴|\bpartners?\b", re.IGNORECASE),
    "referral": lazy_pattern(r"推荐|介绍|\b(?:friend|word of mouth)\b", re.IGNORECASE),
    "exhibition": lazy_pattern(r"展|峰会|\bevents?\b", re.IGNORECASE),
}
"""Single words that name a channel behind a label (``来源：网站``), and nothing in a sentence."""


def source_of(text: str, labelled: str = "") -> str:
    """The channel key of the shipped vocabulary that the words name, or those behind the label;
    "" for none or several."""
    named = [key for key, pattern in _SOURCES.items() if pattern.search(labelled or text)]
    if not named:
        named = [key for key, words in _LABELLED_SOURCES.items() if words.search(labelled)]
    return named[0] if named else ""


_WECHAT = lazy_pattern(
    r"(?:微信(?:号码|号|id)?|wechat(?: id)?|weixin|(?<![a-z])(?:vx|wx)(?![a-z])|v信"
    r"|薇信)[ ]?(?:是|[:：=])?[ ]?"
    r"([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_@.-])"
    r"|(?<![A-Za-z0-9_])(wxid_[A-Za-z0-9]{5,15})(?![A-Za-z0-9_@.-])",
    re.IGNORECASE,
)
_SAME = lazy_pattern(
    r"微信同号|同微信|手机同微信|微信同手机|微信同步|手机/微信|微信/手机|微信和手机同号"
    r"|微信是这个号|微信号?[:：]?\s?(?:同手机|同号|同上|同电话|就是手机)",
    re.IGNORECASE,
)


def wechat_in(labelled: str, text: str, phones: Iterable[str]) -> tuple[str, str]:
    """The WeChat id, and the text that names it; a number that is WeChat's as well is its id."""
    named = (match[1] or match[2] for match in _WECHAT.finditer(text))
    for typed in (labelled, *named):
        try:
            return parse_wechat(typed), typed
        except NotAWechat:
            continue
    mobile = next((phone[3:] for phone in phones if re.fullmatch(r"\+861\d{10}", phone)), "")
    return (mobile, "") if mobile and _SAME.search(text) else ("", "")
