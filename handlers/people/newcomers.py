"""Requests of unknown accounts: recognised, let in by a rule, or waiting for an admin."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.core.language import Language, Languages, known_locale
from handlers.core.refusals import answer, names_of
from handlers.core.replies import Reply
from handlers.core.requests import Request, Sender
from handlers.core.ui import Button, Card, Section
from handlers.people import admin_codes
from handlers.people.identity import like_named, vouched
from sales.newcomers import Newcomer, NewcomerState
from sales.notices import AccountLinked, IdentityClaimed, NewcomerAsks, NewcomerJoined, WhoAreYou
from sales.people import SYSTEM, Identity, Person, Role, Team
from sales.playbook import Admission, Newcomers
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request of an account that belongs to nobody, inside its unit of work.

    ``language`` is the language of the reply; ``written`` the locale of their words, "" when those
    do not tell.
    """

    request: Request
    uow: UnitOfWork
    languages: Languages
    language: Language
    written: str
    now: datetime

    @property
    def sender(self) -> Sender:
        return self.request.sender

    @property
    def newcomer(self) -> Newcomer:
        """The account as recorded while nobody has let it in."""
        phone, email = vouched(self.sender)
        return Newcomer(
            platform=self.sender.platform,
            external_id=self.sender.id,
            name=self.sender.name or self.language.text("person.unnamed"),
            locale=known_locale(self.sender.locale) or self.written,
            phone=phone,
            email=email,
            asked_at=self.now,
        )

    @property
    def asked(self) -> Newcomer | None:
        """The account as recorded since its first request; None without one."""
        return self.uow.newcomers.find(self.sender.platform, self.sender.id)


def start_page(asked: Newcomer | None, language: Language, *, runs: bool = False) -> Card:
    """Page that the bot's own start page shows to people who were not let in.

    Opening it does not count as asking to be let in. Who ``runs`` the workspace reads the three
    steps in which a team begins.
    """
    title = language.text("newcomer.start_title")
    if asked is None or asked.state is NewcomerState.ADMITTED:
        button = Button("help.open", language.text("button.start"), "", "primary")
        if not runs:
            return Card(title=title, body=language.text("newcomer.start_body"), buttons=(button,))
        steps = tuple(language.text(f"hello.step_{step}") for step in ("start", "channel", "team"))
        return Card(
            title=title,
            body=language.text("hello.body"),
            sections=(Section(language.text("hello.steps"), steps),),
            buttons=(button,),
        )
    waits = asked.state is NewcomerState.WAITING
    key = "newcomer.start_waiting" if waits else "newcomer.refused"
    return Card(
        title=title,
        body=language.text(key, at=language.moment(asked.asked_at)),
        buttons=(Button("help.open", language.text("button.how_it_stands")),),
    )


def arrive(arrival: Arrival) -> Reply | None:
    """Decide on an account that belongs to nobody.

    Returns None when it belongs to somebody by now: of two first requests at once, the second finds
    the person that the first created. Otherwise returns the reply to the sender.
    """
    sender, uow = arrival.sender, arrival.uow
    uow.people.hold()
    if uow.people.find(sender.platform, sender.id):
        return None
    newcomer, asked = arrival.newcomer, arrival.asked
    same = uow.contacts.find(newcomer.phone, newcomer.email)
    if len(same) == 1 and same[0].active:
        _link_account(same[0], arrival)
        return None
    if arrival.request.action == admin_codes.CLAIM:
        return _claim(arrival)
    admins = active_admins(uow.people.everyone())
    barred = bool(same) or (asked is not None and asked.state is NewcomerState.REFUSED)
    if sender.is_owner and not (barred and admins):
        _join(Role.ADMIN, first_team(uow, arrival.languages), arrival)
        return None
    if not barred and (admitted := _admission(newcomer, arrival)):
        admission, team = admitted
        _join(admission.role, team, arrival, rule=admission.name)
        return None
    return _make_wait(asked, admins, arrival)


def active_admins(everyone: Iterable[Person]) -> list[Person]:
    return [person for person in everyone if person.role is Role.ADMIN and person.active]


def first_team(uow: UnitOfWork, languages: Languages) -> Team:
    """Team for people to whom no rule assigns one; creates the very first team."""
    teams = uow.people.teams()
    return teams[0] if teams else uow.people.add_team(Team(name=languages().text("team.first")))


def make_person(
    newcomer: Newcomer, role: Role, team: Team, uow: UnitOfWork, now: datetime
) -> Person:
    """Create the person for an account let in, with the contacts that the platform vouches for."""
    person = uow.people.add(
        Person(
            name=free_name(newcomer.name, uow.people.everyone()),
            role=role,
            team_id=team.id,
            locale=newcomer.locale,
        )
    )
    uow.people.link(Identity(newcomer.platform, newcomer.external_id, person.id), now)
    if not uow.contacts.find(newcomer.phone, newcomer.email):
        uow.contacts.save(person.id, newcomer.phone, newcomer.email)
    return person


def settle(
    newcomer: Newcomer,
    state: NewcomerState,
    uow: UnitOfWork,
    now: datetime,
    *,
    by: Person | None = None,
    person: Person | None = None,
) -> Newcomer:
    """Record the decision on a newcomer and update the admins' cards."""
    uow.outbox.refresh(newcomer.subject)
    return uow.newcomers.save(
        replace(
            newcomer,
            state=state,
            decided_by=by.id if by else None,
            decided_at=now,
            person_id=person.id if person else None,
        )
    )


