"""What the bot does automatically when something happens to a lead [P21]."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sales.leads import Grade, Stage
from sales.people import Role
from sales.playbook.vocabulary import AskedAlong, GivenKey, NameOf, Rules, WorkTime, misfit


class Trigger(StrEnum):
    """The event that triggers an automation.

    A lead comes in, moves, is lost, or is not contacted in time; a customer gives feedback, or a
    signal makes the lead hot; nobody contacts them for days; a task is overdue; a customer turns
    out unhappy; they open a proposal, or an objection of theirs is recorded; a lead stays in its
    stage for longer than expected.
    """

    CREATED = "created"
    MOVED = "moved"
    LOST = "lost"
    CLOCK_MISSED = "clock_missed"
    FEEDBACK = "feedback"
    HOT = "hot"
    SILENT = "silent"
    TASK_OVERDUE = "task_overdue"
    UNHAPPY = "unhappy"
    PROPOSAL_OPENED = "proposal_opened"
    OBJECTION = "objection"
    LONG_IN_STAGE = "long_in_stage"


class Act(StrEnum):
    """The action that follows. Nothing of it ever counts as contact."""

    STEP_IN = "step_in"
    TELL_MANAGER = "tell_manager"
    TELL_OWNER = "tell_owner"
    TELL_PERSON = "tell_person"
    GIVE_TASK = "give_task"
    SUGGEST_STEP = "suggest_step"
    NURTURE = "nurture"
    POOL = "pool"
    HEAT = "heat"
    ANNOUNCE = "announce"


class Conditions(Rules):
    """The leads for which a rule acts: all conditions must hold; an empty one always does.

    ``from_stage`` is where the lead stood before, ``to_stage`` where it stands now; ``amount_from``
    looks at the deal's amount or else the upper end of the budget, in whole currency units;
    ``objection`` asks for the kind of a recorded objection.
    """

    from_stage: tuple[Stage, ...] = ()
    to_stage: tuple[Stage, ...] = ()
    grade: tuple[Grade, ...] = ()
    source: Annotated[tuple[str, ...], NameOf("sources")] = ()
    region: Annotated[tuple[str, ...], NameOf("regions")] = ()
    industry: Annotated[tuple[str, ...], NameOf("industries")] = ()
    product: Annotated[tuple[str, ...], NameOf("products")] = ()
    objection: Annotated[tuple[str, ...], NameOf("objections")] = ()
    team: Annotated[str, NameOf("team")] = ""
    amount_from: Annotated[Decimal, Field(gt=0)] | None = None


class Details(Rules):
    """Parameters of triggers and acts.

    ``silent_days`` without contact and ``unhappy_until`` (satisfaction) belong to triggers;
    ``role`` (null: the lead's owner) or ``person`` gets the task or the notice, ``within`` is in
    working minutes; a suggested step is due in ``step_days``.
    """

    silent_days: Annotated[int, Field(ge=1, le=365)] = 14
    unhappy_until: Annotated[int, Field(ge=1, le=5)] = 2
    role: Literal[Role.MANAGER, Role.SERVICE, Role.PRODUCT, Role.FINANCE] | None = None
    person: Annotated[str, NameOf("person")] = ""
    within: Annotated[int, Field(ge=1), WorkTime()] = 480
    step_days: Annotated[int, Field(ge=0, le=365)] = 3


class Automation(Rules):
    """A rule: when ``trigger`` happens to a lead for which ``only`` holds, ``do``.

    ``words`` say what the task, the notice or the suggested step is about. Without a ``name`` the
    rule is called by what it does.
    """

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$"), GivenKey()]
    name: Annotated[str, Field(max_length=60)] = ""
    enabled: bool = True
    trigger: Trigger
    do: tuple[Act, ...]
    words: Annotated[str, Field(max_length=200)] = ""
    only: Conditions = Conditions()
    details: Annotated[Details, AskedAlong()] = Details()

    @model_validator(mode="after")
    def _does_something(self) -> "Automation":
        if not self.do:
            raise misfit("nothing_done", "say what is to be done")
        if Act.TELL_PERSON in self.do and not self.details.person:
            raise misfit("nobody_told", "details.person: say who is told")
        if self.only.objection and self.trigger is not Trigger.OBJECTION:
            raise misfit("no_objection", "only.objection: needs the trigger objection")
        return self


LOST_LATE = Automation(
    key="lost_after_proposal",
    trigger=Trigger.LOST,
    only=Conditions(from_stage=(Stage.PROPOSAL, Stage.NEGOTIATION)),
    do=(Act.STEP_IN,),
)
"""The process's own example: lost after the proposal, so the manager steps in."""


class Automations(Rules):
    """All automations, with their limits.

    What an automation did may trigger others ``depth`` times in a row; on one lead they act
    ``per_lead_per_day`` times a day at most, all together. Of silent customers, and of leads too
    long in their stage, a rule looks at ``silence_per_day`` in one day.
    """

    rules: tuple[Automation, ...] = (LOST_LATE,)
    depth: Annotated[int, Field(ge=0, le=5)] = 1
    per_lead_per_day: Annotated[int, Field(ge=1, le=100)] = 5
    silence_per_day: Annotated[int, Field(ge=1, le=10_000)] = 100

    @model_validator(mode="after")
    def _each_key_once(self) -> "Automations":
        if len({rule.key for rule in self.rules}) != len(self.rules):
            raise misfit("key_twice", "each automation needs a key of its own")
        return self
