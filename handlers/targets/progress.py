"""Progress of teams and people towards their targets; read from storage, nothing drawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

from handlers.core.context import Context
from handlers.core.recipients import led_teams
from sales.people import Person, Team
from sales.targets import (
    Attainment,
    Goals,
    Holder,
    Measure,
    Quarter,
    Sold,
    attainments,
    pace,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One team or person in one quarter; ``goals`` is empty when nothing is set."""

    holder: Holder
    name: str
    goals: Goals
    sold: Sold
    expected: float

    @property
    def attainments(self) -> tuple[Attainment, ...]:
        return attainments(self.goals, self.sold, self.expected)


class Standings:
    """A quarter of some teams and their people, loaded at once; sales only when asked for.

    ``of`` limits the sales to one person's; without ``with_open`` nothing is said of what is open
    now.
    """

    def __init__(
        self,
        quarter: Quarter,
        team_ids: Iterable[int],
        context: Context,
        *,
        of: Person | None = None,
        with_open: bool = True,
    ) -> None:
        self._quarter, self._team_ids, self._turn = quarter, tuple(team_ids), context
        self._of, self._with_open = of, with_open
        self._goals = context.uow.targets.of(quarter)
        self._expected = pace(quarter, context.today, context.calendar)

    @cached_property
    def _sold(self) -> Mapping[tuple[int, int | None], Sold]:
        context, quarter = self._turn, self._quarter
        start, end = context.midnight(quarter.first), context.midnight(quarter.next.first)
        return context.uow.targets.sold(
            self._team_ids,
            start,
            end,
            by_now=end > context.now,
            owner_id=self._of.id if self._of else None,
            with_lost=any(Measure.CONVERSION in goals for goals in self._goals.values()),
            with_open=self._with_open,
        )

    def are_set(self, holder: Holder) -> bool:
        return bool(self._goals.get(holder))

    def of_team(self, team: Team) -> Standing:
        """The whole team, including what has no owner."""
        mine = [sold for (team_id, _), sold in self._sold.items() if team_id == team.id]
        return self._standing(Holder.team(team.id), team.name, mine)

    def of_person(self, person: Person) -> Standing:
        mine = [sold for (_, owner_id), sold in self._sold.items() if owner_id == person.id]
        return self._standing(Holder.person(person.id), person.name, mine)

    def _standing(self, holder: Holder, name: str, sold: Iterable[Sold]) -> Standing:
        return Standing(
            holder=holder,
            name=name,
            goals=self._goals.get(holder, {}),
            sold=reduce(add, sold, Sold()),
            expected=self._expected,
        )


def own_standings(context: Context) -> list[Standing]:
    """The targets of this quarter that the actor sees every day; only those that are set.

    A rep sees their own, a manager the team's, an admin every team's; none what is open now.
    """
    teams = led_teams(context)
    quarter = Quarter.of(context.today)
    standings = Standings(
        quarter,
        [team.id for team in teams] or [context.actor.team_id],
        context,
        of=None if teams else context.actor,
        with_open=False,
    )
    if not teams:
        mine = standings.are_set(Holder.person(context.actor.id))
        return [standings.of_person(context.actor)] if mine else []
    return [standings.of_team(team) for team in teams if standings.are_set(Holder.team(team.id))]
