"""Signed calls: HMAC-SHA256 over the timestamp, a dot, and the body's bytes."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

WINDOW: Final = timedelta(minutes=5)
"""A call may be so old, or so far ahead of our clock."""
PREFIX: Final = "sha256="
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)


class Unsigned(Exception):
    """No timestamp, no signature, or one that does not fit the body."""


class Stale(Exception):
    """Signed, but not now."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The header's value: ``sha256=`` and 64 hexadecimal digits."""
    told = timestamp.encode() + b"." + body
    return PREFIX + hmac.new(secret.encode(), told, sha256).hexdigest()


def verify(secrets: Sequence[str], timestamp: str, given: str, body: bytes, now: datetime) -> None:
    """Raises Unsigned or Stale. Several secrets are valid while one replaces another; every
    one is tried, so that the time taken tells nothing."""
    if not _SECONDS.fullmatch(timestamp):
        raise Unsigned
    fits = [
        hmac.compare_digest(signature(secret, timestamp, body).encode(), given.lower().encode())
        for secret in secrets
    ]
    if not any(fits):
        raise Unsigned
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise Stale
