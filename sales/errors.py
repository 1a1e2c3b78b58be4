"""Expected failures, as types.

Each carries a catalogue key and its parameters; the router turns it into a reply in the reader's
language. Nothing here knows words, fields on a screen or a chat client.
"""

from collections.abc import Mapping
from typing import Any


class GenjinError(Exception):
    """An expected failure. ``key`` names its text in the catalogue (``error.<key>``)."""

    key = "unexpected"

    def __init__(self, **params: Any) -> None:
        super().__init__(f"{self.key} {params}")
        self.params: Mapping[str, Any] = params


class LeadNotFound(GenjinError):
    """No such lead, or one the actor may not see: the two look the same from outside."""

    key = "lead_not_found"


class FollowUpNotFound(GenjinError):
    key = "followup_not_found"


class TaskNotFound(GenjinError):
    """No such task, or one the actor may not see."""

    key = "task_not_found"


class RunNotFound(GenjinError):
    """No such run of an automation, or one on a lead that the actor may not see."""

    key = "run_not_found"


class ProposalNotFound(GenjinError):
    """No such proposal, or one of a lead that the actor may not see."""

    key = "proposal_not_found"


class NoPublicAddress(GenjinError):
    """Nobody outside could open our pages: the address where they are served is not configured."""

    key = "no_public_address"


class ViewNotFound(GenjinError):
    """No such saved view any more, or one the actor may not see."""

    key = "view_not_found"


class PostingNotFound(GenjinError):
    """No such posting of a view any more, or one the actor may not change."""

    key = "posting_not_found"


class LossReviewNotFound(GenjinError):
    """No such loss review, or one of a lead that the actor may not see."""

    key = "loss_review_not_found"


class NoticeGone(GenjinError):
    """No such notice any more, or one to somebody else."""

    key = "notice_gone"


class DraftNotFound(GenjinError):
    """No such draft of the playbook, or no such part to change."""

    key = "draft_not_found"


class ItemNotFound(GenjinError):
    """No such item of the library, or one the actor may not see."""

    key = "item_not_found"


class ObjectionNotFound(GenjinError):
    """No such objection, or one on a lead the actor may not see."""

    key = "objection_not_found"


class PersonNotFound(GenjinError):
    key = "person_not_found"


class NotAllowed(GenjinError):
    """The actor's role does not allow this. ``who_can`` names the roles that can."""

    key = "not_allowed"


class OthersDecide(GenjinError):
    """The actor only works on the ``lead``; ``who`` decides on it."""

    key = "others_decide"


class ReviewOfOthers(GenjinError):
    """The loss review of the ``lead`` is written by ``who``, or by a leader; not by the actor."""

    key = "review_of_others"


class NoLongerActive(GenjinError):
    """The actor's account was closed: they left, or have not been let in again."""

    key = "no_longer_active"


class NewcomerNotFound(GenjinError):
    """No such account among those that asked to be let in."""

    key = "newcomer_not_found"


class GuestRefused(GenjinError):
    """The actor is a guest of the workspace: guests never work with the bot."""

    key = "guest_refused"


class NotAMember(GenjinError):
    """The actor is of another organisation, a program, or was deactivated on the platform."""

    key = "not_a_member"


class NotVouchedFor(GenjinError):
    """The actor is unknown, and the platform has not confirmed yet that they belong here."""

    key = "not_vouched_for"


class OfferClosed(GenjinError):
    """The offer was answered, expired or went to somebody else."""

    key = "offer_closed"


class NotInPool(GenjinError):
    """The lead is not in the public pool, never was, or may not be claimed by the actor."""

    key = "not_in_pool"


class NotForPool(GenjinError):
    """The lead is decided, rests, or is in the public pool already."""

    key = "not_for_pool"


class Conflict(GenjinError):
    """Somebody else saved the same record in between."""

    key = "conflict"


class DuplicateLead(GenjinError):
    """Another lead got the same phone or e-mail a moment before."""

    key = "duplicate_lead"


class StorageUnavailable(GenjinError):
    """The database does not answer; nothing was saved."""

    key = "storage_unavailable"


class KeysUnavailable(StorageUnavailable):
    """The keys that decrypt what is stored are missing, or are others; nothing was saved."""

    key = "keys_unavailable"


class StorageStarting(StorageUnavailable):
    """The process is still starting; nothing was saved, and a retry a moment later may succeed."""

    key = "storage_starting"


class FilterTooLong(GenjinError):
    """A list's filters have too many values to be carried by a button."""

    key = "filter_too_long"


class UnknownAction(GenjinError):
    key = "unknown_action"


class InvalidInput(GenjinError):
    """Input refused before anything was saved.

    ``problems`` maps a form field's name to a ``Problem``: the catalogue key of what is wrong (with
    an example in its text) and its parameters.
    """

    key = "invalid_input"

    def __init__(self, problems: Mapping[str, "Problem"]) -> None:
        super().__init__()
        self.problems = dict(problems)


class Problem:
    """What is wrong with one field: a catalogue key ``problem.<key>`` and parameters."""

    __slots__ = ("key", "params")

    def __init__(self, key: str, **params: Any) -> None:
        self.key = key
        self.params: Mapping[str, Any] = params

    def __repr__(self) -> str:
        return f"Problem({self.key!r}, {self.params!r})"
