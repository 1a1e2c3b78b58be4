"""Four months of a small company: enough deals for a review to say something of everything."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sales.assignments import Offer, OfferState, Why
from sales.followups import FollowUp, Method
from sales.leads import Authority, Clarity, Grade, Lead, Stage, Timeframe
from sales.people import SYSTEM
from storage.unit_of_work import UnitOfWork
from tests.office import EAST, SHANGHAI, WEST, Office

FIRST = datetime(2026, 7, 1, 9, 30, tzinfo=SHANGHAI)
LEADS = 150
MONTH = "2026-10"
"""The last of the four months."""
_WAY = (Stage.SCREENED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION, Stage.WON)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def live_through_a_season(office: Office) -> None:
    """Leads from July to October, one in nineteen hours. Exhibition leads contacted quickly are
    won most often, and Dana wins more than the others; many are lost after the proposal."""
    chance = Random(7)  # noqa: S311 - the same company every time
    with office.world.new_uow() as uow:
        for number in range(LEADS):
            at = FIRST + number * 19 * _HOUR
            _lead(number, at, chance, office, uow)
        uow.commit()


def _lead(number: int, at: datetime, chance: Random, office: Office, uow: UnitOfWork) -> None:
    owner = office.people[("robin", "dana", "kim")[number % 3]]
    source = ("exhibition", "ads", "referral")[number // 3 % 3]
    clear = chance.random() < 0.5
    new = Lead(
        source=source,
        customer=f"Canary {number} Ltd" if number % 30 else "Canary Twin Ltd",
        phone=f"+86138{number:08d}" if number % 5 else "",
        owner_id=owner.id,
        team_id=office.teams[WEST if owner.name.startswith("Kim") else EAST].id,
        created_at=at,
        created_by=owner.id,
        stage_since=at,
        product="crm" if number % 4 else "",
        authority=Authority.DECIDER if number % 2 else Authority.STAFF,
        clarity=Clarity.CLEAR if clear else Clarity.VAGUE,
        timeframe=Timeframe.MONTH if number % 7 else Timeframe.UNKNOWN,
        budget_low=Decimal(150_000) if number % 3 else None,
        score=8 if clear else 5,
        grade=Grade.HIGH if clear else Grade.MEDIUM,
    )
    leads = uow.leads(SYSTEM)
    lead = leads.add(new)
    state = OfferState.EXPIRED if number % 4 == 0 else OfferState.ACCEPTED
    offered = Offer(
        lead_id=lead.id,
        person_id=owner.id,
        why=Why("pool"),
        offered_at=at,
        state=state,
        expires_at=at + 2 * _HOUR,
        answered_at=at + timedelta(minutes=5 + number % 20),
    )
    uow.offers.add(offered)
    if state is OfferState.EXPIRED:
        again = replace(
            offered,
            id=0,
            state=OfferState.ACCEPTED,
            offered_at=at + 2 * _HOUR,
            answered_at=at + 2 * _HOUR + timedelta(minutes=9),
        )
        uow.offers.add(again)
    quick = number // 9 % 2 == 0
    contact = at + (_HOUR if quick else 40 * _HOUR)
    uow.followups(SYSTEM).add(
        FollowUp(
            lead_id=lead.id,
            person_id=owner.id,
            at=contact,
            method=Method.CALL,
            summary="Called about the offer",
        )
    )
    good = 0.3 + 0.3 * quick * (source == "exhibition") + 0.25 * (owner.name[:4] == "Dana")
    _walk(lead, contact, chance, good + 0.15 * clear, uow)


def _walk(lead: Lead, at: datetime, chance: Random, good: float, uow: UnitOfWork) -> None:
    """Move the lead along the pipeline, a few days at a time, until now."""
    leads, lead = uow.leads(SYSTEM), uow.leads(SYSTEM).get(lead.id)
    end = datetime(2026, 11, 4, 12, tzinfo=SHANGHAI)
    wins = chance.random() < good
    for stage in _WAY:
        at += chance.randint(2, 7) * _DAY
        if at >= end:
            return
        if stage is Stage.NEGOTIATION and not wins:
            reason = chance.choice(["price-too dear", "price", "timing", "other", "competitor"])
            lost = replace(lead, stage=Stage.LOST, stage_since=at, closed_at=at, lost_reason=reason)
            leads.save(lost)
            return
        lead = leads.save(replace(lead, stage=stage, stage_since=at))
    amount = Decimal(chance.randint(2, 30) * 10_000)
    leads.save(replace(lead, closed_at=at, amount=amount))
