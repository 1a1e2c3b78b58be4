"""Reads colleagues from a table (CSV or XLSX) as HR systems and chat platforms export them.

Pure: it knows no database, and says of every row that cannot be used why.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.platforms.directory import Account
from handlers.core.labels import enum_label
from handlers.core.language import Languages
from handlers.core.text import clean, one_line
from handlers.people.forms import LONGEST_NAME, LONGEST_TEAM
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.countries import Countries
from sales.imports.files import read_sheet
from sales.imports.sheet import Row, Sheet
from sales.people import Role

_HEADINGS: Final[Mapping[str, str]] = {
    "name": "name|full name|fullname|display name|displayname|employee name|employee|person|"
    "last name first name|username|姓名|名字|真实姓名|员工|员工姓名|成员|成员姓名",
    "first_name": "first name|firstname|given name|名",
    "last_name": "last name|lastname|surname|family name|姓",
    "role": "role|genjin role|角色|岗位角色",
    "title": "job title|title|employee title|position|designation|职位|职务|岗位|岗位名称",
    "team": "team|sales team|团队|小组|所属团队|主部门|部门|部门名称|所属部门|所在部门|department|"
    "department name|dept|division|org unit path",
    "email": "work email|business email|email|e mail|mail|email address|primary email|"
    "work email address|企业邮箱|工作邮箱|邮箱|电子邮箱|邮件|邮箱地址|员工邮箱",
    "phone": "mobile phone|mobile|mobile number|mobile phone number|cell|cell phone|手机|手机号|"
    "手机号码|移动电话|联系电话|联系方式|电话|phone|phone number|work phone|办公电话",
    "manager": "manager|manager name|manager email|reports to|reporting to|supervisor|"
    "supervisor email|supervisor name|line manager|直属上级|直属主管|直接上级|上级|主管|汇报对象|"
    "汇报人|直属上级工号",
    "leads": "是否为部门主管|是否部门主管|是否主管|是否为主管|部门主管|is manager",
    "number": "employee id|employee number|employee no|staff id|工号|员工编号|员工工号|编号",
    "account": "userid|user id|员工userid|钉钉userid|slack id|member id|slack member id",
    "status": "status|employment status|account status|员工状态|状态|在职状态|人员状态|账号状态",
}
"""Of a field with several columns, the first in this order that is filled counts."""
_ROLES: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("sales", "seller", "sales rep", "销售", "业务员", "销售代表"), Role.REP),
    **dict.fromkeys(("sales manager", "lead", "team lead", "经理", "主管", "组长"), Role.MANAGER),
    **dict.fromkeys(("管理员", "administrator"), Role.ADMIN),
    **dict.fromkeys(("客服", "服务", "customer service", "support"), Role.SERVICE),
    **dict.fromkeys(("产品", "product manager"), Role.PRODUCT),
    **dict.fromkeys(("财务", "会计", "accounting"), Role.FINANCE),
}
"""What people call a role besides the names that the bot gives it."""
_LEFT: Final = frozenset(
    [
        "deactivated",
        "inactive",
        "terminated",
        "suspended",
        "archived",
        "former",
        "left",
        "resigned",
        "离职",
        "已离职",
        "停用",
        "已停用",
        "禁用",
        "已禁用",
    ]
)
_NO_COLLEAGUES: Final = frozenset(
    ["bot", "guest", "multi channel guest", "single channel guest", "机器人", "外部", "外部联系人"]
)
_YES: Final = frozenset(["是", "yes", "true", "y", "1"])
_LEADING: Final = re.compile(
    r"主管|总监|组长|负责人|销售经理|区域经理|\b(?:head|director|lead|leader|vp|supervisor)\b"
    r"|\b(?:sales|regional|team) manager\b",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"[(\[（【][^()\[\]（）【】]{0,80}[)\]）】]")
_SLACK_ID: Final = re.compile(r"[UW][A-Z0-9]{5,20}")
_DINGTALK_HEADING: Final = ("员工userid", "钉钉userid")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person to be there. ``account`` when a platform's directory listed them; without one they
    are recognised by ``email`` or ``phone`` (E.164) when they first write.

    ``team`` "" is the first team. ``sure`` if the role was said of this person, and not assumed.
    ``number`` is the employer's, and known here alone.
    """

    name: str
    role: Role = Role.REP
    team: str = ""
    email: str = ""
    phone: str = ""
    locale: str = ""
    account: Account | None = None
    sure: bool = False
    number: str = ""

    def is_called(self, wanted: str) -> bool:
        """Whether somebody means this person: by name, e-mail, phone, number or account."""
        account = self.account.id if self.account else ""
        known = (self.name, self.email, self.phone, self.number, account)
        plain = wanted.strip().casefold()
        digits = plain.replace(" ", "").replace("-", "")
        return bool(plain) and (
            plain in (name.casefold() for name in known)
            or (len(digits) >= _SHORTEST_PHONE and self.phone.endswith(digits.lstrip("+0")))
        )


