"""The first screen of the weekly digest: what a manager must know, and act on.

Everything else is in ``handlers.digests.details``. Knows no database: the content comes in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from handlers.core.button_values import pack
from handlers.core.channel_posts import thread_name
from handlers.core.figure_labels import number_label, reason_line
from handlers.core.labels import (
    enum_label,
    lost_reason_label,
    open_button,
    quarter_label,
    term_label,
)
from handlers.core.ui import Button, Card, Row, Section
from handlers.digests.charts import funnel_chart, trend_chart
from handlers.digests.content import DigestContent
from handlers.digests.records import (
    button_value,
    coming_days,
    lead_line,
    step_line,
    week_days,
)
from handlers.targets.cards import value_label
from sales.leads import Lead
from sales.reports import EARLIER_WEEKS, Compared, Number, by_key, worst_first
from sales.reports.digest import TrendWeek, compared_with
from sales.targets import Attainment

DEALS_SHOWN = 5
"""Number of deals at risk; a button opens the rest."""
STEPS_SHOWN = 3
PARTS_SHOWN = 3
"""Number of sources and of reasons; the rest are one number."""
FOCUSES_SHOWN = 12
"""Most people's focus on the first screen; of more, all are in the details."""
FOCUS_SHOWN = 160
"""Characters of somebody's focus; what they reported in full is in the details."""

_BAR = 10


def digest_card(content: DigestContent, *, totals_only: bool, because: str = "") -> Card:
    """Last week on one screen. ``totals_only`` names no person and no customer, for a channel where
    somebody may not see them; ``because`` explains that there."""
    return _DigestCard(content, because).card(totals_only=totals_only)


def thread_of(content: DigestContent) -> str:
    """The name of the thread under a digest."""
    return thread_name("digest", content.team_id, content.week)


def details_value(content: DigestContent) -> str:
    """The value of the button that opens the details: ``1:2026-W47``, ``all:2026-W47``."""
    return pack(_whose(content), content.week)


def _whose(content: DigestContent) -> str:
    return "all" if content.team_id is None else str(content.team_id)


def counts_line(
    counts: Mapping[str, int], label: Callable[[str], str], content: DigestContent, most: int
) -> str:
    """``A 3, B 1``, and the rest as one total."""
    language = content.context.language
    shown = list(counts.items())[:most]
    parts = [f"{label(key)} {count}" for key, count in shown]
    if rest := sum(counts.values()) - sum(count for _, count in shown):
        parts.append(language.text("digest.others", count=rest))
    return language.listing(parts)


def source_name(content: DigestContent) -> Callable[[str], str]:
    context = content.context
    terms = context.playbook.vocabulary.sources
    return lambda key: term_label(terms, key, context.language)


def footnote(content: DigestContent, *, totals_only: bool, because: str) -> str:
    """Which week this is of, and why it comes here."""
    language, text = content.context.language, content.context.text
    year, _, number = content.week.partition("-W")
    week = {"year": year, "number": str(int(number)), "timezone": language.timezone_name}
    key = "digest.why_company" if content.team is None else "digest.why"
    parts = [text(key, team=content.name, **week)]
    if totals_only:
        parts.append(because or text("digest.totals_only"))
    return "\n".join(parts)


