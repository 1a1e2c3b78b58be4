"""A warning about people and teams that the rules name and who are not there (yet)."""

from handlers.playbook.words import trail
from handlers.turns import Turn
from handlers.ui import Section
from sales.playbook import Playbook
from sales.playbook.changes import document_of, name_of, part_at
from sales.playbook.unknown_names import Stranger, nearest, strangers

SHOWN = 8


def unknown_section(playbook: Playbook, turn: Turn) -> tuple[Section, ...]:
    """The warning as part of a card; nothing when everybody named is there."""
    lines = unknown_lines(playbook, turn)
    return (Section(turn.text("rules.unknown"), lines),) if lines else ()


def unknown_lines(playbook: Playbook, turn: Turn) -> tuple[str, ...]:
    """Each name with where it stands and whom it may mean."""
    people = [person.name for person in turn.uow.people.everyone()]
    teams = [team.name for team in turn.uow.people.teams()]
    found = strangers(playbook, people, teams)
    lines = tuple(_line(one, playbook, people, teams, turn) for one in found[:SHOWN])
    more = len(found) - SHOWN
    return (*lines, turn.text("rules.more", n=more)) if more > 0 else lines


def _line(
    one: Stranger, playbook: Playbook, people: list[str], teams: list[str], turn: Turn
) -> str:
    near = nearest(one.name, people if one.what == "person" else teams)
    said = turn.text(
        f"rules.unknown_{one.what}", name=one.name, part=trail(_by_names(one, playbook), turn)
    )
    if not near:
        return said
    return said + turn.text("rules.unknown_near", names=turn.language.listing(near))


def _by_names(one: Stranger, playbook: Playbook) -> tuple[str, ...]:
    """The path of the record that names somebody, records of lists by their names."""
    document, steps = document_of(playbook), one.path[:-1]
    named = (name_of(part_at(document, steps[: end + 1])) for end in range(len(steps)))
    path = [
        (name if step.isdecimal() and name else step)
        for step, name in zip(steps, named, strict=True)
    ]
    # A member of a pool is named already: the rule is what is looked for.
    return tuple(path[:-2] if len(path) > 1 and path[-2] == "pool" else path)
