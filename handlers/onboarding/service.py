"""Finds out which steps of setting up a company are done.

They are the steps of ``genjin setup``. Nothing is recorded for them: each is done when its effect
is there, whoever brought it about, and wherever.
"""

from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

from handlers.core.language import LOCALES, Language
from sales.people import Person, Role, Team
from storage.channels import BoundChannel
from storage.unit_of_work import UnitOfWork


class SetupStep(StrEnum):
    """In the order in which they are best done."""

    PLATFORM = "platform"
    RULES = "rules"
    TEAMS = "teams"
    ADMIN = "admin"
    CHANNEL = "channel"
    PEOPLE = "people"
    LEADS = "leads"


@dataclass(frozen=True, slots=True)
class StepState:
    step: SetupStep
    done: bool


def setup_states(uow: UnitOfWork, admin: Person) -> tuple[StepState, ...]:
    """The steps in order, as an admin may know them."""
    people = [person for person in uow.people.everyone() if person.active]
    teams = uow.people.teams()
    done = {
        SetupStep.PLATFORM: any(person.has_account for person in people),
        SetupStep.RULES: uow.playbooks.number() > 0,
        SetupStep.TEAMS: len(teams) > 1 or any(map(_was_named, teams)),
        SetupStep.ADMIN: any(person.role is Role.ADMIN for person in people),
        SetupStep.CHANNEL: any(_can_post(channel, uow) for channel in uow.channels.all()),
        SetupStep.PEOPLE: len(people) > 1,
        SetupStep.LEADS: uow.leads(admin).any(),
    }
    return tuple(StepState(step, done[step]) for step in SetupStep)


def _can_post(channel: BoundChannel, uow: UnitOfWork) -> bool:
    """Whether the last message to the channel was not refused, as when the bot is not in it."""
    return uow.refusals.of_lane(f"{channel.platform}:channel:{channel.conversation}") is None


def _was_named(team: Team) -> bool:
    """Whether people named the team, and not the bot when it let the first of them in."""
    return team.name not in {Language(locale, UTC).text("team.first") for locale in LOCALES}
