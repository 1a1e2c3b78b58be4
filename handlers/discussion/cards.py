"""Remarks as a lead's card and the talk's own card show them."""

from collections.abc import Sequence

from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.ui import Button, Card, Section
from sales.discussion import Remark
from sales.leads import Lead

SHOWN = 10
"""So many remarks stand on the talk's card."""
_ON_LEAD_CARD = 2
_SHORT = 160


def remark_line(remark: Remark, turn: Turn, longest: int = 1000) -> str:
    """``Robin Sample, Nov 24, Tue 10:00: can we deliver by May?``."""
    said = remark.text if len(remark.text) <= longest else remark.text[: longest - 1] + "…"
    name = turn.uow.people.get(remark.person_id).name
    return turn.text("talk.line", name=name, at=turn.language.moment(remark.at), words=said)


def talk_section(lead: Lead, turn: Turn) -> tuple[Section, ...]:
    """The last words on the lead's card; nothing when nobody said any."""
    latest = turn.remarks.latest(lead.id, _ON_LEAD_CARD)
    if not latest:
        return ()
    lines = tuple(remark_line(one, turn, _SHORT).replace("\n", " ") for one in latest[::-1])
    return (Section(turn.text("talk.heading"), lines),)


def talk_button(lead: Lead, turn: Turn) -> Button:
    return Button("remark.open", turn.text("button.talk"), lead.number)


def talk_card(lead: Lead, remarks: Sequence[Remark], turn: Turn, *, news: bool = False) -> Card:
    """What was said, the oldest first; ``news``: it comes unasked."""
    lines = tuple(remark_line(one, turn) for one in remarks)
    key = "talk.news" if news else "talk.title"
    return Card(
        title=turn.text(key, lead=lead_title(lead)),
        body="" if remarks else turn.text("talk.none"),
        sections=(Section(lines=lines),) if lines else (),
        buttons=(
            Button("remark.say", turn.text("button.say"), lead.number, "primary"),
            Button("lead.show", turn.text("button.open"), lead.number),
        ),
        footnote=turn.text("talk.why" if news else "talk.who"),
    )
