"""An admin decides on a newcomer: lets them in, refuses, or says who they are."""

from dataclasses import replace

from handlers.core.context import Turn
from handlers.core.labels import enum_label, enum_options, home_button
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Choice, Fact, Form, Option, Section, Text
from handlers.people.forms import LONGEST_TEAM, read_team
from handlers.people.identity import like_named
from handlers.people.newcomers import make_person, settle, team_named
from sales.errors import InvalidInput, NewcomerNotFound, PersonNotFound, Problem
from sales.leads import mask_email, mask_phone
from sales.newcomers import Newcomer, NewcomerState
from sales.notices import AccountLinked, LetIn, NewcomerAsks
from sales.people import Identity, Person, Role, Team
from sales.permissions import may

SHOWN = 10
"""So many newcomers stand on the card of ``/people``, of each state."""


def asks_card(notice: NewcomerAsks, turn: Turn, *, again: bool) -> Card | None:
    """To the admins; once it is decided, only what was posted before shows so."""
    if not may(turn.actor, "newcomer.admit"):
        return None
    newcomer = turn.uow.newcomers.get(notice.newcomer_id)
    if newcomer.state is not NewcomerState.WAITING and not again:
        return None
    return newcomer_card(newcomer, turn)


def newcomer_card(newcomer: Newcomer, turn: Turn) -> Card:
    """Who asks, and what an admin can say; or how it was decided."""
    if newcomer.state is not NewcomerState.WAITING:
        return _decided_card(newcomer, turn)
    value = str(newcomer.id)
    role, team = _usual(turn)
    let_in = turn.text("button.let_in", role=enum_label(role, turn.language), team=team)
    known = tuple(
        Button("newcomer.same", turn.text("button.is_known", name=one.name), f"{value}:{one.id}")
        for one in _maybe(newcomer, turn)
    )
    return Card(
        title=turn.text("newcomer.asks_title", name=newcomer.name),
        body=turn.text("newcomer.asks_body"),
        facts=_facts(newcomer, turn),
        buttons=(
            Button("newcomer.admit", let_in, value, "primary"),
            Button("newcomer.choose", turn.text("button.let_in_as"), value),
            *known[:1],
            Button("newcomer.refuse", turn.text("button.refuse_newcomer"), value, "danger"),
        ),
        more=known[1:],
        subject=newcomer.subject,
    )


def newcomers_section(turn: Turn) -> tuple[Section, ...]:
    """For ``/people``: those who wait, and those who were refused."""
    if not may(turn.actor, "newcomer.admit"):
        return ()
    shown = []
    for state in (NewcomerState.WAITING, NewcomerState.REFUSED):
        found = turn.uow.newcomers.in_state(state, SHOWN)
        lines = tuple(
            turn.text(
                "newcomer.line",
                name=one.name,
                platform=_platform(one.platform, turn),
                at=turn.language.moment(one.asked_at),
            )
            for one in found
        )
        buttons = tuple(
            Button("newcomer.show", turn.text("button.decide", name=one.name)[:75], str(one.id))
            for one in found
        )
        if found:
            shown.append(Section(turn.text(f"newcomer.section_{state}"), lines, buttons=buttons))
    return tuple(shown)


def show(turn: Turn) -> Reply:
    """Button on the card of ``/people``: one newcomer; who was refused can be let in after all."""
    newcomer = _pressed(turn)
    if newcomer.state is NewcomerState.REFUSED:
        newcomer = replace(newcomer, state=NewcomerState.WAITING)
    return Reply(card=newcomer_card(newcomer, turn))


def admit(turn: Turn) -> Reply:
    """Button: let in as the playbook says."""
    turn.uow.people.hold()
    newcomer = _pressed(turn)
    if settled := _settled(newcomer, turn):
        return settled
    rules = turn.playbook.newcomers
    team = team_named(rules.team, turn.uow) if rules.team else None
    return _let_in(newcomer, rules.role, team or _first_team(turn), turn)


