"""One-time admin codes for people who run the process, and the language of the company's admin."""

from datetime import datetime

from handlers.core.language import Language
from sales.newcomers import CODE_LASTS, START_CODE_LASTS, new_code
from sales.people import SYSTEM, Role
from storage.unit_of_work import UnitOfWork


def code_for_first(uow: UnitOfWork, now: datetime) -> str:
    """A code that creates the first admin; "" if there already is one."""
    if any(person.role is Role.ADMIN and person.active for person in uow.people.everyone()):
        return ""
    return _issue(uow, now, only_first=True)


def code_for_anybody(uow: UnitOfWork, now: datetime) -> str:
    """A code that makes the sender an admin, in addition to the existing ones."""
    return _issue(uow, now, only_first=False)


def words(code: str, language: Language, *, first: bool) -> str:
    """The text printed where the process runs, which only people who run it can read."""
    lasts = START_CODE_LASTS if first else CODE_LASTS
    key = "run.no_admin" if first else "run.admin_code"
    minutes = int(lasts.total_seconds() // 60)
    return language.text(key, code=code, lasts=language.duration(minutes))


def locale_of(uow: UnitOfWork) -> str:
    """The language of the longest-serving admin that has one; "" without any."""
    everyone = sorted(uow.people.everyone(), key=lambda one: one.id)
    return next((p.locale for p in everyone if p.role is Role.ADMIN and p.active and p.locale), "")


def _issue(uow: UnitOfWork, now: datetime, *, only_first: bool) -> str:
    code = new_code()
    lasts = START_CODE_LASTS if only_first else CODE_LASTS
    uow.admin_codes.issue(code, now, lasts=lasts, only_first=only_first)
    detail = {"for": "first" if only_first else "anybody"}
    uow.audit.record(SYSTEM, "admin.code", "admin_code", detail)
    return code
