"""Phone numbers and e-mail addresses: read as typed, kept in one form."""

import re

import phonenumbers

_EMAIL = re.compile(
    r"[^@\s<>\"',;:()\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)


class NotAPhone(ValueError):
    """The text is no possible phone number."""


class NotAnEmail(ValueError):
    """The text is no e-mail address."""


def parse_phone(text: str, region: str = "CN") -> str:
    """E.164 (``+8613812345678``); a number without ``+`` is read as one of ``region``.

    Raises NotAPhone.
    """
    try:
        number = phonenumbers.parse(text, region)
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


def holds_contact(text: str, region: str = "CN") -> bool:
    """Whether a phone number or an e-mail address stands anywhere in a text."""
    if _EMAIL.search(text.replace("＠", "@").lower()):
        return True
    return phonenumbers.PhoneNumberMatcher(text, region).has_next()