class _DigestCard:
    """One digest in one language."""

    def __init__(self, content: DigestContent, because: str) -> None:
        self.content = content
        self.because = because
        self.facts = content.facts
        self.language = content.context.language
        self.text = content.context.text

    def card(self, *, totals_only: bool) -> Card:
        content, headline = self.content, list(self._headline())
        parts: tuple[Section | None, ...] = (self._openers(totals_only=totals_only),)
        if not totals_only:
            parts += (self._at_risk(), self._coming(), self._focus())
        days = week_days(content.period, self.language)
        return Card(
            title=self.text("digest.title", team=content.name, days=days),
            body="\n".join(headline),
            sections=(*(part for part in parts if part), *self._charts()),
            buttons=(
                self._details(),
                Button("board.open", self.text("button.my_board")),
            ),
            footnote=footnote(content, totals_only=totals_only, because=self.because),
            summary=self.text("digest.summary", team=content.name, headline=headline[0]),
            starts=thread_of(content),
        )

    def _details(self) -> Button:
        label = self.text("button.digest_details")
        return Button("digest.details", label, details_value(self.content))

    def _headline(self) -> Iterator[str]:
        """A sentence each for what is won against the target, forecast, won, lost, new, the
        pipeline, and late answers."""
        facts = self.facts
        if line := self._target():
            yield line
        if line := self._forecast():
            yield line
        if facts.is_empty:
            yield self.text("digest.quiet")
            return
        won, new = self.text("digest.won_none"), self.text("digest.new_none")
        if facts.won:
            amount = self.language.money(facts.won_amount)
            won = self.text("digest.won", n=facts.won, amount=amount)
        yield self._sentence("won", won, lambda week: week.won)
        if facts.lost:
            reasons = counts_line(
                by_key(facts.lost_by_reason), self._reason, self.content, PARTS_SHOWN
            )
            yield self.text("digest.lost_because", n=facts.lost, reasons=reasons)
        if facts.new_leads:
            new = self.text("digest.new", n=facts.new_leads)
        sentence = self._sentence("new", new, lambda week: week.new_leads)
        if sources := by_key(facts.new_by_source):
            named = counts_line(sources, source_name(self.content), self.content, PARTS_SHOWN)
            sentence = self.text("digest.new_from", sentence=sentence, sources=named)
        yield sentence
        yield self.text(
            "digest.bridge",
            start=facts.open_at_start,
            entered=facts.entered,
            won=facts.won,
            lost=facts.lost,
            end=facts.open_at_end,
        )
        if facts.clocks_breached:
            due = facts.clocks_met + facts.clocks_breached
            yield self.text("digest.breached", n=facts.clocks_breached, due=due)

    def _target(self) -> str:
        """The first goal that adds up, in words and as a bar; empty without any."""
        for attainment in self.content.standing.attainments:
            if attainment.measure.adds_up and attainment.share is not None:
                return self._attained(attainment, attainment.share)
        return ""

    def _attained(self, attainment: Attainment, share: float) -> str:
        measure, language = attainment.measure, self.language
        key = "behind" if attainment.is_behind else "on_track"
        full = min(_BAR, round(_BAR * share))
        return self.text(
            "digest.target",
            quarter=quarter_label(self.content.quarter, language),
            reached=value_label(measure, attainment.reached, language),
            goal=value_label(measure, attainment.goal, language),
            measure=enum_label(measure, language),
            bar="█" * full + "░" * (_BAR - full),
            share=language.percent(share),
            standing=self.text(f"digest.{key}", pace=language.percent(attainment.expected)),
        )

    def _forecast(self) -> str:
        likely = self.content.likely
        if likely is None:
            return ""
        language = self.language
        quarter = quarter_label(self.content.quarter, language)
        amount = language.whole_money(likely.now)
        if likely.before is None:
            return self.text("digest.forecast", quarter=quarter, amount=amount)
        change = likely.now - likely.before
        key = "same" if abs(change) < 1 else "more" if change > 0 else "less"
        return self.text(
            f"digest.forecast_{key}",
            quarter=quarter,
            amount=amount,
            change=language.whole_money(abs(change)),
        )

    def _sentence(self, subject: str, what: str, figure: Callable[[TrendWeek], int]) -> str:
        """What happened, beside the week before and the average of the weeks before."""
        weeks = self.content.trend
        compared = compared_with(figure, weeks, EARLIER_WEEKS) if weeks else Compared(Decimal(0))
        change, average = compared.change, compared.average
        if change is None or average is None or (not change and not compared.value):
            return self.text("digest.sentence", what=what)
        direction = "more" if change > 0 else "fewer" if change < 0 else "same"
        count = self.language.number(abs(change))
        than = self.text(f"digest.{subject}_{direction}", count=count)
        if compared.weeks < 2:
            return self.text("digest.sentence_change", what=what, change=than)
        rounded = average.quantize(Decimal("0.1"), ROUND_HALF_UP)
        usual = self.text(
            "digest.average", weeks=compared.weeks, average=self.language.number(rounded)
        )
        return self.text("digest.sentence_average", what=what, change=than, average=usual)

    def _reason(self, reason: str) -> str:
        return lost_reason_label(reason, self.language, self.content.context.playbook)

    def _openers(self, *, totals_only: bool) -> Section | None:
        """A button for every number that is not zero, which opens its leads."""
        facts, outlook = self.facts, self.content.outlook
        counts = {
            Number.WON: facts.won,
            Number.LOST: facts.lost,
            Number.NEW: facts.new_leads,
            Number.OPEN: facts.open_at_end,
            Number.OVERDUE: facts.overdue,
            Number.UNASSIGNED: outlook.unassigned,
        }
        if totals_only:
            counts |= {Number.AT_RISK: outlook.at_risk_count, Number.COMING: outlook.coming_count}
        buttons = [
            self._button(number, f"{number_label(number, self.language)} {count}")
            for number, count in counts.items()
            if count
        ]
        if facts.clocks_breached:
            # One lead may have several clocks, so that the button says no number.
            buttons.append(
                self._button(Number.BREACHED, number_label(Number.BREACHED, self.language))
            )
        return Section(buttons=tuple(buttons)) if buttons else None

    def _button(self, number: Number, label: str) -> Button:
        return Button("digest.show", label, button_value(number, self.content.period))

    def _at_risk(self) -> Section | None:
        outlook, period = self.content.outlook, self.content.judged
        worst = worst_first(outlook.at_risk, period, DEALS_SHOWN, outlook.imported_at)
        lines = [self._line(risk.lead, reason_line(risk, self.language, period)) for risk in worst]
        heading = self.text("digest.at_risk_heading", n=outlook.at_risk_count)
        leads = [risk.lead for risk in worst]
        return self._leads(heading, lines, leads, Number.AT_RISK, outlook.at_risk_count)

    def _coming(self) -> Section | None:
        outlook = self.content.outlook
        leads = outlook.coming[:STEPS_SHOWN]
        lines = [self._line(lead, step_line(lead, self.language)) for lead in leads]
        days = coming_days(self.content.period, self.language)
        heading = self.text("digest.coming_heading", days=days, n=outlook.coming_count)
        return self._leads(heading, lines, leads, Number.COMING, outlook.coming_count)

    def _leads(
        self, heading: str, lines: list[str], leads: Iterable[Lead], number: Number, total: int
    ) -> Section | None:
        if not lines:
            return None
        rows = tuple(
            Row(line, open_button(lead, self.language))
            for line, lead in zip(lines, leads, strict=True)
        )
        opens = self._button(number, self.text("button.whole_list", n=total))
        return Section(heading, rows=rows, opens=opens)

    def _line(self, lead: Lead, detail: str) -> str:
        return lead_line(lead, detail, self.content.people)

    def _focus(self) -> Section | None:
        """What each person will do first; who has not said so is named once."""
        lines = [
            self.text("digest.focus_of", name=report.figures.name, focus=_shortened(report.focus))
            for report in self.content.reports
            if report.focus
        ]
        if len(lines) > FOCUSES_SHOWN:
            lines = [self.text("digest.focus_many", n=len(lines))]
        if len(missing := self.content.missing) > FOCUSES_SHOWN:
            lines.append(self.text("digest.missing_many", n=len(missing)))
        elif missing:
            lines.append(self.text("digest.missing", names=self.language.listing(missing)))
        return Section(self.text("digest.focus"), tuple(lines)) if lines else None

    def _charts(self) -> Iterator[Section]:
        team_id = self.content.team_id
        for chart in (
            funnel_chart(self.content.flows, team_id, self.language),
            trend_chart(self.content.trend, team_id, self.language),
        ):
            if chart:
                yield Section(chart=chart)


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= FOCUS_SHOWN else f"{line[: FOCUS_SHOWN - 1].rstrip()}…"
