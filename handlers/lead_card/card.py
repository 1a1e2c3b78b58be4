"""The lead as a card, composed of the sections that its subjects contribute."""

from collections.abc import Iterable
from dataclasses import replace

from handlers.collaboration.cards import shared_facts
from handlers.core.context import Context
from handlers.core.labels import (
    budget_label,
    enum_label,
    lead_title,
    source_label,
    term_label,
    why_text,
)
from handlers.core.lead_facts import loss_text, masked_ways, next_step_text, sum_facts
from handlers.core.ui import Card, Fact, Section, Tone
from handlers.discovery.cards import discovery_section
from handlers.forecast.cards import expectation_facts
from handlers.lead_card.buttons import lead_buttons, rest_button
from handlers.lead_card.handed import handed_card
from handlers.lead_card.history import Sections, latest_sections
from handlers.loss_reviews.cards import review_section
from handlers.objections.cards import objections_section
from handlers.opportunities.cards import origin_facts
from handlers.pool.cards import why_here
from handlers.proposals.cards import proposal_section
from handlers.response_clocks.cards import clock_facts
from handlers.signals.cards import intent_facts, signals_section
from handlers.stages.deal import deal_section
from handlers.tasks.cards import tasks_section
from sales.assignments import Offer, OfferState
from sales.jobs import ReviveLead
from sales.leads import Grade, Lead
from sales.next_actions import AT_ONCE
from sales.readings import ANSWERS, read_answers
from sales.scoring import CRITERIA, Score, score
from sales.tasks import Task


def lead_card(lead: Lead, context: Context) -> Card:
    """The lead as the context's actor sees it."""
    if not context.actor.sells:
        return handed_card(lead, context)
    tasks = context.tasks.of_lead(lead.id)
    offers = context.uow.offers.history(lead.id)
    offer = offers[-1] if offers else None
    mine = offer is not None and offer.person_id == context.actor.id
    asked = mine and offer is not None and offer.state is OfferState.OPEN
    others = context.uow.collaborators.collaborators(lead.id)
    buttons = lead_buttons(lead, context, asked=asked, tasks=tasks, others=others)
    at_once, seldom = _sections(lead, tasks, context, asked=asked)
    if mine and offer and not asked:
        seldom = (*seldom, Section(lines=(why_text(offer.why, context.language),)))
    return Card(
        title=lead_title(lead),
        summary=context.text("lead.summary", lead=lead_title(lead)),
        facts=(
            *_first_facts(lead, others, context),
            *_facts(lead, others, context),
            *origin_facts(lead, context),
        ),
        facts_at_once=SHOWN_OF_CUSTOMER if lead.is_customer else SHOWN_FACTS,
        body=lead.need,
        sections=(*at_once, *(replace(section, folded=True) for section in seldom)),
        buttons=tuple(buttons[:AT_ONCE]),
        more=tuple(buttons[AT_ONCE:]),
        rest=rest_button(lead, buttons[AT_ONCE:], context),
        footnote=_footnote(offer, context) if asked and offer else "",
        tone=_tone(lead, context),
        subject=lead.subject,
        whole_lead=True,
        exact=(lead.contract, *(task.result.invoice for task in tasks)),
    )


SHOWN_FACTS = 6
"""How many facts of a lead are read at a glance."""
SHOWN_OF_CUSTOMER = 4
"""How many of a customer are: what they bought, and whom to call. The tasks say what to do."""


def _sections(
    lead: Lead, tasks: list[Task], context: Context, *, asked: bool
) -> tuple[Sections, Sections]:
    """The sections that are read at a glance, and the others: what is most pressing, and what was
    done last. ``asked``: the reader decides whether to take the lead, from its score."""
    latest, earlier = latest_sections(lead, tasks, context)
    pressing = (
        *(_score_section(lead, context, whole=True) if asked else ()),
        *tasks_section(tasks, context),
        *(() if lead.is_customer else objections_section(lead, context)),
        *review_section(lead, context),
        *(proposal_section(lead, context) if lead.is_worked_on else ()),
        *(() if asked else _score_section(lead, context, whole=False)),
    )
    seldom = (
        *pressing[1:],
        *discovery_section(lead, context),
        *deal_section(lead, context),
        *(() if lead.is_worked_on else proposal_section(lead, context)),
        *(objections_section(lead, context) if lead.is_customer else ()),
        *signals_section(lead, context),
        *earlier,
        *(() if asked else _points_section(lead, context)),
    )
    return (*pressing[:1], *latest), seldom


def _first_facts(lead: Lead, others: list[int], context: Context) -> tuple[Fact, ...]:
    """What decides what to do now, the next step first; of a customer, what they bought. Who else
    works on it, where somebody does."""
    planned = _known(
        (
            ("lead.next", next_step_text(lead, context)),
            ("lead.look_again", _look_again(lead, context)),
        ),
        context,
    )
    return (
        *planned,
        *clock_facts(lead, context),
        *intent_facts(lead, context),
        *expectation_facts(lead, context),
        *(sum_facts(lead, context) if lead.is_customer else ()),
        *shared_facts(lead, others, context),
        *(_owner_facts(lead, context) if _is_anothers(lead, others, context) else ()),
    )


