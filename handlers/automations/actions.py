"""Overruling automations: people have the last word. What an automation did is undone where
possible, and the rule leaves this lead alone from then on."""

from datetime import timedelta

from handlers.assignment.service import offer_to
from handlers.automations.cards import run_card, run_of, runs_card
from handlers.core.context import Context
from handlers.core.due_dates import due_at
from handlers.core.replies import Reply
from handlers.followups.forms import followup_form
from handlers.stages.service import carry_out
from handlers.tasks.handover import cancel_task
from sales.assignments import Why
from sales.automations import Run
from sales.leads import Lead, Stage
from sales.people import SYSTEM
from sales.pipeline import Move
from sales.playbook import Act
from sales.routing import Assignee
from sales.signals import cooled


def overrule(context: Context) -> Reply:
    """Button: overrule an automation."""
    lead = context.leads.get(run_of(context.pressed, context).lead_id)
    run = run_of(context.pressed, context)
    if not run.can_be_overruled:
        return Reply(update=run_card(run, lead, context), toast=context.text("automation.already"))
    over = run.overrule(context.actor.id, context.now)
    context.uow.automations.save(over)
    lead = _undone(run, lead, context)
    detail = {"rule": run.rule.key, "run": str(run.id)}
    context.uow.audit.record(context.actor, "automation.overrule", lead.subject, detail)
    context.uow.outbox.refresh(lead.subject)
    return Reply(update=run_card(over, lead, context), toast=context.text("automation.undone"))


def _undone(run: Run, lead: Lead, context: Context) -> Lead:
    """Undo the run's effects, except where somebody has already continued from there."""
    if run.task_id is not None:
        task = context.uow.tasks(SYSTEM).get(run.task_id)
        if task.is_open:
            cancel_task(task, context)
    rests_since = lead.stage is Stage.NURTURE and lead.stage_since == run.at
    if run.was_stage and rests_since:
        lead = carry_out(lead, Move(to=run.was_stage, reason="overruled"), context)
    if run.was_owner_id and lead.is_pooled and lead.pooled_at == run.at:
        former = context.uow.people.get(run.was_owner_id)
        if former.active and former.sells:
            lead = offer_to(
                lead, Assignee(former, Why("chosen", context.actor.name), last=True), context
            )
    if Act.HEAT in run.rule.do and lead.hot_since == run.at:
        lead = context.leads.save(cooled(lead))
    return lead


def list_runs(context: Context) -> Reply:
    """Button: what automations did."""
    return Reply(card=runs_card(context))


def show(context: Context) -> Reply:
    """Button: a single automation run."""
    run = run_of(context.pressed, context)
    return Reply(card=run_card(run, context.leads.get(run.lead_id), context))


def take_step(context: Context) -> Reply:
    """Button: the suggested step, in the follow-up form; the person enters what was said
    themselves."""
    run = run_of(context.pressed, context)
    lead = context.leads.get(run.lead_id)
    due = due_at(context.today + timedelta(days=run.rule.details.step_days), context)
    return Reply(form=followup_form(context, lead=lead, next_step=run.rule.words, next_at=due))
