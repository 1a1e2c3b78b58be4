"""Why an automation did what it did, and what a rule does, in the reader's words."""

from handlers.labels import enum_label
from handlers.objections.lines import kind_label
from handlers.turns import Turn
from sales.automations import Event, Run
from sales.leads import lead_number
from sales.playbook import Automation, Automations, Trigger

SHIPPED = {rule.key: rule for rule in Automations().rules}
"""What we ship has a name in every language, as long as it is what we ship."""


def rule_name(rule: Automation, turn: Turn) -> str:
    """Its name, or what it does: ``a lead is lost → ask the manager to step in``."""
    if rule.name:
        return rule.name
    shipped = SHIPPED.get(rule.key)
    if shipped and (rule.trigger, rule.do, rule.only) == (
        shipped.trigger,
        shipped.do,
        shipped.only,
    ):
        return turn.text(f"automation.name_{rule.key}")
    does = turn.language.listing([enum_label(act, turn.language) for act in rule.do])
    return turn.text("automation.rule", when=enum_label(rule.trigger, turn.language), does=does)


def _does(rule: Automation | None) -> tuple[object, ...]:
    return (rule.trigger, rule.do, rule.only) if rule else ()


def because(run: Run, turn: Turn) -> str:
    """``Because of the rule “…”, as LX012 was lost in the stage Proposal.``"""
    return turn.text("automation.because", rule=rule_name(run.rule, turn),
                     what=_what_happened(run, turn))  # fmt: skip


def because_of_task(task_id: int, turn: Turn) -> str:
    """Why an automation gave a task; "" when none did."""
    run = turn.uow.automations.of_task(task_id)
    return because(run, turn) if run else ""


def standing(run: Run, turn: Turn) -> str:
    """What became of a run: done, refused and why, or overruled by whom."""
    if run.refused:
        return turn.text(f"automation.refused_{run.refused}")
    if run.overruled_at is None:
        return turn.text("automation.done")
    by = turn.uow.people.get(run.overruled_by).name if run.overruled_by else "—"
    return turn.text("automation.overruled", name=by)


def _what_happened(run: Run, turn: Turn) -> str:
    event: Event = run.event
    lead = lead_number(run.lead_id)
    if event.trigger in (Trigger.LOST, Trigger.MOVED) and event.from_stage:
        to = event.to_stage or event.from_stage
        return turn.text(
            f"automation.what_{event.trigger}_from",
            lead=lead,
            before=enum_label(event.from_stage, turn.language),
            after=enum_label(to, turn.language),
        )
    if event.trigger is Trigger.LONG_IN_STAGE and event.to_stage:
        stage = enum_label(event.to_stage, turn.language)
        return turn.text("automation.what_long_in_stage", lead=lead, stage=stage)
    if event.trigger is Trigger.OBJECTION:
        kind = kind_label(event.objection, turn)
        return turn.text("automation.what_objection", lead=lead, kind=kind)
    return turn.text(f"automation.what_{event.trigger}", lead=lead)
