"""Labelled values of a message: ``联系人：王丽``, ``Company: Acme``, also several in one line."""

import re
from collections.abc import Mapping
from itertools import zip_longest

from sales.patterns import lazy_pattern

_LABELS: Mapping[str, str] = {
    "customer": r"客户(?:名称?|公司|单位|全称)?|公司(?:名称|全称|名)?|单位(?:名称)?"
                r"|企业(?:名称)?|学校(?:名称)?|机构(?:名称)?"
                r"|customer(?: name)?|company(?: name)?|organi[sz]ation(?: name)?"
                r"|business(?: name)?|account(?: name)?|firm|employer|firma",
    "contact": r"联系人(?:姓名)?|姓名|名字|称呼|对接人|客户姓名|您的姓名|contact(?: person"
               r"| name)?|(?:full |your )?name|attn|ansprechpartner",
    "first_name": r"first ?name|given name",
    "last_name": r"last ?name|surname|family name",
    "title": r"职位|职务|岗位|头衔|(?:job )?title|position|role|job",
    "phone": r"(?:联系)?电话(?:号码)?|手机(?:号码?)?|座机|固话|联系方式|tel(?:ephone)?"
             r"|phone(?: number)?|mobile|cell|fax|传真|[tmpfd]",
    "email": r"(?:电子)?邮[箱件](?:地址)?|(?:work |business )?e-?mail(?: address)?|mail|e",
    "wechat": r"微信(?:号码?|ID)?|wechat(?: id)?|weixin|vx|wx",
    "budget": r"预算(?:金额|范围)?|budget(?: range)?",
    "timeframe": r"(?:采购|购买|上线|预计|计划|需求|期望)?时间(?:要求)?|timeline|time ?frame"
                 r"|when|purchase date|deadline",
    "source": r"(?:线索|客户)?来源|渠道|从哪里了解到我们|source|how did you hear about us\??"
              r"|channel",
    "industry": r"(?:所属)?行业|industry|sector",
    "region": r"地区|区域|城市|所在地|省份|地址|region|country|city|location|address|state",
    "product": r"(?:意向|咨询)?产品|product(?: of interest)?|interested in",
    "need": r"需求(?:描述|说明)?|诉求|想要|留言(?:内容)?|备注|咨询内容|咨询|说明|内容|问题"
            r"|needs?|requirements?|wants?|message|comments?|enquiry"
            r"|inquiry|notes?|details|how can we help\??|description|question",
}  # fmt: skip
_ANY = lazy_pattern(
    r"(?<![\w\u4e00-\u9fff-])[ \t*·•\-【\[]{0,4}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")[ \t*】\]]{0,3}[:：=][ \t*]{0,4}",
    re.IGNORECASE,
)
_LONGEST = 200
_LONG = ("need",)
_ENDS = lazy_pattern(
    r"[，,；;。\n|｜]|[ \t]{2,}|\.[ ](?=[A-Z])"
    r"|(?<=[\u4e00-\u9fff\d])[ \t](?=[\u4e00-\u9fff]{1,6}[:：])"
)


def labelled_values(text: str) -> dict[str, str]:
    """The first value of every label, by field name; a value ends where the next label begins."""
    found: dict[str, str] = {}
    marks = list(_ANY.finditer(text))
    for mark, following in zip_longest(marks, marks[1:]):
        name = mark.lastgroup or ""
        end = following.start() if following else len(text)
        value = _cut(name, text[mark.end() : end])
        if value and name not in found:
            found[name] = value
    return found


def _cut(name: str, rest: str) -> str:
    if name in _LONG:
        return rest.strip(" \t\n，,；;|")[:2000]
    rest = rest.lstrip()
    end = _ENDS.search(rest)
    value = rest[: end.start()] if end else rest
    if end and end[0].strip() == "," and name in ("customer", "budget", "title", "phone"):
        value = rest.partition("\n")[0] if name != "title" else value
    return value.strip(" \t*，,；;。|")[:_LONGEST]
