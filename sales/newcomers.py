"""People who wrote to the bot but were not let in yet, and one-time codes for the first admin.

A newcomer is no ``Person``: no right, lead or notice can reach them.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

START_CODE_LASTS: Final = timedelta(hours=24)
"""Validity of the code that a process prints when it starts without an admin."""
CODE_LASTS: Final = timedelta(hours=1)
"""Validity of a code from ``genjin admin``."""
MOST_ATTEMPTS: Final = 5
"""Maximum number of wrong codes from an account within ``ATTEMPTS_WITHIN``."""
ATTEMPTS_WITHIN: Final = timedelta(hours=1)
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH: Final = 16
_LONGEST: Final = 60


class NewcomerState(StrEnum):
    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An account on a platform that belongs to no person.

    ``phone`` (E.164) and ``email`` are what the platform vouches for. ``decided_by`` is the admin's
    person id, None where a rule or a code decided; ``person_id`` whom they became.
    """

    id: int = 0
    platform: str
    external_id: str
    name: str
    locale: str = ""
    phone: str = ""
    email: str = ""
    asked_at: datetime
    state: NewcomerState = NewcomerState.WAITING
    decided_by: int | None = None
    decided_at: datetime | None = None
    person_id: int | None = None

    @property
    def subject(self) -> str:
        return f"newcomer:{self.id}"


@dataclass(frozen=True, slots=True)
class AdminCode:
    """A one-time code as it is stored.

    ``only_first``: it makes an admin only while there is none.
    """

    id: int
    salt: str
    digest: str
    only_first: bool

    def fits(self, typed: str) -> bool:
        """Whether ``typed``, normalised by ``read_code``, is this code.

        Takes the same time for every wrong one.
        """
        return hmac.compare_digest(self.digest, digest_of(typed, self.salt))


def new_code() -> str:
    """Generate a code to be typed: 79 random bits, without characters that look alike."""
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(signs[start : start + 4] for start in range(0, _LENGTH, 4))


def read_code(typed: str) -> str:
    """Normalise a typed code: capitals without dashes and blanks; "" for what cannot be one."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST]).upper()
    signs = "".join(sign for sign in plain if sign.isalnum())
    return signs if len(signs) == _LENGTH and set(signs) <= set(_ALPHABET) else ""


def digest_of(code: str, salt: str) -> str:
    """The stored digest of a code that ``read_code`` normalised."""
    return hmac.digest(salt.encode(), code.encode(), hashlib.sha256).hex()
