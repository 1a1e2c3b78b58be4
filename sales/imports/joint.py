"""Cells that hold two things: a person with a phone, an address or a title; a company with a place.

Split where it is certain what each part is; everything else stays as it was typed.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sales.capture.details import is_english_title
from sales.capture.people_names import (
    CALLED,
    RANKS,
    as_english_name,
    is_chinese_name,
    leading_name,
    rank_in,
    ranked_name,
)
from sales.contacts import NotAnEmail, find_phones, parse_email
from sales.patterns import lazy_pattern
from sales.phones import label_before

_LONGEST: Final = 200
_ADDRESS: Final = lazy_pattern(
    r"[<＜(（\[]?(?:mailto:)?([A-Za-z0-9À-ɏ._%+'-]{1,64}[@＠]"
    r"[^\s<>＜＞()（）\[\],;，；、/|:：@＠]{3,190})[>＞)）\]]?",
    re.IGNORECASE,
)
_LABEL_LEFT: Final = lazy_pattern(
    r"(?:e-?mail|mail|邮箱|邮件|电邮|手机号?|电话|联系电话|tel|phone|mobile|mob|cell)\.?"
    r"[ ]?[:：]?[ ]?$",
    re.IGNORECASE,
)
_EDGES: Final = " \t\r\n,，;；、/|:：·•-–—_<>＜＞"
_EMPTY_BRACKETS: Final = re.compile(r"[(（\[【]\s{0,3}[)）\]】]")
_WRAPPED: Final = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,80})[)）\]】]")
_BRACKETED: Final = lazy_pattern(
    r"([^()（）\[\]【】]{1,80})[(（\[【]([^()（）\[\]【】]{1,40})[)）\]】]"
)
_JOINT: Final = re.compile(r"\s{0,2}[,，/、|;；·]\s{0,2}|\s{1,2}[-–—]\s{1,2}|\n")
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]")
_CN_TITLE: Final = lazy_pattern(
    rf"[\u4e00-\u9fff]{{0,12}}(?:{RANKS}|{CALLED}|专员|助理|代表|顾问|工程师|负责人|秘书|创始人|"
    r"合伙人|法人|股东|文员|出纳|行政|人事|财务)"
)


class JointPerson(NamedTuple):
    """What one cell says of a person; ``phones`` as E.164."""

    name: str
    title: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


def person_of(text: str, region: str) -> JointPerson:
    """Split ``王丽 13800000001``, ``Ines Vogel <ines@x.example>``, ``王丽（采购经理）``.

    Numbers without ``+`` belong to ``region``. What may be a number or an address but is none that
    can be read leaves the whole cell as it is.
    """
    typed = " ".join(text.split())
    if len(typed) > _LONGEST:
        return JointPerson(typed)
    emails, rest = _without_emails(typed)
    found = [*find_phones(rest, region)]
    if any(not one.number for one in found):
        return JointPerson(typed)
    for one in reversed(found):
        # A run of digits may hold the bracket that was opened before it.
        before = rest[: one.start]
        label = label_before(before)
        rest = f"{before[: len(before) - len(label)]} {rest[one.end :]}"
    rest = _tidy(_paired(rest))
    if re.search(r"\d{3}|[@＠]", rest):
        return JointPerson(typed)
    name, title = name_and_title(rest)
    phones = tuple(dict.fromkeys(one.number for one in sorted(found, key=lambda one: one.rank)))
    return JointPerson(name, title, phones, tuple(dict.fromkeys(emails)))


def is_name(text: str) -> bool:
    """Whether a text is plainly a person's name, with a form of address or without."""
    if _HANZI.search(text):
        return is_chinese_name(text) or ranked_name(text) == text
    return bool(as_english_name(text)) and " " in text.strip() and not is_english_title(text)


def name_and_title(text: str) -> tuple[str, str]:
    """``王丽（采购经理）``, ``Ines Vogel, CTO``, ``采购经理 王丽``; the whole as the name else."""
    if (ranked := ranked_name(text)) and ranked == text:
        return text, rank_in(text)
    for one, other in _halves(text):
        for name, title in ((one, other), (other, one)):
            if is_name(name) and _is_title(title):
                return name, title
    name = leading_name(text)
    if name and len(name) < len(text) and _is_title(text[len(name) :]) and is_name(name):
        return name, text[len(name) :]
    return text, ""


def _halves(text: str) -> Iterator[tuple[str, str]]:
    if match := _BRACKETED.fullmatch(text):
        yield match[1].strip(), match[2].strip()
    parts = _JOINT.split(text, maxsplit=1)
    if len(parts) == 2:
        yield parts[0].strip(), parts[1].strip()
    words = text.split()
    if len(words) == 2 and _HANZI.search(text):
        yield words[0], words[1]


def _is_title(text: str) -> bool:
    if _HANZI.search(text):
        return len(text) <= 20 and _CN_TITLE.fullmatch(text) is not None
    return is_english_title(text)


def _without_emails(text: str) -> tuple[list[str], str]:
    """The addresses of a text, and the text without them and their labels."""
    emails, kept, end = [], [], 0
    for match in _ADDRESS.finditer(text):
        try:
            emails.append(parse_email(match[1]))
        except NotAnEmail:
            continue
        kept.append(_LABEL_LEFT.sub("", text[end : match.start()][-_LONGEST:]))
        end = match.end()
    return emails, " ".join([*kept, text[end:]])


def _paired(text: str) -> str:
    """The text without its brackets where a number took one of a pair with it."""
    opened, closed = (sum(text.count(sign) for sign in signs) for signs in ("(（[【", ")）]】"))
    return text if opened == closed else re.sub(r"[()（）\[\]【】]", " ", text)


def _tidy(text: str) -> str:
    """Without empty brackets, and without the signs and labels that stood between the parts."""
    text = _EMPTY_BRACKETS.sub(" ", text)
    text = " ".join(text.split()).strip(_EDGES)
    if wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[1].strip(_EDGES)
    return _LABEL_LEFT.sub("", text).strip(_EDGES)


def company_and_place(text: str) -> tuple[str, str]:
    """``Acme GmbH (Berlin)`` as company and place; "" for the place where no bracket ends it."""
    match = _BRACKETED.fullmatch(" ".join(text[:_LONGEST].split()))
    return (match[1].strip(), match[2].strip()) if match else (text, "")
