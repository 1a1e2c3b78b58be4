"""What a company has already, for the questions of ``genjin setup`` to show.

Only looks: creates and migrates no database.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.app import open_storage
from bot.clock import SystemClock
from bot.settings import Settings, SettingsError, settings_with
from handlers.core.language import Language
from handlers.people.newcomers import active_admins
from sales.errors import StorageUnavailable
from sales.playbook import WEEKDAYS, Block, Weekday
from storage.database.keyring import new_key
from storage.database.schema import head, revision_of
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

_CHINESE = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class CurrentState:
    """``hours`` is None where nobody has set any yet. ``channels`` are platforms, one for each
    channel that gets digests."""

    hours: Mapping[Weekday, tuple[Block, ...]] | None = None
    teams: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    people: int = 0


def read_current_state(values: Mapping[str, str], environment: Mapping[str, str]) -> CurrentState:
    """What is stored by these settings; nothing where there is no database of this version."""
    try:
        settings = settings_with(values, environment)
    except SettingsError:
        return CurrentState()
    try:
        with units_of(settings) as units:
            if units is None:
                return CurrentState()
            with units(read_only=True) as uow:
                return _read(uow)
    except (StorageUnavailable, SQLAlchemyError, ValueError):
        return CurrentState()


@contextmanager
def units_of(settings: Settings) -> Iterator[UnitOfWorkFactory | None]:
    """The company's database as it is; None where there is none of this version.

    Raises StorageUnavailable.
    """
    storage = open_storage(settings)
    path = storage.database.path
    try:
        if (
            settings.is_demo
            or (path and not path.exists())
            or revision_of(storage.database) != head()
        ):
            yield None
        else:
            if storage.keys:
                storage.keys.prove(make=False)
            clock = SystemClock()
            yield UnitOfWorkFactory(
                storage.database,
                storage.fields,
                now=clock.now,
                country=settings.countries.home,
            )
    finally:
        storage.database.dispose()


def why_unreachable(values: Mapping[str, str]) -> str:
    """Why a database cannot be used, in its own words without its address; "" if it answers."""
    keys = {"GENJIN_SECRET_KEYS": values.get("GENJIN_SECRET_KEYS") or new_key()}
    storage = open_storage(settings_with({**values, **keys}, {}))
    path = storage.database.path
    try:
        if path and not path.exists():
            # It is made when everything is saved; here it is enough that it can be.
            return "" if _can_be_made(path) else f"{path.parent}: {os.strerror(errno.EACCES)}"
        revision_of(storage.database)
    except (StorageUnavailable, SQLAlchemyError) as error:
        cause = error.__cause__ or error
        said = str(getattr(cause, "orig", None) or cause).strip()
        return said.splitlines()[0][:200] if said else type(cause).__name__
    finally:
        storage.database.dispose()
    return ""


def _can_be_made(path: Path) -> bool:
    there = next(folder for folder in path.absolute().parents if folder.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def _read(uow: UnitOfWork) -> CurrentState:
    people = [person for person in uow.people.everyone() if person.active]
    teams = uow.people.teams()
    return CurrentState(
        uow.playbooks.current().working_hours.blocks if uow.playbooks.number() else None,
        tuple(team.name for team in teams),
        tuple(person.name for person in active_admins(people)),
        tuple(channel.platform for channel in uow.channels.all()),
        len(people),
    )


def hours_in_words(week: Mapping[Weekday, tuple[Block, ...]], language: Language) -> str:
    """Working hours as they can be typed: ``mon-fri 9:00-12:00 13:00-18:00``.

    "" where the days differ from each other, which one line cannot say.
    """
    days = [place for place, day in enumerate(WEEKDAYS) if week.get(day)]
    blocks = {tuple(week[WEEKDAYS[place]]) for place in days}
    if len(blocks) != 1:
        return ""
    chinese = language.locale == "zh_CN"
    names = [f"周{_CHINESE[place]}" if chinese else WEEKDAYS[place] for place in days]
    in_row = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    said = f"{names[0]}{'至' if chinese else '-'}{names[-1]}" if in_row else ",".join(names)
    spans = " ".join(
        f"{one.start.hour}:{one.start:%M}-{one.end.hour}:{one.end:%M}" for one in blocks.pop()
    )
    return f"{said} {spans}"
