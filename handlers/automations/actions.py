"""A person has the last word: what an automation did is undone where that is possible, and the
rule leaves this lead alone from then on."""

from handlers.assignment.service import offer_to
from handlers.automations.cards import run_card, run_of
from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.stages.service import carry_out
from handlers.tasks.handover import cancel_task
from sales.assignments import Why
from sales.automations import Run
from sales.leads import Lead, Stage
from sales.people import SYSTEM
from sales.pipeline import Move
from sales.playbook import Act
from sales.routing import Chosen
from sales.signals import cooled


def overrule(turn: Turn) -> Reply:
    """Button: I overrule this."""
    lead = turn.leads.get(run_of(turn.pressed, turn).lead_id)
    run = run_of(turn.pressed, turn)
    if not run.can_be_overruled:
        return Reply(update=run_card(run, lead, turn), toast=turn.text("automation.already"))
    over = run.overrule(turn.actor.id, turn.now)
    turn.uow.automations.save(over)
    lead = _undone(run, lead, turn)
    detail = {"rule": run.rule.key, "run": str(run.id)}
    turn.uow.audit.record(turn.actor, "automation.overrule", lead.subject, detail)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(update=run_card(over, lead, turn), toast=turn.text("automation.undone"))


def _undone(run: Run, lead: Lead, turn: Turn) -> Lead:
    """Back to how it was, as far as nobody went on from there."""
    if run.task_id is not None:
        task = turn.uow.tasks(SYSTEM).get(run.task_id)
        if task.is_open:
            cancel_task(task, turn)
    rests_since = lead.stage is Stage.NURTURE and lead.stage_since == run.at
    if run.was_stage and rests_since:
        lead = carry_out(lead, Move(to=run.was_stage, reason="overruled"), turn)
    if run.was_owner_id and lead.is_pooled and lead.pooled_at == run.at:
        former = turn.uow.people.get(run.was_owner_id)
        if former.active and former.sells:
            lead = offer_to(lead, Chosen(former, Why("chosen", turn.actor.name), last=True), turn)
    if Act.HEAT in run.rule.do and lead.hot_since == run.at:
        lead = turn.leads.save(cooled(lead))
    return lead
