"""An admin decides on a newcomer: let them in, refuse them, or say who they are."""

from dataclasses import replace

from handlers.core.button_values import pack, unpack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, enum_options
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Choice, Fact, Form, Option, Text
from handlers.people.cards import platform_name
from handlers.people.forms import LONGEST_TEAM, read_team
from handlers.people.identity import like_named
from handlers.people.newcomers import make_person, settle, team_named
from sales.errors import NewcomerNotFound, PersonNotFound
from sales.leads import mask_email, mask_phone
from sales.newcomers import Newcomer, NewcomerState
from sales.notices import AccountLinked, LetIn
from sales.people import Identity, Person, Role, Team


def newcomer_card(newcomer: Newcomer, context: Context) -> Card:
    """Card of a newcomer with the admin's choices, or with the decision."""
    if newcomer.state is not NewcomerState.WAITING:
        return _decided_card(newcomer, context)
    value = str(newcomer.id)
    role, team = _default_role(context)
    let_in = context.text("button.let_in", role=enum_label(role, context.language), team=team)
    matches = tuple(
        Button(
            "newcomer.same",
            context.text("button.is_known", name=person.name),
            pack(value, person.id),
        )
        for person in _candidates(newcomer, context)
    )
    return Card(
        title=context.text("newcomer.asks_title", name=newcomer.name),
        body=context.text("newcomer.asks_body"),
        facts=_facts(newcomer, context),
        buttons=(
            Button("newcomer.admit", let_in, value, "primary"),
            Button("newcomer.choose", context.text("button.let_in_as"), value),
            *matches[:1],
            Button("newcomer.refuse", context.text("button.refuse_newcomer"), value, "danger"),
        ),
        more=matches[1:],
        subject=newcomer.subject,
    )


def show(context: Context) -> Reply:
    """Button on the card of ``/people``: show a newcomer; a refused one can still be let in."""
    newcomer = _pressed(context)
    if newcomer.state is NewcomerState.REFUSED:
        newcomer = replace(newcomer, state=NewcomerState.WAITING)
    return Reply(card=newcomer_card(newcomer, context))


def admit(context: Context) -> Reply:
    """Button: let the newcomer in with the playbook's role and team."""
    context.uow.people.hold()
    newcomer = _pressed(context)
    if settled := _settled(newcomer, context):
        return settled
    rules = context.playbook.newcomers
    team = team_named(rules.team, context.uow) if rules.team else None
    return _let_in(newcomer, rules.role, team or _first_team(context), context)


def choose(context: Context) -> Reply:
    """Button: choose role and team."""
    newcomer = _pressed(context)
    if settled := _settled(newcomer, context):
        return settled
    role, usual = _default_role(context)
    teams = tuple(Option(str(team.id), team.name[:75]) for team in context.uow.people.teams())
    fields = (
        Choice(name="role", label=context.text("people.role"), required=True, value=role,
               options=enum_options(Role, context.language)),
        Choice(name="team", label=context.text("people.team"), options=teams,
               value=next((team.value for team in teams if team.label == usual[:75]), "")),
        Text(name="new_team", label=context.text("people.new_team"), max_length=LONGEST_TEAM),
    )  # fmt: skip
    return Reply(
        form=Form(
            action="newcomer.save",
            title=context.text("newcomer.form_title"),
            intro=context.text("newcomer.form_intro", name=newcomer.name),
            fields=fields,
            submit=context.text("button.let_in_now"),
            cancel=context.text("button.cancel"),
            state={"value": str(newcomer.id)},
        )
    )


def save(context: Context) -> Reply:
    """Form: let in with this role, in this team."""
    context.uow.people.hold()
    newcomer = _pressed(context)
    if settled := _settled(newcomer, context):
        return settled
    with FormReader(context) as form:
        role = form.one_of("role", Role)
        team_id = read_team(_first_team(context).id, form)
    team = next(team for team in context.uow.people.teams() if team.id == team_id)
    return _let_in(newcomer, Role(role), team, context)


def refuse(context: Context) -> Reply:
    """Button: refuse the newcomer. Whatever they write from now on, no admin is notified of it."""
    context.uow.people.hold()
    newcomer = _pressed(context)
    if newcomer.state is not NewcomerState.REFUSED and (settled := _settled(newcomer, context)):
        return settled
    newcomer = settle(newcomer, NewcomerState.REFUSED, context.uow, context.now, by=context.actor)
    detail = {"platform": newcomer.platform}
    context.uow.audit.record(context.actor, "newcomer.refuse", newcomer.subject, detail)
    toast = context.text("newcomer.was_refused", name=newcomer.name)
    return Reply(toast=toast, update=newcomer_card(newcomer, context))


