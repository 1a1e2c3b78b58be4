"""Who wrote a pasted message, and which part of it is theirs.

A colleague pastes a customer's mail with their own note and signature above it, or a few lines of
a chat. Knows the headers of the usual mail programs in several languages, and no names.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sales.contacts import NotAnEmail, parse_email
from sales.patterns import lazy_pattern

_MOST_LINES, _LONGEST_LINE = 400, 500
_QUOTE = re.compile(r"[ \t]{0,4}(?:>[ \t]?){1,6}")
_FORWARDED = lazy_pattern(
    r"[ \t>*_=—–-]{0,20}(?:begin )?(?:forwarded message|original message|original appointment"
    r"|转发的?邮件(?:信息)?|转发邮件|原始邮件|原邮件|以下是转发的邮件|forwarded"
    r"|weitergeleitete nachricht"
    r"|ursprüngliche nachricht|message transféré)[ \t:：*_=—–-]{0,20}",
    re.IGNORECASE,
)
_HEADER = lazy_pattern(
    r"[ \t*]{0,4}(?P<name>from|发件人|寄件人|寄件者|发信人|von|de|to|收件人|收信人|an|cc|抄送"
    r"|date|sent|日期"
    r"|发送时间|时间|gesendet|datum|subject|主题|主旨|betreff"
    r"|reply-to)[ \t*]{0,3}[:：][ \t*]{0,3}(?P<value>.{0,300})",
    re.IGNORECASE,
)
_FROM = frozenset({"from", "发件人", "寄件人", "寄件者", "发信人", "von", "de"})
_TO = frozenset({"to", "收件人", "收信人", "an"})
_WROTE = re.compile(r"(?:wrote|schrieb|写道|a écrit)[ ]?[:：][ \t]{0,9}", re.IGNORECASE)
_ANGLED = re.compile(r"<([^<>\s]{3,120})>")
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w.-]{3,120}")
_SPOKEN = lazy_pattern(
    r"(?P<who>[^\s:：\d][^\n:：]{0,29}?)[ \t]{1,4}"
    r"(?:(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?[ \t]{0,3})?(?:上午|下午|晚上|昨天|今天|周.)?[ ]?"
    r"\d{1,2}:\d{2}(?::\d{2})?(?:[ ]?[AaPp][Mm])?[ \t:：]{0,3}"
)
FREE_MAIL = frozenset(
    {
        "gmail.com", "qq.com", "163.com", "126.com", "outlook.com", "hotmail.com", "foxmail.com",
        "yahoo.com", "icloud.com", "sina.com", "sohu.com", "139.com", "live.com", "aliyun.com",
    }
)  # fmt: skip
_ENOUGH = 60
"""Characters of an answer above a quoted mail that are a message and no mere note."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The customer's own words in a pasted text.

    ``sender`` is the name that a mail's header or a chat shows, ``address`` the mail address beside
    it; both are "" in a plain text. ``colleagues`` are addresses that the mail was written to.
    """

    text: str
    sender: str = ""
    address: str = ""
    colleagues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Header:
    start: int
    end: int
    sender: str
    address: str
    to: frozenset[str]


def customers_part(text: str, ours: Collection[str] = ()) -> Letter:
    """The customer's part of a pasted text; ``ours`` are addresses and names of colleagues."""
    lines = [line[:_LONGEST_LINE] for line in text.splitlines()[:_MOST_LINES]]
    lines = _unquoted(lines)
    if headers := _headers(lines):
        return _of_mail(lines, headers, ours)
    if letter := _of_quote(lines, ours):
        return letter
    return _of_chat(lines, ours) or Letter("\n".join(lines))


def domain_of(address: str) -> str:
    """The domain of a company's address; "" of a free-mail address."""
    domain = address.rpartition("@")[2].lower()
    return "" if domain in FREE_MAIL else domain


def _unquoted(lines: list[str]) -> list[str]:
    """Lines without ``>`` where all of them are quoted, so that headers are seen."""
    return [_QUOTE.sub("", line, count=1) if line.lstrip().startswith(">") else line
            for line in lines]  # fmt: skip


