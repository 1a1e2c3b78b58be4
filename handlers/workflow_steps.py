"""Steps that other tools' workflows run here, such as those of Slack's Workflow Builder.

A step is a way in from outside: whoever builds the workflow decides what it says, also whom it
names, so nobody acts in a person's name by it, and its answer does not tell whether a customer is
known. It has nobody to ask: what is wrong is told to the builder. Knows no platform.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.core.language import Language, Languages
from handlers.intake import LeadArrival, Outcome, Via
from sales.contacts import mask_contacts
from sales.errors import GenjinError, InvalidInput, Problem
from storage.unit_of_work import UnitOfWorkFactory

LEAD_TEXTS: Final = ("customer", "source", "contact", "phone", "email", "need")
"""What a step says of a lead, by the lead form's field names."""
_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadStep:
    """A step that logs a lead. ``id`` is the same for each of its deliveries; ``owner`` is the
    account of who shall lead it, empty where the workflow names nobody."""

    id: str
    platform: str
    values: Mapping[str, str]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class WorkflowSteps:
    """Runs the steps of workflows. ``receive`` takes in a lead from outside."""

    receive: Callable[[LeadArrival], Awaitable[Outcome]]
    new_uow: UnitOfWorkFactory
    languages: Languages

    async def log_lead(self, step: LeadStep) -> str:
        """Log a lead with the checks of the lead form, offered to the owner named or, if that is
        nobody who takes leads, to whom the rules choose. Returns the problem in words; "" if there
        is none."""
        language = self.languages()
        try:
            owner_id = await asyncio.to_thread(self._owner, step)
            arrival = LeadArrival(
                via=Via.WORKFLOW,
                ids=(f"intake:step:{step.platform}:{step.id}",),
                values=step.values,
                owner_id=owner_id,
                locale=language.locale,
            )
            await self.receive(arrival)
        except InvalidInput as error:
            return await asyncio.to_thread(self._told, error.problems, language)
        except GenjinError as error:
            return language.text(f"error.{error.key}", **error.params)
        return ""

    def _owner(self, step: LeadStep) -> int:
        if not step.owner:
            return 0
        with self.new_uow(read_only=True) as uow:
            person = uow.people.find(step.platform, step.owner)
        return person.id if person else 0

    def _told(self, problems: Mapping[str, Problem], language: Language) -> str:
        """What is wrong, field by field as the step names them."""
        lines = []
        for name, problem in problems.items():
            said = _worded(problem, language)
            if name == "source":
                between = "" if language.locale == "zh_CN" else " "
                said = f"{said}{between}{self._sources(language)}"
            if name in LEAD_TEXTS:
                label = language.text(f"lead.{name}")
                said = language.text("step.problem", label=label, problem=said)
            lines.append(said)
        return "\n".join(lines)[:_LONGEST]

    def _sources(self, language: Language) -> str:
        """What may be said of a source, for who cannot see our form."""
        with self.new_uow(read_only=True) as uow:
            terms = uow.playbooks.current().vocabulary.sources
        names = [term.label(language.locale) for term in terms]
        return language.text("step.sources", names=language.listing(names))


def _worded(problem: Problem, language: Language) -> str:
    params = {
        key: mask_contacts(value) if isinstance(value, str) else value
        for key, value in problem.params.items()
    }
    return language.text(f"problem.{problem.key}", **params)
