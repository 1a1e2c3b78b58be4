"""A list's place in a button, and the moments by which its filters are evaluated."""

from dataclasses import dataclass, field, replace

from handlers.core.context import Context
from sales.errors import UnknownAction
from sales.lead_lists import ANYTHING, LeadQuery, LeadSort, LostPart, Moments, decode, encode
from sales.reports import DigestPeriod, Number, period_of

_MOST_DIGITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlace:
    """A list and the first row shown of it.

    ``lost`` are the parts of a button's value that mean nothing any more; ``is_wider``: the list
    shows more than was asked for without them.
    """

    query: LeadQuery = ANYTHING
    sort: LeadSort = LeadSort.PRESSING
    offset: int = 0
    lost: tuple[LostPart, ...] = field(default=(), compare=False)
    is_wider: bool = field(default=False, compare=False)

    @property
    def value(self) -> str:
        """The place as a button carries it: ``40:stage=proposal;sort=value``.

        Raises FilterTooLong for a query that no button holds.
        """
        text = encode(self.query, self.sort)
        return f"{self.offset}:{text}" if self.offset else text

    def at(self, offset: int) -> "ListPlace":
        """The same list from another row on."""
        return replace(self, offset=max(0, offset))

    def sorted_by(self, sort: LeadSort) -> "ListPlace":
        """The same leads in another order, from the first."""
        return replace(self, sort=sort, offset=0)


def read_place(value: str, context: Context) -> ListPlace:
    """Parse what ``ListPlace.value`` wrote, or an encoded query alone; accepts any text."""
    head, colon, rest = value.partition(":")
    counted = colon and head.isascii() and head.isdecimal() and len(head) <= _MOST_DIGITS
    read = decode(rest if counted else value, context.playbook.vocabulary)
    return ListPlace(
        query=read.query,
        sort=read.sort,
        offset=int(head) if counted else 0,
        lost=read.lost,
        is_wider=read.is_wider,
    )


def moments_of(query: LeadQuery, context: Context) -> Moments:
    """The reader's now and calendar, with the week of a digest's number."""
    return Moments(now=context.now, timezone=context.language.zone, period=_period(query, context))


def _period(query: LeadQuery, context: Context) -> DigestPeriod | None:
    if (figure := query.figure) is None:
        return None
    stalled_days = context.playbook.reminders.stalled_days
    # What they are learnt from takes longer to read than the list.
    limits = context.uow.figures.stage_limits() if figure.number is Number.AT_RISK else {}
    try:
        period = period_of(
            figure.team_id, figure.period, context.calendar, context.now, stalled_days
        )
    except ValueError:  # a week at the end of time
        raise UnknownAction(action="lead_list.show") from None
    return replace(period, stage_limits=limits)
