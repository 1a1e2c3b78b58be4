"""Phone numbers and e-mail addresses: read as typed, kept in one form."""

import re

import phonenumbers

from sales.leads import mask_email, mask_phone

_EMAIL = re.compile(
    r"[^@\s<>\"',;:()\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)


class NotAPhone(ValueError):
    """The text is no possible phone number."""


class NotAnEmail(ValueError):
    """The text is no e-mail address."""


_EXTENSION = re.compile(
    r"[\s,，;；]*(?:转|轉|分机|extension|ext\.?|x|#)\s*[=:：]?\s*(\d{1,7})\s*$", re.IGNORECASE
)
_LABEL = re.compile(r"\s*(?:tel|phone|mobile|cell|电话|手机|座机)\s*[.:：]?\s*", re.IGNORECASE)


def parse_phone(text: str, region: str = "CN") -> str:
    """E.164 (``+8613812345678``), with its extension as RFC 3966 writes it when there is one
    (``+8657188889999;ext=802``); a number without ``+`` is read as one of ``region``.

    Raises NotAPhone.
    """
    extension = _EXTENSION.search(text)
    digits = _LABEL.sub("", text[: extension.start()] if extension else text, count=1)
    if any(letter.isalpha() for letter in digits):
        # Letters around a number are a slip, or the number stands for something else.
        raise NotAPhone(text)
    number = _number(digits, text, region)
    return f"{number};ext={extension[1]}" if extension else number


def split_extension(phone: str) -> tuple[str, str]:
    """A phone as it is kept, in its number and its extension; "" without one."""
    number, _, extension = phone.partition(";ext=")
    return number, extension


def _number(digits: str, text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone(text) from error
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_email(text: str) -> str:
    """The address in lower case, full-width ``＠`` read as ``@``; raises NotAnEmail."""
    address = text.strip().replace("＠", "@").lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise NotAnEmail(text)
    return address


_EMAIL_IN_TEXT = re.compile(
    r"(?:[a-z0-9._%+-]{1,64}|[^\x00-\x7f\s]{1,64})"
    r"[@＠](?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}",
    re.IGNORECASE,
)
# PhoneNumberMatcher is slow, and most texts hold no seven digits.
_MAYBE_PHONE = re.compile(r"(?:\d\D{0,5}){7}")
_MOBILE_IN_TEXT = re.compile(r"(?<!\d)1[3-9]\d(?:[ \-.·]?\d){8}(?!\d)")


def mask_contacts(text: str, region: str = "CN") -> str:
    """The text with every phone number and e-mail that stands in it masked."""
    masked = _EMAIL_IN_TEXT.sub(lambda found: mask_email(found[0].replace("＠", "@")), text)
    if not _MAYBE_PHONE.search(masked):
        return masked
    for match in reversed(list(phonenumbers.PhoneNumberMatcher(masked, region))):
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        masked = masked[: match.start] + mask_phone(number) + masked[match.end :]
    return _MOBILE_IN_TEXT.sub(lambda found: mask_phone(re.sub(r"\D", "", found[0])), masked)


def holds_contact(text: str, region: str = "CN") -> bool:
    """Whether a phone number or an e-mail address stands anywhere in a text: something to mask."""
    return mask_contacts(text, region) != text


_MASKED = re.compile(r"[^\s@*]?\*{3}@[\w.-]+|\+?\d{0,6}\*{3,}\d{0,6}")
HIDDEN = "•••"


def without_contacts(text: str, region: str = "CN") -> str:
    """The text with dots for every phone number and e-mail in it, masked ones too."""
    return _MASKED.sub(HIDDEN, mask_contacts(text, region))
