"""The definitions of a report's figures, by example; tests/reports tries them on any history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sales.leads import OPEN_STAGES, Stage
from sales.reports import (
    ClockFact,
    Journey,
    Number,
    Rate,
    ResponseBucket,
    Stay,
    added_up,
    attainment,
    cohort_funnel,
    entries,
    response_bucket,
    response_matrix,
    spread_of,
    stage_conversion,
    time_in_stage,
    totals,
    velocity,
    win_rate_in,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
C, S, D, P, N, W = (
    Stage.CAPTURED, Stage.SCREENED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION, Stage.WON,
)  # fmt: skip


def journey(*stages: Stage, lead_id: int = 1, **known: object) -> Journey:
    """A lead that entered a stage each day, from the first of the month on."""
    times = [START + n * DAY for n in range(len(stages))]
    stays = tuple(
        Stay(stage, entered, left)
        for stage, entered, left in zip(stages, times, [*times[1:], None], strict=True)
    )
    closed_at = None if stages[-1] in OPEN_STAGES else times[-1]
    base = Journey(
        lead_id=lead_id, team_id=1, stage=stages[-1], created_at=START, stays=stays,
        closed_at=closed_at, source="ads",
    )  # fmt: skip
    return replace(base, **known)  # type: ignore[arg-type]


def counts(*journeys: Journey) -> dict[Stage, tuple[int, int, int, int]]:
    return {
        one.stage: (one.entered, one.converted, one.lost, one.still_open)
        for one in stage_conversion(journeys, START, END)
    }


class TestStageConversion:
    def test_credits_skipped_stages(self) -> None:
        assert counts(journey(C, P)) == {
            C: (1, 1, 0, 0), S: (1, 1, 0, 0), D: (1, 1, 0, 0), P: (1, 0, 0, 1), N: (0, 0, 0, 0),
        }  # fmt: skip

    def test_keeps_lost_ones_in_the_denominator_and_counts_a_return_once(self) -> None:
        assert counts(journey(C, S, C, S, Stage.LOST))[S] == (1, 0, 1, 0)

    def test_says_how_many_are_still_open(self) -> None:
        one = stage_conversion([journey(C, S, Stage.NURTURE)], START, END)[1]
        assert (one.rate, one.open_rate, one.loss_rate) == (Rate(0, 1), Rate(1, 1), Rate(0, 1))

    def test_counts_what_became_of_it_after_the_window(self) -> None:
        assert stage_conversion([journey(C, S, D)], START, START + DAY)[0].converted == 1

    def test_credits_a_file_with_no_stage_that_it_does_not_name(self) -> None:
        came = journey(P, imported=True, imported_at=START)
        assert set(entries(came)) == {P}
        worked = journey(P, W, imported=True, imported_at=START)
        assert set(entries(worked)) == {P, N, W}


def test_funnels_of_several_months_add_up() -> None:
    funnel = cohort_funnel([journey(C, D), journey(C, lead_id=2)], START, END)
    assert [step.rate.hits for step in added_up((funnel, funnel))] == [4, 2, 2, 0, 0, 0]
    assert added_up(()) == ()


def test_an_older_cohort_is_not_credited_with_the_time_it_had_since() -> None:
    funnel = cohort_funnel([journey(C, S, D)], START, START + 2 * DAY)
    assert [step.rate.hits for step in funnel] == [1, 1, 0, 0, 0, 0]


class TestWinRate:
    def test_is_of_screened_deals_by_close_date(self) -> None:
        deals = [journey(C, S, W), journey(C, S, Stage.LOST), journey(C, Stage.LOST)]
        assert win_rate_in(deals, START, END) == Rate(1, 2)
        assert win_rate_in(deals, START, START + 2 * DAY) == Rate(0, 0)

    def test_does_not_count_after_sales_as_another_win(self) -> None:
        deal = journey(C, W, Stage.AFTERSALES)
        assert totals([deal], START + 2 * DAY, END).won == 0
        assert totals([deal], START, END).won == 1

    def test_counts_a_deal_that_went_back_and_was_won_at_one_instant(self) -> None:
        stays = (
            Stay(C, START, START + DAY),
            Stay(W, START + DAY, START + DAY),
            Stay(N, START + DAY, START + DAY),
            Stay(W, START + DAY),
        )
        assert totals([journey(W, stays=stays)], START, END).won == 1

    def test_is_shown_from_five_cases_on(self) -> None:
        assert [Rate(1, n).is_shown for n in (0, 4, 5)] == [False, False, True]
        assert Rate(0, 0).share == 0


class TestResponse:
    @pytest.mark.parametrize(
        ("wait", "bucket"),
        [
            (-DAY, "5m"),
            (timedelta(minutes=5), "5m"),
            (timedelta(minutes=5, microseconds=1), "1h"),
            (timedelta(hours=4), "4h"),
            (DAY, "24h"),
            (DAY + timedelta(seconds=1), "later"),
            (None, "never"),
        ],
    )
    def test_bounds_are_included(self, wait: timedelta | None, bucket: str) -> None:
        contact = None if wait is None else START + wait
        assert response_bucket(journey(C, first_contact_at=contact)) is ResponseBucket(bucket)

    def test_counts_a_file_s_leads_from_when_they_came(self) -> None:
        came = START + 30 * DAY
        lead = journey(C, imported=True, imported_at=came, first_contact_at=came)
        assert response_bucket(lead) is ResponseBucket.MINUTES

    def test_leaves_out_deals_that_came_closed(self) -> None:
        deal = journey(S, W, imported=True, imported_at=END)
        assert response_matrix([deal], START, END) == {}
        typed = journey(S, W)
        assert response_matrix([typed], START, END) == {("ads", ResponseBucket.NEVER): Rate(1, 1)}


def test_time_in_a_stage_is_summed_over_its_visits() -> None:
    times = time_in_stage([journey(C, S, C, S, D)], START, END)
    assert (times[C].median, times[S].median) == (2 * DAY, 2 * DAY)
    assert times[D].n == 0


def test_a_spread_is_interpolated_between_ranks() -> None:
    spread = spread_of(n * DAY for n in (5, 1, 2, 4))
    assert (spread.median, spread.p90, spread.n) == (3 * DAY, 4.7 * DAY, 4)
    assert spread_of(()).n == 0


def test_clocks_that_were_stopped_in_time_count_neither_way() -> None:
    due = ClockFact(lead_id=1, team_id=1, owner_id=1, due_at=START)
    met = replace(due, met_at=START)
    late = replace(due, met_at=END, breached_at=START)
    stopped = replace(due, stopped_at=START)
    assert attainment([due, met, late, stopped], END) == Rate(1, 3)
    assert attainment([due], START) == Rate(0, 0)


def test_velocity_has_four_levers() -> None:
    won = [journey(C, S, D, W, amount=Decimal(100)), journey(C, S, D, Stage.LOST)]
    speed = velocity(1, won, START, END)
    assert (speed.open_count, speed.win_rate, speed.won_value) == (1, Rate(1, 2), Decimal(100))
    assert speed.cycle.median == 2 * DAY
    assert speed.per_day == 25
    assert not speed.is_shown
    assert velocity(0, [], START, END).per_day is None


def test_the_bridge_ends_where_the_pipeline_does() -> None:
    leads = [journey(C, S), journey(C, W), journey(C, Stage.LOST, S), journey(C, S, Stage.LOST)]
    added = totals(leads, START, END)
    assert added.open_at_start + added.entered - added.won - added.lost == added.open_at_end == 2
    assert (added.new, added.changes) == (4, 0)


@pytest.mark.parametrize("number", Number)
def test_every_number_is_made_of_a_family_and_a_part(number: Number) -> None:
    part = number.stage or number.bucket
    assert number.value == (f"{number.family}_{part.value}" if part else number.family)