def _headers(lines: list[str]) -> list[_Header]:
    """The blocks of header lines, each with a From and one more."""
    found, place = list[_Header](), 0
    while place < len(lines):
        match = _HEADER.fullmatch(lines[place])
        if match is None or match["name"].lower() not in _FROM:
            place += 1
            continue
        first, end, block = _top_of(lines, place), place, dict[str, str]()
        while end < len(lines) and (one := _HEADER.fullmatch(lines[end])):
            block.setdefault(one["name"].lower(), one["value"])
            end += 1
        if len(block) > 1:
            found.append(_header(first, end, block))
        place = end
    return found


def _top_of(lines: list[str], place: int) -> int:
    while place and (_HEADER.fullmatch(lines[place - 1]) or not lines[place - 1].strip()):
        place -= 1
    return place - 1 if place and _FORWARDED.fullmatch(lines[place - 1]) else place


def _header(first: int, end: int, block: dict[str, str]) -> _Header:
    sender = next(value for name, value in block.items() if name in _FROM)
    to = " ".join(value for name, value in block.items() if name in _TO)
    address = _ADDRESS.search(sender)
    name = re.split(r"[<\[(（]", sender)[0].strip(" \"'*")
    return _Header(
        first,
        end,
        "" if "@" in name else name,
        address[0].lower() if address else "",
        frozenset(one.lower() for one in _ADDRESS.findall(to)),
    )


def _of_mail(lines: list[str], headers: list[_Header], ours: Collection[str]) -> Letter:
    """The first mail that somebody else wrote to us: forwarded twice, it is not the outermost."""
    chosen = next((one for one in headers if not _is_internal(one, ours)), None)
    if chosen is None:
        # Only our own mails are quoted: what stands above them is the answer.
        own = frozenset(one.address for one in headers if one.address)
        return Letter("\n".join(lines[: headers[0].start]), colleagues=own)
    after = [one.start for one in headers if one.start >= chosen.end]
    body = lines[chosen.end : min(after, default=len(lines))]
    quoted = next((n for n, line in enumerate(body) if _says_wrote(line)), len(body))
    return Letter("\n".join(body[:quoted]), chosen.sender, chosen.address, chosen.to)


def _is_internal(header: _Header, ours: Collection[str]) -> bool:
    if header.address and header.address in ours:
        return True
    domain = domain_of(header.address)
    own = {domain_of(one) for one in ours if "@" in one} - {""}
    return bool(domain) and (domain in own or domain in {domain_of(one) for one in header.to})


def _says_wrote(line: str) -> bool:
    return bool(_WROTE.search(line[-40:])) and line.rstrip().endswith((":", "："))


def _of_quote(lines: list[str], ours: Collection[str]) -> Letter | None:
    """An answer above ``On … wrote:``, or what was quoted if there is hardly an answer."""
    for number, line in enumerate(lines):
        if not _says_wrote(line) or not (mail := _ANGLED.search(line)):
            continue
        above, below = "\n".join(lines[:number]).strip(), "\n".join(lines[number + 1 :])
        address = _read_address(mail[1])
        if len(above) >= _ENOUGH or address in ours:
            return Letter(above, colleagues=frozenset({address}))
        name = re.split(r"\d{4}年?|\d{1,2}[:：]\d{2}(?: [AP]M)?", line[: mail.start()])[-1]
        return Letter(below, name.strip(" ,，\"'"), address)
    return None


def _read_address(text: str) -> str:
    try:
        return parse_email(text)
    except NotAnEmail:
        return ""


def _of_chat(lines: list[str], ours: Collection[str]) -> Letter | None:
    """What the first speaker said who is none of us: ``王丽 10:32`` above each message."""
    spoken = [(n, match["who"].strip()) for n, line in enumerate(lines)
              if (match := _SPOKEN.fullmatch(line.strip()))]  # fmt: skip
    speakers = [who for _, who in spoken if who not in ours]
    if not speakers:
        return None
    said: list[str] = lines[: spoken[0][0]]
    ends = [n for n, _ in spoken[1:]] + [len(lines)]
    for (start, who), end in zip(spoken, ends, strict=True):
        if who == speakers[0]:
            said += lines[start + 1 : end]
    return Letter("\n".join(said), speakers[0])
