"""Tells a search from a message in what is typed after ``/lead``, by its content."""

import re

from sales.capture import LONG_ENOUGH, Captured
from sales.patterns import lazy_pattern

LONGEST = 1000
"""Characters that are looked at."""
_WANTS = lazy_pattern(
    r"想要?|需要|需求|要(?:买|做|上|换|找)|采购|咨询|询价|询问|了解|打算|计划|希望|预算|报价|试用"
    r"|演示|对接|意向|选型|替换"
    r"|\b(?:wants?|needs?|looking for|look for|interested|is asking|asks?|asked|enquir\w{1,6}"
    r"|inquir\w{1,6}"
    r"|requires?|requests?|would like|budget|demo|trial|quote|replace|plans?|evaluating|considering"
    r"|seeks?|seeking)\b"
    r"|\d{1,6}\s?(?:seats?|users?|licen[cs]es?|个?(?:账号|席位|用户)|套|台)",
    re.IGNORECASE,
)
_LABELLED = lazy_pattern(
    r"^[ \t]{0,8}(?:客户|公司|单位|联系人|姓名|电话|手机|需求"
    r"|customer|company|contact|name|phone|need)"
    r"[^\n:：]{0,12}[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = re.compile(r"[^,，;；:：。.!！?？\n]{2,40}")
_CONTACT_DATA = lazy_pattern(
    r"[+(（]?\d[\d\s()（）\-]{5,20}\d|[^\s@]{1,64}@|wxid_|微信|wechat", re.IGNORECASE
)
_EDGE = " \t,，;；:：。-—"
_NO_NAMES = lazy_pattern(
    r"(?:我们?|他们?|她|你们?|客户|对方|有个?客户|有人|有个|一家|这家"
    r"|we|they|he|she|i|customer|a customer|the customer|somebody|someone|it)",
    re.IGNORECASE,
)


def is_message(text: str, message: Captured) -> bool:
    """Whether a text tells of a customer: it holds contact data, is labelled, says what somebody
    wants, or is long and names somebody. ``message`` is what was read from it."""
    head = text[:LONGEST]
    if message.phones or message.emails or message.wechat or _LABELLED.search(head):
        return True
    if wants := _WANTS.search(head):
        return bool(message.customer or message.contact or head[: wants.start()].strip(_EDGE))
    return len(text) >= LONG_ENOUGH and message.names_somebody


def name_before_need(text: str) -> str:
    """Who is named before what they want (``华康医疗 想要CRM``, ``Northwind: needs a CRM``).

    "" where that is unclear. For texts in which nothing else tells the customer."""
    head = text[:LONGEST].strip(_EDGE)
    wants = _WANTS.search(head)
    start = head[: wants.start()] if wants else head
    start = _CONTACT_DATA.split(start, maxsplit=1)[0]
    match = _NAME.match(start.strip(_EDGE))
    if match is None:
        return ""
    name = match[0].strip(_EDGE)
    if not wants and (len(name) < len(head) and "\n" not in head[: len(name) + 1]):
        # Without a need only a name that stands alone is one.
        return ""
    return "" if _NO_NAMES.fullmatch(name) or any(sign in name for sign in "@/") else name
