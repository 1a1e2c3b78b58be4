"""Address cards (vCard 2.1 to 4) as rows: one for each person."""

from collections.abc import Iterator
from typing import Any

from sales.imports.sheet import Unreadable

HEADER = ("contact", "customer", "title", "phone", "email", "need")


def cards_in(text: str) -> Iterator[tuple[str, ...]]:
    """The header, then a row for each card. Raises Unreadable."""
    # vobject is needed only here and takes a while to import.
    import vobject

    yield HEADER
    try:
        for card in vobject.readComponents(text, ignoreUnreadable=True):
            if card.name == "VCARD":
                yield _row(card)
    except Exception as error:  # vobject raises whatever a damaged card makes it meet
        raise Unreadable("damaged") from error


def _row(card: Any) -> tuple[str, ...]:
    company = _first(card, "org")
    name = _first(card, "fn") or _first(card, "n")
    phone = _first(card, "tel").removeprefix("tel:")
    email = _first(card, "email").removeprefix("mailto:")
    return (name, company, _first(card, "title"), phone, email, _first(card, "note"))


def _first(card: Any, name: str) -> str:
    found = card.contents.get(name)
    if not found:
        return ""
    value = found[0].value
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(str(value).split())
