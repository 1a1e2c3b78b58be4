"""Notices about identity: newcomers, accounts of one person, and new admins."""

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import enum_label, home_button, team_label
from handlers.core.ui import Button, Card
from handlers.onboarding.cards import setup_sections
from handlers.people.admission import newcomer_card
from handlers.people.identity import like_person
from handlers.people.leaving import hand_over_button
from sales.newcomers import NewcomerState
from sales.notices import (
    AccessEnded,
    AccountLinked,
    AdminMade,
    IdentityClaimed,
    LetIn,
    NewcomerAsks,
    NewcomerJoined,
    WhoAreYou,
)
from sales.permissions import may


def joined_card(notice: NewcomerJoined, context: Context, **_again: bool) -> Card | None:
    """Card for an admin: somebody was let in without them."""
    person = context.uow.people.get(notice.person_id)
    team = team_label(person.team_id, context)
    key = "newcomer.joined_by_rule" if notice.rule else "newcomer.joined_as_admin"
    role = enum_label(person.role, context.language)
    return Card(
        title=context.text("newcomer.title", name=person.name),
        body=context.text(key, rule=notice.rule, role=role, team=team),
        buttons=(
            Button(
                "people.edit", context.text("button.edit_person", name=person.name), str(person.id)
            ),
        ),
    )


def asks_card(notice: NewcomerAsks, context: Context, *, again: bool) -> Card | None:
    """Card for the admins; after the decision, only cards posted before are updated."""
    newcomer = context.uow.newcomers.get(notice.newcomer_id)
    if newcomer.state is not NewcomerState.WAITING and not again:
        return None
    return newcomer_card(newcomer, context)


def let_in_card(notice: LetIn, context: Context, **_again: bool) -> Card | None:
    """Card for the person who was let in: what to do first."""
    person = context.actor
    if notice.person_id != person.id or not person.active:
        return None
    teams = {team.id: team.name for team in context.uow.people.teams()}
    home = home_button(context)
    new_lead = Button("lead.new", context.text("button.new_lead"), "", "primary")
    return Card(
        title=context.text("newcomer.let_in_title", name=person.name),
        body=context.text(
            "newcomer.let_in_body" if person.sells else "newcomer.let_in_body_tasks",
            role=enum_label(person.role, context.language),
            team=teams.get(person.team_id, "—"),
        ),
        sections=setup_sections(person, context.uow, context.language),
        buttons=(
            *((new_lead,) if person.sells else ()),
            home,
            Button("help.open", context.text("button.help")),
        ),
    )


def made_card(notice: AdminMade, context: Context, **_again: bool) -> Card | None:
    """Card for the other admins: there is a new admin."""
    person = context.uow.people.get(notice.person_id)
    edit = context.text("button.edit_person", name=person.name)
    return Card(
        title=context.text("admin_code.made_title", name=person.name),
        body=context.text("admin_code.made_body"),
        buttons=(Button("people.edit", edit, str(person.id)),),
        tone="warning",
    )


def ended_card(notice: AccessEnded, context: Context, **_again: bool) -> Card | None:
    """Card for the person's leaders: what the person leaves behind can be handed over from here."""
    person = context.uow.people.get(notice.person_id)
    key = f"identity.on_{notice.platform}"
    platform = context.text(key) if context.language.has(key) else notice.platform
    title = "outsider.guest_title" if notice.guest else "outsider.gone_title"
    body = "outsider.account_body" if person.active else "outsider.body"
    edit = context.text("button.edit_person", name=person.name)
    return Card(
        title=context.text(title, name=person.name, platform=platform),
        body=context.text(body, name=person.name, platform=platform),
        buttons=(
            *hand_over_button(person, context),
            Button("people.edit", edit, str(person.id)),
        ),
        tone="warning",
    )


def who_card(notice: WhoAreYou, context: Context, **_again: bool) -> Card | None:
    """Card for a newcomer whose name we know: asks once who they are."""
    if notice.person_id != context.actor.id or not context.actor.active:
        return None
    candidates = like_person(context.actor, notice.platform, context)
    if not candidates:
        return None
    mine = tuple(
        Button(
            "identity.claim", context.text("button.i_am", name=candidate.name), str(candidate.id)
        )
        for candidate in candidates
    )
    return Card(
        title=context.text("identity.who_title"),
        body=context.text("identity.who_body"),
        buttons=(*mine, Button("identity.deny", context.text("button.i_am_new"))),
    )


def claim_card(notice: IdentityClaimed, context: Context, **_again: bool) -> Card | None:
    """Card for the admins while both people exist."""
    claimant = context.uow.people.get(notice.claimant_id)
    claimed = context.uow.people.get(notice.person_id)
    if not claimant.active:
        return None
    value = pack(claimant.id, claimed.id)
    return Card(
        title=context.text("identity.claim_title", name=claimant.name, claimed=claimed.name),
        body=context.text("identity.claim_body", claimed=claimed.name),
        buttons=(
            Button("identity.confirm", context.text("button.join"), value, "primary"),
            Button("identity.refuse", context.text("button.two_people"), value),
        ),
        tone="warning",
    )


def linked_card(notice: AccountLinked, context: Context, **_again: bool) -> Card | None:
    """Card for the person and the admins; only an admin can end a wrong link."""
    person = context.uow.people.get(notice.person_id)
    mine = person.id == context.actor.id
    if not mine and not may(context.actor, "identity.confirm"):
        return None
    key = "identity.linked_you" if mine else "identity.linked"
    name = f"identity.on_{notice.platform}"
    platform = context.text(name) if context.language.has(name) else notice.platform
    return Card(
        title=context.text(key, name=person.name, platform=platform),
        body=context.text("identity.linked_body"),
        buttons=(Button("people.open", context.text("button.people")),),
    )