def choose(turn: Turn) -> Reply:
    """Button: in which role and team?"""
    newcomer = _pressed(turn)
    if settled := _settled(newcomer, turn):
        return settled
    role, usual = _usual(turn)
    teams = tuple(Option(str(team.id), team.name[:75]) for team in turn.uow.people.teams())
    fields = (
        Choice(name="role", label=turn.text("people.role"), required=True, value=role,
               options=enum_options(Role, turn.language)),
        Choice(name="team", label=turn.text("people.team"), options=teams,
               value=next((one.value for one in teams if one.label == usual[:75]), "")),
        Text(name="new_team", label=turn.text("people.new_team"), max_length=LONGEST_TEAM),
    )  # fmt: skip
    return Reply(
        form=Form(
            action="newcomer.save",
            title=turn.text("newcomer.form_title"),
            intro=turn.text("newcomer.form_intro", name=newcomer.name),
            fields=fields,
            submit=turn.text("button.let_in_now"),
            cancel=turn.text("button.cancel"),
            state={"value": str(newcomer.id)},
        )
    )


def save(turn: Turn) -> Reply:
    """Form: let in with this role, in this team."""
    turn.uow.people.hold()
    newcomer = _pressed(turn)
    if settled := _settled(newcomer, turn):
        return settled
    role = turn.typed("role")
    if role not in set(Role):
        raise InvalidInput({"role": Problem("choose_one")})
    team_id = read_team(_first_team(turn).id, turn)
    team = next(one for one in turn.uow.people.teams() if one.id == team_id)
    return _let_in(newcomer, Role(role), team, turn)


def refuse(turn: Turn) -> Reply:
    """Button: not in. Whatever they write from now on, no admin hears of it."""
    turn.uow.people.hold()
    newcomer = _pressed(turn)
    if newcomer.state is not NewcomerState.REFUSED and (settled := _settled(newcomer, turn)):
        return settled
    newcomer = settle(newcomer, NewcomerState.REFUSED, turn.uow, turn.now, by=turn.actor)
    detail = {"platform": newcomer.platform}
    turn.uow.audit.record(turn.actor, "newcomer.refuse", newcomer.subject, detail)
    toast = turn.text("newcomer.was_refused", name=newcomer.name)
    return Reply(toast=toast, update=newcomer_card(newcomer, turn))


def same(turn: Turn) -> Reply:
    """Button: the account is that of somebody we know. Who had left is at work again."""
    newcomer_id, _, person_id = turn.pressed.partition(":")
    turn.uow.people.hold()
    newcomer = _newcomer(newcomer_id, turn)
    if settled := _settled(newcomer, turn):
        return settled
    person = next((p for p in _maybe(newcomer, turn) if str(p.id) == person_id), None)
    if person is None:
        raise PersonNotFound
    if not person.active:
        person = turn.uow.people.save(replace(person, active=True))
    account = Identity(newcomer.platform, newcomer.external_id, person.id)
    turn.uow.people.link(account, turn.now)
    detail = {"platform": newcomer.platform, "newcomer": str(newcomer.id)}
    turn.uow.audit.record(turn.actor, "identity.link", f"person:{person.id}", detail)
    settled_one = settle(
        newcomer, NewcomerState.ADMITTED, turn.uow, turn.now, by=turn.actor, person=person
    )
    told = AccountLinked(person.id, newcomer.platform) if person.has_account else LetIn(person.id)
    turn.uow.outbox.add(told, person.id)
    toast = turn.text("newcomer.is_known", name=newcomer.name, known=person.name)
    return Reply(toast=toast, update=newcomer_card(settled_one, turn))


def let_in_card(notice: LetIn, turn: Turn, **_again: bool) -> Card | None:
    """To who was let in: what to do first."""
    person = turn.actor
    if notice.person_id != person.id or not person.active:
        return None
    teams = {team.id: team.name for team in turn.uow.people.teams()}
    home = home_button(turn)
    new_lead = Button("lead.new", turn.text("button.new_lead"), "", "primary")
    return Card(
        title=turn.text("newcomer.let_in_title", name=person.name),
        body=turn.text(
            "newcomer.let_in_body" if person.sells else "newcomer.let_in_body_tasks",
            role=enum_label(person.role, turn.language),
            team=teams.get(person.team_id, "—"),
        ),
        buttons=(
            *((new_lead,) if person.sells else ()),
            home,
            Button("help.open", turn.text("button.help")),
        ),
    )


