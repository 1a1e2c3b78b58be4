"""Phone numbers and e-mail addresses: parse them as typed, normalise them, mask them.

Masking covers more than parsing (decision 0018). Every pattern here is applied to texts from
outsiders and takes time in proportion to their length: repetitions are possessive or bounded.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

import phonenumbers

from sales.errors import Problem
from sales.patterns import lazy_pattern
from sales.phones import (
    HOME,
    LONGEST_PHONE,
    LONGEST_PHONES,
    CellPhones,
    NotAPhone,
    example_phone,
    label_before,
    parse_phone,
    phone_rank,
    phones_of_cell,
    possible_phones,
    split_extension,
)

__all__ = [
    "HOME", "LONGEST_EMAIL",
    "LONGEST_PHONE",
    "LONGEST_PHONES",
    "LONGEST_WECHAT",
    "CellPhones",
    "FoundPhone",
    "NotAPhone",
    "NotAWechat",
    "NotAnEmail",
    "example_phone",
    "find_phones",
    "holds_contact",
    "mask_contacts",
    "parse_email",
    "parse_phone",
    "parse_wechat",
    "phones_in",
    "phones_of_cell", "possible_phones",
    "split_extension",
    "without_contacts",
]  # fmt: skip
LONGEST_EMAIL = 254
"""Maximum number of characters of an address; a longer text is refused before it is parsed."""


class NotAnEmail(ValueError):
    """The text is no e-mail address."""


_EMAIL = lazy_pattern(
    r"[^@\s<>\"',;:()\\.][^@\s<>\",;:()\\]{0,63}"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,58})"
)
_NAMED = re.compile(r"[^<>]{0,100}<([^<>]{3,254})>")
_SPACED_AT = re.compile(r" ?([@＠﹫]) ?")
_AS_TYPED = str.maketrans(
    {"＠": "@", "﹫": "@", "．": ".", "。": ".", "’": "'", "‘": "'", "＿": "_"}
)


def parse_email(text: str) -> str:
    """Parse an address into lower case; raises NotAnEmail.

    What mail programs and keyboards add is taken off: ``Zoe <z@a.com>``, ``mailto:``, full-width
    signs, a full stop at the end. A domain in other scripts is kept in its own letters.
    """
    if len(text) > LONGEST_EMAIL:
        raise NotAnEmail(text)
    kept = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    address = _SPACED_AT.sub(r"\1", kept.strip(), count=1).translate(_AS_TYPED)
    if named := _NAMED.fullmatch(address):
        address = named[1]
    address = unicodedata.normalize("NFKC", address).lower().removeprefix("mailto:")
    address = address.partition("?")[0].strip("'\"`,;: ").rstrip(".")
    # Some lower-case forms are longer than the original.
    if len(address) > LONGEST_EMAIL or ".." in address or not _EMAIL.fullmatch(address):
        raise NotAnEmail(text)
    name, _, domain = address.partition("@")
    if name.endswith("."):
        raise NotAnEmail(text)
    return f"{name}@{_in_letters(domain)}"


def _in_letters(domain: str) -> str:
    """``bücher.example`` for ``xn--bcher-kva.example``, so that both are one address."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna").lower()
    except UnicodeError:
        return domain


LONGEST_WECHAT = 40
_WECHAT = re.compile(r"[A-Za-z][\w-]{5,19}|1\d{10}", re.ASCII)
_WECHAT_LABEL = lazy_pattern(
    r"(?!wxid_)(?:微信号?|wechat(?: ?id)?|weixin|vx|wx|v信|薇信|威信)[ ]?[:：=]?[ ]?", re.IGNORECASE
)


class NotAWechat(ValueError):
    """The text is no WeChat id: a letter and 5 to 19 more letters, digits, ``_`` or ``-``."""


def parse_wechat(text: str) -> str:
    """Parse a WeChat id as typed, or the mobile number that stands for one. Raises NotAWechat."""
    if len(text) > LONGEST_WECHAT:
        raise NotAWechat(text)
    plain = unicodedata.normalize("NFKC", text).strip()
    if label := _WECHAT_LABEL.match(plain):
        plain = plain[label.end() :].strip() or plain
    compact = re.sub(r"^\+?86", "", re.sub(r"[ -]", "", plain)) if plain[:1] in "+1" else plain
    if not _WECHAT.fullmatch(compact):
        raise NotAWechat(text)
    return compact


_MOST_FOUND, _MOST_LOOKED_AT = 20, 60
_LONGEST_RUN = 120
"""A longer run of digits holds no number that could be told from the next."""
_AROUND = 24
"""Characters on both sides of a run that show whether it is a phone."""
_OTHER_NUMBER = lazy_pattern(
    r"(?:qq|税号|信用代码|[账帐]号|卡号|订单号?|单号|合同号?|编号|工号|身份证号?码?|发票号?|邮编|"
    r"order|invoice|account|vat|iban|ticket|ref|case|zip|id|no)[号码]?[ .:：#]{0,4}$",
    re.IGNORECASE,
)


