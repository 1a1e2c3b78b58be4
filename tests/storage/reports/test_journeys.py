"""The journeys of leads as both databases give them, limited to what somebody sees."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sales.assignments import Offer, OfferState, Why
from sales.clocks import Clock, ClockKind
from sales.followups import FollowUp, Method
from sales.leads import Lead, Stage
from sales.merging import Merge
from sales.people import SYSTEM, Person
from sales.reports import (
    ALL,
    Journey,
    JourneyFilter,
    Rate,
    Stay,
    attainment,
    stage_conversion,
    wait_of,
)
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def lead(company: Company, units: UnitOfWorkFactory) -> Lead:
    """A lead of Robin's from Monday that was proposed to on Tuesday and lost on Wednesday."""
    with units() as uow:
        leads = uow.leads(SYSTEM)
        new = company.lead(
            source="ads-SEM", region="east", created_at=MONDAY, budget_high=Decimal(30_000)
        )
        known = leads.add(new)
        known = leads.save(replace(known, stage=Stage.PROPOSAL, stage_since=MONDAY + DAY))
        lost_at = MONDAY + 2 * DAY
        known = leads.save(
            replace(
                known,
                stage=Stage.LOST,
                stage_since=lost_at,
                closed_at=lost_at,
                lost_reason="price-Too dear for them",
            )
        )
        for hours in (5, 3):
            uow.followups(SYSTEM).add(
                FollowUp(
                    lead_id=known.id,
                    person_id=company.robin.id,
                    at=MONDAY + hours * HOUR,
                    method=Method.CALL,
                    summary="Called",
                )
            )
        uow.commit()
    return known


def read(units: UnitOfWorkFactory, actor: Person, only: JourneyFilter = ALL) -> list[Journey]:
    with units(read_only=True) as uow:
        return list(uow.journeys(actor).of_period(MONDAY, MONDAY + DAY, only))


def test_a_journey_is_the_whole_way_of_a_lead(
    lead: Lead, company: Company, units: UnitOfWorkFactory
) -> None:
    (journey,) = read(units, SYSTEM)
    assert journey == Journey(
        lead_id=lead.id,
        team_id=company.east.id,
        owner_id=company.robin.id,
        source="ads",
        region="east",
        stage=Stage.LOST,
        created_at=MONDAY,
        closed_at=MONDAY + 2 * DAY,
        worth=Decimal(30_000),
        lost_reason="price",
        assigned_at=MONDAY,
        first_contact_at=MONDAY + 3 * HOUR,
        stays=(
            Stay(Stage.CAPTURED, MONDAY, MONDAY + DAY),
            Stay(Stage.PROPOSAL, MONDAY + DAY, MONDAY + 2 * DAY),
            Stay(Stage.LOST, MONDAY + 2 * DAY),
        ),
    )


