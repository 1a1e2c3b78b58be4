"""``/report impact``: figures before and after adoption, or a version of the playbook [P25]."""

from handlers.core.button_values import offset, unpack
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.impact.cards import impact_card, nothing_card
from handlers.impact.forms import adoption_form, question_form, read_adoption, read_question
from handlers.impact.service import ImpactQuestion, allowed, measure, parting_day


def open_command(context: Context) -> Reply:
    """``/report impact``: since adoption."""
    return Reply(card=_card(ImpactQuestion(), context))


def choose(context: Context) -> Reply:
    """Button: the form to compare something else."""
    basis, horizon, team_id = unpack(context.pressed, str, offset, offset)
    return Reply(
        form=question_form(allowed(ImpactQuestion(basis, horizon, team_id), context), context)
    )


def show(context: Context) -> Reply:
    """Form: the comparison that was asked for, in the place of the former one."""
    return Reply(update=_card(read_question(context), context))


def name_day(context: Context) -> Reply:
    """Button: the form for the day of adoption."""
    return Reply(form=adoption_form(context))


def adopt(context: Context) -> Reply:
    """Form: store the day of adoption, and compare by it."""
    day = read_adoption(context)
    context.uow.impact(context.actor).adopt(day, context.actor, context.now)
    detail = {"day": day.isoformat()}
    context.uow.audit.record(context.actor, "impact.adopt", "adoption", detail)
    toast = context.text("impact.adopted", day=context.language.day(day))
    return Reply(update=_card(ImpactQuestion(), context), toast=toast)


def _card(question: ImpactQuestion, context: Context) -> Card:
    asked = allowed(question, context)
    on = parting_day(asked, context)
    if on is None:
        return nothing_card(context)
    return impact_card(asked, measure(asked, on, context), context)