class FoundPhone(NamedTuple):
    """A number in a text, and where it stands.

    ``number`` is "" for one that may be another country's: its readings are in ``problem``.
    ``rank`` is 0 for a mobile, 1 for a landline, 2 for a fax.
    """

    number: str
    start: int
    end: int
    rank: int = 1
    problem: Problem | None = None


def phones_in(text: str, region: str = HOME) -> Iterator[tuple[str, int, int]]:
    """Find the valid numbers in a text, as E.164 with the position of each; the first 20."""
    for found in find_phones(text, region):
        if found.number:
            yield found.number, found.start, found.end


def find_phones(text: str, region: str = HOME) -> Iterator[FoundPhone]:
    """Find the numbers in a text in their order, also those that have to be asked about."""
    runs = (run for run in _RUN.finditer(text) if run["digits"])
    found = (
        one
        for run in islice(runs, _MOST_LOOKED_AT)
        if len(run["digits"]) <= _LONGEST_RUN
        for one in _phones_of_run(text, *run.span(), region)
    )
    return islice(found, _MOST_FOUND)


def _phones_of_run(text: str, start: int, end: int, region: str) -> Iterator[FoundPhone]:
    """The numbers of one run of digits.

    phonenumbers' own search is slow, and knows no ``-802``: it is asked only where the run is not
    one number or a list of them.
    """
    before = text[max(0, start - _AROUND) : start]
    if _OTHER_NUMBER.search(before) or _is_part_of_word(text, start, end):
        return
    cell = phones_of_cell(text[start:end], region)
    if cell.numbers and not cell.unread:
        for number in cell.numbers:
            yield FoundPhone(number, start, end, phone_rank(number, label_before(before)))
    elif cell.problem is not None and cell.problem.key == "phone_country":
        yield FoundPhone("", start, end, problem=cell.problem)
    else:
        yield from _searched(text, start, end, region)


def _is_part_of_word(text: str, start: int, end: int) -> bool:
    """Whether a run stands in an address, a file's name or a WeChat id."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return bool(_IN_WORD.match(before) or _IN_WORD.match(after))


def _searched(text: str, start: int, end: int, region: str) -> Iterator[FoundPhone]:
    first = max(0, start - _AROUND)
    window = text[first : end + _AROUND]
    for match in phonenumbers.PhoneNumberMatcher(window, region, max_tries=_MOST_FOUND):
        if not start <= first + match.start < end:
            continue
        place = (first + match.start, first + match.end)
        try:
            number = parse_phone(match.raw_string[:LONGEST_PHONE], region)
        except NotAPhone as error:
            if error.readings:
                yield FoundPhone("", *place, problem=error.problem)
            continue
        yield FoundPhone(number, *place, phone_rank(number, label_before(text[first : place[0]])))


_IN_WORD = re.compile(r"[A-Za-z0-9_@＠]")
# What people put between the digits of one number; two of the narrow ones separate a list.
_WIDE = (
    r" \t\u00a0\u00ad\u2000-\u2015\u202f\u205f-\u2064\u2212\u3000\ufe0f\ufeff\u20e3﹣－()（）"
    r"\[\]［］-"
)
_NARROW = r".．·•‧・_/／\\~～,，'’"
_GAP = rf"(?:[{_WIDE}]{{0,4}}+|[{_NARROW}])"
_HAN = "〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_DIGIT = r"[\d①-⑨⓪]"
_CURRENCY = (
    r"(?:[¥￥$€£＄]|(?<![a-z])(?:rmb|cny|usd|eur|gbp|hkd)|人民币|预算|(?<![a-z])budget(?: of)?)"
)
_OF_MONEY = r"(?:[万萬千亿億元块圆%％]|美元|欧元|(?:rmb|cny|usd|eur|[kwm])(?![a-z]))"
_GROUPED = r"\d{1,3}(?:[,，]\d{3}){1,4}(?:\.\d{1,2})?(?![\d,，])"
# An amount has no more than ten digits: a mobile number has eleven.
_SUM = rf"(?:{_GROUPED}|\d{{1,10}}(?:\.\d{{1,2}})?(?!\d))"
_TO = r" ?(?:[-–—~～至到]|to) ?"
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_ENDS = r"(?!\d|[-/.]\d)"
_HARMLESS = (
    rf"(?:{_CURRENCY}[ :：]{{0,2}}{_SUM}(?:{_TO}{_CURRENCY}?{_SUM})?"
    rf"|(?<!\d)(?:{_SUM}(?:{_TO}{_SUM})? ?{_OF_MONEY}|(?<![,，]){_GROUPED}"
    rf"|{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}{_ENDS}|{_DAY}[-/.]{_DAY}[-/.]{_YEAR}{_ENDS}"
    rf"|{_YEAR}[-/.](?:0[1-9]|1[0-2]){_ENDS}|{_YEAR} ?[-–—~～/至到] ?{_YEAR}{_ENDS}"
    r"|(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：][0-5]\d)?(?!\d))"
    r"|(?<![a-z])lx-?\d{1,9}(?!\d))"
)
"""What has many digits but is no phone number.

