"""How much the bot tells a team, and how much of it somebody acts on, by kind of notice."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTally:
    """One kind of notice in a span. ``messages`` is how many came as a message of their own,
    ``told`` counts those in lists, too; of these ``acted``: a button of it was pressed, a form
    sent, or what it told of was done. ``muted`` were turned down by their reader."""

    kind: str
    messages: int
    told: int
    acted: int
    muted: int

    @property
    def idle(self) -> int:
        """Told and nothing done about it."""
        return self.told - self.acted


def noisiest(tallies: Sequence[NoticeTally]) -> NoticeTally | None:
    """The kind of which most came to nothing; None when there is no such."""
    idle = [one for one in tallies if one.idle > 0]
    return max(idle, key=lambda one: (one.idle, one.told, one.kind)) if idle else None
