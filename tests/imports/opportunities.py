"""A reseller's opportunities: the public data set if it is at hand, else a file of its shape.

The shape is that of Maven Analytics' "CRM Sales Opportunities", with its blemishes: open deals
without an account or a date, and a product spelled in two ways.
"""

import csv
import io
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from sales.imports.values import parse_date
from sales.people import Identity, Person, Role, Team
from sales.playbook import Term, Vocabulary
from tests.office import PLATFORM, Office

COLUMNS = ("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date",
           "close_date", "close_value")  # fmt: skip
PRODUCTS = ("GTX Basic", "GTX Pro", "GTX Plus Basic", "GTX Plus Pro", "GTK 500", "MG Special",
            "MG Advanced")  # fmt: skip
UNKNOWN = "Unknown account"
Quarter = tuple[str, int, int]
"""An agent, a year and the quarter in it."""


@dataclass(frozen=True)
class Opportunities:
    """A file and the results of a plain count of it."""

    content: bytes

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.content.decode())))

    @property
    def agents(self) -> list[str]:
        return sorted({row["sales_agent"] for row in self.rows})

    @property
    def stages(self) -> Counter[str]:
        return Counter(row["deal_stage"] for row in self.rows)

    @property
    def without_account(self) -> int:
        return sum(not row["account"] for row in self.rows)

    @property
    def misspelled(self) -> int:
        return sum(row["product"] == "GTXPro" for row in self.rows)

    def won(self) -> Mapping[Quarter, tuple[int, Decimal]]:
        """How many deals each agent won in each quarter, and for how much."""
        counts: Counter[Quarter] = Counter()
        values: dict[Quarter, Decimal] = {}
        for row in self.rows:
            if row["deal_stage"] == "Won":
                key = quarter(row["sales_agent"], parse_date(row["close_date"], "mdy"))
                counts[key] += 1
                values[key] = values.get(key, Decimal(0)) + Decimal(row["close_value"])
        return {key: (counts[key], values[key]) for key in counts}

    def won_of(self) -> Mapping[str, tuple[int, Decimal]]:
        """How many deals of each product were won, and for how much; signs in its name aside."""
        counts: dict[str, tuple[int, Decimal]] = {}
        for row in self.rows:
            if row["deal_stage"] == "Won":
                name = row["product"].replace(" ", "")
                count, value = counts.get(name, (0, Decimal(0)))
                counts[name] = (count + 1, value + Decimal(row["close_value"]))
        return counts


def quarter(agent: str, day: date) -> Quarter:
    return agent, day.year, (day.month + 2) // 3


def invented(count: int, seed: int = 7) -> Opportunities:
    """A file of the data set's shape; nobody in it exists."""
    dice = random.Random(seed)  # noqa: S311 - chance, not a secret
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_row(number, dice) for number in range(count))
    return Opportunities(written.getvalue().encode())


def _row(number: int, dice: random.Random) -> tuple[str, ...]:
    [stage] = dice.choices(("Won", "Lost", "Engaging", "Prospecting"), (48, 28, 18, 6))
    open_deal = stage in ("Engaging", "Prospecting")
    engaged = date(2016, 10, 20) + timedelta(days=dice.randrange(400))
    closed = engaged + timedelta(days=dice.randrange(1, 130))
    return (
        f"{number:08X}",
        f"Agent {dice.randrange(35):02d}",
        dice.choice((*PRODUCTS[:1], "GTXPro", *PRODUCTS[2:])),
        "" if open_deal and dice.random() < 0.7 else f"Account {dice.randrange(85)}",
        stage,
        "" if stage == "Prospecting" else _american(engaged),
        "" if open_deal else _american(closed),
        str(dice.randrange(38, 30_000)) if stage == "Won" else "0" if stage == "Lost" else "",
    )


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def staff(office: Office, opportunities: Opportunities) -> None:
    """The agents become reps, and the products the company's."""
    with office.world.new_uow() as uow:
        team = uow.people.add_team(Team(name="Resellers"))
        for number, name in enumerate(opportunities.agents):
            new = Person(name=name, role=Role.REP, team_id=team.id, locale=office.locale)
            person = uow.people.add(new)
            uow.people.link(
                Identity(PLATFORM, f"agent-{number}", person.id), office.world.clock.now()
            )
        uow.commit()
    products = tuple(
        Term(key=f"p{number}", en=name, zh=name) for number, name in enumerate(PRODUCTS)
    )
    office.rules(vocabulary=Vocabulary(products=(*Vocabulary().products, *products)))


def won_in(office: Office) -> Mapping[Quarter, tuple[int, Decimal]]:
    """The same count of what is stored."""
    names = {row["id"]: row["name"] for row in office.rows("person")}
    counts: Counter[Quarter] = Counter()
    values: dict[Quarter, Decimal] = {}
    for row in office.rows("lead"):
        if row["stage"] == "won":
            closed: datetime = row["closed_at"]
            day = closed.astimezone(office.world.settings.timezone).date()
            key = quarter(names[row["owner_id"]], day)
            counts[key] += 1
            values[key] = values.get(key, Decimal(0)) + row["amount"]
    return {key: (counts[key], values[key]) for key in counts}


def won_of(office: Office) -> Mapping[str, tuple[int, Decimal]]:
    """The same count by product of what is stored."""
    with office.world.new_uow(read_only=True) as uow:
        terms = {term.key: term.en for term in uow.playbooks.current().vocabulary.products}
    counts: dict[str, tuple[int, Decimal]] = {}
    for row in office.rows("lead"):
        if row["stage"] == "won":
            name = terms[row["product"]].replace(" ", "")
            count, value = counts.get(name, (0, Decimal(0)))
            counts[name] = (count + 1, value + row["amount"])
    return counts
