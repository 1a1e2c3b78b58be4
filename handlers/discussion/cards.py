"""Remarks on a lead's card and on the discussion's own card."""

from collections.abc import Sequence
from datetime import UTC, datetime

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import lead_title
from handlers.core.ui import Button, Card, Section
from sales.discussion import Remark
from sales.leads import Lead
from sales.notices import RemarksMade

SHOWN = 10
"""Maximum number of remarks on the discussion's card."""


def remark_line(remark: Remark, context: Context, longest: int = 1000) -> str:
    """``Robin Sample, Nov 24, Tue 10:00: can we deliver by May?``."""
    words = remark.text if len(remark.text) <= longest else remark.text[: longest - 1] + "…"
    name = context.uow.people.get(remark.person_id).name
    return context.text("talk.line", name=name, at=context.language.moment(remark.at), words=words)


def talk_button(lead: Lead, context: Context) -> Button:
    return Button("remark.open", context.text("button.talk"), lead.number)


def talk_card(
    lead: Lead, remarks: Sequence[Remark], context: Context, *, news: bool = False
) -> Card:
    """The discussion, oldest remark first; ``news``: it is sent as a notice."""
    lines = tuple(remark_line(remark, context) for remark in remarks)
    key = "talk.news" if news else "talk.title"
    return Card(
        title=context.text(key, lead=lead_title(lead)),
        body="" if remarks else context.text("talk.none"),
        sections=(Section(lines=lines),) if lines else (),
        buttons=(
            Button("remark.say", context.text("button.say"), lead.number, "primary"),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        footnote=context.text("talk.why" if news else "talk.who"),
    )


def news_card(notice: RemarksMade, context: Context, *, again: bool) -> Card | None:
    """The remarks made in a time window; None when the reader made them all."""

    def draw(lead: Lead) -> Card | None:
        start, end = (datetime.fromtimestamp(one, UTC) for one in (notice.start, notice.end))
        remarks = context.discussion.between(lead.id, start, end)
        if all(one.person_id == context.actor.id for one in remarks):
            return None
        return talk_card(lead, remarks, context, news=True)

    return card_of_lead(notice.lead_id, context, draw, again=again)
