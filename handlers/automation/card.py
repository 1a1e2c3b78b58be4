"""What an automation did, as a card: to whom it matters, why, and how to overrule it."""

from datetime import timedelta

from handlers.automation.words import because, rule_name, standing
from handlers.followup_form import followup_form
from handlers.labels import enum_label, lead_title
from handlers.next_steps import due_at
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from handlers.ui import Button, Card, Fact, Section
from sales.automations import Run
from sales.errors import LeadNotFound, RunNotFound
from sales.leads import Lead, lead_number
from sales.permissions import may, may_decide_on
from sales.playbook import Act

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
