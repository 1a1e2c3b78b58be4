"""Events about leads and people that other subjects react to.

A subject publishes an event with ``context.publish``; ``handlers.consequences`` lists the
consequences of each, in order. A subject never calls a sibling for them.
"""

from dataclasses import dataclass
from datetime import date

from sales.followups import FollowUp
from sales.leads import Lead, Stage
from sales.merging import Merge
from sales.people import Person
from sales.signals import Signal


@dataclass(frozen=True, slots=True)
class LeadEntrusted:
    """The lead was assigned to its owner, who is notified. ``is_new``: it had no owner before."""

    lead: Lead
    is_new: bool


@dataclass(frozen=True, slots=True)
class LeadReleased:
    """The lead leaves its owner. ``shared``: collaborators keep their access."""

    lead: Lead
    shared: bool


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """The lead has another owner than before, or none."""

    lead: Lead


@dataclass(frozen=True, slots=True)
class LeadMoved:
    """The lead moved from the stage ``before``. A lead that was set aside is revived on
    ``look_again_on``, or not at all if that is None."""

    lead: Lead
    before: Stage
    look_again_on: date | None


@dataclass(frozen=True, slots=True)
class LeadRegraded:
    """The lead's answers changed, and with them perhaps its grade."""

    lead: Lead
    before: Lead


@dataclass(frozen=True, slots=True)
class FollowupLogged:
    """Contact with the customer was logged."""

    lead: Lead
    followup: FollowUp


@dataclass(frozen=True, slots=True)
class LeadMerged:
    """Another lead became a part of the lead, which was as ``before``."""

    lead: Lead
    before: Lead
    merge: Merge


@dataclass(frozen=True, slots=True)
class LeadUnmerged:
    """The merge into the lead was undone."""

    lead: Lead
    merge: Merge


@dataclass(frozen=True, slots=True)
class FollowupCorrected:
    """A follow-up was corrected from its ``former`` version; ``leads`` are all that it was or is
    about."""

    former: FollowUp
    followup: FollowUp
    leads: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class NextStepPlanned:
    """The follow-up's next step was scheduled, rescheduled or reopened."""

    followup: FollowUp


@dataclass(frozen=True, slots=True)
class RepeatSignalled:
    """The customer's behaviour suggests that they will buy again."""

    signal: Signal
    lead: Lead


@dataclass(frozen=True, slots=True)
class DealNoteworthy:
    """A rule (its ``rule`` key) has an event (``event_id``) of the lead announced to its team's
    channel, with these ``words``."""

    lead: Lead
    rule: str
    event_id: int
    words: str


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A person's role, team or availability changed: their tasks and leads may go to others."""

    person: Person


@dataclass(frozen=True, slots=True)
class CalendarWanted:
    """A person who had no next steps put into their calendar wants them there."""

    person: Person


Event = (
    DealNoteworthy
    | LeadEntrusted
    | LeadReleased
    | OwnerChanged
    | LeadMoved
    | LeadRegraded
    | LeadMerged
    | LeadUnmerged
    | FollowupLogged
    | FollowupCorrected
    | NextStepPlanned
    | RepeatSignalled
    | PersonChanged
    | CalendarWanted
)
