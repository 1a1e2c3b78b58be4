"""What an import adds beside its leads: people whom its file names, and words of the vocabulary.

Both happen when somebody presses Import, as the preview has announced, and are undone with it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from handlers.core.context import Context
from sales.contacts import NotAnEmail, parse_email
from sales.imports.headings import plain
from sales.imports.plan import LEARNED, Import
from sales.people import Person, Role, Team
from sales.permissions import may
from sales.playbook import Playbook, Term

MOST_LEARNED: Final = 60
"""A column of more unknown words is no vocabulary."""
_PART: Final = re.compile(r"[a-z0-9]{1,30}")


def may_create(context: Context) -> bool:
    """Whether the actor may create the people whom a file names."""
    return may(context.actor, "people.create")


def may_teach(context: Context) -> bool:
    """Whether the actor may add the words of a file to the vocabulary."""
    return context.actor.role in (Role.ADMIN, Role.MANAGER)


def to_create(imported: Import) -> list[str]:
    """The owners who are not here and whom the import will create, by name."""
    names = imported.unknown.get("owner", {})
    return sorted(name for name in names if imported.choices.fate_of(name) == "create")


def to_learn(imported: Import) -> dict[str, list[str]]:
    """The words that will be added, by field; one for each word that only signs tell apart."""
    learned = {}
    for name in imported.choices.learn:
        words = imported.unknown.get(name, {})
        if words and len(words) <= MOST_LEARNED:
            learned[name] = sorted(_spelled_most(words))
    return learned


def _spelled_most(words: Mapping[str, int]) -> Iterable[str]:
    """Of ``GTXPro`` and ``GTX Pro`` the one that is written more often."""
    best: dict[str, str] = {}
    for word, count in words.items():
        bare = plain(word).replace(" ", "")
        if bare and (bare not in best or count > words[best[bare]]):
            best[bare] = word
    return best.values()


def make(imported: Import, context: Context) -> Import:
    """Create the people and add the words that the preview announced; returns what was made."""
    made: dict[str, Sequence[object]] = {}
    owners = dict(imported.choices.owners)
    if may_create(context) and (names := to_create(imported)):
        created = _created(names, imported, context)
        owners |= {plain(name): str(person.id) for name, person in created.items()}
        made["people"] = [person.id for person in created.values()]
    if may_teach(context) and (learned := to_learn(imported)):
        made |= _taught(learned, imported, context)
    # Words that were not added are kept in the need, and said to be.
    return replace(imported, made=made, choices=replace(imported.choices, owners=owners, learn=()))


def _created(names: Iterable[str], imported: Import, context: Context) -> dict[str, Person]:
    context.uow.people.hold()
    team = _team(imported.choices.team_id, context)
    known = {plain(person.name) for person in context.uow.people.everyone()}
    created = {}
    for name in names:
        if plain(name) in known:
            continue
        new = Person(name=_called(name), role=Role.REP, team_id=team, has_account=False)
        person = created[name] = context.uow.people.add(new)
        if (email := _address(name)) and not context.uow.contacts.find("", email):
            context.uow.contacts.save(person.id, "", email)
        detail = {"role": person.role, "team": str(team), "import": str(imported.id)}
        context.uow.audit.record(context.actor, "people.create", f"person:{person.id}", detail)
    return created


def _team(team_id: int, context: Context) -> int:
    if any(team.id == team_id for team in context.uow.people.teams()):
        return team_id
    return context.uow.people.add_team(Team(name=context.text("team.first"))).id


def _address(name: str) -> str:
    try:
        return parse_email(name)
    except NotAnEmail:
        return ""


def _called(name: str) -> str:
    """``Ines Vogel`` for ``Vogel, Ines``, and ``ines.vogel`` for an address."""
    last, comma, first = name.partition(",")
    turned = f"{first.strip()} {last.strip()}" if comma and first.strip() else name
    return turned.partition("@")[0] if _address(name) else turned


def _taught(
    learned: Mapping[str, Sequence[str]], imported: Import, context: Context
) -> dict[str, list[str]]:
    """Add words as terms of the vocabulary: a version of the playbook of its own."""
    vocabulary = context.playbook.vocabulary
    added: dict[str, tuple[Term, ...]] = {}
    for name, words in learned.items():
        known: tuple[Term, ...] = getattr(vocabulary, LEARNED[name])
        added[LEARNED[name]] = _terms(words, {term.key for term in known})
    changed = {name: (*getattr(vocabulary, name), *terms) for name, terms in added.items()}
    playbook = context.playbook.model_copy(
        update={"vocabulary": vocabulary.model_copy(update=changed)}
    )
    _store(playbook, context.text("import.taught_why", name=imported.name), context)
    return {name: [term.key for term in terms] for name, terms in added.items()}


def _terms(words: Sequence[str], taken: set[str]) -> tuple[Term, ...]:
    terms = []
    for word in words:
        key = _key(word, taken)
        taken.add(key)
        terms.append(Term(key=key, en=word, zh=word))
    return tuple(terms)


def _key(word: str, taken: set[str]) -> str:
    """A key of the word's own letters, or a numbered one for a word of other letters."""
    name = "_".join(_PART.findall(word.lower()))[:24].strip("_") if word.isascii() else ""
    numbered = (f"{name or 'term'}_{number}" for number in range(1, 10_000))
    return next(key for key in (*([name] if name else []), *numbered) if key not in taken)


def _store(playbook: Playbook, why: str, context: Context) -> None:
    number = context.uow.playbooks.store(playbook, context.actor, context.now, why)
    context.uow.audit.record(context.actor, "playbook.apply", f"playbook:{number}", {})


def unmake(imported: Import, context: Context) -> Import:
    """Take back what the import had added, as far as nothing else has come to use it."""
    context = replace(context, actor=context.uow.people.get(imported.person_id))
    people: Sequence[int] = imported.made.get("people", ())
    for person_id in people:
        if context.uow.people.remove_unused(person_id):
            context.uow.audit.record(context.actor, "people.remove", f"person:{person_id}", {})
    words = {name: imported.made[name] for name in LEARNED.values() if imported.made.get(name)}
    if words:
        _forget(words, imported, context)
    return replace(imported, made={})


def _forget(words: Mapping[str, Sequence[str]], imported: Import, context: Context) -> None:
    columns = {plural: name for name, plural in LEARNED.items()}
    vocabulary = context.playbook.vocabulary
    changed = {}
    for name, keys in words.items():
        used = context.uow.imported(imported.id).words_in_use(columns[name], keys)
        gone = set(keys) - used
        changed[name] = tuple(term for term in getattr(vocabulary, name) if term.key not in gone)
    playbook = context.playbook.model_copy(
        update={"vocabulary": vocabulary.model_copy(update=changed)}
    )
    if playbook != context.playbook:
        _store(playbook, context.text("import.untaught_why", name=imported.name), context)
