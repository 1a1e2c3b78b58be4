"""The digest's chart: where the last weeks have been going, which no table of one week shows."""

from collections.abc import Sequence

from handlers.language import Language
from handlers.ui import Chart, Series
from sales.reports import WeekFacts, since_beginning


def trend_chart(weeks: Sequence[WeekFacts], language: Language) -> Chart | None:
    """New, won and lost week by week; None before there are two weeks to compare."""
    known = since_beginning(weeks)
    if len(known) < 2:
        return None
    days = tuple(
        language.short_day(week.start.astimezone(language.timezone).date()) for week in known
    )
    series = (
        Series(language.text("digest.chart_new"), tuple(float(w.new_leads) for w in known)),
        Series(language.text("digest.chart_won"), tuple(float(w.won) for w in known)),
        Series(language.text("digest.chart_lost"), tuple(float(w.lost) for w in known)),
    )
    said = [f"{one.name} {' → '.join(f'{value:.0f}' for value in one.values)}" for one in series]
    return Chart(
        kind="bar",
        title=language.text("digest.chart", n=len(known)),
        categories=days,
        series=series,
        alt=language.text("digest.chart_alt", figures=language.listing(said)),
    )
