"""Reads colleagues from a table (CSV or XLSX), with headings in English or Chinese.

Pure: it knows no database, and says of every row that cannot be used why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.platforms.directory import Account
from handlers.core.labels import enum_label
from handlers.core.language import Languages
from handlers.core.text import clean, one_line
from handlers.people.forms import LONGEST_NAME, LONGEST_TEAM
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.imports.files import read_sheet
from sales.imports.sheet import Row, Sheet
from sales.people import Role

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "full name", "person", "姓名", "名字", "员工", "员工姓名", "成员"),
    "role": ("role", "角色", "岗位角色"),
    "team": ("team", "团队", "小组", "部门", "所属团队", "department"),
    "email": ("email", "e-mail", "mail", "email address", "邮箱", "电子邮箱", "邮件", "邮箱地址"),
    "phone": ("phone", "mobile", "phone number", "手机", "手机号", "电话", "手机号码"),
}
_ROLES: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("sales", "seller", "sales rep", "销售", "业务员", "销售代表"), Role.REP),
    **dict.fromkeys(("sales manager", "lead", "team lead", "经理", "主管", "组长"), Role.MANAGER),
    **dict.fromkeys(("管理员", "administrator"), Role.ADMIN),
    **dict.fromkeys(("客服", "服务", "customer service", "support"), Role.SERVICE),
    **dict.fromkeys(("产品", "product manager"), Role.PRODUCT),
    **dict.fromkeys(("财务", "会计", "accounting"), Role.FINANCE),
}
"""What people call a role besides the names that the bot gives it."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person to be there. ``account`` when a platform's directory listed them; without one they
    are recognised by ``email`` or ``phone`` (E.164) when they first write. ``team`` "" is the
    first team."""

    name: str
    role: Role = Role.REP
    team: str = ""
    email: str = ""
    phone: str = ""
    locale: str = ""
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that names nobody we can add: its number in the file, and the key of the reason."""

    row: int
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """What a file holds. ``missing``: it has no column of names."""

    people: tuple[Colleague, ...] = ()
    bad: tuple[BadRow, ...] = ()
    missing: bool = False


class _RowRefused(Exception):
    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


def read_people(
    content: bytes, *, role: Role, team: str, country: str, languages: Languages
) -> PeopleTable:
    """Read a file. Raises ``sales.imports.sheet.Unreadable``.

    ``role`` and ``team`` are for rows that name none; ``country`` is whose phone numbers are meant.
    """
    sheet = read_sheet(content)
    places = _places(sheet)
    if "name" not in places:
        return PeopleTable(missing=True)
    roles = role_names(languages)
    people: list[Colleague] = []
    bad: list[BadRow] = []
    for row in sheet.rows:
        cells = _cells(row, places)
        if not any(cells.values()):
            continue
        try:
            people.append(_colleague(cells, roles, role, team, country))
        except _RowRefused as error:
            bad.append(BadRow(row.number, error.reason, error.value))
    return PeopleTable(tuple(people), tuple(bad))


def role_names(languages: Languages) -> dict[str, Role]:
    """Roles by what people call them, in both languages."""
    return dict(_ROLES) | {
        name.casefold(): role
        for role in Role
        for name in (role.value, *(enum_label(role, languages(lang)) for lang in ("en", "zh_CN")))
    }


def _places(sheet: Sheet) -> dict[str, int]:
    """The column of each field; the first of several with its name."""
    places: dict[str, int] = {}
    for number, heading in enumerate(sheet.columns):
        plain = one_line(clean(heading)).strip(" *＊:：").casefold()
        for field, names in _HEADINGS.items():
            if plain in names:
                places.setdefault(field, number)
    return places


def _cells(row: Row, places: Mapping[str, int]) -> dict[str, str]:
    return {
        field: one_line(clean(row.cells[place])).strip() if place < len(row.cells) else ""
        for field, place in places.items()
    }


def _colleague(
    cells: Mapping[str, str], roles: Mapping[str, Role], role: Role, team: str, country: str
) -> Colleague:
    name = cells["name"]
    if not name:
        raise _RowRefused("no_name")
    if len(name) > LONGEST_NAME:
        raise _RowRefused("long_name")
    named = cells.get("role", "")
    if named and named.casefold() not in roles:
        raise _RowRefused("role", named[:40])
    named_team = cells.get("team", "") or team
    if len(named_team) > LONGEST_TEAM:
        raise _RowRefused("long_team")
    email, phone = _contacts(cells, country)
    if not email and not phone:
        raise _RowRefused("no_contact")
    return Colleague(name, roles[named.casefold()] if named else role, named_team, email, phone)


def _contacts(cells: Mapping[str, str], country: str) -> tuple[str, str]:
    email, phone = cells.get("email", ""), cells.get("phone", "")
    try:
        email = parse_email(email) if email else ""
    except NotAnEmail:
        raise _RowRefused("email") from None
    try:
        phone = parse_phone(phone, country) if phone else ""
    except NotAPhone:
        raise _RowRefused("phone") from None
    return email, phone
