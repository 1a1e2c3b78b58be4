"""How long records of the bot's work are kept. Facts about customers are kept with them."""

from typing import Annotated

from pydantic import Field

from sales.playbook.vocabulary import Rules


class Retention(Rules):
    """Days for which each kind of record is kept.

    ``work``: jobs that were done; their keys keep them from being done twice, and the longest of
    the keys are needed for a quarter. ``notices``: messages that were delivered; ``undelivered``:
    those that were given up. ``cards``: posted cards, which are updated and answered in their
    threads as long as they are known. ``chat``: what the local web chat shows. ``reminders``:
    outcomes of reminders. ``automations``: what automations did. ``newcomers``: people
    who asked to be let in and were not. ``audit``: who did what; the
    database itself refuses anything below half a year, as long as network logs are to be kept in
    China, and claims from contracts lapse after three years there.
    """

    work: Annotated[int, Field(ge=100, le=3650)] = 120
    notices: Annotated[int, Field(ge=35, le=3650)] = 90
    undelivered: Annotated[int, Field(ge=30, le=3650)] = 180
    cards: Annotated[int, Field(ge=30, le=3650)] = 365
    chat: Annotated[int, Field(ge=7, le=3650)] = 365
    reminders: Annotated[int, Field(ge=100, le=3650)] = 730
    automations: Annotated[int, Field(ge=100, le=3650)] = 365
    newcomers: Annotated[int, Field(ge=30, le=3650)] = 180
    audit: Annotated[int, Field(ge=183, le=3650)] = 1095