Amounts with a sign or a unit or in groups of three, days, years, times, and the numbers of leads.
"""
_RUN = lazy_pattern(
    rf"(?P<harmless>{_HARMLESS})"
    rf"|(?P<digits>(?:[+＋] ?)?[(（]?{_DIGIT}(?:{_GAP}(?!{_HARMLESS}){_DIGIT}){{6,}}+)"
    r"(?:[ ,，(（]{0,2}(?:转|轉|分机号?|内线|extn?\.?|extension|;ext|x|#)"
    r"[ .:：=]{0,2}\d{1,7}(?!\d)[)）]?)?"
    rf"|(?P<han>[{_HAN}](?:{_GAP}[{_HAN}]){{6,}}+|(?<![\d{_HAN}])[\d{_HAN}]{{7,}}+)",
    re.IGNORECASE,
)
_MANY_DIGITS = lazy_pattern(rf"(?:[\d①-⑨⓪{_HAN}][^\d①-⑨⓪{_HAN}]*+){{7}}")
_BLANKS = re.compile(r"([\s,，/／、]++)")
_LOCAL = r"A-Za-z0-9._%+*&~'’-"
_DOMAIN = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*+|\w[\w.-]*+)"
_ADDRESS = lazy_pattern(
    rf"(?<![{_LOCAL}])(?P<name>[{_LOCAL}]++)(?P<domain>[@＠﹫]{_DOMAIN}"
    r"| [@＠] [A-Za-z0-9][A-Za-z0-9-]*+\.[A-Za-z][A-Za-z0-9.-]++)"
    # Chinese characters before the sign may as well be words before a mention: 请@王丽.
    r"|(?<![^\W\x00-\x7f])(?P<words>[^\W\x00-\x7f]++)(?P<after>[@＠﹫]\w[\w-]*+\.\w[\w.-]*+)"
)
HIDDEN = "•••"


def mask_contacts(text: str) -> str:
    """Mask everything in a text that looks like a contact.

    An ``@`` between word characters, and seven digits or more with what people put between them,
    also full-width ones and Chinese numerals. Days, times, amounts with a sign or unit, and numbers
    of leads stay.
    """
    return _rewritten(text, _masked_address, _masked_run)


def holds_contact(text: str) -> bool:
    """Whether anything in a text looks like a contact that has to be masked."""
    return mask_contacts(text) != text


_MASKED = re.compile(r"[^\s@*]?\*{3}@[\w.-]++|\+?\d{0,6}\*{3,}+\d{0,6}")


def without_contacts(text: str, hidden: str = HIDDEN) -> str:
    """Replace with ``hidden`` all that ``mask_contacts`` masks, and what is masked already."""
    bare = _rewritten(text, lambda _: hidden, lambda _: hidden)
    return _MASKED.sub(hidden, bare) if "***" in bare else bare


def _rewritten(
    text: str, address: Callable[[re.Match[str]], str], run: Callable[[re.Match[str]], str]
) -> str:
    if "@" in text or "＠" in text or "﹫" in text:
        text = _ADDRESS.sub(address, text)
    if _MANY_DIGITS.search(text):
        text = _RUN.sub(lambda match: match[0] if match["harmless"] else run(match), text)
    return text


def _masked_address(match: re.Match[str]) -> str:
    name = match["name"] or match["words"]
    mask = name if name[1:].strip("*") == "" and name.endswith("***") else f"{name[:1]}***"
    return mask + (match["domain"] or match["after"])


def _masked_run(match: re.Match[str]) -> str:
    typed = match["digits"]
    if typed is None:
        return "****"
    digits = _ascii_digits(typed)
    international = typed[0] in "+＋"
    if len(digits) <= (15 if international else 12) or digits.startswith(("86", "0086")):
        return _masked_number(digits, international=international)
    # Several numbers, or one with something beside it.
    parts = _BLANKS.split(typed)
    masked = [
        part if len(_ascii_digits(part)) < 7 else _masked_number(_ascii_digits(part), tail=True)
        for part in parts
    ]
    together = "".join(masked)
    return "****" if _RUN.search(together) else together


def _masked_number(digits: str, *, international: bool = False, tail: bool = False) -> str:
    """Mask digits as ``mask_phone`` does.

    ``tail``: beside other numbers, so that both together do not form a number.
    """
    number = re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)
    if not 9 <= len(number) <= (12 if tail else 15):
        return "****"
    if tail:
        return f"****{number[-4:]}"
    if len(number) == 11 and number[0] == "1" and not (international and number == digits):
        return f"{number[:3]}****{number[-4:]}"
    head = f"+{number[:2]}" if international and not number.startswith("86") else ""
    return f"{head}****{number[-4:]}"


def _ascii_digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(sign)) for sign in text if unicodedata.digit(sign, -1) >= 0
    )