def _is_anothers(lead: Lead, others: list[int], context: Context) -> bool:
    """Whether the reader has to be told whose lead it is, and is not told with who shares it."""
    return lead.owner_id not in (None, context.actor.id) and not others


def _owner_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    return _known((("lead.owner", _owner(lead, context)),), context)


def _known(rows: Iterable[tuple[str, str]], context: Context) -> tuple[Fact, ...]:
    return tuple(Fact(context.text(key), value) for key, value in rows if value and value != "—")


def _facts(lead: Lead, others: list[int], context: Context) -> tuple[Fact, ...]:
    language, words = context.language, context.playbook.vocabulary
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    worth = (
        ("lead.budget", budget_label(lead.budget_low, lead.budget_high, language)),
        (
            "lead.grade",
            context.text("lead.grade_of", grade=enum_label(lead.grade, language), n=lead.score),
        ),
    )
    rows = (
        ("move.lost", loss_text(lead, context)),
        ("lead.contact", contact),
        ("lead.reach", masked_ways(lead, context)),
        ("lead.stage", enum_label(lead.stage, language)),
        # What somebody might buy is of no interest once they did.
        *(() if lead.is_customer else worth),
        ("lead.source", source_label(lead.source, language, context.playbook)),
        ("lead.industry", term_label(words.industries, lead.industry, language)),
        ("lead.region", term_label(words.regions, lead.region, language)),
        ("lead.product", term_label(words.products, lead.product, language)),
        *(worth if lead.is_customer else ()),
    )
    known = _known(rows, context)
    if _is_anothers(lead, others, context):
        return known
    return (*known, *_owner_facts(lead, context))


def _owner(lead: Lead, context: Context) -> str:
    if lead.owner_id:
        return context.uow.people.get(lead.owner_id).name
    if lead.is_pooled and (stay := context.uow.stays.latest(lead.id)):
        return context.text("pool.owner", why=why_here(stay.reason, stay.detail, context))
    if name := context.uow.imports(context.actor).owner_of(lead.id):
        return context.text("import.nobody_named", name=name)
    return context.text("lead.nobody")


def _look_again(lead: Lead, context: Context) -> str:
    """When a lead that was set aside is looked at again; empty when that is not scheduled."""
    at = context.uow.jobs.planned(ReviveLead, lead.id) if lead.rests else None
    return context.language.day_of(at) if at else ""


def _score_section(lead: Lead, context: Context, *, whole: bool) -> Sections:
    """The unanswered question that could change the score most, after the points if ``whole``;
    after the end of a deal nobody asks."""
    result = score(lead, context.playbook.scoring)
    asks = (_question(result, context),) if lead.is_open and result.ask_next else ()
    if not whole:
        return (Section(lines=asks),) if asks else ()
    (points,) = _points_section(lead, context)
    return (replace(points, lines=(*points.lines, *asks)),)


def _points_section(lead: Lead, context: Context) -> Sections:
    """The points per criterion, and what of them was read from the words."""
    result = score(lead, context.playbook.scoring)
    points = [_points(result, criterion, context) for criterion in CRITERIA]
    lines = (" · ".join(points), *_readings(lead, context))
    return (Section(context.text("score.heading"), lines),)


def _question(result: Score, context: Context) -> str:
    """The open question that is worth the most, and what a good answer would make of the lead."""
    criterion = result.ask_next
    question = context.text(f"score.ask_{criterion}")
    line = context.text("score.ask_next", question=question, n=result.possible[criterion])
    total, grade = result.if_good(criterion, context.playbook.scoring)
    if grade is result.grade:
        return line
    label = enum_label(grade, context.language)
    return line + context.text(f"score.would_be_{criterion}", total=total, grade=label)


def _readings(lead: Lead, context: Context) -> list[str]:
    """What was read from the words and not answered by a person, who may overrule it."""
    found = read_answers(lead, context.calendar.day_of(lead.created_at))
    lines = []
    for name in ANSWERS:
        if name in lead.answers_read:
            answer = enum_label(getattr(lead, name), context.language)
            words = context.said(found[name].words)
            arrow = context.text("score.read_arrow", words=words, answer=answer)
            lines.append(context.text(f"score.read_{name}", answer=arrow if words else answer))
    return lines


def _points(result: Score, criterion: str, context: Context) -> str:
    got, possible = result.got[criterion], result.possible[criterion]
    state = "unknown" if criterion in result.unknown else "got" if got else "missed"
    points = context.text(f"score.{state}", got=got, possible=possible)
    return context.text("score.line", criterion=context.text(f"score.{criterion}"), points=points)


def _footnote(offer: Offer, context: Context) -> str:
    why = why_text(offer.why, context.language)
    if offer.state is OfferState.OPEN and offer.expires_at:
        return why + context.text("offer.answer_by", at=context.language.moment(offer.expires_at))
    return why


def _tone(lead: Lead, context: Context) -> Tone:
    if lead.is_overdue(context.now):
        return "warning"
    return "good" if lead.hot_since or lead.grade is Grade.HIGH else "plain"
