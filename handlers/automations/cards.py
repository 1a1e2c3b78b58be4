"""An automation run as a card: which lead it affects, why, and how to overrule it."""

from datetime import timedelta

from handlers.core.cards import card_of_lead
from handlers.core.context import Context, TaskOrigin
from handlers.core.labels import enum_label, lead_title, objection_label
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Fact, Section
from sales.automations import Event, Run
from sales.errors import LeadNotFound, RunNotFound
from sales.leads import Lead, lead_number
from sales.notices import AutomationActed
from sales.permissions import may, may_decide_on
from sales.playbook import Act, Automation, Automations, Trigger

SHIPPED = {rule.key: rule for rule in Automations().rules}
"""Shipped rules have a name in every language, as long as they are unchanged."""


def rule_name(rule: Automation, context: Context) -> str:
    """The rule's name, or what it does: ``a lead is lost → ask the manager to step in``."""
    if rule.name:
        return rule.name
    shipped = SHIPPED.get(rule.key)
    if shipped and (rule.trigger, rule.do, rule.only) == (
        shipped.trigger,
        shipped.do,
        shipped.only,
    ):
        return context.text(f"automation.name_{rule.key}")
    does = context.language.listing([enum_label(act, context.language) for act in rule.do])
    return context.text(
        "automation.rule", when=enum_label(rule.trigger, context.language), does=does
    )


def because(run: Run, context: Context) -> str:
    """``Because of the rule “…”, as LX012 was lost in the stage Proposal.``"""
    return context.text("automation.because", rule=rule_name(run.rule, context),
                     what=_what_happened(run, context))  # fmt: skip


def standing(run: Run, context: Context) -> str:
    """The state of a run: done, refused and why, or overruled by whom."""
    if run.refused:
        return context.text(f"automation.refused_{run.refused}")
    if run.overruled_at is None:
        return context.text("automation.done")
    by = context.uow.people.get(run.overruled_by).name if run.overruled_by else "—"
    return context.text("automation.overruled", name=by)


def _what_happened(run: Run, context: Context) -> str:
    event: Event = run.event
    lead = lead_number(run.lead_id)
    if event.trigger in (Trigger.LOST, Trigger.MOVED) and event.from_stage:
        to = event.to_stage or event.from_stage
        return context.text(
            f"automation.what_{event.trigger}_from",
            lead=lead,
            before=enum_label(event.from_stage, context.language),
            after=enum_label(to, context.language),
        )
    if event.trigger is Trigger.LONG_IN_STAGE and event.to_stage:
        stage = enum_label(event.to_stage, context.language)
        return context.text("automation.what_long_in_stage", lead=lead, stage=stage)
    if event.trigger is Trigger.OBJECTION:
        kind = objection_label(event.objection, context)
        return context.text("automation.what_objection", lead=lead, kind=kind)
    return context.text(f"automation.what_{event.trigger}", lead=lead)


SHOWN = 10
_LOOKED_AT = 200


def run_card(run: Run, lead: Lead, context: Context) -> Card:
    """The card for a run, with its current state."""
    acts = [enum_label(act, context.language) for act in run.rule.do]
    facts = [
        Fact(context.text("automation.did"), context.language.listing(acts)),
        Fact(context.text("lead.stage"), enum_label(lead.stage, context.language)),
    ]
    if Act.SUGGEST_STEP in run.rule.do:
        day = context.today + timedelta(days=run.rule.details.step_days)
        step = context.text(
            "lead.next_step", day=context.language.day(day), step=run.rule.words or "—"
        )
        facts.append(Fact(context.text("automation.suggests"), step))
    return Card(
        title=context.text("automation.title", lead=lead_title(lead)),
        facts=tuple(facts),
        body=run.rule.words or standing(run, context),
        buttons=_buttons(run, lead, context),
        footnote=because(run, context) + context.text("automation.not_contact"),
        subject=lead.subject,
    )


def runs_card(context: Context) -> Card:
    """Recent automation runs, refused or not, on leads that the actor may decide on."""
    shown: list[Section] = []
    for run in context.uow.automations.newest(_LOOKED_AT):
        try:
            lead = context.leads.get(run.lead_id)
        except LeadNotFound:
            continue
        if may_decide_on(context.actor, lead):
            shown.append(_listed(run, lead, context))
        if len(shown) == SHOWN:
            break
    return Card(
        title=context.text("automation.list_title"),
        body="" if shown else context.text("automation.none"),
        sections=tuple(shown),
        buttons=(Button("playbook.show", context.text("automation.rules"), "automations.rules"),),
    )


def run_of(value: str, context: Context) -> Run:
    """The run that a button carries, on a lead that the actor may see. Raises RunNotFound."""
    run_id = record_id(value)
    if run_id is None:
        raise RunNotFound
    run = context.uow.automations.get(run_id)
    try:
        context.leads.get(run.lead_id)
    except LeadNotFound:
        raise RunNotFound from None
    return run


def overrule_button(run: Run, context: Context) -> tuple[Button, ...]:
    if not (run.can_be_overruled and may(context.actor, "automation.overrule")):
        return ()
    return (Button("automation.overrule", context.text("button.overrule"), str(run.id)),)


def task_origin(task_id: int, context: Context) -> TaskOrigin:
    """Which automation created a task, and the button to overrule it; empty for other tasks."""
    run = context.uow.automations.of_task(task_id)
    return TaskOrigin(because(run, context), overrule_button(run, context)) if run else TaskOrigin()


def _buttons(run: Run, lead: Lead, context: Context) -> tuple[Button, ...]:
    take = (
        may(context.actor, "automation.take") and Act.SUGGEST_STEP in run.rule.do and lead.is_open
    )
    return (
        *(
            (Button("automation.take", context.text("button.take_step"), str(run.id), "primary"),)
            if take
            else ()
        ),
        Button("lead.show", context.text("button.open"), lead.number),
        *overrule_button(run, context),
        *_switch_off(run, context),
    )


def _switch_off(run: Run, context: Context) -> tuple[Button, ...]:
    """For people who may change the rules: start a draft in which this rule is off."""
    if not may(context.actor, "playbook.arrange"):
        return ()
    rules = context.playbook.automations.rules
    for number, rule in enumerate(rules):
        if rule.key == run.rule.key and rule.enabled:
            value = f"off:automations.rules.{number}"
            return (Button("playbook.arrange", context.text("button.rules_off"), value),)
    return ()


def _listed(run: Run, lead: Lead, context: Context) -> Section:
    at = context.language.moment(run.at)
    show = context.text("button.open_lead", lead=lead_number(lead.id))
    return Section(
        heading=f"{at} · {lead_title(lead)}",
        lines=(rule_name(run.rule, context), standing(run, context)),
        buttons=(Button("automation.show", show, str(run.id)),),
    )


def acted_notice(notice: AutomationActed, context: Context, *, again: bool) -> Card | None:
    run = context.uow.automations.get(notice.run_id)
    if run.overruled_at and not again:
        return None
    return card_of_lead(
        run.lead_id, context, lambda lead: run_card(run, lead, context), again=again
    )
