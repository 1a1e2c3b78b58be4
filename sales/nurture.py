"""Nurture 培育池: which leads enter it by themselves, and what is sent to them [P7].

A lead of low value enters when no open question could make it more, or when its open questions
stayed open. One that somebody is working on does not.
"""

from collections.abc import Iterable, Sequence

from sales.leads import Grade, Lead, Stage
from sales.library import Item, ItemKind, Tags
from sales.playbook import Playbook, Scoring
from sales.scoring import score

SENT = (ItemKind.CASE, ItemKind.SOLUTION)
"""The kinds of items that are made to be sent to a customer."""
_EARLY = (Stage.CAPTURED, Stage.SCREENED)


def stays_low(lead: Lead, rules: Scoring) -> bool:
    """Whether the lead is of low value however its open questions are answered."""
    return score(lead, rules).best < rules.medium_from


def enters_at_once(lead: Lead, before: Lead | None, playbook: Playbook) -> bool:
    """Whether a lead that was captured or regraded enters nurture now.

    ``before`` is the lead before it was regraded, None for a new one: what was of low value already
    has been decided on, and a person may have overruled it.
    """
    if not playbook.revival.nurture_low or not _is_free(lead) or lead.grade is not Grade.LOW:
        return False
    rules = playbook.scoring
    return stays_low(lead, rules) and (before is None or not stays_low(before, rules))


def waits_for_answers(lead: Lead, playbook: Playbook) -> bool:
    """Whether a new lead is of low value only because of its open questions."""
    asked = playbook.revival.nurture_low and playbook.revival.ask_days
    return bool(asked) and _is_free(lead) and lead.grade is Grade.LOW


def enters_unanswered(lead: Lead, playbook: Playbook) -> bool:
    """Whether a lead enters nurture whose questions stayed open: nobody contacted it either."""
    return waits_for_answers(lead, playbook) and lead.last_contact_at is None


def _is_free(lead: Lead) -> bool:
    """Whether it has an owner who is not working on it: no next step, and no intent shown."""
    is_early = lead.stage in _EARLY and lead.owner_id is not None
    return is_early and lead.next_at is None and lead.hot_since is None


def wanted_by(lead: Lead) -> Tags:
    return Tags(industry=lead.industry, product=lead.product)


def to_send(items: Iterable[Item], lead: Lead, used: Iterable[int], limit: int) -> Sequence[Item]:
    """The items to offer for a lead, made for its industry and product or for any.

    The best fitting first; those it got already come last, so that each touch brings something new.
    """
    known = set(used)
    fitting = [item for item in items if _fits(item.content.tags, lead)]
    return sorted(fitting, key=lambda item: item.id in known)[:limit]


def _fits(tags: Tags, lead: Lead) -> bool:
    """Whether an item fits; any product does for a customer who has not named one yet."""
    product_fits = not lead.product or tags.product in ("", lead.product)
    return tags.industry in ("", lead.industry) and product_fits
