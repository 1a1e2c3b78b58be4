"""The monthly review [P20]: when it is due, what it finds, and what it proposes."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sales.calendar import WorkCalendar
from sales.leads import Grade, Stage
from sales.playbook import Playbook, Review, WorkingHours
from sales.reports.intervals import share_interval
from sales.reports.measures import Rate
from sales.reports.periods import ReportPeriod
from sales.reports.response import ResponseBucket
from sales.reports.review import (
    asks_for_review,
    best_path,
    last_due,
    parse_month,
    review_due,
)
from sales.reports.review_actions import (
    Findings,
    ProposalKind,
    ReviewFinding,
    RuleChange,
    StageLoss,
    proposals,
)
from sales.reports.review_findings import (
    DecidedGroup,
    ForecastCheck,
    Gap,
    Lever,
    PoolPlace,
    RecordGaps,
    RuledOffer,
    SalesPace,
    answer_effects,
    expired_share,
    fairness,
    lever_effects,
    misjudged,
    passed_on,
    rates_by_grade,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(WorkingHours(), SHANGHAI)
TODAY = date(2026, 11, 28)
DAY_MINUTES = 480


def month(key: str) -> ReportPeriod:
    return ReportPeriod.of_key(key)


class TestDue:
    @pytest.mark.parametrize(
        ("reviewed", "day", "posted"),
        [
            ("2026-10", 5, "2026-11-05"),  # a Thursday
            ("2026-11", 5, "2026-12-04"),  # a Saturday: the Friday before
            ("2026-06", 5, "2026-07-03"),  # a Sunday
            ("2026-09", 5, "2026-10-08"),  # National Day until the 7th: the first day after
            ("2026-12", 5, "2027-01-05"),
            ("2026-07", 2, "2026-08-03"),  # the 1st and 2nd are a weekend, and July is over
            ("2026-10", 28, "2026-11-27"),
        ],
    )
    def test_on_the_working_day_before_a_day_off(
        self, reviewed: str, day: int, posted: str
    ) -> None:
        due_at = review_due(month(reviewed), CALENDAR, Review(day=day, at=time(10)))
        assert due_at.tzinfo is UTC
        assert due_at.astimezone(SHANGHAI).isoformat() == f"{posted}T10:00:00+08:00"

    @pytest.mark.parametrize("reviewed", [f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(24)])
    def test_is_never_before_the_second_nor_without_end(self, reviewed: str) -> None:
        due_at = review_due(month(reviewed), CALENDAR, Review()).astimezone(SHANGHAI)
        first = month(reviewed).next.first
        assert date(first.year, first.month, 2) <= due_at.date() < first + timedelta(days=20)
        assert CALENDAR.is_workday(due_at.date())

    def test_the_newest_due_month_changes_at_that_moment(self) -> None:
        due_at = review_due(month("2026-10"), CALENDAR, Review())
        before, after = due_at - timedelta(seconds=1), due_at
        assert last_due(before, CALENDAR, Review()) == month("2026-09")
        assert last_due(after, CALENDAR, Review()) == month("2026-10")


class TestParseMonth:
    @pytest.mark.parametrize(
        ("words", "key"),
        [
            ("2026-10", "2026-10"),
            ("2026年10月", "2026-10"),
            ("10月", "2026-10"),
            ("十月", "2026-10"),
            ("十一月", "2026-11"),
            ("12月", "2025-12"),
            ("上月", "2026-10"),
            ("上个月", "2026-10"),
            ("上上个月", "2026-09"),
            ("本月 华东", "2026-11"),
            ("October", "2026-10"),
            ("oct 2025", "2025-10"),
            ("North, september", "2026-09"),
            ("sept", "2026-09"),
            ("last month", "2026-10"),
            ("this month", "2026-11"),
            ("December", "2025-12"),
            ("2025/3", "2025-03"),
            ("2月份", "2026-02"),
        ],
    )
    def test_reads_months(self, words: str, key: str) -> None:
        read = parse_month(words, TODAY)
        assert read is not None
        assert read.key == key

    @pytest.mark.parametrize("words", ["", "North", "华东", "13月", "2026", "week 7", "mayor " * 9])
    def test_names_none(self, words: str) -> None:
        assert parse_month(words, TODAY) is None

    def test_is_quick_with_long_words(self) -> None:
        assert parse_month("2" * 100_000, TODAY) is None


class TestAsking:
    @pytest.mark.parametrize(
        "line",
        [
            "月度复盘",
            "10月复盘",
            "十月份复盘 华东",
            "上月复盘",
            "月度复盘 2026-09",
            "看看上个月的复盘",
            "monthly review",
            "October review",
            "review october",
            "monthly review North",
            "review of last month",
            "Monthly review 2026-09",
        ],
    )
    def test_for_a_review(self, line: str) -> None:
        assert asks_for_review(line, TODAY)

    @pytest.mark.parametrize(
        "line",
        [
            "复盘",
            "丢单复盘",
            "10月丢单复盘",
            "LX001 10月复盘一下合同",
            "review",
            "loss reviews",
            "review of the contract",
            "October",
            "他说10月再联系，先做方案",
        ],
    )
    def test_for_something_else(self, line: str) -> None:
        assert not asks_for_review(line, TODAY)


def pace(**changed: object) -> SalesPace:
    known: dict[str, object] = {
        "deals": 20,
        "win_rate": 0.25,
        "value": Decimal(50_000),
        "days": 40.0,
        "n": 40,
    }
    return SalesPace(**known | changed)  # type: ignore[arg-type]


class TestLevers:
    def test_velocity_is_deals_times_rate_times_value_by_days(self) -> None:
        assert pace().per_day == 6250

    def test_ten_percent_of_the_days_is_worth_most(self) -> None:
        effects = lever_effects(pace())
        assert effects[0].lever is Lever.DAYS
        assert round(effects[0].gain) == 694  # 6,250 × (1 ÷ 0.9 − 1)
        assert {round(effect.gain) for effect in effects[1:]} == {625}

    def test_what_fell_behind_comes_first_and_parts_add_up(self) -> None:
        now, before = pace(win_rate=0.2), pace()
        effects = lever_effects(now, before)
        assert effects[0].lever is Lever.WIN_RATE
        lost = sum(effect.lost for effect in effects)
        assert round(lost, 6) == round(before.per_day - now.per_day, 6)

    def test_a_win_rate_cannot_exceed_one(self) -> None:
        effects = {effect.lever: effect for effect in lever_effects(pace(win_rate=0.98))}
        assert effects[Lever.WIN_RATE].better == 1.0
        assert effects[Lever.WIN_RATE].gain < effects[Lever.VALUE].gain


def group(grade: Grade, won: int, lost: int, **answers: bool | None) -> DecidedGroup:
    named = {"budget": None, "authority": None, "need": None, "timeframe": None} | answers
    return DecidedGroup(grade=grade, score=5, answers=named, won=won, lost=lost)


class TestCalibration:
    def test_compares_grades_with_real_win_rates(self) -> None:
        groups = [group(Grade.HIGH, 2, 8), group(Grade.MEDIUM, 6, 4), group(Grade.LOW, 0, 3)]
        rates = rates_by_grade(groups)
        assert rates == {Grade.HIGH: Rate(2, 10), Grade.MEDIUM: Rate(6, 10), Grade.LOW: Rate(0, 3)}
        assert misjudged(rates) == (Grade.HIGH, Grade.MEDIUM)

    def test_few_deals_misjudge_nothing(self) -> None:
        groups = [group(Grade.HIGH, 0, 4), group(Grade.MEDIUM, 6, 4)]
        assert misjudged(rates_by_grade(groups)) is None

    def test_finds_the_answer_that_predicts_most(self) -> None:
        groups = [
            group(Grade.HIGH, 8, 2, budget=True, need=True),
            group(Grade.HIGH, 2, 8, budget=True, need=False),
            group(Grade.LOW, 1, 9, budget=None, need=None),
        ]
        first, second = answer_effects(groups)
        assert (first.criterion, first.good, first.others) == ("need", Rate(8, 10), Rate(3, 20))
        assert second.criterion == "budget"


def offer(lead_id: int, person_id: int, *, absent: str = "", kept: bool = True) -> RuledOffer:
    return RuledOffer(
        lead_id=lead_id,
        person_id=person_id,
        rule="",
        team_id=1,
        kept=kept,
        expired=not kept,
        absent=frozenset({absent} - {""}),
        offered_at=datetime(2026, 10, 5, tzinfo=UTC),
    )


def place(person_id: int, weight: int = 1) -> PoolPlace:
    return PoolPlace(person_id=person_id, name=f"P{person_id}", weight=weight)


class TestFairness:
    def test_is_one_where_everybody_has_their_weight(self) -> None:
        offers = [offer(1, 1), offer(2, 1), offer(3, 2)]
        shares = fairness(offers, {"1": (place(1, 2), place(2))})
        assert {share.person_id: round(share.ratio, 6) for share in shares} == {1: 1.0, 2: 1.0}

    def test_nobody_owes_leads_while_away(self) -> None:
        offers = [offer(n, 1, absent="P2") for n in range(4)] + [offer(9, 2)]
        first, second = fairness(offers, {"1": (place(1), place(2))})
        assert (first.person_id, first.leads, first.fair) == (2, 1, 0.5)
        assert (second.person_id, second.leads, second.fair) == (1, 4, 4.5)

    def test_what_was_given_adds_up_to_what_is_fair(self) -> None:
        offers = [offer(n, 1 + n % 3, absent=f"P{1 + (n + 1) % 3}") for n in range(30)]
        shares = fairness(offers, {"1": (place(1, 3), place(2), place(3, 2))})
        assert round(sum(share.fair for share in shares), 6) == sum(s.leads for s in shares) == 30

    def test_counts_what_was_passed_on_by_lead(self) -> None:
        offers = [offer(1, 1, kept=False), offer(1, 2), offer(2, 1), offer(3, 2)]
        assert passed_on(offers) == Rate(1, 3)
        assert expired_share(offers) == Rate(1, 4)


def test_accuracy_is_one_less_the_error() -> None:
    assert ForecastCheck(Decimal(100), Decimal(80)).accuracy == 0.8
    assert ForecastCheck(Decimal(100), Decimal(250)).accuracy == 0.0
    assert ForecastCheck(Decimal(0), Decimal(80)).accuracy is None


class TestPath:
    def test_prefers_certainty_to_a_lucky_few(self) -> None:
        matrix = {
            ("referral", ResponseBucket.HOUR): Rate(4, 5),
            ("exhibition", ResponseBucket.HOURS): Rate(45, 60),
            ("ads", ResponseBucket.LATER): Rate(3, 30),
        }
        path = best_path(matrix)
        assert path is not None
        assert (path.source, path.rate) == ("exhibition", Rate(45, 60))

    def test_adds_up_all_within_a_day(self) -> None:
        matrix = {
            ("exhibition", ResponseBucket.HOUR): Rate(2, 4),
            ("exhibition", ResponseBucket.DAY): Rate(1, 3),
        }
        path = best_path(matrix)
        assert path is not None
        assert (path.bucket, path.rate) == (ResponseBucket.DAY, Rate(3, 7))

    def test_says_nothing_of_fewer_than_five(self) -> None:
        assert best_path({("ads", ResponseBucket.HOUR): Rate(4, 4)}) is None

    def test_wilson_bound_is_the_published_one(self) -> None:
        # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 0.2553 to 0.3662.
        assert round(share_interval(Rate(81, 263)).low, 4) == 0.2553
        assert round(share_interval(Rate(0, 20)).low, 4) == 0.0


def found(**known: object) -> list[ReviewFinding]:
    findings = Findings(**known)  # type: ignore[arg-type]
    return [one.finding for one in proposals(findings, Playbook(), DAY_MINUTES)]


GAPS_OF_MANY = RecordGaps(open_leads=40, missing={Gap.BUDGET: 20})
LOSS = {"price": 6, "timing": 2, "other": 9}
WEAK = StageLoss(stage=Stage.PROPOSAL, entered=20, lost=10, open_now=6)
PEOPLE = {1: Rate(8, 10), 2: Rate(2, 10), 3: Rate(1, 4)}


class TestProposals:
    def test_nothing_found_proposes_nothing(self) -> None:
        assert found() == []

    def test_are_three_of_different_kinds(self) -> None:
        chosen = found(
            response={"exhibition": (Rate(7, 20), Rate(1, 20)), "ads": (Rate(2, 4), Rate(0, 9))},
            stages=(WEAK,),
            losses=LOSS,
            gaps=GAPS_OF_MANY,
            people=PEOPLE,
        )
        kinds = {finding.kind for finding in chosen}
        assert len(chosen) == 3
        assert kinds == set(ProposalKind)

    @pytest.mark.parametrize(
        "few",
        [
            {"response": {"ads": (Rate(4, 4), Rate(0, 9))}},
            {"response": {"ads": (Rate(9, 9), Rate(0, 4))}},
            {"stages": (StageLoss(stage=Stage.PROPOSAL, entered=4, lost=4, open_now=9),)},
            {"losses": {"price": 4}},
            {"gaps": RecordGaps(open_leads=4, missing={Gap.BUDGET: 4})},
            {"people": {1: Rate(4, 4), 2: Rate(0, 9)}},
            {"slipped": Rate(4, 4)},
            {"offers": [offer(n, 1, kept=False) for n in range(4)]},
        ],
    )
    def test_of_fewer_than_five_cases_are_none(self, few: dict[str, object]) -> None:
        assert found(**few) == []

    def test_contact_sooner_gives_the_clock_a_working_day(self) -> None:
        findings = Findings(response={"exhibition": (Rate(7, 20), Rate(1, 20))})
        (one,) = proposals(findings, Playbook(), DAY_MINUTES)
        assert (one.subject, one.rate, one.against) == ("exhibition", Rate(7, 20), Rate(1, 20))
        assert one.change == RuleChange("clocks.medium.within", 960, 480)

    def test_no_rule_is_proposed_where_slow_leads_win_as_often(self) -> None:
        assert found(response={"ads": (Rate(5, 20), Rate(4, 20))}) == []

    def test_a_telling_answer_gets_a_point_more(self) -> None:
        groups = [group(Grade.HIGH, 9, 3, need=True), group(Grade.HIGH, 2, 10, need=False)]
        findings = Findings(answers=answer_effects(groups))
        (one,) = proposals(findings, Playbook(), DAY_MINUTES)
        assert one.change == RuleChange("scoring.need_points", 2, 3)

    def test_offers_that_expire_are_passed_on_sooner(self) -> None:
        offers = [offer(n, 1, kept=n % 2 == 0) for n in range(20)]
        times = [timedelta(minutes=n) for n in range(1, 31)]
        findings = Findings(offers=offers, accept_times=times)
        (one,) = proposals(findings, Playbook(), DAY_MINUTES)
        assert (one.minutes, one.change) == (27, RuleChange("assignment.accept_within", 120, 30))

    def test_other_is_no_reason_to_talk_about(self) -> None:
        (one,) = proposals(Findings(losses=LOSS), Playbook(), DAY_MINUTES)
        assert (one.subject, one.rate) == ("price", Rate(6, 17))
