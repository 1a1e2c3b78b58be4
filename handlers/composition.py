"""Functions that need every subject, passed to the subjects through the context."""

from typing import Final

from handlers.automations.cards import task_origin
from handlers.consequences import CONSEQUENCES
from handlers.core.context import Composition
from handlers.lead_card.card import lead_card
from handlers.notices import compose

COMPOSITION: Final = Composition(lead_card, compose, task_origin, CONSEQUENCES)
