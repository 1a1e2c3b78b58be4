"""The signed ticket an open form carries instead of a cookie: when it was opened, and a unique id.

The id makes a form count once however often it is sent; the time distinguishes a person, who takes
a while, from a machine. Signed, so that neither can be made up.
"""

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LIFETIME: Final = timedelta(hours=24)
# Must match exactly: the keyed hash ignores case and spaces.
_OPENED = re.compile(r"([0-9]{1,15})\.([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ticket:
    """``id`` is unique; ``age`` is how long ago the form was opened."""

    id: str
    age: timedelta


class Tickets:
    """``seal`` is a keyed hash, the same on every replica."""

    def __init__(self, seal: Callable[[str], str]) -> None:
        self._seal = seal

    def issue(self, source: str, now: datetime) -> str:
        opened = f"{int(now.timestamp() * 1000):d}.{secrets.token_hex(16)}"
        return f"{opened}.{self._sealed(source, opened)}"

    def read(self, text: str, source: str, now: datetime) -> Ticket | None:
        """Verify a ticket; None if it is forged, another form's, or older than ``LIFETIME``."""
        opened, _, seal = text.rpartition(".")
        spelled = _OPENED.fullmatch(opened)
        seals = self._sealed(source, opened).encode(), seal.encode()
        if spelled is None or not hmac.compare_digest(*seals):
            return None
        age = timedelta(milliseconds=int(now.timestamp() * 1000) - int(spelled[1]))
        return Ticket(spelled[2], age) if age < LIFETIME else None

    def _sealed(self, source: str, opened: str) -> str:
        return self._seal(f"ticket {source} {opened}")
