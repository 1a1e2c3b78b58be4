"""What happened with a lead, as its card tells it: follow-ups, and what others did for it."""

from handlers.followup_lines import followup_line
from handlers.task_lines import done_line
from handlers.turns import Turn
from handlers.ui import Section
from sales.leads import Lead
from sales.tasks import Task

SHOWN = 3
"""So many lines of history stand on a card."""


def history_section(lead: Lead, tasks: list[Task], turn: Turn) -> tuple[Section, ...]:
    """The newest first; ``tasks`` are those of the lead that the reader may see."""
    told = [(one.at, followup_line(one, turn)) for one in turn.followups.history(lead.id, SHOWN)]
    told += [(task.done_at, done_line(task, turn)) for task in tasks if task.done_at]
    told.sort(key=lambda entry: entry[0], reverse=True)
    lines = tuple(line for _, line in told[:SHOWN])
    return (Section(heading=turn.text("lead.history"), lines=lines),) if lines else ()
