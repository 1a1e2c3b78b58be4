"""Whether a text states what somebody needs (BANT's N), or only that they are looking around.

A need names a thing or a purpose: 需要客户管理工具, 提升招生效率, ``a tool to track customers``.
Greetings, wishes to be called, and "your product" name nothing.
"""

import re
import unicodedata
from typing import Final

from sales.contacts import without_contacts
from sales.imports.headings import says_no_need
from sales.leads import Clarity
from sales.patterns import lazy_pattern

_LONGEST: Final = 2000
_CASUAL: Final = lazy_pattern(
    r"了解(?:一?下|了解|看看|情况|行情)|随便|看一?看|先看|瞧瞧|逛逛|问问|问一下|打听|观望|比较比较|好奇|"
    r"还没想好|没想好|再说吧|"
    r"有空再|考虑中|(?:还在|正在)(?:比较|考虑|对比|观望)|对比几家|比价|货比三家|"
    r"\bjust (?:looking|browsing|curious|checking|exploring|researching)\b(?! for\b)|"
    r"\b(?:browsing|window shopping|looking around|having a look|take a look|have a look|curious|"
    r"kicking the tires|no particular|nothing specific|nothing in particular|general enquiry|"
    r"exploring (?:the )?(?:options|market)|doing (?:some )?research|researching|"
    r"compar(?:e|ing) (?:vendors|options|suppliers|prices))\b"
)
_DENIED: Final = lazy_pattern(
    r"(?:暂|没|没有|无|暂无|暂时没有|尚无|无明确|没有明确)(?:具体|明确|特别|什么)?(?:的)?需求|"
    r"需求(?:还)?(?:不|未|待)(?:太|够)?(?:明|确|清|定)\w?|不需要|不感兴趣|没兴趣|还在考虑要不要|"
    r"\bno (?:current |specific |clear |real |immediate )?needs?\b|\bnot interested\b|"
    r"\b(?:do not|don't|doesn't) need\b|\bneed (?:is )?(?:not clear|unclear)\b"
)
_WANTS: Final = lazy_pattern(
    r"需要|急需|需求是|想要|想做|想上|要做|要上|希望|打算|计划|准备|解决|提升|提高|降低|减少|改善|优化|增加|实现|"
    r"替换|更换|采购|购买|上线|搭建|建设|对接|集成|能否|是否|"
    r"\b(?:needs?|needed|requires?|required|replac\w{1,4}|improv\w{1,4}|increas\w{1,4}|reduc\w{1,4}|"
    r"automat\w{1,4}|manag\w{1,5}|track\w{0,4}|integrat\w{1,5}|migrat\w{1,5}|implement\w{0,5}|"
    r"buy|buying|purchas\w{1,4}|struggl\w{1,4}|problem|solve)\b"
)
_THING: Final = lazy_pattern(
    r"系统|软件|工具|平台|小程序|解决方案|设备|机器人|网站|商城|效率|成本|流程|招生|获客|库存|订单|考勤|"
    r"管理|痛点|难题|困难|混乱|"
    r"\b(?:crm|erp|oa|scm|wms|mes|hrm?|bi|saas|api|pos|lms|plm|tms|software|system|tools?|platform|"
    r"app|website|solution|dashboard)\b"
)
_EMPTY: Final = lazy_pattern(
    r"需要|需求|想要|想|要|希望|请|麻烦|谢谢|感谢|您好|你好|老师|贵司|贵公司|我们|我司|你们|咱们|您|我|你|他们|公司|"
    r"产品|服务|报价单?|价格|价位|多少钱|费用|收费|资料|介绍|详细|具体|相关|更多|信息|情况|方案|合作|咨询|了解|沟通|联系|"
    r"联络|电话|微信|加|回电|回复|回访|打|发|给|看|试用|演示|体验|尽快|近期|最近|马上|立即|有|没有|无|暂|一下|一些|一个|"
    r"一份|关于|的|了|吗|呢|吧|啊|和|与|是|在|对|能|可以|可|测试|待定|待确认|待沟通|待补充|未知|不详|不明|其他|备注|同上|"
    r"急需|急|提升|提高|解决|采购|购买|上线|打算|计划|准备|替换|更换|参加|展会|展位|见面|拜访|"
    r"聊过?|邮箱|邮件|到|上|过|下周|本周|下个?月|本月|今天|明天|今年|明年|老|朋友|推荐|名片|好友|"
    r"感兴趣|意向|客户|电联|方便|时间|下|个|件"
)
_EMPTY_LATIN: Final = (
    "a an the we i you he she they it our your my us me to of for in on at and or with about is "
    "are be am have has had would could can will may might should please want wants wanted need "
    "needs needed like looking look get got give more some any info information detail details "
    "product products service services offer offers offering price prices pricing quote quotes "
    "quotation cost costs call calls calling back contact contacts reach email mail phone wechat "
    "whatsapp send sending hello hi hey dear thanks thank regards interested interest learn know "
    "see just this that these those what how when who your yours out up as asap soon possible "
    "today tomorrow now test testing demo trial meeting meet talk chat discuss discussion further "
    "n/a na tbd tba none nil null unknown unclear other misc enquiry inquiry question questions "
    "let lets hear from his her their company business team very much also so if there here do "
    "does did not no yes ok okay sure good great best kind later maybe brochure catalogue "
    "newsletter signup job application career reseller partnership partner become next "
    "last year month week quarter yet budget lead catalog curious browsing checking around "
    "requirement requirements buy purchase sir madam "
    "deal deals opportunity renewal upsell order inbound outbound"
)
_STOP: Final = frozenset(_EMPTY_LATIN.split())
_SEAM: Final = lazy_pattern("(?<=[\u4e00-\u9fff])(?=[a-z0-9])|(?<=[a-z0-9])(?=[\u4e00-\u9fff])")
_LATIN: Final = re.compile(r"[a-z][a-z'/+#-]{0,30}")
_CJK: Final = re.compile(r"[\u4e00-\u9fff]")
_WORDS, _SIGNS, _SIGNS_WANTED = 2, 3, 2
"""So many Latin words or Chinese characters, left when empty words are gone, name something."""


