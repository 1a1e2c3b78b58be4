"""Lists of leads: what a list shows, in which order, and the one line by which people ask for it.

Knows no clock and no database: moments, the vocabulary and the people are arguments.
"""

from sales.lead_lists.codec import LONGEST, DecodedQuery, LostPart, decode, encode
from sales.lead_lists.description import DescribedFilter, describe
from sales.lead_lists.lexicon import ListNames, nearest_phrase
from sales.lead_lists.moments import Moments
from sales.lead_lists.query import (
    ANYTHING,
    CloseDate,
    DayRange,
    Exclusion,
    LastDays,
    LeadFigure,
    LeadQuery,
    LeadSort,
    NextStep,
    Period,
    QueryField,
    Status,
)
from sales.lead_lists.words import ParsedList, UnreadWords, parse_list

__all__ = [
    "ANYTHING",
    "LONGEST",
    "CloseDate",
    "DayRange",
    "DecodedQuery",
    "DescribedFilter",
    "Exclusion",
    "LastDays",
    "LeadFigure",
    "LeadQuery",
    "LeadSort",
    "ListNames",
    "LostPart",
    "Moments",
    "NextStep",
    "ParsedList",
    "Period",
    "QueryField",
    "Status",
    "UnreadWords",
    "decode",
    "describe",
    "encode",
    "nearest_phrase",
    "parse_list",
]
