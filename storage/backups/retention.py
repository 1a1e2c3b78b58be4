"""Which backups are kept: a pure rule over their ids.

Everything of the last 24 hours, so that a backup taken after a mishap does not replace the one from
before it. Then 7 days, 5 weeks, 12 months: the newest backup of each of the last so many days, ISO
weeks and months that have one, and what those need.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from storage.backups.manifests import taken_at

ALL_WITHIN: Final = timedelta(hours=24)
"""Before the newest verified backup."""
DAYS: Final = 7
WEEKS: Final = 5
MONTHS: Final = 12


def superfluous(
    bases: Mapping[str, str], verified: Collection[str], *, keep: Iterable[str] = ()
) -> list[str]:
    """Return the ids of backups that no rule keeps, oldest first.

    ``bases`` holds all backups with the one that each needs, or an empty text. The rules choose
    among the ``verified`` ones; the others are kept while they are newer than the newest verified
    one, since they may be all there is. ``keep`` holds ids that stay whatever the rules say.
    """
    proved = sorted((one for one in bases if one in verified), key=taken_at, reverse=True)
    kept = {
        *keep,
        *_newest_of_each(proved, lambda at: at.date(), DAYS),
        *_newest_of_each(proved, lambda at: at.isocalendar()[:2], WEEKS),
        *_newest_of_each(proved, lambda at: (at.year, at.month), MONTHS),
    }
    last = taken_at(proved[0]) if proved else None
    kept |= {one for one in bases if last is None or taken_at(one) > last}
    kept |= {one for one in proved if last and last - taken_at(one) < ALL_WITHIN}
    kept |= {bases[one] for one in kept if bases.get(one)}
    return sorted((one for one in bases if one not in kept), key=taken_at)


def _newest_of_each(
    newest_first: Iterable[str], period: Callable[[datetime], Hashable], periods: int
) -> list[str]:
    newest: dict[Hashable, str] = {}
    for one in newest_first:
        newest.setdefault(period(taken_at(one)), one)
    return list(newest.values())[:periods]
