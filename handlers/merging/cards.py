"""Cards for a merge of two leads, with a button to undo it."""

from handlers.collaboration.cards import merge_buttons
from handlers.core.context import Context
from handlers.core.labels import lead_title
from handlers.core.ui import Button, Card
from sales.errors import LeadNotFound
from sales.leads import Lead, lead_number
from sales.merging import Merge
from sales.notices import LeadsMerged


def merged_card(merge: Merge, lead: Lead, context: Context) -> Card:
    """Card of a merge, with a button to undo it."""
    part = lead_number(merge.loser_id)
    return Card(
        title=context.text("merge.done_title", lead=lead_title(lead), part=part),
        body=context.text("merge.done_body", part=part),
        buttons=(
            Button("lead.show", context.text("button.open"), lead.number, "primary"),
            *merge_buttons(lead, context)[1:],
        ),
        footnote=context.text("merge.until", at=context.language.moment(merge.undo_until)),
        tone="good",
    )


def merged_notice(notice: LeadsMerged, context: Context, **_again: bool) -> Card | None:
    """Notice card for people who owned one of the two leads."""
    merge = context.uow.merges.get(notice.merge_id)
    try:
        lead = context.leads.get(merge.winner_id)
    except LeadNotFound:
        return None
    return merged_card(merge, lead, context) if merge.undone_at is None else None
