"""The checklist of setting up a company, as a card of its own and as a part of an admin's first."""

from collections.abc import Sequence
from typing import Final

from handlers.core.language import Language
from handlers.core.ui import Button, Card, Row, Section
from handlers.onboarding.service import SetupStep, StepState, setup_states
from sales.people import Person, Role
from storage.unit_of_work import UnitOfWork

_DONE, _OPEN = "✅", "⬜"
_DO: Final = {
    SetupStep.RULES: "playbook.open",
    SetupStep.TEAMS: "people.add",
    SetupStep.PEOPLE: "people.add",
    SetupStep.LEADS: "import.open",
}
"""The actions that do a step at once; of the others, which are done elsewhere, a card says how."""


def setup_card(states: Sequence[StepState], language: Language) -> Card:
    """All steps, each open one with the button that leads to it."""
    is_done = all(state.done for state in states)
    return Card(
        title=language.text("setup.card_title"),
        body=language.text("setup.card_done" if is_done else "setup.card_open"),
        sections=(_checklist(states, language),),
        buttons=(Button("setup.open", language.text("setup.look_again")),),
    )


def step_card(state: StepState, language: Language) -> Card:
    """How one step is done that needs more than a button here."""
    how = language.text(f"setup.how_{state.step.value}")
    done = (language.text("setup.step_done"),) if state.done else ()
    return Card(
        title=language.text(f"setup.step_{state.step.value}"),
        sections=(Section(lines=(*done, *how.splitlines())),),
        buttons=(Button("setup.open", language.text("setup.go_on")),),
    )


def setup_sections(person: Person, uow: UnitOfWork, language: Language) -> tuple[Section, ...]:
    """The checklist for an admin's first card; none for anybody else, and none once all is done."""
    if person.role is not Role.ADMIN:
        return ()
    states = setup_states(uow, person)
    if all(state.done for state in states):
        return ()
    return (_checklist(states, language),)


def _checklist(states: Sequence[StepState], language: Language) -> Section:
    done = sum(state.done for state in states)
    return Section(
        language.text("setup.progress", done=done, all=len(states)),
        tuple(f"{_DONE} {_name(state, language)}" for state in states if state.done),
        rows=tuple(_to_do(state, language) for state in states if not state.done),
    )


def _to_do(state: StepState, language: Language) -> Row:
    step = state.step
    todo = language.text(f"setup.todo_{step.value}")
    label = language.text(f"setup.do_{step.value}")
    action = _DO.get(step)
    button = Button(action, label) if action else Button("setup.step", label, step.value)
    said = language.text("setup.to_do", name=_name(state, language), todo=todo)
    return Row(f"{_OPEN} {said}", button)


def _name(state: StepState, language: Language) -> str:
    return language.text(f"setup.step_{state.step.value}")
