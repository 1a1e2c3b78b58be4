"""Parse a customer's message as a lead: sender, origin, need and budget.

Pure and careful: what is not plainly there stays empty, since a person reviews it. Reads Chinese
and English, in labelled lines (``联系人：…``, ``Budget: …``), mails, signatures, lines of a chat
and plain sentences (decision 0025).
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from sales.capture.chinese import Found, read_chinese
from sales.capture.details import budget_in, source_of, wechat_in
from sales.capture.english import read_english
from sales.capture.labels import labelled_values
from sales.capture.mail import Letter, customers_part
from sales.capture.people_names import is_chinese_name, rank_in
from sales.contacts import HOME, NotAnEmail, find_phones, parse_email
from sales.patterns import lazy_pattern

LONGEST = 10_000
"""Number of characters of a message that are parsed."""
_MOST = 20
LONG_ENOUGH = 40
"""From this many characters on, a text that names somebody is a message and not a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a message contains.

    ``phones`` are E.164, mobiles before landlines before faxes, and ``emails`` lower case; both
    else in the order in which they appear. ``budget`` is as typed, and can be parsed; ``source`` is
    a channel key of the shipped vocabulary. ``need`` is what was said, without the contacts, and
    ``said`` the customer's own words, of which a labelled time frame is all that counts.
    ``doubtful`` are numbers as typed that may be another country's.
    """

    customer: str = ""
    contact: str = ""
    title: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    wechat: str = ""
    budget: str = ""
    said: str = ""
    source: str = ""
    need: str = ""
    doubtful: tuple[str, ...] = ()

    @property
    def names_somebody(self) -> bool:
        """Whether there is a way to reach the customer, or a company's full name."""
        return bool(self.phones or self.emails or self.customer or self.wechat or self.doubtful)


# Chinese needs no space before an address: 邮箱是a@b.example.
_EMAIL = lazy_pattern(
    r"[a-z0-9][a-z0-9._%+'’-]{0,63}[@＠](?:[a-z0-9\u00c0-\u024f-]{1,63}\.){1,8}[a-z]{2,24}",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"^[+(]?\d[\d ()./-]{3,24}\d$")
"""A labelled phone in which no number was found."""
_WORD = re.compile(r"[^\W_]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GAP = re.compile(r"[ \t]{2,}")
_EMPTY_LINES = re.compile(r"\n[^\S\n]*+\n(?:[^\S\n]*+\n)++")


def read_message(text: str, region: str = HOME, ours: Collection[str] = ()) -> Captured:
    """Parse what ``text`` says of a customer; numbers without ``+`` belong to ``region``.

    ``ours`` are names, addresses and numbers of colleagues, which are never the customer's. Of a
    forwarded mail only the customer's own part is read.
    """
    text = text[:LONGEST]
    letter = customers_part(text, ours)
    read = _details(letter, region, ours)
    if letter.text.strip() == text.strip():
        return read
    return replace(read, need=_whole_need(text, region, read))


def _details(letter: Letter, region: str, ours: Collection[str]) -> Captured:
    text = letter.text
    calls = [one for one in find_phones(text, region) if one.number not in ours]
    mails = [one for one in _emails(text) if one[0] not in ours and one[0] not in letter.colleagues]
    emails = _distinct((*filter(None, (letter.address,)), *(email for email, *_ in mails)))
    phones = _distinct(one.number for one in sorted(calls, key=lambda one: one.rank) if one.number)
    spans = [*((one.start, one.end) for one in calls), *((start, end) for _, start, end in mails)]
    rest = _without(spans, text)
    labelled = labelled_values(rest)
    wechat, _ = wechat_in(labelled.get("wechat", ""), rest, phones)
    who = _who(letter, labelled, rest, emails, reachable=bool(phones or emails or wechat))
    return Captured(
        customer=who.customer,
        contact=who.contact,
        title=who.title,
        phones=phones,
        emails=emails,
        wechat=wechat,
        budget=budget_in(labelled.get("budget", ""), rest),
        said=labelled.get("timeframe", "") or rest,
        source=source_of(rest, labelled.get("source", "")),
        need=labelled.get("need", "") or _without_wechat(rest, wechat),
        doubtful=_distinct(
            (
                *(text[one.start : one.end] for one in calls if not one.number),
                *_FIGURES.findall(labelled.get("phone", "")[:40]),
            )
        ),
    )


def _who(
    letter: Letter,
    labelled: dict[str, str],
    rest: str,
    emails: tuple[str, ...],
    *,
    reachable: bool,
) -> Found:
    found = Found()
    contact, title = _contact_and_title(labelled)
    found.add(_plain_label(labelled.get("customer", "")), contact, title)
    if letter.sender and is_chinese_name(letter.sender):
        found.add(contact=letter.sender)
    if _HAN.search(rest) or _HAN.search(letter.sender):
        chinese = read_chinese(rest, reachable=reachable or bool(letter.sender))
        found.add(chinese.customer, chinese.contact, chinese.title)
    if not (found.customer and found.contact):
        english = read_english(rest, emails, "" if found.contact else letter.sender)
        if not _HAN.search(rest) or english.customer or english.contact:
            found.add(english.customer, english.contact, english.title)
    elif not found.title and not _HAN.search(rest):
        found.add(title=read_english(rest, emails, found.contact).title)
    if found.contact and not found.title:
        found.title = rank_in(found.contact)
    return found


def _contact_and_title(labelled: dict[str, str]) -> tuple[str, str]:
    """The labelled contact, with a title in brackets or behind it: ``王丽（采购总监）``."""
    contact = labelled.get("contact", "").replace("…", " ").strip()
    title = labelled.get("title", "")
    if not contact and (first := labelled.get("first_name")):
        last = labelled.get("last_name", "")
        contact = f"{last}{first}" if _HAN.search(first) else f"{first} {last}".strip()
    if match := re.fullmatch(r"([^（(]{1,40})[（(]([^（）()]{1,40})[)）]", contact):
        contact, title = match[1].strip(), title or match[2].strip()
    parts = contact.split()
    if len(parts) == 2 and is_chinese_name(parts[0]):
        contact, title = parts[0], title or parts[1]
    return ("" if "@" in contact else contact, title)


def _plain_label(value: str) -> str:
    return "" if "@" in value or "…" in value else value


def _whole_need(text: str, region: str, read: Captured) -> str:
    """What the customer said where a mail was taken apart: their part, or all of it if empty."""
    if read.need:
        return read.need
    calls = [(one.start, one.end) for one in find_phones(text, region)]
    return _without([*calls, *((start, end) for _, start, end in _emails(text))], text)


def _without_wechat(text: str, wechat: str) -> str:
    """The words without the id; "" where no word is left."""
    words = text.replace(wechat, "…") if wechat else text
    return words if _WORD.search(words) else ""


def _emails(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _EMAIL.finditer(text):
        try:
            yield parse_email(match[0]), match.start(), match.end()
        except NotAnEmail:
            continue


def _without(spans: Iterable[tuple[int, int]], text: str) -> str:
    """The text without its contacts, which are stored encrypted elsewhere; words are not."""
    for start, end in sorted(set(spans), reverse=True):
        text = f"{text[:start]}…{text[end:]}"
    return _EMPTY_LINES.sub("\n\n", _GAP.sub("  ", text)).strip()


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:_MOST]
