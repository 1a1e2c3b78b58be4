"""Why a deal is at risk, in words that hold however short its stage usually is."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.core.figure_labels import why_at_risk
from handlers.core.language import Language
from sales.leads import Lead, Stage
from sales.reports import AtRisk, DigestPeriod, Risk

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("stayed", "usual", "en", "zh"),
    [
        (50, 30, "here for 2 days, usually at most 1", "已停留2天，通常不超过1天"),
        (50, 5, "here for 2 days, usually less than one", "已停留2天，通常不到1天"),
        (26, 5, "here for 1 day, usually less than one", "已停留1天，通常不到1天"),
        (9, 5, "here for longer than the usual few hours", "停留时间已超过通常的几小时"),
    ],
)
def test_a_stage_that_is_usually_short(stayed: int, usual: int, en: str, zh: str) -> None:
    limits = {Stage.CAPTURED: usual * HOUR}
    period = DigestPeriod(
        team_id=1, week="2026-W47", start=NOW - 168 * HOUR, end=NOW, next_end=NOW + 168 * HOUR,
        now=NOW, idle_since=NOW, stage_limits=limits,
    )  # fmt: skip
    since = NOW - stayed * HOUR
    lead = Lead(
        source="ads", customer="A Sample", team_id=1, created_at=since, created_by=1,
        stage_since=since,
    )  # fmt: skip
    risk = AtRisk(lead, Risk.STAGE, since, (stayed - usual) * HOUR)
    said = [why_at_risk(risk, Language(locale, UTC), period) for locale in ("en", "zh_CN")]
    assert said == [en, zh]
