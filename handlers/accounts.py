"""Whose an account may be: what its platform vouches for, and people of a like name."""

from contextlib import suppress

from rapidfuzz import fuzz

from handlers.requests import Sender
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.people import Person
from storage.unit_of_work import UnitOfWork

_ALIKE = 85
_OFFERED = 3


def vouched(sender: Sender) -> tuple[str, str]:
    """The phone and the e-mail that the platform vouches for; "" for what cannot be read."""
    phone = email = ""
    with suppress(NotAPhone):
        phone = parse_phone(sender.phone) if sender.phone else ""
    with suppress(NotAnEmail):
        email = parse_email(sender.email) if sender.email else ""
    return phone, email


def like_named(name: str, platform: str, uow: UnitOfWork, but: int = 0) -> list[Person]:
    """Who may be a newcomer of that name: of a like one, at work, and not on this platform yet;
    ``but`` is the id of the newcomer's own person."""
    here = {known.id for _, known in uow.people.accounts(platform)}
    name = name.partition(" (")[0]
    return [
        other
        for other in uow.people.everyone()
        if other.active
        and other.id not in here
        and other.id != but
        and fuzz.ratio(name.lower(), other.name.lower()) >= _ALIKE
    ][:_OFFERED]
