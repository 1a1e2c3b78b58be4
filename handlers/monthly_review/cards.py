"""Cards of a monthly review: the first screen with what matters and what to do, and each part."""

from collections.abc import Callable
from typing import Final

from handlers.core.button_values import pack
from handlers.core.channel_posts import late_line, thread_name
from handlers.core.labels import list_button
from handlers.core.ui import Button, Card, Row, Section, Table
from handlers.monthly_review.content import ReviewPart, Shown, cell_label
from handlers.monthly_review.findings import (
    forecast_line,
    forecast_part,
    gap_line,
    lever_line,
    loss_line,
    losses_part,
    passed_on_line,
    records_part,
    renewals_part,
    routing_part,
    scoring_line,
    scoring_part,
    velocity_part,
)
from handlers.monthly_review.outcomes import (
    funnel_chart,
    members_part,
    path_line,
    paths_part,
    result_part,
    speed_part,
    stages_part,
    weak_line,
)
from sales.lead_lists import LeadQuery, Status
from sales.leads import Stage
from sales.reports.measures import Rate
from sales.reports.review import review_due
from sales.reports.review_actions import ProposalKind, ReviewFinding, ReviewProposal
from sales.reports.review_findings import GAPS, Gap

PARTS: Final[dict[str, Callable[[Shown], ReviewPart | None]]] = {
    "result": result_part,
    "paths": paths_part,
    "speed": speed_part,
    "stages": stages_part,
    "teams": lambda it: members_part(it, teams=True),
    "people": lambda it: members_part(it, teams=False),
    "velocity": velocity_part,
    "forecast": forecast_part,
    "losses": losses_part,
    "scoring": scoring_part,
    "routing": routing_part,
    "records": records_part,
    "renewals": renewals_part,
}
"""Every part by its key, in the order of the file."""
MATTERS: Final = 5
"""Findings on the first screen."""
_ROWS: Final = 40
"""Rows of a part on a card; the file has all."""


def review_card(it: Shown, *, posted: bool = False, because: str = "") -> Card:
    """The first screen. ``posted``: in a channel when it was due; ``because`` says why it has
    totals only there."""
    if it.review.is_empty:
        return _empty_card(it)
    proposed = _proposed(it)
    return Card(
        title=it.text("review.title", team=it.team, month=it.month),
        body=result_line(it),
        sections=(*_matters(it), *proposed),
        chart=funnel_chart(it),
        chart_below=True,
        buttons=_buttons(it),
        more=_more(it),
        footnote=_footnote(it, because, posted=posted),
        summary=it.text("review.summary", team=it.team, month=it.month, result=result_line(it)),
        starts=thread_of(it) if posted else "",
    )


def thread_of(it: Shown) -> str:
    """The name of the thread under a review that is posted."""
    return thread_name("review", it.team_id, it.review.month.key)


def every_part(it: Shown) -> tuple[ReviewPart, ...]:
    """The parts that have anything to say."""
    return tuple(part for make in PARTS.values() if (part := make(it)))


def _empty_card(it: Shown) -> Card:
    return Card(
        title=it.text("review.title", team=it.team, month=it.month),
        body=it.text("review.empty"),
        buttons=_months(it),
        footnote=it.text("review.why"),
    )


def result_line(it: Shown) -> str:
    """``12 won, ¥480,000 (usually 9.3); 5 lost; 40 new leads.``"""
    sums, usual = it.review.sums, it.review.usual
    mean = sum(one.won for one in usual) / max(1, len(usual))
    params = {
        "won": it.context.language.number(sums.won),
        "amount": it.money(sums.amount),
        "lost": it.context.language.number(sums.lost),
        "new": it.context.language.number(sums.new),
        "usual": it.context.language.number(round(mean, 1)),
    }
    return it.text("review.result" if mean else "review.result_first", **params)


def _matters(it: Shown) -> tuple[Section, ...]:
    """The five things that matter most, each with its part; what a proposal says already, or what
    is as it should be, does not."""
    proposed = {one.finding for one in it.review.proposals}
    found = (
        ("paths", path_line(it)),
        ("stages", weak_line(it)),
        ("velocity", lever_line(it)),
        ("losses", loss_line(it)),
        ("forecast", forecast_line(it)),
        ("scoring", scoring_line(it)),
        ("routing", passed_on_line(it)),
        ("records", "" if ReviewFinding.GAPS in proposed else gap_line(it)),
    )
    rows = [
        Row(line, Button("review.part", it.text(f"review.open_{key}"), part_value(it, key)))
        for key, line in found
        if line
    ]
    return (Section(it.text("review.matters"), rows=tuple(rows[:MATTERS])),) if rows else ()


