"""Lists of leads: what a list shows, in which order, and the one line by which people ask for it.

Knows no clock and no database: moments, the vocabulary and the people are arguments.
"""

from sales.lead_lists.codec import LONGEST, DecodedQuery, LostPart, decode, encode
from sales.lead_lists.moments import Moments
from sales.lead_lists.query import (
    ANYTHING,
    DayRange,
    Exclusion,
    LeadFigure,
    LeadQuery,
    LeadSort,
    NextStep,
    Period,
    QueryField,
    Status,
)

__all__ = [
    "ANYTHING",
    "LONGEST",
    "DayRange",
    "DecodedQuery",
    "Exclusion",
    "LeadFigure",
    "LeadQuery",
    "LeadSort",
    "LostPart",
    "Moments",
    "NextStep",
    "Period",
    "QueryField",
    "Status",
    "decode",
    "encode",
]
