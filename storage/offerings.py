"""A proposal's offering as the text that is sealed, and back: everything as it was sent.

Amounts are written as decimals and read as decimals, to the cent.
"""

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sales.proposals import Case, Offering, Solution
from sales.quotes import Edition, Line, Quote


def offering_to_text(offering: Offering) -> str:
    return json.dumps(asdict(offering), ensure_ascii=False, default=str)


def offering_from_text(text: str) -> Offering:
    known: dict[str, Any] = json.loads(text)
    recommended = known["recommended"]
    return Offering(
        opening=known["opening"],
        solutions=tuple(Solution(**one) for one in known["solutions"]),
        quote=_quote(known["quote"]),
        recommended=Edition(recommended) if recommended else None,
        cases=tuple(Case(**one) for one in known["cases"]),
        terms=known["terms"],
        valid_until=date.fromisoformat(known["valid_until"]),
    )


def _quote(known: dict[str, Any]) -> Quote:
    return Quote(
        lines=tuple(_line(one) for one in known["lines"]), discount=Decimal(known["discount"])
    )


def _line(known: dict[str, Any]) -> Line:
    prices = {
        edition.value: None if known[edition.value] is None else Decimal(known[edition.value])
        for edition in Edition
    }
    return Line(**known | prices)
