"""The outcome of each row of a page: imported, known already, similar, or refused [P8]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sales.imports.drafts import RowDraft
from sales.imports.plan import Choices, Tally
from sales.leads import Lead


class RowOutcome(StrEnum):
    NEW = "new"
    SAME = "same"
    LIKELY = "likely"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft with its outcome. ``contacts`` are the phone and e-mail that it claims."""

    draft: RowDraft
    outcome: RowOutcome

    @property
    def contacts(self) -> tuple[str, ...]:
        lead = self.draft.lead
        return contacts_of(lead) if lead and self.outcome is not RowOutcome.SAME else ()

    def is_taken(self, choices: Choices) -> bool:
        return self.outcome is RowOutcome.NEW or (
            self.outcome is RowOutcome.LIKELY and choices.likely
        )


def contacts_of(lead: Lead) -> tuple[str, ...]:
    return tuple(contact for contact in (lead.phone, lead.email, lead.wechat_key) if contact)


def judge(
    drafts: Sequence[RowDraft], known: Collection[str], alike: Collection[int], taken: set[str]
) -> list[Judged]:
    """The outcome of each draft, in order.

    ``known`` are contacts that leads have already, ``taken`` those of earlier rows of the file, to
    which these rows' are added; ``alike`` the rows that look like a customer we have.
    """
    found = []
    for draft in drafts:
        judged = Judged(draft, _outcome(draft, known, alike, taken))
        taken.update(judged.contacts)
        found.append(judged)
    return found


def unknown_words(
    known: Mapping[str, Mapping[str, int]], judged: Sequence[Judged], most: int
) -> dict[str, dict[str, int]]:
    """Add the owners and words of a page that are not here, by field and spelling.

    Of each field at most ``most`` different ones are kept in mind.
    """
    found = {name: dict(words) for name, words in known.items()}
    for one in judged:
        if one.outcome in (RowOutcome.SAME, RowOutcome.REFUSED):
            continue
        for name, word in one.draft.unknown.items():
            words = found.setdefault(name, {})
            if word in words or len(words) < most:
                words[word] = words.get(word, 0) + 1
    return found


def _outcome(
    draft: RowDraft, known: Collection[str], alike: Collection[int], taken: Collection[str]
) -> RowOutcome:
    if draft.lead is None:
        return RowOutcome.REFUSED
    if any(contact in known or contact in taken for contact in contacts_of(draft.lead)):
        return RowOutcome.SAME
    return RowOutcome.LIKELY if draft.row in alike else RowOutcome.NEW


def counted(tally: Tally, judged: Sequence[Judged], choices: Choices) -> Tally:
    """Add a page to the tally."""
    for one in judged:
        row = one.draft.row
        match one.outcome:
            case RowOutcome.SAME:
                tally = replace(tally, same=tally.same + 1).finding("row:same", row)
                continue
            case RowOutcome.REFUSED:
                tally = replace(tally, wrong=tally.wrong + 1)
            case RowOutcome.LIKELY:
                tally = replace(tally, likely=tally.likely + 1).finding("row:likely", row)
        if one.is_taken(choices):
            pooled = tally.pooled + one.draft.is_for_pool
            tally = replace(tally, new=tally.new + 1, pooled=pooled)
        if one.outcome is not RowOutcome.REFUSED and one.draft.wrong:
            tally = replace(tally, blemished=tally.blemished + 1)
        for wrong in one.draft.wrong:
            if wrong.refused or one.outcome is not RowOutcome.REFUSED:
                tally = tally.finding(wrong.name, row)
    return tally
