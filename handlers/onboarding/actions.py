"""``/genjin setup``: what an admin still has to do before the team can work."""

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.onboarding.cards import setup_card
from handlers.onboarding.service import setup_states


def open_setup(context: Context) -> Reply:
    """Command and button: the steps of setting up the company, done ones ticked."""
    return Reply(card=setup_card(setup_states(context.uow, context.actor), context.language))
