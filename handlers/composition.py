"""Functions that need every subject, passed to the subjects through the context."""

from typing import Final

from handlers.automations.cards import because_of_task, overrule_task
from handlers.consequences import CONSEQUENCES
from handlers.core.context import Composition, Context, TaskOrigin
from handlers.lead_card.card import lead_card
from handlers.notices import compose


def task_origin(task_id: int, context: Context) -> TaskOrigin:
    """Which automation created a task, and the button to overrule it; empty for other tasks."""
    return TaskOrigin(because_of_task(task_id, context), overrule_task(task_id, context))


COMPOSITION: Final = Composition(lead_card, compose, task_origin, CONSEQUENCES)