def clarity_of(need: str, customer: str = "") -> tuple[Clarity, str]:
    """Whether a need is stated, and the words that say that it is not.

    CLEAR where one is, VAGUE where the text itself says that they only look around, UNKNOWN where
    it says nothing of a need; the name of the ``customer`` says nothing. The first 2,000 characters
    are read.
    """
    stated = "\n".join(line for line in need[:_LONGEST].splitlines() if not says_no_need(line))
    text = unicodedata.normalize("NFKC", without_contacts(stated)).lower()
    text = _SEAM.sub(" ", text.replace("’", "'"))
    if denied := _DENIED.search(text):
        return Clarity.VAGUE, denied[0].strip()
    casual, wants = _CASUAL.search(text), _WANTS.search(text)
    if casual and not wants:
        return Clarity.VAGUE, casual[0].strip()
    return (
        Clarity.CLEAR if _names_something(text, customer, wanted=bool(wants)) else Clarity.UNKNOWN
    ), ""


def _names_something(text: str, customer: str, *, wanted: bool) -> bool:
    named = customer.lower()
    empty = _STOP | set(_LATIN.findall(named))
    found = (word.strip("'-/") for word in _LATIN.findall(text))
    words = [word for word in found if len(word) > 1 and word not in empty]
    rest = text.replace(named, " ") if named else text
    signs = len(_CJK.findall(_EMPTY.sub(" ", rest)))
    if _THING.search(text):
        return True
    least = _SIGNS_WANTED if wanted else _SIGNS
    return signs >= least or len(words) >= _WORDS or (wanted and len(words) > 0)