@pytest.mark.usefixtures("lead")
def test_everybody_reads_what_they_see(company: Company, units: UnitOfWorkFactory) -> None:
    seen = {
        person.name: len(read(units, person))
        for person in (company.robin, company.kim, company.boss, company.other_boss, company.admin)
    }
    assert seen == {
        "Robin Sample": 1, "Kim Sample": 0, "Bo Sample": 1, "Wes Sample": 0, "Ada Sample": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("lead")
def test_leads_created_in_a_window_are_read_and_counted_alike(
    company: Company, units: UnitOfWorkFactory
) -> None:
    with units(read_only=True) as uow:
        for actor, start, expected in (
            (company.robin, MONDAY, 1),
            (company.admin, MONDAY, 1),
            (company.kim, MONDAY, 0),
            # It entered a stage on the next day, but was not created on it.
            (company.admin, MONDAY + DAY, 0),
        ):
            journeys = uow.journeys(actor)
            assert len(journeys.created_in(start, start + DAY)) == expected
            assert journeys.count_created(start, start + DAY) == expected


@pytest.mark.usefixtures("lead")
def test_a_filter_leaves_out_what_it_does_not_match(
    company: Company, units: UnitOfWorkFactory
) -> None:
    (journey,) = read(units, SYSTEM)
    filters = {
        JourneyFilter(team_ids=frozenset({company.east.id})): True,
        JourneyFilter(owner_ids=frozenset({company.kim.id})): False,
        JourneyFilter(sources=frozenset({"ads", "form"})): True,
        JourneyFilter(products=frozenset({"basic"})): False,
        JourneyFilter(regions=frozenset({"east"}), sources=frozenset({"form"})): False,
    }
    for only, expected in filters.items():
        assert only.matches(journey) is expected
        assert bool(read(units, SYSTEM, only)) is expected


@pytest.mark.usefixtures("lead")
def test_open_leads_are_read_whenever_they_came(company: Company, units: UnitOfWorkFactory) -> None:
    with units() as uow:
        long_ago = MONDAY - 900 * DAY
        old = uow.leads(SYSTEM).add(company.lead(created_at=long_ago, stage_since=long_ago))
        uow.commit()
        assert [one.lead_id for one in uow.journeys(SYSTEM).open_at_present()] == [old.id]


@pytest.mark.usefixtures("lead")
def test_clocks_steps_and_offers_are_read_by_when_they_were_due(
    company: Company, units: UnitOfWorkFactory
) -> None:
    with units() as uow:
        known = uow.leads(SYSTEM).add(
            company.lead(created_at=MONDAY, stage_since=MONDAY, phone="+8613800138001")
        )
        uow.clocks(SYSTEM).add(
            Clock(
                lead_id=known.id,
                kind=ClockKind.CALL,
                owner_id=company.robin.id,
                started_at=MONDAY,
                due_at=MONDAY + HOUR,
                met_at=MONDAY + 2 * HOUR,
                breached_at=MONDAY + HOUR,
            )
        )
        uow.followups(SYSTEM).add(
            FollowUp(
                lead_id=known.id,
                person_id=company.robin.id,
                at=MONDAY,
                method=Method.CALL,
                summary="Called",
                next_at=MONDAY + 4 * HOUR,
                next_until=MONDAY + 9 * HOUR,
                closed_at=MONDAY + 10 * HOUR,
            )
        )
        for hours, person in enumerate((company.boss, company.robin)):
            uow.offers.add(
                Offer(
                    lead_id=known.id,
                    person_id=person.id,
                    why=Why("rule"),
                    offered_at=MONDAY + hours * HOUR,
                    state=OfferState.ACCEPTED if hours else OfferState.EXPIRED,
                    answered_at=MONDAY + (hours + 1) * HOUR,
                )
            )
        uow.commit()
    with units(read_only=True) as uow:
        journeys, day = uow.journeys(company.boss), (MONDAY, MONDAY + DAY)
        others = uow.journeys(company.other_boss)
        assert attainment(journeys.clocks_due(*day), MONDAY + DAY) == Rate(0, 1)
        assert not others.clocks_due(*day)
        journey = next(one for one in journeys.open_in(*day) if one.lead_id == known.id)
        assert journey.assigned_at == MONDAY
        assert wait_of(journey) == HOUR * 0


@pytest.mark.usefixtures("lead")
def test_merged_leads_are_one_journey(
    lead: Lead, company: Company, units: UnitOfWorkFactory
) -> None:
    """What happened to the older one until the other came, and from then on with that."""
    came = MONDAY + DAY + 6 * HOUR
    with units() as uow:
        leads = uow.leads(SYSTEM)
        winner = leads.add(
            company.lead(created_at=came, stage_since=came, stage=Stage.SCREENED, source="form")
        )
        winner = leads.save(replace(winner, stage=Stage.DISCOVERY, stage_since=came + HOUR))
        merge = Merge(
            winner_id=winner.id, loser_id=lead.id, merged_by=company.boss.id,
            merged_at=came + DAY, undo_until=came + 9 * DAY,
        )  # fmt: skip
        uow.merges.move(uow.merges.begin(merge))
        leads.save(replace(leads.get(winner.id), created_at=MONDAY))
        uow.commit()
    (journey,) = read(units, SYSTEM)
    assert (journey.lead_id, journey.created_at) == (winner.id, MONDAY)
    assert journey.first_contact_at == MONDAY + 3 * HOUR
    assert journey.stays == (
        Stay(Stage.CAPTURED, MONDAY, MONDAY + DAY),
        Stay(Stage.PROPOSAL, MONDAY + DAY, came),
        Stay(Stage.SCREENED, came, came + HOUR),
        Stay(Stage.DISCOVERY, came + HOUR),
    )
    first, *_, proposal, _ = stage_conversion([journey], MONDAY, MONDAY + 9 * DAY)
    assert (first.rate, proposal.rate, proposal.still_open) == (Rate(1, 1), Rate(0, 1), 1)
