"""What proposals promise, and how long their pages can be read [P10] [P11]."""

from typing import Annotated

from pydantic import Field

from sales.intake import Words
from sales.playbook.terms import Rules


class Proposals(Rules):
    """``seller`` is the company's name at the top of the page and ``terms`` what stands at its
    end ("" for the shipped words); an offer stands for ``valid_days``, its link works for
    ``link_days``. A page in sight for ``seen_seconds`` at which a person showed was opened."""

    seller: Words = Words()
    terms: Words = Words()
    valid_days: Annotated[int, Field(ge=1, le=365)] = 30
    link_days: Annotated[int, Field(ge=1, le=365)] = 60
    seen_seconds: Annotated[int, Field(ge=1, le=60)] = 3
