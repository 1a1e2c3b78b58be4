"""The playbook: every rule of the process as one typed document, with its shipped default.

Numbers are defaults from the process description ([P2], [P5], [P6], [P7], [P17], [P18]) and
belong to the company from then on. Reading and storing it is not done here.
"""

from pydantic import Field, model_validator

from sales.intake import Intake
from sales.leads import Stage
from sales.playbook.handover import Handover, TaskRule
from sales.playbook.leads import (
    Assignment,
    Criterion,
    PoolMember,
    Revival,
    RoutingRule,
    Scoring,
    StageRules,
    default_stages,
)
from sales.playbook.proposals import Proposals
from sales.playbook.signals import SignalRule, Signals
from sales.playbook.targets import Targets
from sales.playbook.terms import Rules, Term
from sales.playbook.times import (
    WEEKDAYS,
    Block,
    ClockRule,
    Clocks,
    Digest,
    Reminders,
    Sync,
    Weekday,
    WorkingHours,
)
from sales.playbook.vocabulary import Vocabulary

__all__ = [
    "WEEKDAYS",
    "Assignment",
    "Block",
    "ClockRule",
    "Clocks",
    "Criterion",
    "Digest",
    "Handover",
    "Playbook",
    "PoolMember",
    "Proposals",
    "Reminders",
    "Revival",
    "RoutingRule",
    "Scoring",
    "SignalRule",
    "Signals",
    "StageRules",
    "Sync",
    "Targets",
    "TaskRule",
    "Term",
    "Vocabulary",
    "Weekday",
    "WorkingHours",
]


class Playbook(Rules):
    """All rules. ``routing`` is tried from the top; with no match the team's own reps share
    the lead."""

    scoring: Scoring = Scoring()
    routing: tuple[RoutingRule, ...] = ()
    assignment: Assignment = Assignment()
    reminders: Reminders = Reminders()
    clocks: Clocks = Clocks()
    digest: Digest = Digest()
    working_hours: WorkingHours = WorkingHours()
    vocabulary: Vocabulary = Vocabulary()
    stages: dict[Stage, StageRules] = Field(default_factory=default_stages)
    revival: Revival = Revival()
    intake: Intake = Intake()
    handover: Handover = Handover()
    proposals: Proposals = Proposals()
    targets: Targets = Targets()
    sync: Sync = Sync()
    signals: Signals = Signals()

    @model_validator(mode="after")
    def _forms_of_known_sources(self) -> "Playbook":
        known = {term.key for term in self.vocabulary.sources}
        if strange := sorted(set(self.intake.forms) - known):
            raise ValueError(f"intake.forms: {strange[0]} is no source of the vocabulary")
        return self

    def stage(self, stage: Stage) -> StageRules:
        """The stage's rules; none for one the document does not name."""
        return self.stages.get(stage, StageRules())
