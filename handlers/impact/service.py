"""What is compared: the day that parts before from after, and the figures on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from handlers.core.context import Context
from handlers.core.recipients import led_teams
from handlers.core.requests import record_id
from sales.people import Role
from sales.playbook.changes import differences, document_of
from sales.reports.impact import (
    ANSWER_WITHIN,
    HORIZONS,
    LENGTHS,
    PLENTY,
    Base,
    Cohort,
    Days,
    MedianComparison,
    ShareComparison,
    Split,
    answer_times,
    base_of,
    cohort,
    compare_conversion,
    compare_cycle,
    compare_medians,
    usual_horizon,
)
from sales.reports.journeys import Journey, JourneyFilter
from storage.playbooks import Version
from storage.reports.impact import FileHistory

ADOPTION = "adoption"
_VERSION = "v"


@dataclass(frozen=True, slots=True)
class ImpactQuestion:
    """What somebody asks: since adoption or (``v3``) a version, how many days each lead had (0: as
    many as fit), and of which team (0: all that the actor leads)."""

    basis: str = ADOPTION
    horizon: int = 0
    team_id: int = 0

    @property
    def version(self) -> int | None:
        """The number of the version; None for adoption, and for anything else that came back."""
        return record_id(self.basis.removeprefix(_VERSION)) if self.basis[:1] == _VERSION else None


@dataclass(frozen=True, slots=True)
class Impact:
    """Both sides and what they differ in. ``answers`` are in working hours, cycles in days;
    ``answer_split`` has the days of the hand-overs."""

    split: Split
    base: Base
    before: Cohort
    after: Cohort
    conversion: ShareComparison
    cycle: MedianComparison
    answers: MedianComparison
    answer_split: Split
    files: FileHistory


def version_basis(number: int) -> str:
    return f"{_VERSION}{number}"


def allowed(question: ImpactQuestion, context: Context) -> ImpactQuestion:
    """The question as far as it makes sense, and of no team that the actor does not lead."""
    led = {team.id for team in led_teams(context)}
    team_id = question.team_id if question.team_id in led else 0
    if context.actor.role is not Role.ADMIN:
        team_id = context.actor.team_id
    horizon = question.horizon if question.horizon in HORIZONS else 0
    known = question.version is not None and version_asked(question, context) is not None
    basis = question.basis if known else ADOPTION
    return replace(question, basis=basis, horizon=horizon, team_id=team_id)


def version_asked(question: ImpactQuestion, context: Context) -> Version | None:
    """The version that the question is about, if it is about one that there is."""
    versions = context.uow.playbooks.versions()
    return next((one for one in versions if one.number == question.version), None)


def changed_parts(number: int, context: Context) -> list[str]:
    """The names of the playbook's parts that a version changed, each once."""
    playbooks = context.uow.playbooks
    after = playbooks.version(number)
    if after is None:
        return []
    changes = differences(document_of(playbooks.as_of(number - 1)), document_of(after))
    return list(dict.fromkeys(change.path[0] for change in changes if change.path))


def adopted_on(context: Context) -> tuple[date | None, bool]:
    """The day of adoption, and whether an admin named it; else the day of the first work here."""
    impact = context.uow.impact(context.actor)
    day = impact.adopted_on()
    if day is not None:
        return day, True
    first = impact.first_work()
    return (context.calendar.day_of(first) if first else None), False


def parting_day(question: ImpactQuestion, context: Context) -> date | None:
    """The day that parts before from after."""
    version = version_asked(question, context) if question.version is not None else None
    if version is not None:
        return context.calendar.day_of(version.stored_at)
    return adopted_on(context)[0]


def measure(question: ImpactQuestion, on: date, context: Context) -> Impact:
    """The figures on both sides of the day ``on``."""
    horizon = question.horizon or usual_horizon(on, context.today)
    only = JourneyFilter(team_ids=frozenset({question.team_id} - {0}))
    split, base, before, after = _cohorts(on, horizon, only, context)
    answer_split = Split.around(on, context.today, ANSWER_WITHIN)
    return Impact(
        split=split,
        base=base,
        before=before,
        after=after,
        conversion=compare_conversion(before, after),
        cycle=compare_cycle(before, after),
        answers=_compare_answers(answer_split, only, context),
        answer_split=answer_split,
        files=context.uow.impact(context.actor).file_history(only),
    )


def _cohorts(
    on: date, horizon: int, only: JourneyFilter, context: Context
) -> tuple[Split, Base, Cohort, Cohort]:
    """Both cohorts, each of the fewest days in which there are plenty of leads."""
    splits = [Split.around(on, context.today, horizon, length) for length in LENGTHS]
    before = _shortest([split.before for split in splits], only, context)
    after = _shortest([split.after for split in splits], only, context)
    split = Split(on, horizon, before, after)
    windows = [days.window(context.calendar) for days in (before, after)]
    leads = [_journeys(window, only, context) for window in windows]
    base = base_of(one for side in leads for one in side)
    sides = [cohort(*side, horizon, base) for side in zip(leads, windows, strict=True)]
    return split, base, sides[0], sides[1]


def _shortest(lengths: Sequence[Days], only: JourneyFilter, context: Context) -> Days:
    """The first of the lengths, which grow, that has plenty of leads; else the last one."""
    journeys = context.uow.journeys(context.actor)
    for days in lengths[:-1]:
        if journeys.count_created(*days.window(context.calendar), only) >= PLENTY:
            return days
    return lengths[-1]


def _journeys(
    window: tuple[datetime, datetime], only: JourneyFilter, context: Context
) -> tuple[Journey, ...]:
    start, end = window
    return context.uow.journeys(context.actor).created_in(start, end, only) if start < end else ()


def _compare_answers(split: Split, only: JourneyFilter, context: Context) -> MedianComparison:
    facts = context.uow.impact(context.actor)
    sides = []
    for days in (split.before, split.after):
        window = days.window(context.calendar)
        found = facts.hand_overs(*window, only) if not days.is_empty else ()
        sides.append(answer_times(found, window, context.calendar))
    return compare_medians(*sides)
