"""How the rows of one file are read: by whose wish, with which choices, rules and people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property

from sales.imports.columns import plain
from sales.imports.plan import Choices
from sales.imports.words import Words
from sales.people import Person, Role
from sales.playbook import Playbook


@dataclass(frozen=True)
class Reading:
    """``people`` are all of the company; ``timezone`` is the company's, in which days begin."""

    actor: Person
    choices: Choices
    playbook: Playbook
    people: Sequence[Person]
    now: datetime
    timezone: tzinfo

    @cached_property
    def owners(self) -> dict[str, Person]:
        """Who may be given leads by this person, by name."""
        return {plain(person.name): person for person in self.people if self._may_give_to(person)}

    @cached_property
    def products(self) -> Words:
        return Words(self.playbook.vocabulary.products)

    @cached_property
    def industries(self) -> Words:
        return Words(self.playbook.vocabulary.industries)

    @cached_property
    def regions(self) -> Words:
        return Words(self.playbook.vocabulary.regions)

    @cached_property
    def sources(self) -> Words:
        return Words(self.playbook.vocabulary.sources)

    @cached_property
    def lost_reasons(self) -> Words:
        return Words(self.playbook.vocabulary.lost_reasons)

    @cached_property
    def colleagues(self) -> frozenset[str]:
        return frozenset(plain(person.name) for person in self.people)

    def _may_give_to(self, person: Person) -> bool:
        match self.actor.role:
            case Role.ADMIN:
                return True
            case Role.MANAGER:
                return person.team_id == self.actor.team_id
            case _:
                return person.id == self.actor.id
