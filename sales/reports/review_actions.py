"""What the monthly review proposes to do: at most three actions, chosen by rules from its findings.

Every proposal has a reason in numbers, and of fewer than five cases there is none. Nothing is ever
done by itself: a person prepares it, looks at it, and decides. Pure, and without words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sales.leads import Stage
from sales.playbook import Playbook
from sales.reports.measures import RATE_FROM, Rate, shown, spread_of
from sales.reports.review_findings import (
    NO_GAPS,
    AnswerEffect,
    Gap,
    RecordGaps,
    RuledOffer,
    added,
    expired_share,
)

MOST: Final = 3
"""Proposals in a review."""
CLEARLY: Final = 0.1
"""Win rates that differ by less (in shares) propose nothing."""
_PREDICTS: Final = 0.15
_OFTEN: Final = 0.3
_MANY: Final = 0.2
_STEP: Final = 15
"""Minutes to which a proposed time is rounded up."""


class ReviewFinding(StrEnum):
    """What a proposal is about."""

    RESPONSE = "response"
    SCORING = "scoring"
    ACCEPT = "accept"
    WEAK_STAGE = "weak_stage"
    SLIPPED = "slipped"
    GAPS = "gaps"
    LOSS_REASON = "loss_reason"
    EXAMPLE = "example"

    @property
    def kind(self) -> "ProposalKind":
        return _KINDS[self]


class ProposalKind(StrEnum):
    """What its button prepares: a change of a rule, a list of deals, or a topic to share."""

    RULE = "rule"
    DEALS = "deals"
    SHARING = "sharing"


_KINDS: Final = {
    ReviewFinding.RESPONSE: ProposalKind.RULE,
    ReviewFinding.SCORING: ProposalKind.RULE,
    ReviewFinding.ACCEPT: ProposalKind.RULE,
    ReviewFinding.WEAK_STAGE: ProposalKind.DEALS,
    ReviewFinding.SLIPPED: ProposalKind.DEALS,
    ReviewFinding.GAPS: ProposalKind.DEALS,
    ReviewFinding.LOSS_REASON: ProposalKind.SHARING,
    ReviewFinding.EXAMPLE: ProposalKind.SHARING,
}


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A value of the playbook to try: ``path`` leads to it (``clocks.medium.within``)."""

    path: str
    now: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProposal:
    """A proposed action.

    ``subject`` is what it is about: a source, a stage, a BANT question, a gap, a loss reason, or a
    person's id. ``rate`` is the figure that speaks for it, and ``against`` the one it is compared
    with. ``concerned`` is about how many deals it could turn, by which proposals are ranked.
    ``minutes`` is a time that was measured.
    """

    finding: ReviewFinding
    subject: str
    rate: Rate
    against: Rate | None = None
    concerned: float
    change: RuleChange | None = None
    minutes: int = 0

    @property
    def n(self) -> int:
        """The number of cases behind it: the fewer of the two that are compared."""
        return min(self.rate.n, self.against.n) if self.against else self.rate.n


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLoss:
    """Leads that first entered the stage in the period, how many of them were lost in it or after
    it, and how many leads are in it now."""

    stage: Stage
    entered: int
    lost: int
    open_now: int = 0

    @property
    def rate(self) -> Rate:
        return Rate(self.lost, self.entered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What proposals are chosen from.

    ``response`` has for each source the win rate of leads contacted within 24 hours, and of all
    others. ``people`` are win rates by person. ``slipped`` is the share of the deals expected to
    close in the month that slipped; ``accept_times`` are in working time.
    """

    response: Mapping[str, tuple[Rate, Rate]] = field(default_factory=dict)
    answers: Sequence[AnswerEffect] = ()
    offers: Sequence[RuledOffer] = ()
    accept_times: Sequence[timedelta] = ()
    stages: Sequence[StageLoss] = ()
    slipped: Rate | None = None
    gaps: RecordGaps = NO_GAPS
    losses: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[int, Rate] = field(default_factory=dict)


def weakest_stage(stages: Iterable[StageLoss]) -> StageLoss | None:
    """The stage after which the largest share is lost; None with too few leads in each."""
    known = [stage for stage in stages if shown(stage.rate) and stage.lost]
    return max(known, key=lambda stage: (stage.rate.share, stage.entered), default=None)


def proposals(
    findings: Findings, playbook: Playbook, day_minutes: int
) -> tuple[ReviewProposal, ...]:
    """At most three proposals, those that could turn the most deals first.

    Of each kind the best one comes before any second one, so that not all three are rules.
    ``day_minutes`` is the length of a working day.
    """
    found = [
        proposal
        for proposal in (
            _response(findings, playbook, day_minutes),
            _scoring(findings, playbook),
            _accept(findings, playbook),
            _weak_stage(findings),
            _slipped(findings),
            _gaps(findings),
            _loss_reason(findings),
            _example(findings),
        )
        if proposal and proposal.n >= RATE_FROM and proposal.concerned > 0
    ]
    found.sort(key=lambda proposal: -proposal.concerned)
    kinds: set[ProposalKind] = set()
    first: list[ReviewProposal] = []
    rest: list[ReviewProposal] = []
    for proposal in found:
        (rest if proposal.finding.kind in kinds else first).append(proposal)
        kinds.add(proposal.finding.kind)
    chosen = [*first, *rest][:MOST]
    return tuple(sorted(chosen, key=lambda proposal: -proposal.concerned))


def _response(findings: Findings, playbook: Playbook, day_minutes: int) -> ReviewProposal | None:
    """Contact sooner, where leads contacted within a day are clearly won more often."""
    known = [
        (source, fast, slow)
        for source, (fast, slow) in findings.response.items()
        if shown(fast) and shown(slow) and fast.share - slow.share >= CLEARLY
    ]
    if not known:
        return None
    source, fast, slow = max(known, key=lambda one: (one[1].share - one[2].share) * one[2].n)
    return ReviewProposal(
        finding=ReviewFinding.RESPONSE,
        subject=source,
        rate=fast,
        against=slow,
        concerned=(fast.share - slow.share) * slow.n,
        change=_shorter_clock(playbook, day_minutes),
    )


def _shorter_clock(playbook: Playbook, day_minutes: int) -> RuleChange | None:
    """The first response clock that allows more than a working day, set to one; None when none
    of those for leads of value does."""
    clocks = playbook.clocks
    for name, rule in (("medium", clocks.medium), ("high", clocks.high)):
        if rule.within > day_minutes:
            return RuleChange(f"clocks.{name}.within", rule.within, day_minutes)
    half = day_minutes // 2
    if clocks.high.within > half:
        return RuleChange("clocks.high.within", clocks.high.within, half)
    return None


def _scoring(findings: Findings, playbook: Playbook) -> ReviewProposal | None:
    """A point more for the answer that predicts most, while another one counts as much or more."""
    effect = next(iter(findings.answers), None)
    if effect is None or effect.difference < _PREDICTS:
        return None
    points = playbook.scoring.model_dump()
    worth = {name: int(points[f"{name}_points"]) for name in _CRITERIA}
    now = worth.get(effect.criterion)
    if now is None or now > max(value for name, value in worth.items() if name != effect.criterion):
        return None
    return ReviewProposal(
        finding=ReviewFinding.SCORING,
        subject=effect.criterion,
        rate=effect.good,
        against=effect.others,
        concerned=effect.difference * min(effect.good.n, effect.others.n),
        change=RuleChange(f"scoring.{effect.criterion}_points", now, now + 1),
    )


_CRITERIA: Final = ("budget", "authority", "need", "timeframe")


def _accept(findings: Findings, playbook: Playbook) -> ReviewProposal | None:
    """Pass offers on sooner, where many expire while those who accept do so quickly."""
    rate, times = expired_share(findings.offers), findings.accept_times
    took = spread_of(times)
    if not took.is_shown or not rate.is_shown or rate.share < _MANY:
        return None
    minutes = max(1, round(took.p90 / timedelta(minutes=1)))
    now = playbook.assignment.accept_within
    value = -(-minutes // _STEP) * _STEP
    if value > 0.75 * now:
        return None
    return ReviewProposal(
        finding=ReviewFinding.ACCEPT,
        subject="",
        rate=rate,
        concerned=rate.hits * 0.5,
        change=RuleChange("assignment.accept_within", now, value),
        minutes=minutes,
    )


def _weak_stage(findings: Findings) -> ReviewProposal | None:
    """Look after the deals that are now where most are lost."""
    weak = weakest_stage(findings.stages)
    if weak is None or weak.rate.share < _OFTEN or not weak.open_now:
        return None
    return ReviewProposal(
        finding=ReviewFinding.WEAK_STAGE,
        subject=weak.stage.value,
        rate=weak.rate,
        concerned=weak.rate.share * weak.open_now,
    )


def _slipped(findings: Findings) -> ReviewProposal | None:
    """Ask again when the deals close that did not in the month."""
    rate = shown(findings.slipped)
    if rate is None or rate.share < _OFTEN:
        return None
    return ReviewProposal(
        finding=ReviewFinding.SLIPPED, subject="", rate=rate, concerned=float(rate.hits)
    )


def _gaps(findings: Findings) -> ReviewProposal | None:
    """Complete the records, where many lack the same."""
    worst = findings.gaps.worst
    if worst is None or worst[1].share < _MANY or worst[0] is Gap.DUPLICATE:
        return None
    gap, rate = worst
    return ReviewProposal(
        finding=ReviewFinding.GAPS, subject=gap.value, rate=rate, concerned=rate.hits * 0.1
    )


def _loss_reason(findings: Findings) -> ReviewProposal | None:
    """Talk about what most deals are lost for."""
    total = sum(findings.losses.values())
    reasons = {key: n for key, n in findings.losses.items() if key and key != _OTHER}
    if total < RATE_FROM or not reasons:
        return None
    reason = min(reasons, key=lambda key: (-reasons[key], key))
    rate = Rate(reasons[reason], total)
    if rate.share < _OFTEN:
        return None
    return ReviewProposal(
        finding=ReviewFinding.LOSS_REASON, subject=reason, rate=rate, concerned=float(rate.hits)
    )


_OTHER: Final = "other"


def _example(findings: Findings) -> ReviewProposal | None:
    """Let somebody who clearly wins more often than the others show how."""
    known = []
    for person_id, rate in findings.people.items():
        others = added(one for key, one in findings.people.items() if key != person_id)
        if shown(rate) and shown(others) and rate.share - others.share >= _PREDICTS:
            known.append((person_id, rate, others))
    if not known:
        return None
    person_id, rate, others = max(known, key=lambda one: one[1].share - one[2].share)
    return ReviewProposal(
        finding=ReviewFinding.EXAMPLE,
        subject=str(person_id),
        rate=rate,
        against=others,
        concerned=(rate.share - others.share) * others.n * 0.5,
    )
