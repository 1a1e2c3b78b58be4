"""``/target``: show, set and copy targets.

People see their own, a manager the team's, an admin all; leaders set them.
"""

from decimal import ROUND_DOWN, Decimal

from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.recipients import led_teams
from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.targets.cards import (
    forecast_of,
    forecast_of_teams,
    person_card,
    team_card,
    teams_card,
)
from handlers.targets.forms import read_goals, suggestion, target_form
from handlers.targets.progress import Standing, Standings
from sales.errors import NotAllowed, PersonNotFound
from sales.people import Person, Team
from sales.permissions import LEADERS
from sales.targets import Goals, Holder, Quarter, given_out, may_see, may_set


def open_command(context: Context) -> Reply:
    """``/target``, ``/target <team or person>``, or a button to a quarter of one of them."""
    if context.pressed:
        return Reply(card=_card_of(*_asked(context), context))
    quarter, teams = Quarter.of(context.today), led_teams(context)
    if name := context.request.text.strip().lower():
        return Reply(card=_card_of(quarter, _named(name, context), context))
    match teams:
        case []:
            return Reply(card=_card_of(quarter, Holder.person(context.actor.id), context))
        case [team]:
            return Reply(card=_card_of(quarter, Holder.team(team.id), context))
    standings = Standings(quarter, [team.id for team in teams], context)
    every = [standings.of_team(team) for team in teams]
    return Reply(
        card=teams_card(every, quarter, context, forecast_of_teams(every, quarter, context))
    )


def edit(context: Context) -> Reply:
    """Button: open the form for one team or person."""
    quarter, holder = _settable(context)
    standing = _standing(quarter, holder, context)
    suggested = suggestion(context.playbook.targets)
    if holder.kind == "person":
        suggested = _left_over(quarter, holder, context)
    return Reply(form=target_form(standing, quarter, suggested, context))


def save(context: Context) -> Reply:
    """Form: save the goals; an emptied field removes the goal."""
    quarter, holder = _settable(context)
    goals = read_goals(context)
    context.uow.people.hold()
    context.uow.targets.set(quarter, holder, goals)
    _record("target.save", quarter, holder, context)
    name = _standing(quarter, holder, context).name
    toast = context.text("target.saved" if goals else "target.cleared", name=name)
    return Reply(toast=toast, update=_card_of(quarter, _shown_with(holder, context), context))


def copy(context: Context) -> Reply:
    """Button: copy last quarter's goals of the team and its people where none are set."""
    quarter, holder = _settable(context)
    context.uow.people.hold()
    before, now = context.uow.targets.of(quarter.previous), context.uow.targets.of(quarter)
    holders = {holder, *(Holder.person(member.id) for member in _members(holder, context))}
    copied = [holder for holder in holders if holder in before and holder not in now]
    for one in copied:
        context.uow.targets.set(quarter, one, before[one])
    if copied:
        _record("target.copy", quarter, holder, context)
    toast = (
        context.text("target.copied", n=len(copied)) if copied else context.text("target.no_copy")
    )
    return Reply(toast=toast, update=_card_of(quarter, holder, context))


def _card_of(quarter: Quarter, holder: Holder, context: Context) -> Card:
    people = context.uow.people.everyone()
    if not may_see(context.actor, holder, people):
        raise NotAllowed(roles=sorted(LEADERS))
    standing = _standing(quarter, holder, context)
    if holder.kind == "person":
        return person_card(
            standing,
            quarter,
            context,
            may_set=may_set(context.actor, holder, people),
            forecast=forecast_of(standing, (), quarter, context),
        )
    standings = Standings(quarter, [holder.id], context)
    members = [standings.of_person(person) for person in _members(holder, context)]
    before = context.uow.targets.of(quarter.previous)
    can_copy = not standing.goals and holder in before
    left = [
        standings.of_person(person) for person in people if _had_a_share(person, holder, standings)
    ]
    forecast = forecast_of(standing, members, quarter, context)
    return team_card(
        standing, members, left, quarter, context, can_copy=can_copy, forecast=forecast
    )


def _asked(context: Context) -> tuple[Quarter, Holder]:
    """Parse what a button or form carries; raises PersonNotFound for anything else."""
    return unpack(
        context.pressed, Quarter.parse, Holder.parse, refusal=PersonNotFound(), former="/"
    )


def _settable(context: Context) -> tuple[Quarter, Holder]:
    quarter, holder = _asked(context)
    if not may_set(context.actor, holder, context.uow.people.everyone()):
        raise NotAllowed(roles=sorted(LEADERS))
    return quarter, holder


def _named(wanted: str, context: Context) -> Holder:
    """Find the team or person of that name, as far as the actor may see it."""
    people = context.uow.people.everyone()
    named = [(team.name, Holder.team(team.id)) for team in context.uow.people.teams()]
    named += [(person.name, Holder.person(person.id)) for person in people]
    for name, holder in named:
        if wanted in name.lower() and may_see(context.actor, holder, people):
            return holder
    raise PersonNotFound


def _standing(quarter: Quarter, holder: Holder, context: Context) -> Standing:
    if holder.kind == "team":
        return Standings(quarter, [holder.id], context).of_team(_team(holder, context))
    person = context.uow.people.get(holder.id)
    return Standings(quarter, [person.team_id], context, of=person).of_person(person)


def _team(holder: Holder, context: Context) -> Team:
    """Find the team; raises PersonNotFound when there is none."""
    for team in context.uow.people.teams():
        if team.id == holder.id:
            return team
    raise PersonNotFound


def _members(holder: Holder, context: Context) -> list[Person]:
    if holder.kind != "team":
        return []
    return [person for person in context.uow.people.members(holder.id) if person.sells]


def _had_a_share(person: Person, team: Holder, standings: Standings) -> bool:
    """Whether a person had a goal; people who left stay in that quarter."""
    theirs = Holder.person(person.id)
    return not person.active and person.team_id == team.id and standings.are_set(theirs)


def _left_over(quarter: Quarter, holder: Holder, context: Context) -> Goals:
    """The part of the team's goals that nobody else has: suggested for a person."""
    person, goals = context.uow.people.get(holder.id), context.uow.targets.of(quarter)
    team = Holder.team(person.team_id)
    others = [
        goals.get(Holder.person(other.id), {})
        for other in _members(team, context)
        if other.id != person.id
    ]
    left = {
        measure: (goal - given_out(others, measure)).quantize(Decimal(1), ROUND_DOWN)
        for measure, goal in goals.get(team, {}).items()
        if measure.adds_up
    }
    return {measure: goal for measure, goal in left.items() if goal > 0}


def _shown_with(holder: Holder, context: Context) -> Holder:
    """The holder whose card is shown: a person's target is set from the card of their team."""
    if holder.kind == "team":
        return holder
    return Holder.team(context.uow.people.get(holder.id).team_id)


def _record(act: str, quarter: Quarter, holder: Holder, context: Context) -> None:
    context.uow.audit.record(context.actor, act, str(holder), {"quarter": str(quarter)})
