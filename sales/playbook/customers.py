"""One customer, one lead: when two records are taken for the same, and who may look at contacts."""

from typing import Annotated

from pydantic import Field

from sales.playbook.terms import Rules


class Duplicates(Rules):
    """Names that are ``alike_from`` of 100 or more are asked about before a lead is saved [P8].
    Who was refused access to a customer may ask again after ``ask_again_days``; a merge of two
    leads can be undone for ``undo_merge_days``."""

    alike_from: Annotated[int, Field(ge=50, le=100)] = 85
    ask_again_days: Annotated[int, Field(ge=0)] = 7
    undo_merge_days: Annotated[int, Field(ge=1, le=90)] = 7


class Bounds(Rules):
    """What one person usually does in an hour, and in a day, at most."""

    per_hour: Annotated[int, Field(ge=1)]
    per_day: Annotated[int, Field(ge=1)]


class Reveals(Bounds):
    """More contacts than this that one person looks up in an hour, or in a day, are told to the
    admins and the person's managers [P1]."""

    per_hour: Annotated[int, Field(ge=1)] = 20
    per_day: Annotated[int, Field(ge=1)] = 50


class Probing(Bounds):
    """Who is told more often than this, in an hour or in a day, that a colleague has a customer,
    may be trying who is known: that is told to the admins and the person's managers [P8]."""

    per_hour: Annotated[int, Field(ge=1)] = 10
    per_day: Annotated[int, Field(ge=1)] = 30
