"""A whole history is imported with its blemishes reported and its totals equal.

The public data set itself is read if ``GENJIN_CRM_SALES`` names its directory.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from handlers.core.requests import Upload
from tests.furnished import Offices
from tests.imports.opportunities import UNKNOWN, Opportunities, invented, staff, won_in, won_of
from tests.office import SHANGHAI, Office

DATA = os.environ.get("GENJIN_CRM_SALES", "")
FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
STAGES = {"Won": "won", "Lost": "lost", "Engaging": "discovery", "Prospecting": "captured"}


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, genjin_currency="USD") as office:
        yield office


async def bring_in(office: Office, opportunities: Opportunities) -> int:
    """Import the file as an admin would; gives the import's id."""
    upload = Upload("sales_pipeline.csv", opportunities.content)
    assert not office.ask("ada", "import.take", upload=upload).errors
    await office.settle()
    number = office.rows("import_job")[-1]["id"]
    form = office.ask("ada", "import.rules", pressed=str(number)).form
    assert form is not None
    assert not office.submit("ada", form, customer=UNKNOWN, unowned="pool").errors
    await office.settle()
    assert not office.ask("ada", "import.start", pressed=str(number)).errors
    await office.settle()
    return int(number)


async def check_whole(office: Office, opportunities: Opportunities) -> None:
    staff(office, opportunities)
    number = await bring_in(office, opportunities)
    [job] = office.rows("import_job")
    assert (job["id"], job["state"], job["rows"]) == (number, "imported", len(opportunities.rows))
    tally, findings = job["tally"], job["tally"]["findings"]
    assert (tally["new"], tally["wrong"], tally["same"]) == (len(opportunities.rows), 0, 0)
    assert findings["customer:missing"]["n"] == opportunities.without_account
    assert findings["product:read_as"]["n"] == opportunities.misspelled
    assert set(findings) == {"customer:missing", "product:read_as"}
    stored = Counter(row["stage"] for row in office.rows("lead"))
    assert stored == {STAGES[name]: count for name, count in opportunities.stages.items()}
    assert won_in(office) == opportunities.won()


async def test_a_file_of_that_shape(office: Office) -> None:
    await check_whole(office, invented(700))
    told = [card for n in range(35) for card in office.inbox(f"agent-{n}")]
    assert len(told) <= 35


async def check_unprepared(office: Office, opportunities: Opportunities) -> None:
    """A new user sends the file and presses Import: agents and products come with it."""
    upload = Upload("sales_pipeline.csv", opportunities.content)
    assert not office.ask("ada", "import.take", upload=upload).errors
    await office.settle()
    number = str(office.rows("import_job")[-1]["id"])
    assert not office.ask("ada", "import.start", pressed=number).errors
    await office.settle()
    assert won_in(office) == opportunities.won()
    assert won_of(office) == opportunities.won_of()
    assert {*opportunities.agents} <= {row["name"] for row in office.rows("person")}
    [job] = office.rows("import_job")
    assert job["tally"]["new"] == len(opportunities.rows) - opportunities.without_account
    assert set(job["tally"]["findings"]) == {"customer:missing"}


async def test_without_any_preparation(office: Office) -> None:
    await check_unprepared(office, invented(700))


@pytest.mark.skipif(not DATA, reason="GENJIN_CRM_SALES is not set")
async def test_the_public_data_set_without_any_preparation(office: Office) -> None:
    content = (Path(DATA) / "sales_pipeline.csv").read_bytes()
    await check_unprepared(office, Opportunities(content))
    won = won_of(office)
    assert {name: value for name, (_, value) in won.items()}["MGAdvanced"] == 2_216_387
    assert sum(count for count, _ in won.values()) == 4238


@pytest.mark.skipif(not DATA, reason="GENJIN_CRM_SALES is not set")
async def test_the_public_data_set(office: Office) -> None:
    opportunities = Opportunities((Path(DATA) / "sales_pipeline.csv").read_bytes())
    await check_whole(office, opportunities)
    won = won_in(office)
    assert sum(count for count, _ in won.values()) == 4238
    assert sum((value for _, value in won.values()), Decimal(0)) == 10_005_534
    leads = office.rows("lead")
    assert len(leads) == 8800
    assert Counter(row["stage"] for row in leads) == {
        "won": 4238, "lost": 2473, "discovery": 1589, "captured": 500,
    }  # fmt: skip
    assert len({row["owner_id"] for row in leads}) == 30
