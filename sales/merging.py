"""Merging two leads of one customer: which values stay, and how long it can be undone [P8].

One of them keeps its number, owner and stage. The other's number leads to it from then on.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sales.leads import Lead
from sales.readings import ANSWERS

Attributes = tuple[str, ...]

VALUES: dict[str, Attributes] = {
    "customer": ("customer",),
    "source": ("source",),
    "contact": ("contact",),
    "title": ("title",),
    "phone": ("phone",),
    "email": ("email",),
    "wechat": ("wechat",),
    "budget": ("budget_low", "budget_high"),
    "industry": ("industry",),
    "region": ("region",),
    "product": ("product",),
    "authority": ("authority",),
    "clarity": ("clarity",),
    "timeframe": ("timeframe",),
}
"""The values that a person chooses where the two leads differ.

By the form's names, with the fields that belong together. Needs are joined.
"""
LONGEST_NEED = 2000
MOST_OTHERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge: ``loser_id`` became a part of ``winner_id``.

    ``shared_with`` is the former owner who got access to the winner by this. It can be undone until
    ``undo_until``, once.
    """

    id: int = 0
    winner_id: int
    loser_id: int
    merged_by: int
    merged_at: datetime
    undo_until: datetime
    shared_with: int | None = None
    undone_at: datetime | None = None

    def can_be_undone(self, now: datetime) -> bool:
        return self.undone_at is None and now <= self.undo_until


def differing(one: Lead, other: Lead) -> list[str]:
    """The values, by form name, that both leads have and that differ."""
    return [
        name
        for name, attributes in VALUES.items()
        if _known(one, attributes)
        and _known(other, attributes)
        and _of(one, attributes) != _of(other, attributes)
    ]


def merged(winner: Lead, loser: Lead, take: Collection[str]) -> Lead:
    """The winner, completed from the loser, with the loser's values that ``take`` names.

    The customer has been known since the older of the two came in.
    """
    values: dict[str, Any] = {}
    for name, attributes in VALUES.items():
        lacks = not _known(winner, attributes)
        if (lacks or name in take) and _known(loser, attributes):
            values |= {attribute: getattr(loser, attribute) for attribute in attributes}
    read, refused = set(winner.answers_read), set(winner.answers_refused)
    for name in ANSWERS.keys() & values.keys():
        # How an answer came about goes with it.
        for kept, lost in ((read, loser.answers_read), (refused, loser.answers_refused)):
            (kept.add if name in lost else kept.discard)(name)
    older = min(winner, loser, key=lambda lead: lead.created_at)
    contacts = [lead.last_contact_at for lead in (winner, loser) if lead.last_contact_at]
    both = replace(winner, **values)
    if both.expected_close is None:
        said = ("expected_close", "expected_by", "expected_at")
        both = replace(both, **{name: getattr(loser, name) for name in said})
    ways = (*winner.phones, *winner.emails, *loser.phones, *loser.emails)
    others = tuple(one for one in dict.fromkeys(ways) if one not in (both.phone, both.email))
    return replace(
        both,
        answers_read=frozenset(read),
        answers_refused=frozenset(refused),
        others=others[:MOST_OTHERS],
        need=_joined(winner.need, loser.need),
        created_at=older.created_at,
        created_by=older.created_by,
        last_contact_at=max(contacts, default=None),
        hot_since=winner.hot_since or loser.hot_since,
    )


def _joined(one: str, other: str) -> str:
    if not other or other in one:
        return one
    return f"{one}\n{other}".strip()[:LONGEST_NEED]


def _known(lead: Lead, attributes: Attributes) -> bool:
    return any(value not in ("", None, "unknown") for value in _of(lead, attributes))


def _of(lead: Lead, attributes: Attributes) -> tuple[Any, ...]:
    return tuple(getattr(lead, attribute) for attribute in attributes)
