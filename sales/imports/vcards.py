"""Address cards (vCard 2.1 to 4) as rows: one for each person.

Reads the few properties that a lead has, at a hundred thousand lines a second, and reports no line
that it cannot parse: its content is a person's.
"""

import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sales.imports.sheet import Unreadable
from sales.patterns import lazy_pattern

HEADER = ("contact", "customer", "title", "phone", "email", "need", "wechat")
_READ: Final = frozenset({"FN", "N", "ORG", "TITLE", "ROLE", "NOTE"})
_WAYS: Final = frozenset({"TEL", "EMAIL"})
_CHATS: Final = frozenset({"IMPP", "X-SOCIALPROFILE", "X-WECHAT", "X-WEIXIN", "X-WECHAT-ID"})
_WECHAT: Final = re.compile(r"wechat|weixin|微信", re.IGNORECASE)
_USER: Final = re.compile(r"x-user(?:id)?=\"?([\w.+-]{1,40})", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z-]{1,20}:(?://)?(?:dl/chat\?)?", re.IGNORECASE)
_MOST_WAYS: Final = 20
_KIND: Final = re.compile(r"\b(FAX|CELL|MOBILE|IPHONE|PAGER|PREF)\b")
_LABEL: Final = {"FAX": "Fax: ", "CELL": "Mobile: ", "MOBILE": "Mobile: ", "IPHONE": "Mobile: "}
_PROPERTY: Final = lazy_pattern(
    r"""(?:([\w-]++)\.)?([A-Za-z-]++)((?:;(?:"[^"]*+"|[^":;])*+)*+):(.*+)""", re.DOTALL
)
_CHARSET: Final = re.compile(r"charset=\"?([\w-]+)", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\([\\,;:nN])")
_BETWEEN: Final = re.compile(r"(?<!\\);")


class _Way(NamedTuple):
    """A phone or an e-mail with its parameters, ``;TYPE=WORK,FAX`` or ``;WORK;FAX``."""

    name: str
    parameters: str
    value: str

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(_KIND.findall(self.parameters))

    @property
    def address(self) -> str:
        return self.value.removeprefix("mailto:").removeprefix("tel:")

    @property
    def labelled(self) -> str:
        """The number behind what kind it is, where that matters for which one to call."""
        label = next((_LABEL[kind] for kind in sorted(self.kinds) if kind in _LABEL), "")
        return f"{_LABEL['FAX'] if 'FAX' in self.kinds else label}{self.address}"

    def rank(self) -> tuple[bool, bool, bool]:
        """Mobiles before landlines before faxes and pagers; of one kind the preferred first."""
        kinds = self.kinds
        last, mobile = {"FAX", "PAGER"} & kinds, {"CELL", "MOBILE", "IPHONE"} & kinds
        return bool(last), not mobile, "PREF" not in kinds


def cards_in(text: str) -> Iterator[tuple[str, ...]]:
    """The header, then a row for each card. Raises Unreadable for one that never ends."""
    yield HEADER
    depth, card, ways = 0, dict[str, str](), list[_Way]()
    chats = _Chats()
    for line in _whole_lines(text):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD":
            depth += 1
            card, ways, chats = ({}, [], _Chats()) if depth == 1 else (card, ways, chats)
        elif mark == "END:VCARD" and depth:
            depth -= 1
            if not depth:
                yield _row(card, ways, chats.wechat)
        elif depth == 1 and (match := _PROPERTY.fullmatch(line)):
            group, name, value = match[1] or "", match[2].upper(), _decoded(match[4], match[3])
            if name in _WAYS and len(ways) < _MOST_WAYS:
                ways.append(_Way(name, match[3].upper(), _plain(value)))
            elif name in _READ and not card.get(name):
                card[name] = value
            elif name in _CHATS:
                chats.add(_Way(name, match[3], _plain(value)), group)
            elif name == "X-ABLABEL":
                chats.label(group, value)
    if depth:
        raise Unreadable("damaged")


class _Chats:
    """The WeChat id of a card, which its property, a parameter, a scheme or a label tells.

    A label stands on a line of its own, in the same group as the id, behind it or before.
    """

    def __init__(self) -> None:
        self.wechat = ""
        self._accounts = dict[str, str]()
        self._labels = set[str]()

    def label(self, group: str, words: str) -> None:
        if group and _WECHAT.search(words):
            self.wechat = self.wechat or self._accounts.get(group, "")
            self._labels.add(group)

    def add(self, way: _Way, group: str) -> None:
        user = _USER.search(way.parameters)
        account = user[1] if user else _SCHEME.sub("", way.value, count=1)
        stated = any(map(_WECHAT.search, (way.name, way.parameters, way.value[:20])))
        if stated or group in self._labels:
            self.wechat = self.wechat or account
        elif group and len(self._accounts) < _MOST_WAYS:
            self._accounts[group] = account


def _whole_lines(text: str) -> Iterator[str]:
    """Lines, with those that were folded joined.

    Folded by a blank at the beginning of the next line, and before version 3 by ``=`` at the end of
    a quoted-printable one.
    """
    parts: list[str] = []
    quoted = False
    for line in re.split(r"\r\n|\r|\n", text):
        if parts and line[:1] in (" ", "\t"):
            parts.append(line[1:])
        elif quoted and parts[-1].endswith("="):
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        else:
            if parts:
                yield "".join(parts)
            parts = [line]
            quoted = "QUOTED-PRINTABLE" in line.upper()
    if parts:
        yield "".join(parts)


def _decoded(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" not in parameters.upper():
        return value
    charset = _CHARSET.search(parameters)
    raw = quopri.decodestring(value.encode())
    try:
        return raw.decode(charset[1] if charset else "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _row(card: Mapping[str, str], ways: Sequence[_Way], wechat: str) -> tuple[str, ...]:
    parts = [_plain(part) for part in _BETWEEN.split(card.get("N", ""))]
    family, given = [*parts, "", ""][:2]
    # Chinese names begin with the family name.
    name = f"{given} {family}" if (given + family).isascii() else family + given
    phone = "; ".join(way.labelled for way in sorted(ways, key=_Way.rank) if way.name == "TEL")
    email = "; ".join(way.address for way in sorted(ways, key=_Way.rank) if way.name == "EMAIL")
    company = _plain(_BETWEEN.split(card.get("ORG", ""))[0])
    contact = _plain(card.get("FN", "")) or name.strip()
    title = card.get("TITLE") or card.get("ROLE", "")
    return (contact, company, _plain(title), phone, email, _plain(card.get("NOTE", "")),
            wechat)  # fmt: skip


def _plain(value: str) -> str:
    """The value on one line, without the backslashes that a card needs to escape it."""
    text = _ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value)
    return " ".join(text.split())