def part_value(it: Shown, key: str) -> str:
    """``2026-10:3:paths``; 0 is the company."""
    return pack(it.review.month.key, it.team_id or 0, key)


def _proposed(it: Shown) -> tuple[Section, ...]:
    rows = [_proposal_row(one, it) for one in it.review.proposals]
    known = tuple(row for row in rows if row)
    if not known:
        return ()
    return (Section(it.text("review.proposals"), rows=known),)


def _proposal_row(proposal: ReviewProposal, it: Shown) -> Row | None:
    """One proposal with its reason, and the button that prepares it. None where it would name
    somebody whom not every reader may see."""
    if proposal.finding is ReviewFinding.EXAMPLE and not it.names:
        return None
    return Row(proposal_text(proposal, it), _proposal_button(proposal, it))


def proposal_text(proposal: ReviewProposal, it: Shown) -> str:
    """What to do, and why, in numbers."""
    against = proposal.against or Rate(0, 0)
    return it.text(
        f"review.propose_{proposal.finding.value}" + _variant(proposal),
        subject=subject_label(proposal, it),
        share=it.percent(proposal.rate),
        hits=proposal.rate.hits,
        n=proposal.rate.n,
        others=it.percent(against),
        m=against.n,
        now=_value(proposal, it, new=False),
        value=_value(proposal, it, new=True),
        minutes=proposal.minutes,
        open=it.review.open_in.get(_stage(proposal), 0),
    )


def _variant(proposal: ReviewProposal) -> str:
    """A contact that cannot be asked for sooner by a rule: open who waits instead."""
    if proposal.finding is ReviewFinding.RESPONSE and proposal.change is None:
        return "_list"
    return ""


def _stage(proposal: ReviewProposal) -> Stage:
    known = proposal.finding is ReviewFinding.WEAK_STAGE
    return Stage(proposal.subject) if known else Stage.CAPTURED


def subject_label(proposal: ReviewProposal, it: Shown) -> str:
    """What a proposal is about, in words."""
    match proposal.finding:
        case ReviewFinding.RESPONSE:
            return it.source(proposal.subject)
        case ReviewFinding.SCORING:
            return it.text(f"review.question_{proposal.subject}")
        case ReviewFinding.WEAK_STAGE:
            return it.stage(Stage(proposal.subject))
        case ReviewFinding.GAPS:
            return it.text(f"review.gap_{proposal.subject}")
        case ReviewFinding.LOSS_REASON:
            return it.reason(proposal.subject)
        case ReviewFinding.EXAMPLE:
            return it.person(int(proposal.subject))
        case _:
            return ""


def _value(proposal: ReviewProposal, it: Shown, *, new: bool) -> str:
    """The value of the rule, as people say it: working hours, or points."""
    change = proposal.change
    if change is None:
        return ""
    value = change.value if new else change.now
    if proposal.finding is ReviewFinding.SCORING:
        return it.context.language.number(value)
    return (
        it.text("review.minutes", n=value)
        if value < 120
        else it.text("review.hours", n=it.context.language.number(round(value / 60, 1)))
    )


def _proposal_button(proposal: ReviewProposal, it: Shown) -> Button:
    change = proposal.change
    if change is not None:
        return Button(
            "playbook.propose", it.text("review.try_rule"), pack(change.path, change.value)
        )
    if proposal.finding.kind is ProposalKind.SHARING:
        return Button("review.topic", it.text("review.book"), part_value(it, _topic(proposal)))
    teams = () if it.team_id is None else (it.team_id,)
    match proposal.finding:
        case ReviewFinding.WEAK_STAGE:
            return it.open_in(_stage(proposal))
        case ReviewFinding.GAPS:
            number = next(one for one, gap in GAPS.items() if gap is Gap(proposal.subject))
            return it.opens(number, proposal.rate.hits)
        case ReviewFinding.RESPONSE:
            query = LeadQuery(
                status=Status.WORKED, uncontacted=True, teams=teams, sources=(proposal.subject,)
            )
            return list_button(query, it.text("review.open_uncontacted"))
        case _:
            return Button("target.open", it.context.text("button.targets"))