def remember_account(
    sender: Sender, person: Person, written: str, uow: UnitOfWork, now: datetime
) -> Person:
    """Remember the account and language in which the person last wrote, for notices.

    The language is the profile's or, where the platform reports none, the one they wrote in
    (``written``, "" when unknown).
    """
    uow.people.link(Identity(sender.platform, sender.id, person.id), now)
    locale = known_locale(sender.locale) or written
    if not locale or person.locale == locale:
        return person
    uow.people.hold()
    return uow.people.save(replace(uow.people.get(person.id), locale=locale))


def _claim(arrival: Arrival) -> Reply:
    """Handle a one-time code from an unknown account; a valid one makes the sender an admin."""
    request, uow = arrival.request, arrival.uow
    if refused := admin_codes.check(request, uow, arrival.language, arrival.now):
        return refused
    team = first_team(uow, arrival.languages)
    person = _join(Role.ADMIN, team, arrival, act=admin_codes.CLAIM)
    return admin_codes.welcome(person, uow, arrival.language)


def _join(
    role: Role, team: Team, arrival: Arrival, *, rule: str = "", act: str = "newcomer.join"
) -> Person:
    """Let a newcomer in at once; notify the admins, also of people the newcomer may be."""
    uow, newcomer = arrival.uow, arrival.newcomer
    others = active_admins(uow.people.everyone())
    same = uow.contacts.find(newcomer.phone, newcomer.email)
    person = make_person(newcomer, role, team, uow, arrival.now)
    detail = {"platform": newcomer.platform, "role": role.value, "rule": rule}
    uow.audit.record(SYSTEM, act, f"person:{person.id}", detail)
    if asked := arrival.asked:
        settle(asked, NewcomerState.ADMITTED, uow, arrival.now, person=person)
    for admin in others:
        if act != admin_codes.CLAIM:
            uow.outbox.add(NewcomerJoined(person.id, rule), admin.id)
        for candidate in same:
            # Two people have the contacts that the platform says are one person's, or that person
            # is not active.
            uow.outbox.add(IdentityClaimed(person.id, candidate.id), admin.id)
    if not same and like_named(person.name, newcomer.platform, uow, but=person.id):
        uow.outbox.add(WhoAreYou(person.id, newcomer.platform), person.id)
    if role is Role.ADMIN:
        admin_codes.notify_of_newcomers(person, uow)
    return person


def _make_wait(asked: Newcomer | None, admins: list[Person], arrival: Arrival) -> Reply:
    """Make a newcomer wait.

    The admins get one card for each newcomer; the newcomer is told that they were asked.
    """
    request, language, uow = arrival.request, arrival.language, arrival.uow
    if asked is not None and asked.state is NewcomerState.REFUSED:
        return answer(request, language.text("newcomer.refused"))
    first = asked is None or asked.state is NewcomerState.ADMITTED
    if asked is None:
        asked = uow.newcomers.add(arrival.newcomer)
    elif first:
        # They were let in before, and the account was taken from them since.
        asked = uow.newcomers.save(replace(arrival.newcomer, id=asked.id))
    for admin in admins if first else ():
        uow.outbox.add(NewcomerAsks(asked.id), admin.id)
    if not admins:
        return answer(request, language.text("newcomer.no_admin"))
    key = "newcomer.asked" if first else "newcomer.waiting"
    names = names_of(admins, language)
    return answer(request, language.text(key, admins=names, at=language.moment(asked.asked_at)))


def _admission(newcomer: Newcomer, arrival: Arrival) -> tuple[Admission, Team] | None:
    """The first rule that lets the newcomer in, with its team.

    A rule whose team no longer exists lets nobody in.
    """
    rules: Newcomers = arrival.uow.playbooks.current().newcomers
    sender = arrival.sender
    for rule in rules.rules:
        if rule.fits(newcomer.email, sender.groups, sender.departments):
            named = rule.team or rules.team
            if not named:
                return rule, first_team(arrival.uow, arrival.languages)
            team = team_named(named, arrival.uow)
            return (rule, team) if team else None
    return None


def team_named(name: str, uow: UnitOfWork) -> Team | None:
    """Find a team by name; None when there is none."""
    return next((team for team in uow.people.teams() if team.name == name), None)


def _link_account(person: Person, arrival: Arrival) -> None:
    """Link a known person's account on another platform, which vouches for their phone or e-mail.

    The person, where they read us until now, and the admins are notified; an expected person who
    arrives is no news.
    """
    uow, sender, now = arrival.uow, arrival.sender, arrival.now
    detail = {"platform": sender.platform}
    uow.audit.record(SYSTEM, "identity.link", f"person:{person.id}", detail)
    uow.people.link(Identity(sender.platform, sender.id, person.id), now)
    if asked := arrival.asked:
        settle(asked, NewcomerState.ADMITTED, uow, now, person=person)
    if not person.has_account:
        return
    admins = {admin.id for admin in active_admins(uow.people.everyone())}
    for hearer in sorted(admins | {person.id}):
        uow.outbox.add(AccountLinked(person.id, sender.platform), hearer)


def free_name(name: str, everyone: list[Person]) -> str:
    """Find an unused name: routing rules refer to people by name, so no two may share one."""
    taken = {person.name for person in everyone}
    candidates = [name, *(f"{name} ({number})" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)
