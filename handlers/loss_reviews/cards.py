"""Loss reviews for readers: the question, one review, its place on the lead's card, and a month."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from handlers.core.context import Context
from handlers.core.labels import home_button, lead_title, lost_reason_label
from handlers.core.lead_facts import loss_text
from handlers.core.ui import Button, Card, Fact, Row, Section
from handlers.loss_reviews.service import may_review, review_of
from sales.leads import Lead, Stage
from sales.loss_reviews import LossReview
from sales.reports.periods import ReportPeriod
from sales.sync_meeting import worth

_EXCERPT = 90
SHOWN = 30
"""Maximum number of reviews of one kind on the card of a month."""


def asked_card(lead: Lead, context: Context) -> Card:
    """The question to the owner of a lost deal, the morning after."""
    return Card(
        title=context.text("loss_review.asked_title", lead=lead_title(lead)),
        facts=_facts(lead, context),
        body=context.text("loss_review.asked"),
        buttons=(_write(lead, context, style="primary"), _open(lead, context)),
        footnote=_why_asked(context),
        subject=lead.subject,
    )


def review_card(lead: Lead, review: LossReview, context: Context) -> Card:
    """One review in full, with who wrote it."""
    rows = (
        ("loss_review.learnt", review.learnt),
        ("loss_review.would_have_helped", review.would_have_helped),
    )
    sections = tuple(Section(context.text(key), (words,)) for key, words in rows if words)
    change = (_write(lead, context, key="button.change_review"),)
    facts = _facts(lead, context)
    if review.competitor:
        facts = (*facts, Fact(context.text("loss_review.competitor"), review.competitor))
    return Card(
        title=context.text("loss_review.title", lead=lead_title(lead)),
        facts=facts,
        sections=sections,
        buttons=(
            *(change if may_review(lead, review, context) else ()),
            _open(lead, context),
            Button("loss_review.list", context.text("button.loss_reviews")),
        ),
        footnote=_written(review, context),
        subject=lead.subject,
    )


def review_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    """For the lead's card: write what was learnt, while that is open."""
    if lead.stage is not Stage.LOST:
        return ()
    review = review_of(lead, context)
    written = review is not None and review.is_written
    if written or not may_review(lead, review, context):
        return ()
    return (_write(lead, context),)


def review_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """For the card of a lost lead: what was learnt."""
    if lead.stage is not Stage.LOST:
        return ()
    review = review_of(lead, context)
    if review is None or not review.is_written:
        return ()
    show = Button("loss_review.show", context.text("button.whole_review"), lead.number)
    line = _short(review.learnt)
    return (Section(context.text("loss_review.heading"), (line,), buttons=(show,)),)


def month_card(
    month: ReportPeriod,
    reviews: Iterable[LossReview],
    leads: Mapping[int, Lead],
    context: Context,
) -> Card:
    """What was learnt from a month's lost deals by reason, and which of them are not written up."""
    seen = [review for review in reviews if review.lead_id in leads]
    waiting = [review for review in seen if not review.is_written]
    written = [review for review in seen if review.is_written]
    sections = [
        *_waiting_section(waiting, leads, context),
        *_by_reason(written, leads, context),
    ]
    counts = context.text("loss_review.month", n=len(written), waiting=len(waiting))
    return Card(
        title=context.text("loss_review.month_title", month=context.language.month(month.first)),
        body=counts if seen else context.text("loss_review.nothing"),
        sections=tuple(sections),
        buttons=(*_months(month, context), home_button(context)),
        footnote=_rule_text(context),
    )


def _waiting_section(
    waiting: list[LossReview], leads: Mapping[int, Lead], context: Context
) -> Iterator[Section]:
    if not waiting:
        return
    rows = tuple(_waiting_row(leads[review.lead_id], review, context) for review in waiting[:SHOWN])
    heading = context.text("loss_review.waiting", n=len(waiting))
    yield Section(heading, _left_out(len(waiting), context), rows=rows)


