"""What an automation did, as a card: to whom it matters, why, and how to overrule it."""

from datetime import timedelta

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Fact, Section
from handlers.followups.forms import followup_form
from handlers.followups.next_step import due_at
from handlers.objections.cards import kind_label
from sales.automations import Event, Run
from sales.errors import LeadNotFound, RunNotFound
from sales.leads import Lead, lead_number
from sales.permissions import may, may_decide_on
from sales.playbook import Act, Automation, Automations, Trigger

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


SHOWN = 10
_LOOKED_AT = 200


def run_card(run: Run, lead: Lead, turn: Turn) -> Card:
    """The notice of a run, and how it stands."""
    said = [enum_label(act, turn.language) for act in run.rule.do]
    facts = [
        Fact(turn.text("automation.did"), turn.language.listing(said)),
        Fact(turn.text("lead.stage"), enum_label(lead.stage, turn.language)),
    ]
    if Act.SUGGEST_STEP in run.rule.do:
        day = turn.today + timedelta(days=run.rule.details.step_days)
        step = turn.text("lead.next_step", day=turn.language.day(day), step=run.rule.words or "—")
        facts.append(Fact(turn.text("automation.suggests"), step))
    return Card(
        title=turn.text("automation.title", lead=lead_title(lead)),
        facts=tuple(facts),
        body=run.rule.words or standing(run, turn),
        buttons=_buttons(run, lead, turn),
        footnote=because(run, turn) + turn.text("automation.not_contact"),
        subject=lead.subject,
    )


def runs_card(turn: Turn) -> Card:
    """What automations did lately with the leads that one may see, refused or not."""
    shown: list[Section] = []
    for run in turn.uow.automations.newest(_LOOKED_AT):
        try:
            lead = turn.leads.get(run.lead_id)
        except LeadNotFound:
            continue
        if may_decide_on(turn.actor, lead):
            shown.append(_listed(run, lead, turn))
        if len(shown) == SHOWN:
            break
    return Card(
        title=turn.text("automation.list_title"),
        body="" if shown else turn.text("automation.none"),
        sections=tuple(shown),
        buttons=(Button("playbook.show", turn.text("automation.rules"), "automations.rules"),),
    )


def list_runs(turn: Turn) -> Reply:
    """Button: what automations did."""
    return Reply(card=runs_card(turn))


def show(turn: Turn) -> Reply:
    """Button: one doing of an automation."""
    run = run_of(turn.pressed, turn)
    return Reply(card=run_card(run, turn.leads.get(run.lead_id), turn))


def take_step(turn: Turn) -> Reply:
    """Button: the suggested step, in the form of a follow-up: what was said comes from you."""
    run = run_of(turn.pressed, turn)
    lead = turn.leads.get(run.lead_id)
    due = due_at(turn.today + timedelta(days=run.rule.details.step_days), turn)
    return Reply(form=followup_form(turn, lead=lead, next_step=run.rule.words, next_at=due))


def run_of(value: str, turn: Turn) -> Run:
    """The run that a button carries, on a lead that the actor may see. Raises RunNotFound."""
    run_id = record_id(value)
    if run_id is None:
        raise RunNotFound
    run = turn.uow.automations.get(run_id)
    try:
        turn.leads.get(run.lead_id)
    except LeadNotFound:
        raise RunNotFound from None
    return run


def overrule_button(run: Run, turn: Turn) -> tuple[Button, ...]:
    if not (run.can_be_overruled and may(turn.actor, "automation.overrule")):
        return ()
    return (Button("automation.overrule", turn.text("button.overrule"), str(run.id)),)


def overrule_task(task_id: int, turn: Turn) -> tuple[Button, ...]:
    """The same, on the card of a task that an automation gave."""
    run = turn.uow.automations.of_task(task_id)
    return overrule_button(run, turn) if run else ()


def _buttons(run: Run, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    take = may(turn.actor, "automation.take") and Act.SUGGEST_STEP in run.rule.do and lead.is_open
    return (
        *(
            (Button("automation.take", turn.text("button.take_step"), str(run.id), "primary"),)
            if take
            else ()
        ),
        Button("lead.show", turn.text("button.open"), lead.number),
        *overrule_button(run, turn),
        *_switch_off(run, turn),
    )


def _switch_off(run: Run, turn: Turn) -> tuple[Button, ...]:
    """For who may change the rules: a draft without this one."""
    if not may(turn.actor, "playbook.arrange"):
        return ()
    rules = turn.playbook.automations.rules
    for number, rule in enumerate(rules):
        if rule.key == run.rule.key and rule.enabled:
            value = f"off:automations.rules.{number}"
            return (Button("playbook.arrange", turn.text("button.rules_off"), value),)
    return ()


def _listed(run: Run, lead: Lead, turn: Turn) -> Section:
    at = turn.language.moment(run.at)
    show = turn.text("button.open_lead", lead=lead_number(lead.id))
    return Section(
        heading=f"{at} · {lead_title(lead)}",
        lines=(rule_name(run.rule, turn), standing(run, turn)),
        buttons=(Button("automation.show", show, str(run.id)),),
    )