_SHORTEST_PHONE: Final = 7


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that names nobody we can add: its number in the file, and the key of the reason."""

    row: int
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """What a file holds. ``missing``: it has no column of names.

    ``left`` are people of whom it says that they no longer work there, ``leaders`` the names of
    those who lead others by it. ``columns`` are the headings that were used, with their fields.
    """

    people: tuple[Colleague, ...] = ()
    bad: tuple[BadRow, ...] = ()
    missing: bool = False
    left: tuple[Colleague, ...] = ()
    leaders: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


class _RowRefused(Exception):
    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


def read_people(
    content: bytes, *, role: Role, team: str, countries: Countries, languages: Languages
) -> PeopleTable:
    """Read a file. Raises ``sales.imports.sheet.Unreadable``.

    ``role`` and ``team`` are for rows that name none; ``countries`` say whose phone numbers are
    meant.
    """
    sheet = read_sheet(content)
    places = _places(sheet)
    if not places.keys() & {"name", "first_name", "last_name"}:
        return PeopleTable(missing=True)
    reader = _RowReader(sheet, places, role_names(languages), role, team, countries)
    read: list[tuple[Colleague, Mapping[str, str]]] = []
    left: list[Colleague] = []
    bad: list[BadRow] = []
    for row in sheet.rows:
        cells = _cells(row, places)
        if not any(cells.values()) or row.aside == "footer":
            continue
        if row.aside:
            bad.append(BadRow(row.number, "hidden"))
            continue
        try:
            if _plain(cells.get("status", "")) in _LEFT:
                left.append(reader.colleague(cells, gone=True)[0])
                continue
            colleague, doubt = reader.colleague(cells)
            read.append((colleague, cells))
        except _RowRefused as error:
            bad.append(BadRow(row.number, error.reason, error.value))
        else:
            bad += [BadRow(row.number, f"{doubt}_left_out", cells[doubt][:40])] if doubt else []
    columns = tuple(
        (sheet.columns[place], field) for field, found in places.items() for place in found
    )
    people = tuple(colleague for colleague, _ in read)
    return PeopleTable(people, tuple(bad), False, tuple(left), _leaders(read), columns)


def role_names(languages: Languages) -> dict[str, Role]:
    """Roles by what people call them, in both languages."""
    return dict(_ROLES) | {
        name.casefold(): role
        for role in Role
        for name in (role.value, *(enum_label(role, languages(lang)) for lang in ("en", "zh_CN")))
    }


def with_roles(
    people: Sequence[Colleague], named: Iterable[tuple[str, Role]]
) -> tuple[tuple[Colleague, ...], tuple[str, ...]]:
    """The people with roles for those who are named; and the names that are nobody's, or those of
    several people."""
    chosen: dict[int, Role] = {}
    unknown: list[str] = []
    for wanted, role in named:
        places = [place for place, one in enumerate(people) if one.is_called(wanted)]
        if len(places) == 1:
            chosen[places[0]] = role
        else:
            unknown.append(wanted)
    changed = tuple(
        replace(one, role=chosen[place], sure=True) if place in chosen else one
        for place, one in enumerate(people)
    )
    return changed, tuple(unknown)


def of_teams(people: Iterable[Colleague], teams: Sequence[str]) -> tuple[Colleague, ...]:
    """The people of these teams; of all, if none are named."""
    wanted = {team.casefold() for team in teams}
    return tuple(one for one in people if not wanted or one.team.casefold() in wanted)


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads the rows of one table, whose columns are known."""

    sheet: Sheet
    places: Mapping[str, Sequence[int]]
    roles: Mapping[str, Role]
    role: Role
    team: str
    countries: Countries

    def colleague(
        self, cells: Mapping[str, str], *, gone: bool = False
    ) -> tuple[Colleague, Literal["", "email", "phone"]]:
        """The person of a row, and which contact could not be read though another one could.

        Raises _RowRefused. A person who left needs nothing by which to be recognised.
        """
        if _plain(cells.get("status", "")) in _NO_COLLEAGUES:
            raise _RowRefused("guest")
        name = self._name(cells)
        if not name:
            raise _RowRefused("no_name")
        if len(name) > LONGEST_NAME:
            raise _RowRefused("long_name")
        named = cells.get("role", "")
        if named and named.casefold() not in self.roles:
            raise _RowRefused("role", named[:40])
        team = self._team(cells.get("team", "")) or self.team
        if len(team) > LONGEST_TEAM:
            raise _RowRefused("long_team")
        account = self._account(cells.get("account", ""), name)
        email, bad_email = _read(parse_email, cells.get("email", ""))
        home = self.countries.of(team)
        phone, bad_phone = _read(lambda text: parse_phone(text, home), cells.get("phone", ""))
        doubt: Literal["", "email", "phone"] = (
            "email" if bad_email else "phone" if bad_phone else ""
        )
        if not (email or phone or account or gone):
            raise _RowRefused(doubt or "no_contact", cells[doubt][:40] if doubt else "")
        colleague = Colleague(
            name,
            self.roles[named.casefold()] if named else self.role,
            team,
            email,
            phone,
            account=account,
            sure=bool(named),
            number=cells.get("number", ""),
        )
        return colleague, doubt

    def _name(self, cells: Mapping[str, str]) -> str:
        name = cells.get("name", "")
        first, last = cells.get("first_name", ""), cells.get("last_name", "")
        if first or last:
            return f"{last}{first}" if _is_chinese(first + last) else f"{first} {last}".strip()
        if name.count(",") == 1 and self._turned:
            last, _, first = name.partition(",")
            return f"{first.strip()} {last.strip()}"
        return name

    def _team(self, cell: str) -> str:
        """The lowest department of a path such as ``/Sales/East``; of several, the first."""
        if self._of_dingtalk:
            cell = re.split("[;,；，]", cell)[0].replace("-", "/")
        parts = [part.strip() for part in re.split(r"[/\\>]", cell)]
        return next((part for part in reversed(parts) if part), "")

    def _account(self, cell: str, name: str) -> Account | None:
        if not cell:
            return None
        if self._of_dingtalk:
            return Account("dingtalk", cell[:_LONGEST_ID], name)
        return Account("slack", cell, name) if _SLACK_ID.fullmatch(cell) else None

    @property
    def _turned(self) -> bool:
        columns = self.places.get("name", ())
        return any(_plain(self.sheet.columns[one]).startswith("last name") for one in columns)

    @property
    def _of_dingtalk(self) -> bool:
        columns = self.places.get("account", ())
        return any(_plain(self.sheet.columns[one]) in _DINGTALK_HEADING for one in columns)


