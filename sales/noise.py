"""How much the bot notifies a team, and how much of it is acted on, by kind of notice."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTally:
    """One kind of notice in a period.

    ``messages`` is how many came as a message of their own, ``told`` counts those in lists, too; of
    these ``acted``: a button of it was pressed, a form sent, or what it reported was done.
    ``muted`` were turned down by their reader.
    """

    kind: str
    messages: int
    told: int
    acted: int
    muted: int

    @property
    def idle(self) -> int:
        """Notices delivered but not acted on."""
        return self.told - self.acted


def noisiest(tallies: Sequence[NoticeTally]) -> NoticeTally | None:
    """The kind with the most notices not acted on; None when there is none."""
    idle = [tally for tally in tallies if tally.idle > 0]
    return max(idle, key=lambda tally: (tally.idle, tally.told, tally.kind)) if idle else None
