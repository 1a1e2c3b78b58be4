"""A lead as a card: what is known, why it is yours, what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from handlers.collaboration.cards import end_buttons, merge_buttons, shared_facts
from handlers.core.context import Turn
from handlers.core.labels import budget_label, enum_label, lead_title, source_label, term_label
from handlers.core.language import Language
from handlers.core.ui import Button, Card, Fact, Section, Tone
from handlers.discovery.cards import discovery_section
from handlers.discussion.cards import talk_button, talk_section
from handlers.followups.next_step import due_label
from handlers.lead_card.history import history_button, history_section
from handlers.objections.cards import objections_button, objections_section
from handlers.opportunities.cards import origin_facts
from handlers.pool.cards import why_here
from handlers.proposals.cards import proposal_section
from handlers.response_clocks.cards import clock_facts
from handlers.signals.cards import intent_buttons, intent_facts, signals_section
from handlers.stages.deal import deal_section, sum_facts, terms_facts
from handlers.tasks.cards import home_button, kind_label, tasks_section
from sales.assignments import Offer, OfferState, Why
from sales.leads import Grade, Lead, Stage, lead_number, mask_email, mask_phone
from sales.next_actions import AT_ONCE, Situation, in_order
from sales.permissions import HISTORY, may, may_decide_on
from sales.scoring import CRITERIA, Score, score
from sales.tasks import Task


def lead_buttons(
    lead: Lead, turn: Turn, *, asked: bool, tasks: Sequence[Task], others: list[int]
) -> list[Button]:
    """All of them, the next step first and alone in primary. ``asked`` is the reader, whether
    they take the lead; ``tasks`` are the lead's, newest first, ``others`` share it."""
    today = turn.midnight(turn.today)
    overdue = lead.is_open and lead.next_at is not None and lead.next_at < today
    situation = Situation(asked=asked, feedback=_waits_for_feedback(lead, turn), overdue=overdue)
    found = [
        *(_answers(lead, turn) if asked else ()),
        *_every_day(lead, turn),
        *_of_pool(lead, turn),
        *(_reschedule(lead, turn) if overdue else ()),
        *_first_task(tasks, turn),
        *_contact(lead, turn),
        *intent_buttons(lead, turn),
        *end_buttons(lead, others, turn),
        *merge_buttons(lead, turn),
    ]
    order = in_order(lead, situation, (button.action for button in found))
    # Several of one action, one for each colleague, keep their order.
    found.sort(key=lambda button: order.index(button.action))
    return [replace(found[0], style="primary"), *found[1:]]


