"""The rules that Genjin comes with, as a country needs them: its own regions and public holidays.

Knows how countries are divided for selling, and not how anything is stored.
"""

from functools import cache

from holidays.registry import EntityLoader

from sales.playbook import Playbook
from sales.playbook.vocabulary import Term, terms

_ABROAD = ("abroad", "Abroad", "海外")
_BY_COMPASS = terms(
    ("north", "North", "北部"),
    ("east", "East", "东部"),
    ("south", "South", "南部"),
    ("west", "West", "西部"),
    ("central", "Central", "中部"),
    _ABROAD,
)
"""For a country whose own sales regions are not listed below."""
_REGIONS: dict[str, tuple[Term, ...]] = {
    "GB": terms(
        ("london", "London", "伦敦"),
        ("southeast", "South East", "英格兰东南部"),
        ("southwest", "South West", "英格兰西南部"),
        ("east", "East of England", "英格兰东部"),
        ("midlands", "Midlands", "英格兰中部"),
        ("north", "North of England", "英格兰北部"),
        ("scotland", "Scotland", "苏格兰"),
        ("wales", "Wales", "威尔士"),
        ("northern_ireland", "Northern Ireland", "北爱尔兰"),
        _ABROAD,
    ),
    "US": terms(
        ("northeast", "Northeast", "东北部"),
        ("southeast", "Southeast", "东南部"),
        ("midwest", "Midwest", "中西部"),
        ("southwest", "Southwest", "西南部"),
        ("west", "West", "西部"),
        _ABROAD,
    ),
    "DE": terms(
        ("north", "Northern Germany", "德国北部"),
        ("east", "Eastern Germany", "德国东部"),
        ("south", "Southern Germany", "德国南部"),
        ("west", "Western Germany", "德国西部"),
        ("austria", "Austria", "奥地利"),
        ("switzerland", "Switzerland", "瑞士"),
        _ABROAD,
    ),
}


@cache
def shipped(country: str) -> Playbook:
    """The rules of a company in the country (ISO code) that has changed none.

    Without a calendar of the country's public holidays no day is one.
    """
    rules = Playbook()
    if country == rules.working_hours.country:
        return rules
    calendar = country if country in EntityLoader.get_country_codes() else ""
    return rules.model_copy(
        update={
            "working_hours": rules.working_hours.model_copy(update={"country": calendar}),
            "vocabulary": rules.vocabulary.model_copy(
                update={"regions": _REGIONS.get(country, _BY_COMPASS)}
            ),
        }
    )


def are_shipped(regions: tuple[Term, ...]) -> bool:
    """Whether nobody wrote these regions: some country comes with them."""
    return regions in (Playbook().vocabulary.regions, _BY_COMPASS, *_REGIONS.values())
