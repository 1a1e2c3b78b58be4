"""Accounts that nobody has let in yet, and codes that make an admin."""

from datetime import datetime, timedelta
from typing import Protocol

from sales.newcomers import AdminCode, Newcomer, NewcomerState


class Newcomers(Protocol):
    def get(self, newcomer_id: int) -> Newcomer:
        """Raises NewcomerNotFound."""

    def find(self, platform: str, external_id: str) -> Newcomer | None: ...

    def in_state(self, state: NewcomerState, limit: int) -> list[Newcomer]:
        """Those who asked first, first."""

    def add(self, newcomer: Newcomer) -> Newcomer: ...

    def save(self, newcomer: Newcomer) -> Newcomer:
        """Forgets the phone and e-mail of somebody who was decided on."""


class AdminCodes(Protocol):
    def issue(self, code: str, now: datetime, *, lasts: timedelta, only_first: bool) -> None:
        """Store a code as a salted digest. ``only_first``: it counts only while there is no
        admin."""

    def open(self, now: datetime) -> list[AdminCode]:
        """Those that nobody used and that have not expired."""

    def take(self, code_id: int) -> bool:
        """Use a code up; False when somebody else just did."""

    def note_failure(self, platform: str, external_id: str, now: datetime) -> None:
        """An account sent a wrong code."""

    def failures(self, platform: str, external_id: str, now: datetime) -> int:
        """How many wrong codes the account sent within ``ATTEMPTS_WITHIN``."""
