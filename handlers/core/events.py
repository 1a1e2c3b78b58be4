"""What happens to leads and people that other subjects take up.

A subject publishes an event with ``context.publish``; ``handlers.consequences`` says what follows
from each, in order. A subject never calls a sibling for what follows.
"""

from dataclasses import dataclass
from datetime import date

from sales.followups import FollowUp
from sales.leads import Lead, Stage
from sales.people import Person
from sales.signals import Signal


@dataclass(frozen=True, slots=True)
class LeadEntrusted:
    """The lead has just become its owner's, who is told of it; ``is_new``: nobody had it before."""

    lead: Lead
    is_new: bool


@dataclass(frozen=True, slots=True)
class LeadReleased:
    """The lead leaves its owner; ``shared``: the colleagues who work on it beside stay."""

    lead: Lead
    shared: bool


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """The lead has another owner than before, or none."""

    lead: Lead


@dataclass(frozen=True, slots=True)
class LeadMoved:
    """The lead moved along the pipeline, from the stage ``before``. A lead that was set aside is
    looked at again on ``look_again_on``, or not at all."""

    lead: Lead
    before: Stage
    look_again_on: date | None


@dataclass(frozen=True, slots=True)
class FollowupLogged:
    """Contact with the customer was logged."""

    lead: Lead
    followup: FollowUp


@dataclass(frozen=True, slots=True)
class FollowupCorrected:
    """A follow-up says something else than its ``former`` version; ``leads`` are all that it was
    and is about."""

    former: FollowUp
    followup: FollowUp
    leads: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class NextStepPlanned:
    """The follow-up's next step has a date, another date than before, or is open again."""

    followup: FollowUp


@dataclass(frozen=True, slots=True)
class RepeatSignalled:
    """What the customer did suggests that they buy again."""

    signal: Signal
    lead: Lead


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Somebody's role, team or presence changed: what they do and own may go to others."""

    person: Person


Event = (
    LeadEntrusted
    | LeadReleased
    | OwnerChanged
    | LeadMoved
    | FollowupLogged
    | FollowupCorrected
    | NextStepPlanned
    | RepeatSignalled
    | PersonChanged
)
