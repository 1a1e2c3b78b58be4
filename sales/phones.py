"""Phone numbers as people write them in forms, cells, cards and signatures.

A number without ``+`` belongs to the country it is read for. One that does not fit there, or looks
like another country's, is refused with its readings and never converted silently. Every pattern
here is bounded: texts are cut before they are read.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from sales.errors import Problem
from sales.patterns import lazy_pattern

LONGEST_PHONE = 60
"""Maximum number of characters of one number; a longer text is refused before it is parsed."""
LONGEST_PHONES = 300
"""The same for a field or cell, which may hold several numbers."""
MOST_PHONES = 10
HOME = "CN"


class NotAPhone(ValueError):
    """The text is no possible phone number of the country it was read for.

    ``readings`` are the numbers in other countries (and at home, where the shape is another
    country's) that may be meant, in international format with the country's ISO code.
    """

    def __init__(
        self, text: str, readings: tuple[tuple[str, str], ...] = (), key: str = ""
    ) -> None:
        super().__init__(text)
        self.readings = readings
        self.problem = Problem(
            key or ("phone_country" if readings else "phone"),
            typed=text.strip()[:30],
            readings=" / ".join(f"{number} ({country})" for number, country in readings),
        )


@dataclass(frozen=True, slots=True)
class CellPhones:
    """The numbers of one cell or field: mobiles, then landlines, then faxes, else as written.

    Each is E.164, with ``;ext=`` where it has an extension. ``unread`` is the first part that was
    not understood, as typed, and ``problem`` says why; both empty when everything was read.
    """

    numbers: tuple[str, ...] = ()
    unread: str = ""
    problem: Problem | None = None

    @property
    def first(self) -> str:
        """The number to call first; "" without any."""
        return self.numbers[0] if self.numbers else ""


_MOBILE = (
    r"手机号码|手机号|手机|移动电话|mobile(?: phone| no\.?| number)?|cell(?:ular)?(?: phone)?"
    r"|handy|whatsapp|mob"
)
_FIXED = (
    r"联系电话|联系方式|电话号码|办公电话|公司电话|电话|座机|固话|总机|热线"
    r"|telephone|tel|phone(?: no\.?| number)?"
    r"|office|direct(?: line| dial)?|landline|main|work|home|call|ph"
)
_FAX = r"传真号?|telefax|fax(?: no\.?| number)?"
_LABEL = lazy_pattern(
    rf"(?:(?P<mobile>{_MOBILE}|m(?=[:：.]))|(?P<fixed>{_FIXED}|[tpdo](?=[:：.]))"
    rf"|(?P<fax>{_FAX}|f(?=[:：.]))|☎️?|📞|📱|☏)[ .]?(?:/[ ]?微信)?[ ]?[:：=]?[ ]?",
    re.IGNORECASE,
)
_LABEL_AT_END = lazy_pattern(
    rf"(?:(?<![a-z])(?:{_MOBILE}|{_FIXED}|{_FAX})|(?<![a-z])[mtfpd][:：.])[ ]?[:：=.]?[ ]?$",
    re.IGNORECASE,
)
_BEFORE_LABEL = lazy_pattern(
    rf"(?<=[\d)）])[ ,，]{{0,3}}(?=(?:{_MOBILE}|{_FIXED}|{_FAX}|[mtfpd][:：.]))", re.IGNORECASE
)
_REMARK = lazy_pattern(
    r"[(（\[【][^()（）\[\]【】\d]{1,20}[)）\]】]"
    r"|(?:微信同号|同微信|微信同步|同号|微信|wechat|whatsapp|mobile|cell|work|home|手机|座机|办公)$",
    re.IGNORECASE,
)
_MARK = r"(?:转|轉|分机号?|內線|内线|extension|extn?\.?|x\.?|#) ?[=:：]? ?"
_EXTENSION = lazy_pattern(rf"[ ,，;；(（-]{{0,4}}{_MARK}(\d{{1,7}})[)）]?$", re.IGNORECASE)
_EXTENDED = lazy_pattern(rf"[ ]?[,，;；][ ]?{_MARK}(?=\d)", re.IGNORECASE)
_DASH_EXTENSION = re.compile(r"[ ]?[-–—][ ]?(\d{1,6})$")
_WRAPPED = re.compile(r"=[ ]?\"([^\"]{0,60})\"")
_DECIMALS = re.compile(r"(\+?\d{5,15})\.0{1,4}")
_POWER = re.compile(r"(\d)(?:\.(\d{1,15}))?e\+?(\d{1,2})", re.IGNORECASE)
_APART = re.compile(r"[/、;；,，|\n\r\t]|[ ](?:or|and|und|oder)[ ]|或者?|[和及&]", re.IGNORECASE)
_AMERICAN = re.compile(r"(?:1[ .-]?)?\(?[2-9]\d\d\)?[ .-]{0,2}[2-9]\d\d[ .-]\d{4}")
_TEN = re.compile(r"[2-9]\d\d[2-9]\d{6}")
_CHINESE = re.compile(r"1\d\d[ -]\d{4}[ -]\d{4}")
_SERVICE = re.compile(r"(?:\+?86)?(9[56]\d{3,6})")
"""Banks, insurers and authorities in China have short numbers that are dialled as they are."""
_NEIGHBOURS = ("CN", "US", "GB", "HK", "TW", "SG", "DE", "FR", "JP", "KR", "AU", "IN")


def parse_phone(text: str, region: str = HOME) -> str:
    """Parse one phone number as E.164 (``+8613812345678``). Raises NotAPhone.

    An extension is appended as RFC 3966 writes it (``+8657188889999;ext=802``); a number without
    ``+`` is read as one of ``region``.
    """
    if len(text) > LONGEST_PHONE:
        raise NotAPhone(text)
    typed = _bare(text)
    label = _LABEL.match(typed)
    return _parse_one(typed[label.end() :] if label else typed, text, region)


def possible_phones(text: str) -> tuple[str, ...]:
    """All numbers that a text may be in the usual countries, to look one up; () for no number."""
    found = []
    for region in _NEIGHBOURS:
        try:
            found.append(parse_phone(text, region))
        except NotAPhone as error:
            if not error.readings:
                return ()
    return tuple(dict.fromkeys(found))


def split_extension(phone: str) -> tuple[str, str]:
    """Split a stored phone into its number and its extension; "" without one."""
    number, _, extension = phone.partition(";ext=")
    return number, extension


def phones_of_cell(text: str, region: str = HOME) -> CellPhones:
    """Read every number of a cell or a field: ``138…/139…``, ``0571-88889999-802``, ``="138…"``.

    The first of ``numbers`` is the one to call; the others are further ways to reach the contact.
    """
    if len(text) > LONGEST_PHONES:
        return CellPhones((), text, NotAPhone(text).problem)
    found: list[tuple[int, str]] = []
    unread, problem = "", None
    for part in _parts(text):
        try:
            found += _several(part, region, [number for _, number in found])
        except NotAPhone as error:
            unread, problem = unread or part, problem or error.problem
    return CellPhones(_by_rank(found), unread, problem)


def example_phone(region: str) -> str:
    """A number as people in the country write theirs, for the placeholder of a field."""
    if region == HOME:
        return "138 1234 5678"
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    form = PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(number, form) if number else "+44 20 7946 0018"


def label_before(text: str) -> str:
    """The last word before a number if it says what kind of number it is: ``Fax:``, ``手机``."""
    match = _LABEL_AT_END.search(text[-24:])
    return match[0] if match else ""


def spaced_phone(number: str) -> str:
    """``+86 138 1234 5678``: a number (E.164) as people write it; unchanged if it is none."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def phone_rank(number: str, label: str = "") -> int:
    """0 for a mobile, 1 for a landline and what may be either, 2 for a fax; the label decides."""
    match = _LABEL.match(label)
    if match and match.lastgroup:
        return ("mobile", "fixed", "fax").index(match.lastgroup)
    kind = phonenumbers.number_type(phonenumbers.parse(split_extension(number)[0]))
    return 0 if kind == PhoneNumberType.MOBILE else 1


def _by_rank(found: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    ordered = sorted(found, key=lambda one: one[0])
    return tuple(islice(dict.fromkeys(number for _, number in ordered), MOST_PHONES))


def _bare(text: str) -> str:
    """What is left without the wrapping of spreadsheets and the remarks of people."""
    kept = unicodedata.normalize("NFKC", text)
    # Marks of the writing direction, joiners and soft hyphens come along with copied numbers.
    kept = "".join(sign for sign in kept if unicodedata.category(sign) != "Cf")
    kept = " ".join(kept.split())
    if wrapped := _WRAPPED.fullmatch(kept):
        kept = wrapped[1]
    kept = kept.lstrip("'`’‘\"").rstrip("'’\"。.,，;；、 ").removeprefix("tel:")
    if whole := _DECIMALS.fullmatch(kept):
        return whole[1]
    if power := _POWER.fullmatch(kept):
        return _expanded(power, text)
    return _REMARK.sub("", kept, count=2).strip(" ,，;；")


def _expanded(power: re.Match[str], text: str) -> str:
    """``1.3812345678E10`` in full. Raises NotAPhone where the spreadsheet lost the last digits."""
    digits = power[1] + (power[2] or "")
    if len(digits) != int(power[3]) + 1:
        raise NotAPhone(text, key="phone_digits_lost")
    return digits


def _parts(text: str) -> Iterator[str]:
    marked = _BEFORE_LABEL.sub(";", unicodedata.normalize("NFKC", text))
    for part in _APART.split(_EXTENDED.sub(" x", marked)):
        if part.strip(" '’\"="):
            yield part.strip()


def _several(part: str, region: str, before: list[str]) -> list[tuple[int, str]]:
    """The numbers of one part, with ranks: usually one, or several with only spaces in between."""
    if len(part) > LONGEST_PHONE * 2:
        raise NotAPhone(part)
    bare = _bare(part)
    label = _LABEL.match(bare)
    kind, digits = (bare[: label.end()], bare[label.end() :]) if label else ("", bare)
    try:
        numbers = [_parse_one(digits, part, region)]
    except NotAPhone:
        numbers = _beside(digits, before) or _spaced(digits, region)
        if not numbers:
            raise
    return [(phone_rank(number, kind), number) for number in numbers]


def _beside(digits: str, before: list[str]) -> list[str]:
    """``88889998`` after ``0571-88889999/``: a second line with the area code of the first."""
    local = re.sub(r"[ -]", "", digits)
    if not before or not local.isdecimal() or len(local) not in (7, 8):
        return []
    first = split_extension(before[-1])[0]
    number = first[: -len(local)] + local
    parsed = phonenumbers.parse(number)
    is_line = phonenumbers.number_type(parsed) == PhoneNumberType.FIXED_LINE
    return [number] if is_line and phonenumbers.is_valid_number(parsed) else []


def _spaced(digits: str, region: str) -> list[str]:
    """Several numbers in a row with only spaces in between; none unless every one is valid."""
    words, found, place = digits.split(" ")[:12], list[str](), 0
    while place < len(words):
        for end in range(len(words), place, -1):
            try:
                found.append(_parse_one(" ".join(words[place:end]), digits, region))
            except NotAPhone:
                continue
            place = end
            break
        else:
            return []
    return found if len(found) > 1 else []


def _parse_one(typed: str, text: str, region: str) -> str:
    extension = _EXTENSION.search(typed[-30:])
    number = typed[: len(typed) - len(extension[0])] if extension else typed
    if any(letter.isalpha() for letter in number):
        # Letters around a number are a typing mistake, or the number stands for something else.
        raise NotAPhone(text)
    service = _SERVICE.fullmatch(re.sub(r"[ -]", "", number))
    if service and (region == "CN" or number.startswith("+")):
        return f"+86{service[1]}"
    try:
        read = _e164(_parsed(number, text, region))
    except NotAPhone:
        line = "" if extension else _with_dash(number, region)
        if not line:
            raise
        return line
    return f"{read};ext={extension[1]}" if extension else read


def _with_dash(number: str, region: str) -> str:
    """``0571-88889999-802``; only a landline has extensions. "" for anything else."""
    dash = _DASH_EXTENSION.search(number)
    if not dash or _AMERICAN.fullmatch(number.strip()):
        return ""
    try:
        parsed = _parsed(number[: dash.start()], number, region)
    except NotAPhone:
        return ""
    if phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE:
        return ""
    return f"{_e164(parsed)};ext={dash[1]}"


def _parsed(digits: str, text: str, region: str) -> PhoneNumber:
    """A valid number. Raises NotAPhone, with readings for one that may be another country's."""
    digits = re.sub(r"^00(?=[1-9])", "+", digits.strip())
    number = _valid(digits, region)
    if digits.startswith("+"):
        number = number or _possible_abroad(digits, region)
        if number is None:
            raise NotAPhone(text)
        return number
    if number is None or looks_foreign(digits, number, region):
        raise NotAPhone(text, _readings(digits, number, region))
    return number


def _valid(digits: str, region: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _possible_abroad(digits: str, region: str) -> PhoneNumber | None:
    """A foreign number in full that has a right length: plans of numbers grow after our table."""
    try:
        number = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        return None
    known = {86, phonenumbers.country_code_for_region(region)}
    is_abroad = number.country_code not in known
    return number if is_abroad and phonenumbers.is_possible_number(number) else None


def looks_foreign(digits: str, number: PhoneNumber, region: str) -> bool:
    """Whether a number that is valid at home is written as another country writes its own.

    ``(212) 555-0134`` is a landline in Shanghai only for who leaves out the 0 that everybody
    there dials; ``136 0234 5678`` is a number in Washington only to a machine.
    """
    digits = digits.strip()
    if phonenumbers.country_code_for_region(region) == 1:
        return bool(_CHINESE.fullmatch(digits)) and _valid(digits, "CN") is not None
    if _AMERICAN.fullmatch(digits):
        return _valid(digits, "US") is not None
    if number.country_code == 86 and _begins_like_no_line(number):
        return True
    line = phonenumbers.number_type(number) != PhoneNumberType.MOBILE
    written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    lacks_zero = written.lstrip("(").startswith("0") and not digits.startswith("0")
    return bool(line and lacks_zero and _TEN.fullmatch(digits) and _valid(digits, "US"))


def _begins_like_no_line(number: PhoneNumber) -> bool:
    """Whether a Chinese landline would begin, behind its area code, with a 0, which none does:
    ``07700 900123`` is a British mobile."""
    if phonenumbers.number_type(number) != PhoneNumberType.FIXED_LINE:
        return False
    area = phonenumbers.length_of_geographical_area_code(number)
    return area > 0 and str(number.national_number)[area] == "0"


def _readings(digits: str, at_home: PhoneNumber | None, region: str) -> tuple[tuple[str, str], ...]:
    """What digits may mean in the countries whose numbers turn up most; at home first."""
    if sum(sign.isdecimal() for sign in digits) < 8:
        return ()
    elsewhere = ((_valid(digits, one), one) for one in _NEIGHBOURS if one != region)
    readings = [(at_home, region), *elsewhere]
    return tuple(
        (phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL), country)
        for number, country in readings
        if number is not None
    )[:3]


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
