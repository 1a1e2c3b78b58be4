"""What customers are likely to buy next [P15]."""

from typing import Annotated

from pydantic import Field

from sales.playbook.terms import NameOf, Rules

Share = Annotated[int, Field(ge=0, le=1000)]


class Recommendation(Rules):
    """A customer with ``edition`` ("" for any) for ``after_months`` months is recommended
    ``product``, estimated at ``share`` percent of what they signed; both are keys of the
    vocabulary's products."""

    edition: Annotated[str, NameOf("products")] = ""
    after_months: Annotated[int, Field(ge=1, le=120)]
    product: Annotated[str, NameOf("products")]
    share: Share = 30

    def fits(self, edition: str, months: int | None) -> bool:
        """``months`` None when nobody counted."""
        return self.edition in ("", edition) and (months is None or months >= self.after_months)


class Repeat(Rules):
    """``recommendations``: the first that fits is made. A term lasts ``renewal_months`` months (0:
    none), and its renewal is brought up ``renewal_before`` days ahead. More usage is estimated
    at ``usage_share`` percent of what was signed."""

    recommendations: tuple[Recommendation, ...] = (
        Recommendation(edition="advanced", after_months=3, product="analytics"),
    )
    renewal_months: Annotated[int, Field(ge=0, le=120)] = 12
    renewal_before: Annotated[int, Field(ge=1, le=300)] = 30
    usage_share: Share = 20
