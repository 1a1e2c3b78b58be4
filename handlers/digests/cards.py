"""Cards for the weekly digest and the records behind its numbers.

Knows no database: the content comes in as figures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from handlers.core.figure_labels import number_label, reason_line
from handlers.core.labels import lost_reason_label, open_button, rate_label, term_label
from handlers.core.language import Language
from handlers.core.ui import Button, Card, Chart, Fact, Row, Section, Series, Table
from handlers.digests.records import (
    button_value,
    coming_days,
    lead_line,
    step_line,
    week_days,
)
from sales.leads import Lead
from sales.playbook import Playbook
from sales.reports import (
    Compared,
    DigestPeriod,
    Number,
    Outlook,
    RepWeek,
    WeekFacts,
    by_key,
    clock_attainment,
    compare,
    since_beginning,
    win_rate,
    worst_first,
)


def trend_chart(weeks: Sequence[WeekFacts], language: Language) -> Chart | None:
    """New, won and lost week by week; None before there are two weeks to compare."""
    compared = since_beginning(weeks)
    if len(compared) < 2:
        return None
    days = tuple(
        language.short_day(week.start.astimezone(language.timezone).date()) for week in compared
    )
    series = (
        Series(language.text("digest.chart_new"), tuple(float(w.new_leads) for w in compared)),
        Series(language.text("digest.chart_won"), tuple(float(w.won) for w in compared)),
        Series(language.text("digest.chart_lost"), tuple(float(w.lost) for w in compared)),
    )
    figures = [
        f"{line.name} {' → '.join(f'{value:.0f}' for value in line.values)}" for line in series
    ]
    return Chart(
        kind="bar",
        title=language.text("digest.chart", n=len(compared)),
        categories=days,
        series=series,
        alt=language.text("digest.chart_alt", figures=language.listing(figures)),
    )


SHOWN = 5
"""Maximum number of deals, steps, reasons and people per section; a button shows the rest."""

_LATE = timedelta(hours=1)
_COLUMNS = (
    "person",
    "new",
    "high",
    "followed",
    "discovery",
    "proposal",
    "won",
    "amount",
    "overdue",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """The content of a digest. ``earlier`` weeks are oldest first; ``names`` are people's, by
    id."""

    team: str
    period: DigestPeriod
    due_at: datetime
    facts: WeekFacts
    earlier: tuple[WeekFacts, ...]
    outlook: Outlook
    names: Mapping[int, str]


def digest_card(
    weekly: Weekly, language: Language, playbook: Playbook, *, totals_only: bool, because: str = ""
) -> Card:
    """Last week on one screen. ``totals_only`` names no person and no customer, for a channel where
    somebody may not see them; ``because`` explains that there."""
    return _DigestCard(weekly, language, playbook, because).card(totals_only=totals_only)


class _DigestCard:
    """One digest in one language."""

    def __init__(
        self, weekly: Weekly, language: Language, playbook: Playbook, because: str
    ) -> None:
        self.because = because
        self.weekly = weekly
        self.facts = weekly.facts
        self.language = language
        self.text = language.text
        self.playbook = playbook

    def card(self, *, totals_only: bool) -> Card:
        if totals_only:
            openers = self._openers()
            parts: tuple[Section | None, ...] = (Section(buttons=openers) if openers else None,)
        else:
            parts = (self._people(), self._overdue(), self._at_risk(), self._coming())
        team, headline = self.weekly.team, self._headline()
        days = week_days(self.weekly.period, self.language)
        return Card(
            title=self.text("digest.title", team=team, days=days),
            body="\n".join(headline),
            facts=tuple(self._numbers(totals_only=totals_only)),
            sections=tuple(part for part in parts if part),
            chart=trend_chart((*self.weekly.earlier, self.facts), self.language),
            buttons=(Button("board.open", self.text("button.my_board")),),
            footnote=self._footnote(totals_only=totals_only),
            summary=self.text("digest.summary", team=team, headline=headline[0]),
        )

    def _headline(self) -> list[str]:
        """A sentence each for won and new leads, compared with the week before and the average."""
        facts, earlier = self.facts, self.weekly.earlier
        if facts.is_empty:
            return [self.text("digest.quiet")]
        won, new = self.text("digest.won_none"), self.text("digest.new_none")
        if facts.won:
            amount = self.language.money(facts.won_amount)
            won = self.text("digest.won", n=facts.won, amount=amount)
        if facts.new_leads:
            new = self.text("digest.new", n=facts.new_leads)
        return [
            self._sentence("won", won, compare(lambda week: week.won, facts, earlier)),
            self._sentence("new", new, compare(lambda week: week.new_leads, facts, earlier)),
        ]

    def _sentence(self, subject: str, what: str, compared: Compared) -> str:
        change, average = compared.change, compared.average
        if change is None or average is None or (not change and not compared.value):
            return self.text("digest.sentence", what=what)
        direction = "more" if change > 0 else "fewer" if change < 0 else "same"
        count = self.language.number(abs(change))
        than = self.text(f"digest.{subject}_{direction}", count=count)
        if compared.weeks < 2:
            return self.text("digest.sentence_change", what=what, change=than)
        usual = self.text("digest.average", weeks=compared.weeks, average=self._rounded(average))
        return self.text("digest.sentence_average", what=what, change=than, average=usual)

    def _rounded(self, average: Decimal) -> str:
        return self.language.number(average.quantize(Decimal("0.1"), ROUND_HALF_UP))

    def _numbers(self, *, totals_only: bool) -> Iterable[Fact]:
        facts = self.facts
        bridge = {
            "start": facts.open_at_start,
            "entered": facts.entered,
            "won": facts.won,
            "lost": facts.lost,
            "end": facts.open_at_end,
        }
        pipeline = self.text("digest.bridge", **bridge)
        if rest := facts.open_at_end - facts.in_progress_at_end:
            parts = {"nurture": facts.nurtured_at_end, "pool": facts.pooled_at_end}
            said = [self.text(f"digest.in_{part}", n=n) for part, n in parts.items() if n]
            working = self.text("digest.in_progress", n=facts.open_at_end - rest)
            pipeline += self.text("digest.of_which", parts=self.language.listing([working, *said]))
        yield Fact(self.text("digest.pipeline"), pipeline)
        if sources := by_key(facts.new_by_source):
            yield Fact(self.text("digest.sources"), self._counts(sources, self._channel))
        if facts.lost:
            reasons = by_key(facts.lost_by_reason)
            yield Fact(self.text("digest.losses"), self._counts(reasons, self._reason))
        if rate := win_rate(facts):
            yield Fact(self.text("digest.win_rate"), rate_label(rate, self.language))
        if due := facts.clocks_met + facts.clocks_breached:
            yield Fact(self.text("digest.clocks"), self._clocks(due))
        if facts.nurtured_at_end:
            yield Fact(
                self.text("digest.nurture"),
                self.text("digest.nurtured", new=facts.nurtured, there=facts.nurtured_at_end),
            )
        if self.weekly.outlook.unassigned:
            yield Fact(self.text("digest.unassigned"), str(self.weekly.outlook.unassigned))
        if totals_only:
            yield Fact(self.text("digest.overdue"), str(self.facts.overdue))
            yield Fact(self.text("digest.at_risk"), str(self.weekly.outlook.at_risk_count))

    def _clocks(self, due: int) -> str:
        """``4 of 5 in time (80%)``; the percentage only where it is meaningful."""
        in_time = self.text("digest.clocks_kept", met=self.facts.clocks_met, due=due)
        if rate := clock_attainment(self.facts):
            return self.text(
                "digest.clocks_rate", kept=in_time, share=self.language.percent(rate.share)
            )
        return in_time

    def _counts(self, counts: Mapping[str, int], label: Callable[[str], str]) -> str:
        """``A 3, B 1``, and the rest as one total."""
        shown = list(counts.items())[:SHOWN]
        parts = [f"{label(key)} {count}" for key, count in shown]
        if rest := sum(counts.values()) - sum(count for _, count in shown):
            parts.append(self.text("digest.others", count=rest))
        return self.language.listing(parts)

    def _channel(self, key: str) -> str:
        return term_label(self.playbook.vocabulary.sources, key, self.language)

    def _reason(self, reason: str) -> str:
        return lost_reason_label(reason, self.language, self.playbook)

    def _people(self) -> Section | None:
        """The weekly report of every rep [P18], with buttons to the records behind its columns."""
        if not self.facts.reps:
            return None
        columns = tuple(self.text(f"digest.column_{key}") for key in _COLUMNS)
        rows = tuple(self._row(rep) for rep in self.facts.reps)
        return Section(
            self.text("digest.people"), table=Table(columns, rows), buttons=self._openers()
        )

    def _row(self, rep: RepWeek) -> tuple[str, ...]:
        counts = (
            rep.new_leads, rep.high_value, rep.followed_up, rep.in_discovery, rep.in_proposal,
            rep.won,
        )  # fmt: skip
        amount = self.language.money(rep.won_amount) if rep.won_amount else "—"
        return rep.name, *(str(count) for count in counts), amount, str(rep.overdue)

    def _openers(self) -> tuple[Button, ...]:
        """A button for every number that is not zero."""
        reps = self.facts.reps
        counts = {
            Number.NEW: self.facts.new_leads,
            Number.HIGH_VALUE: sum(rep.high_value for rep in reps),
            Number.FOLLOWED_UP: sum(rep.followed_up for rep in reps),
            Number.DISCOVERY: sum(rep.in_discovery for rep in reps),
            Number.PROPOSAL: sum(rep.in_proposal for rep in reps),
            Number.WON: self.facts.won,
            Number.LOST: self.facts.lost,
            Number.UNASSIGNED: self.weekly.outlook.unassigned,
            Number.BREACHED: self.facts.clocks_breached,
            Number.NURTURED: self.facts.nurtured,
            Number.IN_NURTURE: self.facts.nurtured_at_end,
        }
        return tuple(self._opener(number) for number, count in counts.items() if count)

    def _opener(self, number: Number) -> Button:
        return self._button(number, number_label(number, self.language))

    def _button(self, number: Number, label: str, person_id: int | None = None) -> Button:
        return Button("digest.show", label, button_value(number, self.weekly.period, person_id))

    def _overdue(self) -> Section | None:
        late = sorted(
            (rep for rep in self.facts.reps if rep.overdue),
            key=lambda rep: (-rep.overdue, rep.name),
        )
        if not self.facts.overdue:
            return None
        buttons = [
            self._button(
                Number.OVERDUE,
                self.text("digest.person_count", name=rep.name[:60], count=rep.overdue),
                rep.person_id,
            )
            for rep in late[:SHOWN]
        ]
        if len(late) > 1 or self.facts.overdue > sum(rep.overdue for rep in late):
            buttons.append(self._button(Number.OVERDUE, self.text("digest.all_overdue")))
        heading = self.text("digest.overdue_heading", n=self.facts.overdue)
        return Section(heading, buttons=tuple(buttons))

    def _at_risk(self) -> Section | None:
        outlook = self.weekly.outlook
        worst = worst_first(outlook.at_risk, self.weekly.period, SHOWN, outlook.imported_at)
        lines = [
            self._line(risk.lead, reason_line(risk, self.language, self.weekly.period))
            for risk in worst
        ]
        heading = self.text("digest.at_risk_heading", n=outlook.at_risk_count)
        leads = [risk.lead for risk in worst]
        return self._leads(heading, lines, leads, Number.AT_RISK, outlook.at_risk_count)

    def _coming(self) -> Section | None:
        outlook = self.weekly.outlook
        lines = [self._line(lead, step_line(lead, self.language)) for lead in outlook.coming]
        days = coming_days(self.weekly.period, self.language)
        heading = self.text("digest.coming_heading", days=days, n=outlook.coming_count)
        leads = outlook.coming
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
        return lead_line(lead, detail, self.weekly.names)

    def _footnote(self, *, totals_only: bool) -> str:
        period, due_at = self.weekly.period, self.weekly.due_at
        year, _, number = period.week.partition("-W")
        week = {"year": year, "number": str(int(number)), "timezone": self.language.timezone_name}
        parts = [self.text("digest.why", team=self.weekly.team, **week)]
        if totals_only:
            parts.append(self.because or self.text("digest.totals_only"))
        if period.now - due_at > _LATE:
            parts.append(self.text("digest.late", at=self.language.moment(due_at)))
        return "\n".join(parts)
