"""Whether two records mean the same customer [P8]."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

from sales.leads import Lead
from sales.patterns import lazy_pattern
from sales.playbook.customers import Duplicates

DIFFERENT = ("branch", "name", "deal")
"""Why a customer with a similar name is another lead nevertheless."""
SAME = "same"

_FORMS = lazy_pattern(
    r"有限责任公司|股份有限公司|有限公司|集团|公司"
    r"|\b(?:co|ltd|inc|llc|gmbh|ag|plc|corp|corporation|company|limited|group)\b\.?"
)
_TRADES = re.compile(r"科技|信息|技术|网络|软件|贸易|商贸|实业|发展")
_PLACES = lazy_pattern(
    r"^(?:中国|北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|武汉|成都|西安|长沙|郑州|青岛|济南|大连|宁波|厦门|福州"
    r"|广东|江苏|浙江|山东|四川|湖北|湖南|河南|河北|福建|安徽|陕西|辽宁|江西|云南)(?:省|市)?"
)
_SPACES = re.compile(r"[\s,.，。·&()（）'’\"-]+")
_DIGITS = re.compile(r"\d+")
_SHORT = 3
_HEAD = 4


def same_customer(one: str, other: str, alike_from: int = Duplicates().alike_from) -> bool:
    """Whether two names are so similar (0 to 100) that a person should check.

    Legal forms, places and trades do not count; a name of one or two characters must be the same,
    and so must be the numbers in a name (``Branch 1`` is not ``Branch 2``).
    """
    names = core_name(one), core_name(other)
    if _DIGITS.findall(names[0]) != _DIGITS.findall(names[1]):
        return False
    if min(map(len, names)) < _SHORT:
        return names[0] == names[1]
    return fuzz.WRatio(*names) >= alike_from


@lru_cache(maxsize=4096)
def core_name(customer: str) -> str:
    """The distinctive part of a company name: ``上海甲示例科技有限公司`` is ``甲示例``."""
    whole = _SPACES.sub(" ", unicodedata.normalize("NFKC", customer).lower()).strip()
    core = whole
    for beside in (_FORMS, _PLACES, _TRADES):
        core = beside.sub("", core).strip() or core
    return core.replace(" ", "") or whole


def head_of(customer: str) -> str:
    """The beginning that similar names share, by which customers are looked up."""
    return core_name(customer)[:_HEAD]


def look_unlike(one: Lead, other: Lead, alike_from: int) -> bool:
    """Whether nothing suggests that both are one customer: neither name, phone nor e-mail."""
    if same_customer(one.customer, other.customer, alike_from):
        return False
    domains = {lead.email.partition("@")[2] for lead in (one, other)}
    same_domain = len(domains) == 1 and domains != {""}
    same_phone = one.phone == other.phone != ""
    return not (same_domain or same_phone)
