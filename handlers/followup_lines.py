"""A follow-up in one line, as it stands in a lead's history."""

from handlers.labels import enum_label
from handlers.turns import Turn
from sales.followups import FollowUp


def followup_line(followup: FollowUp, turn: Turn) -> str:
    """``Nov 23, Mon · Call · wants a case · “too dear” → send it by Nov 24, Tue``."""
    language = turn.language
    day = language.day_of(followup.at)
    said = [day, enum_label(followup.method, language), turn.said(followup.summary)]
    if followup.feedback:
        said.append(language.text("followup.quoted", feedback=turn.said(followup.feedback)))
    line = " · ".join(said)
    if followup.next_at is None:
        return line
    due = language.day_of(followup.next_at)
    return line + language.text("followup.then", step=turn.said(followup.next_step), day=due)
