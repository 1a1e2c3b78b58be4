"""A lead that a workflow's step logs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from handlers.workflow_steps import LeadStep, WorkflowSteps
from sales.people import SYSTEM, Role
from tests.furnished import Offices
from tests.office import PLATFORM, SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
SAID = {"customer": "Acme Sample Ltd", "source": "Referral", "phone": "138 1234 5678"}


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office


async def log(office: Office, run: str = "Fx1", owner: str = "", **said: str) -> str:
    steps = WorkflowSteps(office.world.receive, office.world.new_uow, office.world.languages)
    step = LeadStep(id=run, platform=PLATFORM, values=SAID | said, owner=owner)
    return await steps.log_lead(step)


async def test_a_lead_is_logged_once_and_given_by_the_rules(office: Office) -> None:
    for _ in range(2):
        assert await log(office, need="wants a customer tool") == ""
    [lead] = office.leads()
    assert office.owner() in ("robin", "dana")
    assert (lead.source, lead.phone, lead.need) == (
        "referral",
        "+8613812345678",
        "wants a customer tool",
    )
    assert lead.created_by == SYSTEM.id


async def test_it_goes_to_the_owner_named(office: Office) -> None:
    assert await log(office, owner="dana") == ""
    assert office.owner() == "dana"
    assert office.offers()[0].why.reason == "named"
    await office.settle()
    assert office.say("why.named") in office.inbox("dana")[-1].footnote


@pytest.mark.parametrize("owner", ["nobody", "leaver"])
async def test_an_owner_who_takes_no_leads_leaves_it_to_the_rules(
    office: Office, owner: str
) -> None:
    office.hire("leaver", "Lee Sample", Role.REP)
    office.change_person("leaver", lambda person: replace(person, active=False))
    assert await log(office, owner=owner) == ""
    assert office.owner() in ("robin", "dana")


async def test_a_known_customer_looks_the_same_and_their_owner_hears_of_it(office: Office) -> None:
    office.log_lead("robin", owner="keep", phone=SAID["phone"])
    assert await log(office) == ""
    assert len(office.leads()) == 1
    await office.settle()
    assert "LX001" in office.inbox("robin")[-1].title


async def test_problems_name_their_fields_and_what_would_be_right(office: Office) -> None:
    told = await log(office, customer="", source="somewhere", phone="12")
    for name in ("customer", "source", "phone"):
        label = office.say(f"lead.{name}")
        assert office.say("step.problem", label=label, problem="") in told
    assert "Referral" in told or "客户转介绍" in told
    assert office.leads() == []