def _waiting_row(lead: Lead, review: LossReview, context: Context) -> Row:
    """``LX001 · Acme · ¥120,000 · Robin``, with the form for who may write it."""
    if may_review(lead, review, context):
        button = _write(lead, context, key="button.write_review_of")
    else:
        label = context.text("button.open_lead", lead=lead.number)
        button = Button("lead.show", label, lead.number)
    value = worth(lead)
    owner = context.uow.people.get(lead.owner_id).name if lead.owner_id else ""
    parts = (lead_title(lead), context.language.money(value) if value else "", owner)
    return Row(" · ".join(filter(None, parts)), button)


def _by_reason(
    written: list[LossReview], leads: Mapping[int, Lead], context: Context
) -> Iterator[Section]:
    """A section for each reason, the most frequent first."""
    groups: dict[str, list[LossReview]] = defaultdict(list)
    for review in written[:SHOWN]:
        groups[leads[review.lead_id].lost_reason.partition("-")[0]].append(review)
    for reason, reviews in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        label = lost_reason_label(reason, context.language, context.playbook)
        heading = context.text("loss_review.reason", reason=label, n=len(reviews))
        rows = tuple(_learnt_row(leads[review.lead_id], review, context) for review in reviews)
        yield Section(heading, rows=rows)
    if left := _left_out(len(written), context):
        yield Section(lines=left)


def _learnt_row(lead: Lead, review: LossReview, context: Context) -> Row:
    lost_to = review.competitor and context.text("loss_review.lost_to", name=review.competitor)
    parts = (lead_title(lead), _short(review.learnt), lost_to)
    label = context.text("button.review_of", lead=lead.number)
    return Row(" · ".join(filter(None, parts)), Button("loss_review.show", label, lead.number))


def _left_out(n: int, context: Context) -> tuple[str, ...]:
    return (context.text("loss_review.more", n=SHOWN),) if n > SHOWN else ()


def _months(month: ReportPeriod, context: Context) -> tuple[Button, ...]:
    others = [month.previous]
    if month.last < context.today:
        others.append(month.next)
    return tuple(
        Button("loss_review.month", context.language.month(other.first), other.key)
        for other in others
    )


def _facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    value = worth(lead)
    owner = context.uow.people.get(lead.owner_id).name if lead.owner_id else ""
    rows = (
        ("loss_review.worth", context.language.money(value) if value else ""),
        ("move.lost", loss_text(lead, context)),
        ("loss_review.lost_on", context.language.day_of(lead.closed_at) if lead.closed_at else ""),
        ("lead.owner", owner),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def _written(review: LossReview, context: Context) -> str:
    if review.written_by is None or review.written_at is None:
        return ""
    name = context.uow.people.get(review.written_by).name
    at = context.language.moment(review.written_at)
    text = context.text("loss_review.written", name=name, at=at)
    if review.changed_by is not None and review.changed_at is not None:
        changer = context.uow.people.get(review.changed_by).name
        changed_at = context.language.moment(review.changed_at)
        text += context.text("loss_review.changed", name=changer, at=changed_at)
    return text


def _rule_text(context: Context) -> str:
    rules = context.playbook.loss_review
    if not rules.ask:
        return context.text("loss_review.rule_off")
    if not rules.amount_from:
        return context.text("loss_review.rule_any")
    amount = context.language.money(rules.amount_from)
    return context.text("loss_review.rule", amount=amount)


def _why_asked(context: Context) -> str:
    least = context.playbook.loss_review.amount_from
    if not least:
        return context.text("loss_review.asked_why_any")
    return context.text("loss_review.asked_why", amount=context.language.money(least))


def _write(
    lead: Lead, context: Context, *, key: str = "button.write_review", style: str = "plain"
) -> Button:
    label = context.text(key, lead=lead.number)
    primary = style == "primary"
    return Button("loss_review.write", label, lead.number, "primary" if primary else "plain")


def _open(lead: Lead, context: Context) -> Button:
    return Button("lead.show", context.text("button.open"), lead.number)


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"