_LONGEST_ID: Final = 64


def _plain(heading: str) -> str:
    """A heading or word without case, signs, and remarks in brackets: ``First Name [Required]``."""
    text = unicodedata.normalize("NFKC", one_line(clean(heading)))
    text = _REMARK.sub(" ", text).replace("#", " number ").casefold()
    return " ".join(re.sub(r"[-_*:.,/]", " ", text).split())


def _places(sheet: Sheet) -> dict[str, list[int]]:
    """The columns of each field, in the order in which they count."""
    plain = [_plain(heading) for heading in sheet.columns]
    places: dict[str, list[int]] = {}
    taken: set[int] = set()
    for field, names in _HEADINGS.items():
        for name in names.split("|"):
            found = [at for at, one in enumerate(plain) if one == name and at not in taken]
            taken.update(found)
            if found:
                places.setdefault(field, []).extend(found)
    return places


def _cells(row: Row, places: Mapping[str, Sequence[int]]) -> dict[str, str]:
    cells = [one_line(clean(cell)).strip() for cell in row.cells]
    return {
        field: next((cells[place] for place in found if place < len(cells) and cells[place]), "")
        for field, found in places.items()
    }


def _read(parse: Callable[[str], str], cell: str) -> tuple[str, bool]:
    try:
        return (parse(cell) if cell else ""), False
    except (NotAnEmail, NotAPhone):
        return "", True


def _leaders(read: Sequence[tuple[Colleague, Mapping[str, str]]]) -> tuple[str, ...]:
    """Who leads others: those whom the table names as somebody's superior or as a department's
    head, else those whose title says so."""
    above = {name for _, cells in read if (name := cells.get("manager", ""))}
    found = [
        one.name
        for one, cells in read
        if _plain(cells.get("leads", "")) in _YES or any(map(one.is_called, above))
    ]
    if not found:
        found = [one.name for one, cells in read if _LEADING.search(cells.get("title", ""))]
    return tuple(dict.fromkeys(found))


def _is_chinese(name: str) -> bool:
    return bool(name) and all("\u4e00" <= sign <= "\u9fff" for sign in name)
