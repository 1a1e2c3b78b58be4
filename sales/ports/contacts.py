"""People's own phones and e-mails, by which they are known on every platform."""

from typing import Protocol

from sales.people import Person


class PersonContacts(Protocol):
    """To be changed only with the people held (``People.hold``)."""

    def get(self, person_id: int) -> tuple[str, str]:
        """Phone (E.164) and e-mail; "" for what is not known."""

    def save(self, person_id: int, phone: str, email: str) -> None:
        """Nobody else may have them: see ``find``."""

    def find(self, phone: str, email: str) -> list[Person]:
        """Who has this phone, or this e-mail: at most two."""

    def absorb(self, kept: Person, gone: Person) -> None:
        """Two that are one person: all that was the one's is the other's, accounts included."""