def _topic(proposal: ReviewProposal) -> str:
    return f"{proposal.finding.value}-{proposal.subject}"


def _buttons(it: Shown) -> tuple[Button, ...]:
    file = Button("review.file", it.text("review.file"), it.value)
    everything = Button("review.part", it.text("review.all_parts"), part_value(it, "all"))
    return (everything, file)


def _more(it: Shown) -> tuple[Button, ...]:
    parts = tuple(
        Button("review.part", part.heading, part_value(it, part.key)) for part in every_part(it)
    )
    return (*_months(it), *_teams(it), *parts)


def _months(it: Shown) -> tuple[Button, ...]:
    """The month before, and the one after where it has begun."""
    month = it.review.month
    others = [month.previous]
    if month.next.first <= it.context.today:
        others.append(month.next)
    language = it.context.language
    return tuple(
        Button("review.open", language.month(one.first), pack(one.key, it.team_id or 0))
        for one in others
    )


def _teams(it: Shown) -> tuple[Button, ...]:
    """The company's teams, for people who see them all."""
    if it.team_id is not None or len(it.teams) < 2:
        return ()
    month = it.review.month.key
    return tuple(
        Button("review.open", it.text("review.of_team", team=name[:50]), pack(month, team_id))
        for team_id, name in it.teams.items()
    )


def _footnote(it: Shown, because: str, *, posted: bool) -> str:
    lines = [it.text("review.why_posted" if posted else "review.why")]
    if it.review.month.last >= it.context.today:
        lines.append(it.text("review.so_far"))
    if posted:
        context = it.context
        due_at = review_due(it.review.month, context.calendar, context.playbook.review)
        lines.append(late_line(due_at, context))
    lines.append(because)
    return "\n".join(filter(None, lines))


def part_card(part: ReviewPart, it: Shown) -> Card:
    """One part on a card of its own."""
    back = Button("review.open", it.text("review.back"), it.value)
    return Card(
        title=it.text("review.part_title", part=part.heading, team=it.team, month=it.month),
        body="\n".join(part.lines),
        chart=part.chart,
        sections=_table(part, it),
        buttons=(*part.buttons, back),
        footnote=part.note,
    )


def parts_card(it: Shown) -> Card:
    """All parts one after the other, for those who like to scroll."""
    return Card(
        title=it.text("review.title", team=it.team, month=it.month),
        body=result_line(it),
        sections=_all_parts(it),
        buttons=(
            Button("review.open", it.text("review.back"), it.value),
            Button("review.file", it.text("review.file"), it.value),
        ),
        footnote=it.text("review.why"),
    )


def details_card(it: Shown, *, because: str = "") -> Card:
    """All parts, for the thread under a review that is posted."""
    return Card(
        title=it.text("review.details_title", team=it.team, month=it.month),
        sections=_all_parts(it),
        buttons=(Button("review.file", it.text("review.file"), it.value),),
        footnote=because,
        thread=thread_of(it),
    )


def _all_parts(it: Shown) -> tuple[Section, ...]:
    """The sentences and charts of each part, and a button to its figures."""
    return tuple(
        Section(
            part.heading,
            part.lines,
            chart=part.chart,
            opens=Button("review.part", it.text("review.figures"), part_value(it, part.key)),
        )
        for part in every_part(it)
        if part.lines or part.chart
    )


def _table(part: ReviewPart, it: Shown) -> tuple[Section, ...]:
    if not part.rows:
        return ()
    rows = part.rows[:_ROWS]
    table = Table(
        part.columns,
        tuple(tuple(cell_label(cell, it) for cell in row) for row in rows),
        caption=part.heading,
        numbers=frozenset(
            place
            for place in range(len(part.columns))
            if not any(isinstance(row[place], str) for row in rows)
        ),
        opens=part.opens[:_ROWS],
    )
    return (Section(table=table),)


def quiet_card(it: Shown, key: str) -> Card:
    """For a part that has nothing to say."""
    heading = it.text(f"review.part_{key}") if key in PARTS else it.text("review.all_parts")
    return Card(
        title=it.text("review.part_title", part=heading, team=it.team, month=it.month),
        body=it.text("review.nothing"),
        buttons=(Button("review.open", it.text("review.back"), it.value),),
    )
