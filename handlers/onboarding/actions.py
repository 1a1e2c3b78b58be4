"""``/genjin setup``: what an admin still has to do before the team can work."""

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.onboarding.cards import setup_card, step_card
from handlers.onboarding.service import setup_states


def open_setup(context: Context) -> Reply:
    """Command and button: the steps of setting up the company, done ones ticked."""
    return Reply(card=setup_card(setup_states(context.uow, context.actor), context.language))


def open_step(context: Context) -> Reply:
    """Button of a step: how it is done. A step that is none shows all of them."""
    states = setup_states(context.uow, context.actor)
    for state in states:
        if state.step.value == context.pressed and context.language.has(_how(context.pressed)):
            return Reply(card=step_card(state, context.language))
    return Reply(card=setup_card(states, context.language))


def _how(step: str) -> str:
    return f"setup.how_{step}"
