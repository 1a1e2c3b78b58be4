"""The playbook: every rule of the process as one typed document, with its shipped default.

Numbers are defaults from the process description ([P2], [P5], [P6], [P7], [P17], [P18]) and belong
to the company from then on. Reading and storing it is not done here.
"""

from pydantic import Field, model_validator

from sales.intake import Intake
from sales.leads import Stage
from sales.playbook.automations import Act, Automation, Automations, Conditions, Details, Trigger
from sales.playbook.customers import (
    Duplicates,
    Forecasting,
    Handover,
    Probing,
    Proposals,
    Recommendation,
    Repeat,
    Reveals,
    SignalRule,
    Signals,
    Targets,
    TaskRule,
)
from sales.playbook.leads import (
    Assignment,
    Criterion,
    LossReviewRules,
    Pool,
    PoolMember,
    Revival,
    RoutingRule,
    Scoring,
    StageRules,
    default_stages,
)
from sales.playbook.newcomers import Admission, Newcomers
from sales.playbook.retention import Retention
from sales.playbook.times import (
    WEEKDAYS,
    Block,
    ClockRule,
    Clocks,
    Digest,
    Quiet,
    Reminders,
    Review,
    Sharing,
    Sync,
    Talk,
    Urgent,
    Weekday,
    WeeklyReporting,
    WorkingHours,
)
from sales.playbook.vocabulary import Rules, Term, Vocabulary, misfit

__all__ = [
    "WEEKDAYS",
    "Act",
    "Admission",
    "Assignment",
    "Automation",
    "Automations",
    "Block",
    "ClockRule",
    "Clocks",
    "Conditions",
    "Criterion",
    "Details",
    "Digest",
    "Duplicates",
    "Forecasting",
    "Handover",
    "LossReviewRules",
    "Newcomers",
    "Playbook",
    "Pool",
    "PoolMember",
    "Probing",
    "Proposals",
    "Quiet",
    "Recommendation",
    "Reminders",
    "Repeat",
    "Retention",
    "Reveals",
    "Review",
    "Revival",
    "RoutingRule",
    "Scoring",
    "Sharing",
    "SignalRule",
    "Signals",
    "StageRules",
    "Sync",
    "Talk",
    "Targets",
    "TaskRule",
    "Term",
    "Trigger",
    "Urgent",
    "Vocabulary",
    "Weekday",
    "WeeklyReporting",
    "WorkingHours",
]


class Playbook(Rules):
    """All rules.

    ``routing`` is tried from the top; with no match the team's own reps share the lead.
    """

    scoring: Scoring = Scoring()
    routing: tuple[RoutingRule, ...] = ()
    assignment: Assignment = Assignment()
    reminders: Reminders = Reminders()
    clocks: Clocks = Clocks()
    weekly_report: WeeklyReporting = WeeklyReporting()
    digest: Digest = Digest()
    talk: Talk = Talk()
    sharing: Sharing = Sharing()
    working_hours: WorkingHours = WorkingHours()
    vocabulary: Vocabulary = Vocabulary()
    stages: dict[Stage, StageRules] = Field(default_factory=default_stages)
    revival: Revival = Revival()
    intake: Intake = Intake()
    handover: Handover = Handover()
    automations: Automations = Automations()
    proposals: Proposals = Proposals()
    pool: Pool = Pool()
    targets: Targets = Targets()
    forecasting: Forecasting = Forecasting()
    sync: Sync = Sync()
    review: Review = Review()
    quiet: Quiet = Quiet()
    duplicates: Duplicates = Duplicates()
    reveals: Reveals = Reveals()
    probing: Probing = Probing()
    signals: Signals = Signals()
    repeat: Repeat = Repeat()
    newcomers: Newcomers = Newcomers()
    retention: Retention = Retention()
    loss_review: LossReviewRules = LossReviewRules()

    @model_validator(mode="after")
    def _forms_of_known_sources(self) -> "Playbook":
        keys = {term.key for term in self.vocabulary.sources}
        if strange := sorted(set(self.intake.forms) - keys):
            raise misfit(
                "forms_source", f"intake.forms: {strange[0]} is no source of the vocabulary"
            )
        return self

    @model_validator(mode="after")
    def _recommends_known_products(self) -> "Playbook":
        keys = {"", *(term.key for term in self.vocabulary.products)}
        for rule in self.repeat.recommendations:
            if strange := sorted({rule.edition, rule.product} - keys):
                message = f"repeat.recommendations: {strange[0]} is no product of the vocabulary"
                raise misfit("recommended_product", message)
        return self

    def stage(self, stage: Stage) -> StageRules:
        """The stage's rules; empty ones for a stage that the document does not name."""
        return self.stages.get(stage, StageRules())