def _answers(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    accept = Button("offer.accept", turn.text("button.accept"), lead.number)
    return (accept, Button("offer.decline", turn.text("button.decline"), lead.number))


def _every_day(lead: Lead, turn: Turn) -> Iterator[Button]:
    text, number = turn.text, lead.number
    yield Button("followup.log", text("button.log"), number)
    yield Button("stage.advance", text("button.stage"), number)
    yield Button("discovery.log", text("button.discovery"), number)
    yield Button("proposal.write", text("button.proposal"), number)
    yield Button("lead.edit", text("button.edit"), number)
    yield objections_button(lead, turn)
    yield Button("support.ask", text("button.ask_colleague"), number)
    yield talk_button(lead, turn)
    yield history_button(lead, turn)
    if may(turn.actor, "lead.reassign") and may_decide_on(turn.actor, lead):
        yield Button("lead.reassign", text("button.reassign"), number)


def _of_pool(lead: Lead, turn: Turn) -> Iterator[Button]:
    text, number = turn.text, lead.number
    if lead.is_worked_on and not lead.is_pooled and may_decide_on(turn.actor, lead):
        yield Button("pool.ask", text("button.to_pool"), number)
    if lead.is_pooled and may(turn.actor, "pool.claim"):
        yield Button("pool.claim", text("button.claim", lead=number), number)
    if lead.is_pooled and may(turn.actor, "pool.pick"):
        yield Button("pool.pick", text("button.hand", lead=number), number)


def _reschedule(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    waiting = turn.followups.waiting_on(lead.id)
    if waiting is None:
        return ()
    return (Button("reminder.reschedule", turn.text("button.reschedule"), str(waiting.id)),)


def _first_task(tasks: Sequence[Task], turn: Turn) -> tuple[Button, ...]:
    """The task that has waited longest; the card lists all that are open."""
    for task in reversed(tasks):
        if task.is_open:
            return (Button("task.show", kind_label(task.kind, turn.language), str(task.id)),)
    return ()


def _contact(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """Repeat business has its contact on the lead that it came of."""
    known = bool(lead.phone or lead.email)
    if not known and lead.origin_id is None:
        return ()
    number = lead.number if known else lead_number(lead.origin_id or 0)
    return (Button("contact.ask", turn.text("button.contact"), number),)


def _waits_for_feedback(lead: Lead, turn: Turn) -> bool:
    """Only where the proposal is what the lead is about: the query is for the next step alone."""
    return lead.stage is Stage.PROPOSAL and any(
        proposal.is_out for proposal in turn.proposals.of_lead(lead.id)
    )


def handed_card(lead: Lead, turn: Turn) -> Card:
    """The lead for service, product and finance; their own tasks on it, nobody else's."""
    tasks = turn.tasks.of_lead(lead.id)
    knows_history = turn.actor.role in HISTORY
    return Card(
        title=lead_title(lead),
        facts=(*deal_facts(lead, turn), *contact_facts(lead, turn)),
        body=lead.need if knows_history else "",
        sections=(
            *(discovery_section(lead, turn) if knows_history else ()),
            *(objections_section(lead, turn) if knows_history else ()),
            *tasks_section(tasks, turn),
            *talk_section(lead, turn),
            *(signals_section(lead, turn) if knows_history else ()),
            *(history_section(lead, tasks, turn) if knows_history else ()),
        ),
        buttons=(
            *contact_buttons(lead, turn),
            *((objections_button(lead, turn),) if knows_history else ()),
            talk_button(lead, turn),
            *((history_button(lead, turn),) if knows_history else ()),
            home_button(turn),
        ),
        footnote=turn.text("task.why_seen"),
        subject=lead.subject,
        exact=(lead.contract, *(task.result.invoice for task in tasks)),
    )


def deal_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """What was sold, by whom, for how much; nothing of persons on the customer's side."""
    words, language = turn.playbook.vocabulary, turn.language
    owner = turn.uow.people.get(lead.owner_id).name if lead.owner_id else turn.text("lead.nobody")
    rows = (
        ("lead.stage", enum_label(lead.stage, language)),
        ("lead.industry", term_label(words.industries, lead.industry, language)),
        ("lead.product", term_label(words.products, lead.product, language)),
    )
    facts = tuple(Fact(turn.text(key), value) for key, value in rows if value)
    seller = Fact(turn.text("lead.owner"), owner)
    return (*facts, *sum_facts(lead, turn), *terms_facts(lead, turn), seller)


def contact_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """The contact with phone and e-mail masked; nothing for who does not reach customers."""
    if not may(turn.actor, "contact.ask"):
        return ()
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    ways = " · ".join(part for part in (mask_phone(lead.phone), mask_email(lead.email)) if part)
    rows = (("lead.contact", contact), ("lead.reach", ways))
    return tuple(Fact(turn.text(key), value) for key, value in rows if value)


def contact_buttons(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    if not (lead.phone or lead.email) or not may(turn.actor, "contact.ask"):
        return ()
    return (Button("contact.ask", turn.text("button.contact"), lead.number),)


def lead_card(lead: Lead, turn: Turn) -> Card:
    """The lead as the actor of this turn sees it."""
    if not turn.actor.sells:
        return handed_card(lead, turn)
    tasks = turn.tasks.of_lead(lead.id)
    offers = turn.uow.offers.history(lead.id)
    offer = offers[-1] if offers else None
    mine = offer is not None and offer.person_id == turn.actor.id
    asked = mine and offer is not None and offer.state is OfferState.OPEN
    others = turn.uow.access.collaborators(lead.id)
    buttons = lead_buttons(lead, turn, asked=asked, tasks=tasks, others=others)
    why = _score_section(lead, turn, new=asked)
    return Card(
        title=lead_title(lead),
        summary=turn.text("lead.summary", lead=lead_title(lead)),
        facts=(
            *intent_facts(lead, turn),
            *_facts(lead, turn),
            *origin_facts(lead, turn),
            *clock_facts(lead, turn),
            *shared_facts(others, turn),
        ),
        body=lead.need,
        sections=(
            *(() if why.folded else (why,)),
            *discovery_section(lead, turn),
            *objections_section(lead, turn),
            *deal_section(lead, turn),
            *proposal_section(lead, turn),
            *tasks_section(tasks, turn),
            *talk_section(lead, turn),
            *signals_section(lead, turn),
            *history_section(lead, tasks, turn),
            *((why,) if why.folded else ()),
        ),
        buttons=tuple(buttons[:AT_ONCE]),
        more=tuple(buttons[AT_ONCE:]),
        footnote=_footnote(offer, turn) if mine and offer else "",
        tone=_tone(lead, turn),
        subject=lead.subject,
        exact=(lead.contract, *(task.result.invoice for task in tasks)),
    )


def lead_gone_card(lead: Lead, turn: Turn, subject: str = "") -> Card:
    """What stays of a card of a lead, or of its next step (``subject``), once the lead belongs
    to somebody else: nothing of the lead."""
    return Card(
        title=turn.text("lead.gone_title", lead=lead.number),
        body=turn.text("lead.gone"),
        buttons=(home_button(turn),),
        subject=subject or lead.subject,
    )


def why_text(why: Why, language: Language, name: str = "") -> str:
    """Why this person got the lead, with everybody who was passed over and why.

    Speaks to the person, or of them when their ``name`` is given.
    """
    reason = language.text(f"why.{why.reason}", rule=why.rule)
    text = language.text("why.them" if name else "why.you", why=reason, name=name)
    if not why.skipped:
        return text
    skipped = [
        language.text("why.skipped_one", name=name, reason=language.text(f"why.skip_{reason}"))
        for name, reason in why.skipped
    ]
    return text + language.text("why.skipped", people=language.listing(skipped))


def _facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    language, words = turn.language, turn.playbook.vocabulary
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    ways = " · ".join(part for part in (mask_phone(lead.phone), mask_email(lead.email)) if part)
    rows = (
        ("lead.next", next_step_text(lead, turn)),
        ("lead.look_again", _look_again(lead, turn)),
        (
            "lead.grade",
            turn.text("lead.grade_of", grade=enum_label(lead.grade, language), n=lead.score),
        ),
        ("lead.stage", enum_label(lead.stage, language)),
        ("lead.contact", contact),
        ("lead.reach", ways),
        ("lead.budget", budget_label(lead.budget_low, lead.budget_high, language)),
        ("lead.source", source_label(lead.source, language, turn.playbook)),
        ("lead.industry", term_label(words.industries, lead.industry, language)),
        ("lead.region", term_label(words.regions, lead.region, language)),
        ("lead.product", term_label(words.products, lead.product, language)),
        ("lead.owner", _owner(lead, turn)),
    )
    return tuple(Fact(turn.text(key), value) for key, value in rows if value and value != "—")


def _owner(lead: Lead, turn: Turn) -> str:
    if lead.owner_id:
        return turn.uow.people.get(lead.owner_id).name
    if lead.is_pooled and (stay := turn.uow.stays.latest(lead.id)):
        return turn.text("pool.owner", why=why_here(stay.reason, stay.detail, turn))
    return turn.text("lead.nobody")


def _look_again(lead: Lead, turn: Turn) -> str:
    """When a lead that rests is looked at again; empty when nobody planned to."""
    at = turn.uow.schedule.planned("revival", str(lead.id)) if lead.rests else None
    return turn.language.day_of(at) if at else ""


def next_step_text(lead: Lead, turn: Turn) -> str:
    """``Nov 27, Fri: send the proposal``; empty without a next step."""
    if lead.next_at is None:
        return ""
    return turn.text("lead.next_step", day=due_label(lead.next_at, turn), step=lead.next_step)


def _score_section(lead: Lead, turn: Turn, *, new: bool) -> Section:
    """The points one by one, and the unanswered question that could move them most. Without
    one, and for who has taken the lead, there is nothing to do about it."""
    result = score(lead, turn.playbook.scoring)
    points = [_points(result, criterion, turn) for criterion in CRITERIA]
    lines = [" · ".join(points)]
    if result.ask_next:
        question = turn.text(f"score.ask_{result.ask_next}")
        worth = result.possible[result.ask_next]
        lines.append(turn.text("score.ask_next", question=question, n=worth))
    return Section(turn.text("score.heading"), tuple(lines), folded=not new and not result.ask_next)


def _points(result: Score, criterion: str, turn: Turn) -> str:
    got, possible = result.got[criterion], result.possible[criterion]
    state = "unknown" if criterion in result.unknown else "got" if got else "missed"
    points = turn.text(f"score.{state}", got=got, possible=possible)
    return turn.text("score.line", criterion=turn.text(f"score.{criterion}"), points=points)


def _footnote(offer: Offer, turn: Turn) -> str:
    why = why_text(offer.why, turn.language)
    if offer.state is OfferState.OPEN and offer.expires_at:
        return why + turn.text("offer.answer_by", at=turn.language.moment(offer.expires_at))
    return why


def _tone(lead: Lead, turn: Turn) -> Tone:
    if lead.is_open and lead.next_at and lead.next_at < turn.midnight_here(turn.today_here):
        return "warning"
    return "good" if lead.hot_since or lead.grade is Grade.HIGH else "plain"
