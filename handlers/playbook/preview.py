"""A prepared change as a card: what differs from the rules in force, and what can be done."""

from handlers.playbook.trial import PERIODS, TRIED
from handlers.playbook.unknown import unknown_section
from handlers.playbook.words import difference_line
from handlers.turns import Turn
from handlers.ui import Button, Card, Section
from sales.permissions import may
from sales.playbook import Playbook
from sales.playbook.changes import Difference, Draft, differences, document_of

SHOWN = 25
"""So many differences stand on a card."""


def difference_lines(old: Playbook, new: Playbook, turn: Turn) -> tuple[str, ...]:
    """How two playbooks differ, in words; the last line counts what is not shown."""
    return told(list(differences(document_of(old), document_of(new))), turn)


def told(found: list[Difference], turn: Turn) -> tuple[str, ...]:
    lines = tuple(difference_line(one, turn) for one in found[:SHOWN])
    more = len(found) - SHOWN
    return (*lines, turn.text("rules.more", n=more)) if more > 0 else lines


def draft_card(draft: Draft, turn: Turn, *, since: int | None = None) -> Card:
    """The draft upon the version in force. ``since``: an older version, when somebody else put
    another one in force while this one was prepared; then it says what changed meanwhile."""
    found = list(differences(document_of(turn.playbook), document_of(draft.playbook)))
    author = turn.uow.people.get(draft.author_id).name
    return Card(
        title=turn.text("rules.draft_title", number=draft.id),
        body=turn.text("rules.draft_by", name=author, at=turn.language.moment(draft.created_at)),
        sections=(
            Section(
                turn.text("rules.differences"),
                told(found, turn) or (turn.text("rules.no_difference"),),
            ),
            *unknown_section(draft.playbook, turn),
            *meanwhile(since, turn),
        ),
        buttons=_buttons(draft, found, turn),
        footnote=turn.text("rules.draft_hint"),
        tone="warning",
    )


def meanwhile(since: int | None, turn: Turn) -> tuple[Section, ...]:
    """What others put in force after a version."""
    playbooks = turn.uow.playbooks
    if since is None or since == playbooks.number():
        return ()
    was = playbooks.version(since) if since else Playbook()
    versions = [one for one in playbooks.versions() if one.number > since]
    lines = tuple(
        turn.text("rules.version_line", version=one.number, by=one.by or "—",
                  at=turn.language.moment(one.stored_at), why=one.why or "—")
        for one in versions[:3]
    )  # fmt: skip
    changed = difference_lines(was or Playbook(), turn.playbook, turn)
    return (Section(turn.text("rules.meanwhile"), (*lines, *changed)),)


def _buttons(draft: Draft, found: list[Difference], turn: Turn) -> tuple[Button, ...]:
    value = str(draft.id)
    text = turn.text
    touched = list(dict.fromkeys(difference.path[0] for difference in found))
    tries = (
        Button("playbook.try", text("button.rules_try", n=days), f"{value}:{days}")
        for days in PERIODS[:1]
        if not TRIED.isdisjoint(touched)
    )
    if not may(turn.actor, "playbook.apply"):
        return (*tries, Button("playbook.open", text("button.rules_all")))
    return (
        Button("playbook.confirm", text("button.rules_apply"), value, "primary"),
        *tries,
        *(
            Button("playbook.show", text("button.rules_further"), f"{section}@{value}")
            for section in touched[:1]
        ),
        Button("playbook.discard", text("button.rules_discard"), value),
    )