def same(context: Context) -> Reply:
    """Button: link the account to a person we know. A person who had left is active again."""
    newcomer_id, person_id = unpack(context.pressed, str, record_id)
    context.uow.people.hold()
    newcomer = _newcomer(newcomer_id, context)
    if settled := _settled(newcomer, context):
        return settled
    person = next((p for p in _candidates(newcomer, context) if p.id == person_id), None)
    if person is None:
        raise PersonNotFound
    if not person.active:
        person = context.uow.people.save(replace(person, active=True))
    account = Identity(newcomer.platform, newcomer.external_id, person.id)
    context.uow.people.link(account, context.now)
    detail = {"platform": newcomer.platform, "newcomer": str(newcomer.id)}
    context.uow.audit.record(context.actor, "identity.link", f"person:{person.id}", detail)
    settled_one = settle(
        newcomer, NewcomerState.ADMITTED, context.uow, context.now, by=context.actor, person=person
    )
    notice = AccountLinked(person.id, newcomer.platform) if person.has_account else LetIn(person.id)
    context.uow.outbox.add(notice, person.id)
    toast = context.text("newcomer.is_known", name=newcomer.name, known=person.name)
    return Reply(toast=toast, update=newcomer_card(settled_one, context))


def _let_in(newcomer: Newcomer, role: Role, team: Team, context: Context) -> Reply:
    person = make_person(newcomer, role, team, context.uow, context.now)
    settled = settle(
        newcomer, NewcomerState.ADMITTED, context.uow, context.now, by=context.actor, person=person
    )
    detail = {"role": role.value, "team": str(team.id), "newcomer": str(newcomer.id)}
    context.uow.audit.record(context.actor, "newcomer.admit", f"person:{person.id}", detail)
    context.uow.outbox.add(LetIn(person.id), person.id)
    params = {"role": enum_label(role, context.language), "team": team.name}
    toast = context.text("newcomer.was_let_in", name=person.name, **params)
    return Reply(toast=toast, update=newcomer_card(settled, context))


def _settled(newcomer: Newcomer, context: Context) -> Reply | None:
    """The reply when another admin was faster or the account already belongs to somebody."""
    owner = context.uow.people.find(newcomer.platform, newcomer.external_id)
    if newcomer.state is not NewcomerState.ADMITTED and owner is None:
        return None
    name = owner.name if owner else newcomer.name
    whose = owner.id if owner else newcomer.person_id
    now = replace(newcomer, state=NewcomerState.ADMITTED, person_id=whose)
    return Reply(
        toast=context.text("newcomer.decided_already", name=name),
        update=_decided_card(now, context),
    )


def _decided_card(newcomer: Newcomer, context: Context) -> Card:
    by = context.uow.people.get(newcomer.decided_by).name if newcomer.decided_by else ""
    at = context.language.moment(newcomer.decided_at or newcomer.asked_at)
    person = context.uow.people.get(newcomer.person_id) if newcomer.person_id else None
    buttons: tuple[Button, ...]
    if newcomer.state is NewcomerState.REFUSED:
        title = context.text("newcomer.refused_title", name=newcomer.name)
        again = context.text("button.let_in_after_all")
        buttons = (Button("newcomer.show", again, str(newcomer.id)),)
    else:
        title = context.text("newcomer.in_title", name=newcomer.name)
        buttons = (Button("people.open", context.text("button.people")),)
        if person:
            edit = context.text("button.edit_person", name=person.name)
            buttons = (Button("people.edit", edit, str(person.id)),)
    body = context.text("newcomer.decided_by", by=by, at=at) if by else ""
    return Card(
        title=title,
        body=body,
        buttons=buttons,
        subject=newcomer.subject,
    )


def _facts(newcomer: Newcomer, context: Context) -> tuple[Fact, ...]:
    facts = [
        Fact(context.text("newcomer.platform"), platform_name(newcomer.platform, context)),
        Fact(context.text("newcomer.asked_at"), context.language.moment(newcomer.asked_at)),
    ]
    if newcomer.email:
        facts.append(Fact(context.text("people.email"), mask_email(newcomer.email)))
    if newcomer.phone:
        facts.append(Fact(context.text("people.phone"), mask_phone(newcomer.phone)))
    left = [person.name for person in _same_contacts(newcomer, context) if not person.active]
    if left:
        facts.append(Fact(context.text("newcomer.left"), context.language.listing(left)))
    return tuple(facts)


def _candidates(newcomer: Newcomer, context: Context) -> list[Person]:
    """People the account may belong to: the same phone or e-mail first, then similar names."""
    people = _same_contacts(newcomer, context)
    people += like_named(newcomer.name, newcomer.platform, context.uow)
    return list({person.id: person for person in people}.values())


def _same_contacts(newcomer: Newcomer, context: Context) -> list[Person]:
    return context.uow.contacts.find(newcomer.phone, newcomer.email)


def _default_role(context: Context) -> tuple[Role, str]:
    """Role and team that the admin's button assigns."""
    rules = context.playbook.newcomers
    named = team_named(rules.team, context.uow) if rules.team else None
    teams = context.uow.people.teams()
    return rules.role, (named or teams[0]).name if teams else ""


def _first_team(context: Context) -> Team:
    """The first team; there always is one, as the admin who presses belongs to one."""
    return context.uow.people.teams()[0]


def _pressed(context: Context) -> Newcomer:
    return _newcomer(context.pressed, context)


def _newcomer(value: str, context: Context) -> Newcomer:
    newcomer_id = record_id(value)
    if newcomer_id is None:
        raise NewcomerNotFound
    return context.uow.newcomers.get(newcomer_id)
