"""Stores accounts awaiting admission, and the one-time codes that create the first admin."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select

from sales.errors import NewcomerNotFound
from sales.newcomers import (
    ATTEMPTS_WITHIN,
    AdminCode,
    Newcomer,
    NewcomerState,
    digest_of,
    read_code,
)
from storage.database.encryption import Fields, Unreadable
from storage.database.rows import RowMapper
from storage.tables import admin_attempt, admin_code
from storage.tables import newcomer as table

PHONE: Final = "newcomer.phone"
EMAIL: Final = "newcomer.email"
_SALT_BYTES: Final = 16
_NEWCOMERS = RowMapper(Newcomer, given=("phone", "email"))
_CODES = RowMapper(AdminCode)


class NewcomerRepository:
    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def get(self, newcomer_id: int) -> Newcomer:
        """Return a newcomer. Raises NewcomerNotFound."""
        newcomers = self._all(select(table).where(table.c.id == newcomer_id))
        if not newcomers:
            raise NewcomerNotFound
        return newcomers[0]

    def find(self, platform: str, external_id: str) -> Newcomer | None:
        account = table.c.platform == platform, table.c.external_id == external_id
        newcomers = self._all(select(table).where(*account))
        return newcomers[0] if newcomers else None

    def in_state(self, state: NewcomerState, limit: int) -> list[Newcomer]:
        """List newcomers in a state, in the order in which they asked."""
        query = select(table).where(table.c.state == state.value)
        return self._all(query.order_by(table.c.asked_at, table.c.id).limit(limit))

    def admitted_since(self, at: datetime) -> set[int]:
        """Return the ids of the people who were let in at this moment or later."""
        query = select(table.c.person_id).where(table.c.decided_at >= at)
        return set(self._connection.scalars(query.where(table.c.person_id.is_not(None))))

    def add(self, newcomer: Newcomer) -> Newcomer:
        insert = table.insert().values(self._row(newcomer)).returning(table.c.id)
        return replace(newcomer, id=self._connection.execute(insert).scalar_one())

    def save(self, newcomer: Newcomer) -> Newcomer:
        """Save a newcomer; erases the phone and e-mail of one who has been decided on."""
        update = table.update().where(table.c.id == newcomer.id)
        self._connection.execute(update.values(self._row(newcomer)))
        return newcomer

    def _all(self, query: Any) -> list[Newcomer]:
        return [self._newcomer(row) for row in self._connection.execute(query).mappings()]

    def _newcomer(self, row: RowMapping) -> Newcomer:
        return _NEWCOMERS.read(
            row,
            phone=self._opened(row["phone"], PHONE),
            email=self._opened(row["email"], EMAIL),
        )

    def _opened(self, sealed: bytes | None, place: str) -> str:
        """Decrypt a value; one that no key opens counts as empty, and an admin decides without
        it."""
        try:
            return self._fields.open(sealed, place) if sealed else ""
        except Unreadable:
            return ""

    def _row(self, newcomer: Newcomer) -> dict[str, Any]:
        """Build the row.

        Newcomers who have been decided on keep no contacts here: these are now the person's, or
        nobody's.
        """
        kept = newcomer.state is NewcomerState.WAITING
        sealed = {
            name: self._fields.seal(value, place) if value and kept else None
            for name, value, place in (
                ("phone", newcomer.phone, PHONE),
                ("email", newcomer.email, EMAIL),
            )
        }
        return _NEWCOMERS.write(newcomer) | sealed


class AdminCodeRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def issue(self, code: str, now: datetime, *, lasts: timedelta, only_first: bool) -> None:
        """Store a code as a salted digest. ``only_first``: it is valid only while there is no
        admin."""
        self._connection.execute(admin_code.delete().where(admin_code.c.expires_at <= now))
        salt = secrets.token_hex(_SALT_BYTES)
        self._connection.execute(
            admin_code.insert().values(
                salt=salt,
                digest=digest_of(read_code(code), salt),
                only_first=only_first,
                expires_at=now + lasts,
            )
        )

    def open(self, now: datetime) -> list[AdminCode]:
        """List the codes that are unused and have not expired."""
        query = select(admin_code).where(admin_code.c.expires_at > now).order_by(admin_code.c.id)
        return [_CODES.read(row) for row in self._connection.execute(query).mappings()]

    def take(self, code_id: int) -> bool:
        """Consume a code; False when somebody else just did."""
        used = admin_code.delete().where(admin_code.c.id == code_id)
        return self._connection.execute(used).rowcount == 1

    def note_failure(self, platform: str, external_id: str, now: datetime) -> None:
        """Record that an account sent a wrong code."""
        forgotten = admin_attempt.c.at <= now - ATTEMPTS_WITHIN
        self._connection.execute(admin_attempt.delete().where(forgotten))
        self._connection.execute(
            admin_attempt.insert().values(platform=platform, external_id=external_id, at=now)
        )

    def failures(self, platform: str, external_id: str, now: datetime) -> int:
        """Count the wrong codes the account sent within ``ATTEMPTS_WITHIN``."""
        query = select(func.count()).where(
            admin_attempt.c.platform == platform,
            admin_attempt.c.external_id == external_id,
            admin_attempt.c.at > now - ATTEMPTS_WITHIN,
        )
        return self._connection.execute(query).scalar_one()