def _let_in(newcomer: Newcomer, role: Role, team: Team, turn: Turn) -> Reply:
    person = make_person(newcomer, role, team, turn.uow, turn.now)
    settled = settle(
        newcomer, NewcomerState.ADMITTED, turn.uow, turn.now, by=turn.actor, person=person
    )
    detail = {"role": role.value, "team": str(team.id), "newcomer": str(newcomer.id)}
    turn.uow.audit.record(turn.actor, "newcomer.admit", f"person:{person.id}", detail)
    turn.uow.outbox.add(LetIn(person.id), person.id)
    said = {"role": enum_label(role, turn.language), "team": team.name}
    toast = turn.text("newcomer.was_let_in", name=person.name, **said)
    return Reply(toast=toast, update=newcomer_card(settled, turn))


def _settled(newcomer: Newcomer, turn: Turn) -> Reply | None:
    """Another admin was faster, or the account has come to be somebody's."""
    owner = turn.uow.people.find(newcomer.platform, newcomer.external_id)
    if newcomer.state is not NewcomerState.ADMITTED and owner is None:
        return None
    name = owner.name if owner else newcomer.name
    whose = owner.id if owner else newcomer.person_id
    now = replace(newcomer, state=NewcomerState.ADMITTED, person_id=whose)
    return Reply(
        toast=turn.text("newcomer.decided_already", name=name), update=_decided_card(now, turn)
    )


def _decided_card(newcomer: Newcomer, turn: Turn) -> Card:
    by = turn.uow.people.get(newcomer.decided_by).name if newcomer.decided_by else ""
    at = turn.language.moment(newcomer.decided_at or newcomer.asked_at)
    person = turn.uow.people.get(newcomer.person_id) if newcomer.person_id else None
    buttons: tuple[Button, ...]
    if newcomer.state is NewcomerState.REFUSED:
        title = turn.text("newcomer.refused_title", name=newcomer.name)
        again = turn.text("button.let_in_after_all")
        buttons = (Button("newcomer.show", again, str(newcomer.id)),)
    else:
        title = turn.text("newcomer.in_title", name=newcomer.name)
        buttons = (Button("people.open", turn.text("button.people")),)
        if person:
            edit = turn.text("button.edit_person", name=person.name)
            buttons = (Button("people.edit", edit, str(person.id)),)
    body = turn.text("newcomer.decided_by", by=by, at=at) if by else ""
    return Card(
        title=title,
        body=body,
        buttons=buttons,
        subject=newcomer.subject,
    )


def _facts(newcomer: Newcomer, turn: Turn) -> tuple[Fact, ...]:
    facts = [
        Fact(turn.text("newcomer.platform"), _platform(newcomer.platform, turn)),
        Fact(turn.text("newcomer.asked_at"), turn.language.moment(newcomer.asked_at)),
    ]
    if newcomer.email:
        facts.append(Fact(turn.text("people.email"), mask_email(newcomer.email)))
    if newcomer.phone:
        facts.append(Fact(turn.text("people.phone"), mask_phone(newcomer.phone)))
    left = [one.name for one in _same_contacts(newcomer, turn) if not one.active]
    if left:
        facts.append(Fact(turn.text("newcomer.left"), turn.language.listing(left)))
    return tuple(facts)


def _platform(platform: str, turn: Turn) -> str:
    key = f"identity.on_{platform}"
    return turn.text(key) if turn.language.has(key) else platform


def _maybe(newcomer: Newcomer, turn: Turn) -> list[Person]:
    """Who the account may belong to: those with the same phone or e-mail, then the like-named."""
    found = _same_contacts(newcomer, turn)
    found += like_named(newcomer.name, newcomer.platform, turn.uow)
    return list({person.id: person for person in found}.values())


def _same_contacts(newcomer: Newcomer, turn: Turn) -> list[Person]:
    return turn.uow.contacts.find(newcomer.phone, newcomer.email)


def _usual(turn: Turn) -> tuple[Role, str]:
    """Role and team that the admin's button gives."""
    rules = turn.playbook.newcomers
    named = team_named(rules.team, turn.uow) if rules.team else None
    teams = turn.uow.people.teams()
    return rules.role, (named or teams[0]).name if teams else ""


def _first_team(turn: Turn) -> Team:
    """There is a team: the admin who presses is in one."""
    return turn.uow.people.teams()[0]


def _pressed(turn: Turn) -> Newcomer:
    return _newcomer(turn.pressed, turn)


def _newcomer(value: str, turn: Turn) -> Newcomer:
    newcomer_id = record_id(value)
    if newcomer_id is None:
        raise NewcomerNotFound
    return turn.uow.newcomers.get(newcomer_id)
