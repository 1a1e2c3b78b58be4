"""Whose numbers are meant when no country is said: the company's home, and each team's own.

Knows where a company may be at home, and not how its phones or amounts are written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import phonenumbers

_PART = re.compile(r"(?:(?P<team>[^=,]{1,80})=)?(?P<country>[A-Za-z]{2})")


@dataclass(frozen=True, slots=True)
class Countries:
    """ISO codes: of the company (``home``), and by the name of a team that works elsewhere."""

    home: str = "CN"
    by_team: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, otherwise: str = "CN") -> "Countries":
        """Parse ``CN`` or ``CN, Team Berlin=DE, Team York=GB``.

        Without a home of its own, ``otherwise`` is it. Raises ValueError.
        """
        home, by_team = "", dict[str, str]()
        for part in filter(None, (part.strip() for part in text.split(","))):
            match = _PART.fullmatch(part)
            country = match["country"].upper() if match else ""
            if match is None or country not in phonenumbers.SUPPORTED_REGIONS:
                raise ValueError(f"has no country in {part!r}: two letters such as CN, US or DE")
            if match["team"]:
                by_team[match["team"].strip()] = country
            elif home:
                raise ValueError("names two countries for the company")
            else:
                home = country
        return cls(home or otherwise, by_team)

    def of(self, team: str) -> str:
        """The country of a team's numbers; the company's for every other name."""
        return self.by_team.get(team, self.home)


def country_of_currency(currency: str) -> str:
    """The country that an ISO currency code begins with; "" for one of several countries."""
    country = currency[:2]
    return country if country in phonenumbers.SUPPORTED_REGIONS else ""
