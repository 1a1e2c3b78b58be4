"""``/report impact`` through the front door: figures before and after, for leaders alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handlers.core.charts import ComparisonChart
from handlers.core.ui import Card
from sales.assignments import Why
from sales.leads import Lead, Stage
from sales.people import SYSTEM, Role
from sales.playbook import Scoring
from sales.reports.intervals import share_difference
from sales.reports.measures import Rate
from sales.tasks import Task, TaskKind
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

ADOPTED = datetime(2023, 6, 1, 9, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def grow(office: Office, first: datetime, leads: int, won: int, days: int) -> None:
    """Leads from day to day, some of them won after so many days."""
    robin = office.people["robin"]
    with office.world.new_uow() as uow:
        stored = uow.leads(SYSTEM)
        for number in range(leads):
            at = first + number * DAY
            lead = stored.add(
                Lead(
                    source="ads", customer=f"Sample {first:%y%m%d}-{number}", stage_since=at,
                    team_id=robin.team_id, created_at=at, created_by=robin.id, owner_id=robin.id,
                )
            )  # fmt: skip
            screened_at = at + DAY
            lead = stored.save(replace(lead, stage=Stage.SCREENED, stage_since=screened_at))
            if number < won:
                won_at = at + days * DAY
                stored.save(replace(lead, stage=Stage.WON, stage_since=won_at, closed_at=won_at))
        uow.commit()


def hand_over(office: Office, first: datetime, n: int, hours: int) -> None:
    with office.world.new_uow() as uow:
        tasks = uow.tasks(SYSTEM)
        for number in range(n):
            at = first + 7 * number * DAY
            tasks.add(
                Task(
                    lead_id=1, kind=TaskKind.SUPPORT, role=Role.PRODUCT, assignee_id=None,
                    why=Why("task_role"), created_at=at, due_at=at + DAY,
                    answered_at=at + timedelta(hours=hours),
                )
            )  # fmt: skip
        uow.commit()


@pytest.fixture
def grown(office: Office) -> Office:
    grow(office, ADOPTED - 300 * DAY, 60, 12, 40)
    grow(office, ADOPTED + 5 * DAY, 50, 25, 25)
    hand_over(office, ADOPTED - 200 * DAY, 12, 3)
    hand_over(office, ADOPTED + DAY, 12, 1)
    reply = office.ask("ada", "impact.adopt", values={"day": "2023-06-01"})
    assert not reply.errors, reply.errors
    return office


def card_of(office: Office, account: str = "ada") -> Card:
    card = office.ask(account, "impact.open").card
    assert card
    return card


def lines(card: Card) -> str:
    return "\n".join(line for section in card.sections for line in section.lines)


class TestCard:
    def test_says_each_figure_with_its_interval(self, grown: Office) -> None:
        card = card_of(grown)
        said = lines(card)
        assert grown.say(
            "impact.conversion_screened", days=90, after="50%", after_n=50, before="20%",
            before_n=60,
        ) in said  # fmt: skip
        interval = share_difference(Rate(12, 60), Rate(25, 50))
        ends = {name: f"+{getattr(interval, name) * 100:.1f}" for name in ("low", "high")}
        assert grown.say("impact.points_higher", change="+30", **ends) in said
        assert grown.say(
            "impact.cycle_is", after_n=25, after="25", before_n=12, before="40"
        ) in said  # fmt: skip
        assert grown.say("impact.days_lower", change="−15", low="−15", high="−15") in said
        assert grown.say("impact.promise_answers") in said
        charts = [section.chart for section in card.sections]
        assert all(isinstance(chart, ComparisonChart) for chart in charts)
        assert len(charts) == 3

    def test_a_side_with_plenty_of_leads_is_of_fewer_days(
        self, grown: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("handlers.impact.service.PLENTY", 25)
        # The first 30 days afterwards have 25 leads; before, all lie farther back.
        assert grown.say(
            "impact.conversion_screened", days=90, after="100%", after_n=25, before="20%",
            before_n=60,
        ) in lines(card_of(grown))  # fmt: skip

    def test_opens_the_leads_of_each_side(self, grown: Office) -> None:
        card = card_of(grown)
        for side, n in (("before", 60), ("after", 50)):
            button = button_of(card, grown.say(f"button.impact_{side}", n=n))
            listed = grown.ask("ada", button.action, pressed=button.value).card
            assert listed
            assert str(n) in words_of(listed.title) or str(n) in words_of(listed.body)

    def test_of_ones_own_team_alone(self, grown: Office) -> None:
        mine, others = lines(card_of(grown, "max")), lines(card_of(grown, "wes"))
        assert "50%" in mine
        assert "50%" not in others
        assert grown.say("impact.few_leads", before=0, after=0, least=10) in others
        values = {"basis": "adoption", "horizon": "0", "team": str(grown.teams["East"].id)}
        asked = grown.ask("wes", "impact.show", values=values)
        assert "50%" not in words_of(asked)

    def test_reps_do_not_see_it(self, grown: Office) -> None:
        assert grown.ask("robin", "impact.open").card is None
        assert grown.ask("max", "impact.adopt", values={"day": "2023-06-01"}).update is None

    def test_before_anything_was_done(self, office: Office) -> None:
        assert card_of(office).body == office.say("impact.nothing")
        office.log_lead("robin", owner="keep")
        card = card_of(office)
        assert office.say("impact.day_by_itself") in words_of(card)
        assert office.say("impact.few_leads", before=0, after=0, least=10) in lines(card)


class TestAsking:
    def test_before_and_after_a_version_says_what_changed(self, grown: Office) -> None:
        grown.rules(scoring=Scoring(high_from=9))
        form = grown.press("ada", card_of(grown), "button.impact_choose").form
        assert form
        reply = grown.submit("ada", form, basis="v1", horizon="30")
        assert reply.update
        assert grown.say("rules.playbook.scoring") in words_of(reply.update)
        what = button_of(reply.update, grown.say("button.rules_what", version=1))
        assert grown.ask("ada", what.action, pressed=what.value).card
        chosen = [one for one in buttons_of(reply.update) if one.action == "impact.choose"]
        again = grown.ask("ada", "impact.choose", pressed=chosen[0].value).form
        assert again
        assert getattr(again.fields[0], "value") == "v1"  # noqa: B009 - of every kind of field

    @pytest.mark.parametrize("pressed", ["", "v99:30:0", "v:x:y", "adoption:7:999"])
    def test_nonsense_asks_for_what_there_is(self, grown: Office, pressed: str) -> None:
        form = grown.ask("max", "impact.choose", pressed=pressed).form
        assert form
        assert getattr(form.fields[0], "value") == "adoption"  # noqa: B009
        wrong = grown.ask("max", "impact.show", values={"basis": "v99", "horizon": "7"})
        assert set(wrong.errors) == {"basis", "horizon"}

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [("", "adoption_day"), ("2031-01-01", "adoption_future"), ("soon", "day")],
    )
    def test_the_day_of_adoption_is_asked_for(
        self, office: Office, typed: str, problem: str
    ) -> None:
        form = office.ask("ada", "impact.day").form
        assert form
        errors = office.submit("ada", form, day=typed).errors
        assert errors == {"day": office.say(f"problem.{problem}", typed=typed)}

    @pytest.mark.parametrize("line", ["成效", "impact", "/report impact", "impact report"])
    def test_by_its_words(self, office: Office, line: str) -> None:
        reply = office.ask("max", "command.run", pressed=line)
        assert reply.card
        assert reply.card.title == office.say("impact.title")
