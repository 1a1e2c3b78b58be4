"""The checklist of setting up a company, as a card of its own and as a part of an admin's first."""

from collections.abc import Sequence

from handlers.core.language import Language
from handlers.core.ui import Button, Card, Section
from handlers.onboarding.service import SetupStep, StepState, setup_states
from sales.people import Person, Role
from storage.unit_of_work import UnitOfWork

_DONE, _OPEN = "✅", "⬜"
_DO: dict[SetupStep, str] = {
    SetupStep.RULES: "playbook.open",
    SetupStep.TEAMS: "people.add",
    SetupStep.PEOPLE: "people.add",
    SetupStep.LEADS: "import.open",
}
"""The actions of the steps that a button does; the others are done elsewhere."""


def setup_card(states: Sequence[StepState], language: Language) -> Card:
    """All steps, with a button for each open one that can be done here."""
    open_ones = [state.step for state in states if not state.done]
    actions = dict.fromkeys(_DO[step] for step in open_ones if step in _DO)
    body = "setup.card_open" if open_ones else "setup.card_done"
    return Card(
        title=language.text("setup.card_title"),
        body=language.text(body),
        sections=(_checklist(states, language),),
        buttons=(
            *(Button(action, language.text(_label(action))) for action in actions),
            Button("setup.open", language.text("setup.look_again")),
        ),
    )


def setup_sections(person: Person, uow: UnitOfWork, language: Language) -> tuple[Section, ...]:
    """The checklist for an admin's first card; none for anybody else, and none once all is done."""
    if person.role is not Role.ADMIN:
        return ()
    states = setup_states(uow, person)
    if all(state.done for state in states):
        return ()
    more = Button("setup.open", language.text("setup.go_on"))
    return (_checklist(states, language, more),)


def _checklist(states: Sequence[StepState], language: Language, *buttons: Button) -> Section:
    done = sum(state.done for state in states)
    heading = language.text("setup.progress", done=done, all=len(states))
    return Section(heading, tuple(_line(state, language) for state in states), buttons=buttons)


def _line(state: StepState, language: Language) -> str:
    name = language.text(f"setup.step_{state.step.value}")
    if state.done:
        return f"{_DONE} {name}"
    return f"{_OPEN} {name}: " + language.text(f"setup.todo_{state.step.value}")


def _label(action: str) -> str:
    match action:
        case "playbook.open":
            return "button.rules"
        case "people.add":
            return "button.add_person"
        case _:
            return "setup.import_leads"
