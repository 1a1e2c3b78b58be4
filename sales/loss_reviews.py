"""Loss reviews: what was learnt from a lost deal, asked of its owner once [P20].

Knows whose word counts and when a loss is big enough to be asked about; knows no words of a screen.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sales.leads import Lead, Stage
from sales.people import Person
from sales.permissions import leads_team_of, may_decide_on
from sales.playbook.leads import LossReviewRules
from sales.sync_meeting import worth


@dataclass(frozen=True, slots=True, kw_only=True)
class LossWords:
    """What a person writes of a loss: what decided it, what they would do differently, and to which
    competitor it was lost ("" for none, or unknown)."""

    learnt: str = ""
    would_have_helped: str = ""
    competitor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReview:
    """The review of a lost deal, written or not yet.

    ``lost_at`` is when the lead was lost last. ``asked_at`` None: nobody was asked, since it is
    still early, or the review was begun without being asked for. ``written_by`` None: it is open.
    ``item_id`` is the library's item that shares it.
    """

    id: int = 0
    lead_id: int
    lost_at: datetime
    asked_at: datetime | None = None
    learnt: str = ""
    would_have_helped: str = ""
    competitor: str = ""
    written_by: int | None = None
    written_at: datetime | None = None
    changed_by: int | None = None
    changed_at: datetime | None = None
    item_id: int | None = None
    version: int = 0

    @property
    def is_written(self) -> bool:
        return self.written_by is not None

    @property
    def words(self) -> LossWords:
        return LossWords(
            learnt=self.learnt,
            would_have_helped=self.would_have_helped,
            competitor=self.competitor,
        )

    def asked(self, now: datetime) -> "LossReview":
        return replace(self, asked_at=now)

    def lost_again(self, at: datetime) -> "LossReview":
        """The same deal, lost once more after it had been taken up again."""
        return replace(self, lost_at=at)

    def written(self, words: LossWords, by: Person, now: datetime) -> "LossReview":
        """The review with these words; the person who wrote it first stays its writer."""
        changed = replace(
            self,
            learnt=words.learnt,
            would_have_helped=words.would_have_helped,
            competitor=words.competitor,
        )
        if self.is_written:
            return replace(changed, changed_by=by.id, changed_at=now)
        return replace(changed, written_by=by.id, written_at=now)

    def shared(self, item_id: int) -> "LossReview":
        return replace(self, item_id=item_id)


def is_asked_about(lead: Lead, rules: LossReviewRules) -> bool:
    """Whether the loss is big enough to be asked about; a deal of unknown value is not."""
    value = worth(lead)
    return (
        rules.ask and lead.stage is Stage.LOST and value is not None and value >= rules.amount_from
    )


def may_write(actor: Person, lead: Lead, review: LossReview | None) -> bool:
    """Whether the actor, who sees the lead, may write or change its review.

    The first word is the owner's or a leader's; then the writer changes it, and the leaders.
    """
    if review is None or not review.is_written:
        return may_decide_on(actor, lead)
    wrote_it = actor.active and actor.sells and review.written_by == actor.id
    return wrote_it or leads_team_of(actor, lead)
