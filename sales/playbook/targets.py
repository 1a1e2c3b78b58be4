"""What is suggested to who sets a quarter's targets."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from sales.playbook.terms import Rules


class Targets(Rules):
    """Examples below the fields of a team's target for a quarter [P22]; nothing is a target
    before a leader has set it. Money in whole currency units, ``conversion`` in percent; null
    suggests nothing."""

    revenue: Annotated[Decimal, Field(gt=0)] | None = Decimal(1_000_000)
    customers: Annotated[int, Field(ge=1)] | None = 50
    leads: Annotated[int, Field(ge=1)] | None = None
    conversion: Annotated[int, Field(ge=1, le=100)] | None = None
    average_deal: Annotated[Decimal, Field(gt=0)] | None = Decimal(20_000)
