"""Every role, every action, every owner: no text of a foreign lead, no change of one.

Each lead is planted with words that occur nowhere else; everything a person is shown is searched
for the words of the leads that are not theirs to see.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import pytest

from handlers.core.replies import Reply
from handlers.core.requests import Upload
from handlers.notices import Composer
from handlers.routes import ROUTES
from sales.assignments import Offer, Why
from sales.automations import Event, Run
from sales.clocks import Clock, ClockKind
from sales.collaboration import AccessRequest
from sales.contacts import mask_contacts
from sales.contract_signed import Signing, SigningState, SigningVerdict
from sales.discovery import Discovery, Needs
from sales.discussion import Remark
from sales.errors import LeadNotFound
from sales.followups import FollowUp, Method
from sales.intake import Enquiry
from sales.lead_lists import LeadFigure, LeadQuery, LeadSort, Moments, NextStep, Status, encode
from sales.leads import Lead, mask_email, mask_phone
from sales.notices import (
    AccessAsked,
    AutomationActed,
    ClockCalls,
    CustomerReturned,
    CustomerSignalled,
    FollowUpOverdue,
    ImportReady,
    ImportUnderWay,
    LeadOffered,
    LeadPooled,
    LeadUnclaimed,
    NewcomerJoined,
    Notice,
    OpportunityFound,
    PoolBrief,
    PoolReturnNear,
    ProposalAnswered,
    ProposalMailFailed,
    RecordCall,
    RemarksMade,
    ReminderDue,
    SharingEnded,
    SigningReported,
    TaskAnswered,
    TaskGiven,
    TaskOverdue,
    WorkHandedOver,
)
from sales.objections import Objection
from sales.opportunities import Opportunity
from sales.people import SYSTEM, Identity, Person, Role
from sales.permissions import may
from sales.playbook import Act, Automation, Pool, Trigger
from sales.pool import PoolReason, PoolStay
from sales.proposal_views import Visit
from sales.proposals import (
    CustomerReply,
    MailState,
    Offering,
    Proposal,
    ProposalMail,
    ProposalState,
    ReplyKind,
    Solution,
)
from sales.quotes import Line, Quote
from sales.reports import Number
from sales.signals import Effect, Signal, SignalKind
from sales.tasks import Task, TaskKind
from sales.transfers import Part, Transfer, TransferRule
from storage.channels import BoundChannel
from storage.unit_of_work import UnitOfWork
from tests.databases import Kind
from tests.furnished import Offices
from tests.office import EAST, PLATFORM, SHANGHAI, WEST, Office, an_opportunity
from tests.pairs import EVERY_WAY, KINDS

NOW = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)
"""A Wednesday of week 10."""
OUTSIDE = ("waiting", "refused", "guest")
"""Whom nobody let in, and whom nobody may let in: no person of the company."""
ACTORS = (
    "ada", "max", "robin", "dana", "wes", "kim", "gone", "newcomer", "sam", "fay", *OUTSIDE,
)  # fmt: skip
OWNERS = (
    "max", "robin", "dana", "wes", "kim", "gone", "nobody-east", "nobody-west",
    "pool-east", "pool-west",
)  # fmt: skip
SEES: Mapping[str, frozenset[str]] = {
    "ada": frozenset(OWNERS),
    "max": frozenset({"max", "robin", "dana", "gone", "nobody-east", "pool-east"}),
    "wes": frozenset({"wes", "kim", "nobody-west", "pool-west"}),
    "robin": frozenset({"robin"}),
    "dana": frozenset({"dana", "wes"}),  # shared with her
    "kim": frozenset({"kim"}),
    "gone": frozenset(),
    "newcomer": frozenset(),
    "sam": frozenset({"robin"}),
    "fay": frozenset(),
    **dict.fromkeys(OUTSIDE, frozenset()),
}
NO_VALUES = ("", "0", "-1", "999999999", "99999999999999999999", "١", "²", "' OR 1=1 --", "LX-1")
CLAIM = frozenset({"max", "robin", "dana", "wes", "kim", "newcomer"})
"""Who sees the customers in the pool, by ``/pool`` alone, and may take them."""
CLAIMING = frozenset({"pool.claim", "pool.give"})
CANARY_FIELDS = (
    "customer",
    "contract",
    "contact",
    "need",
    "title",
    "summary",
    "feedback",
    "step",
    "question",
    "notes",
    "said",
    "remark",
    "offering",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A lead of ``owner`` with its open follow-up and offer, and the words that betray it."""

    owner: str
    lead: Lead
    followup: FollowUp
    offer: Offer | None
    clock: Clock | None
    task: Task
    words: frozenset[str]
    enquiry: Enquiry
    request: AccessRequest
    signal: Signal
    signing: Signing
    objection: Objection
    run: Run
    opportunity: Opportunity
    proposal: Proposal
    reply: CustomerReply
    mail: ProposalMail

    @property
    def number(self) -> str:
        return self.lead.number

    @property
    def pooled(self) -> bool:
        return self.owner.startswith("pool")


def plant(office: Office, owner: str, index: int) -> Planted:
    """One lead whose every word is a canary of its own."""
    word = {name: f"canary{name}{owner}".replace("-", "") for name in CANARY_FIELDS}
    phone, email = f"+86138{index:04d}77{index:02d}", f"canary{owner}@canary{index}.example"
    person = office.people.get(owner)
    team = office.teams[WEST if "west" in owner else EAST]
    with office.world.new_uow() as uow:
        leads = uow.leads(SYSTEM)
        lead = leads.add(
            Lead(
                source=f"ads-canarysource{owner}", customer=word["customer"], title=word["title"],
                contact=word["contact"], need=word["need"], phone=phone, email=email,
                owner_id=person.id if person else None,
                pooled_at=NOW - timedelta(days=2) if owner.startswith("pool") else None,
                team_id=person.team_id if person else team.id,
                created_at=NOW - timedelta(days=8), stage_since=NOW - timedelta(days=8),
                created_by=1,
            )
        )  # fmt: skip
        followup = uow.followups(SYSTEM).add(
            FollowUp(
                lead_id=lead.id, person_id=person.id if person else 1, method=Method.CALL,
                at=NOW - timedelta(days=2), summary=word["summary"], feedback=word["feedback"],
                next_step=word["step"], next_at=NOW - timedelta(hours=1),
            )
        )  # fmt: skip
        lead = leads.save(
            replace(lead, next_at=followup.next_at, next_step=word["step"], hot_since=NOW)
        )
        offer = clock = None
        if person:
            why = Why("only")
            offer = uow.offers.add(
                Offer(lead_id=lead.id, person_id=person.id, why=why, offered_at=NOW)
            )
            clock = uow.clocks(SYSTEM).add(
                Clock(lead_id=lead.id, kind=ClockKind.CALL, owner_id=person.id,
                      started_at=NOW, due_at=NOW + timedelta(days=1))
            )  # fmt: skip
        task = uow.tasks(SYSTEM).add(a_task(lead, None, word["question"]))
        if lead.is_pooled:
            uow.stays.enter(a_stay(lead))
        said = {"contact": word["contact"], "need": word["need"], "phone": phone, "email": email}
        enquiry = uow.enquiries.add(Enquiry(lead_id=lead.id, at=NOW, source=lead.source, said=said))
        signal = uow.signals(SYSTEM).record(
            Signal(lead_id=lead.id, kind=SignalKind.PROPOSAL_OPENED, at=NOW,
                   event=f"test:{owner}", effect=Effect.HOT)
        )  # fmt: skip
        assert signal
        opportunity = an_opportunity(uow, lead.id)
        signing = uow.signings(SYSTEM).add(
            Signing(lead_id=lead.id, state=SigningState.SIGNED, at=NOW, verdict=SigningVerdict.ASK,
                    contract=word["contract"], reason=word["contract"])
        )  # fmt: skip
        uow.discoveries(SYSTEM).add(
            Discovery(
                lead_id=lead.id, version=1, written_by=1, written_at=NOW,
                needs=Needs(problem=word["notes"], decision=word["notes"]),
            )
        )  # fmt: skip
        proposal = uow.proposals(SYSTEM).add(a_proposal(lead, word["offering"]))
        uow.proposals(SYSTEM).see(Visit(proposal_id=proposal.id, key=owner, at=NOW))
        reply = uow.proposals(SYSTEM).add_reply(
            CustomerReply(lead_id=lead.id, proposal_id=proposal.id, kind=ReplyKind.QUESTION,
                          name=word["contact"], words=word["said"], at=NOW, key=owner)
        )  # fmt: skip
        assert reply
        mail = uow.proposals(SYSTEM).add_mail(
            ProposalMail(lead_id=lead.id, proposal_id=proposal.id, address=email,
                         subject=word["offering"], body=word["offering"], written_by=1,
                         written_at=NOW, state=MailState.FAILED, problem="address")
        )  # fmt: skip
        request = uow.collaborators.add(
            AccessRequest(lead_id=lead.id, asker_id=office.people["kim"].id, asked_at=NOW, why="x")
        )
        objection = uow.objections(SYSTEM).add(
            Objection(lead_id=lead.id, kind="price", said=word["said"], answer=word["said"],
                      raised_by=1, raised_at=NOW)
        )  # fmt: skip
        said_at = NOW - timedelta(hours=1)
        uow.discussion(SYSTEM).add(
            Remark(lead_id=lead.id, person_id=1, at=said_at, text=word["remark"])
        )
        run = a_run(lead, uow)
        uow.commit()
    told = {*word.values(), phone, phone[3:], email, mask_phone(phone), mask_email(email)}
    words = frozenset({*told, f"canarysource{owner}"})
    return Planted(
        owner,
        lead,
        followup,
        offer,
        clock,
        task,
        words,
        enquiry,
        request,
        signal,
        signing,
        objection,
        run,
        opportunity,
        proposal,
        reply,
        mail,
    )


def a_run(lead: Lead, uow: UnitOfWork) -> Run:
    """An automation told the owner of the lead."""
    happened = Event(lead_id=lead.id, trigger=Trigger.MOVED, at=NOW)
    event = uow.automations.add_event(happened)
    assert event is not None
    rule = Automation(key="told", trigger=Trigger.MOVED, do=(Act.TELL_OWNER,))
    return uow.automations.add(Run(event=event, lead_id=lead.id, rule=rule, at=NOW))


def a_stay(lead: Lead) -> PoolStay:
    return PoolStay(
        lead_id=lead.id, team_id=lead.team_id, entered_at=NOW - timedelta(days=2),
        reason=PoolReason.GIVEN_UP, detail="busy", former_owner_id=1,
    )  # fmt: skip


def a_task(lead: Lead, assignee: Person | None, question: str) -> Task:
    return Task(
        lead_id=lead.id, kind=TaskKind.SUPPORT, role=assignee.role if assignee else Role.PRODUCT,
        assignee_id=assignee.id if assignee else None, why=Why("task_asked", "x"),
        question=question, created_at=NOW, due_at=NOW - timedelta(hours=1),
    )  # fmt: skip


def a_proposal(lead: Lead, word: str) -> Proposal:
    """One that the customer can read."""
    return Proposal(
        lead_id=lead.id, number=1, locale="en", state=ProposalState.SENT, written_by=1,
        written_at=NOW, sent_at=NOW,
        offering=Offering(
            opening=word, terms=word, valid_until=NOW.date(),
            solutions=(Solution(pain=word, answer=word),),
            quote=Quote(lines=(Line(name=word, basic=Decimal(1)),)),
        ),
    )  # fmt: skip


class Scene:
    """The office with a lead of everybody's."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.planted: tuple[Planted, ...] = office.made

    def share(self, owner: str, to: str) -> None:
        [lead] = [one.lead for one in self.planted if one.owner == owner]
        with self.office.world.new_uow() as uow:
            uow.collaborators.share(lead.id, self.office.people[to].id)
            uow.commit()

    def foreign(self, actor: str) -> list[Planted]:
        return [one for one in self.planted if one.owner not in SEES[actor]]

    def assert_no_word(self, actor: str, shown: object, about: object, action: str = "") -> None:
        said = repr(shown)
        for one in self.foreign(actor):
            named = one.pooled and action.startswith("pool.") and actor in CLAIM
            words = one.words - {one.lead.customer} if named else one.words
            leaked = [word for word in words if word in said]
            assert not leaked, (actor, about, one.owner, leaked)

    def foreign_state(self, actor: str) -> list[Any]:
        """Everything stored of the leads that are not the actor's, and of their follow-ups."""
        ids = {one.lead.id for one in self.foreign(actor)}
        rows = [row for row in self.office.rows("lead") if row["id"] in ids]
        tables = (
            "followup",
            "offer",
            "clock",
            "stage_interval",
            "task",
            "discovery",
            "signal",
            "proposal",
            "signing",
            "opportunity",
            "access_request",
            "collaborator",
            "loss_review",
            "objection",
            "remark",
        )
        for table in tables:
            rows += [row for row in self.office.rows(table) if row["lead_id"] in ids]
        return rows


@pytest.fixture
def scene(offices: Offices) -> Iterator[Scene]:
    with offices.open(NOW, after=leads_of_everybody, public_url="https://offers.example") as office:
        office.standing["guest"] = "guest"
        yield Scene(office)


def leads_of_everybody(office: Office) -> tuple[Planted, ...]:
    with office.world.new_uow() as uow:
        team_id = office.teams[EAST].id
        gone = Person(name="Gone Sample", role=Role.REP, team_id=team_id, active=False)
        office.people["gone"] = uow.people.add(gone)
        uow.people.link(Identity(PLATFORM, "gone", office.people["gone"].id), NOW)
        uow.channels.bind(BoundChannel(PLATFORM, "C-west", office.teams[WEST].id, "en", 1))
        uow.commit()
    office.hire("sam", "Sam Sample", Role.SERVICE)
    office.hire("fay", "Fay Sample", Role.FINANCE)
    for account in ("newcomer", "waiting", "refused"):
        request = office.request(account, "help.open")
        office.send(replace(request, sender=replace(request.sender, name=f"{account} Sample")))
    office.let_in("newcomer", "newcomer Sample")
    office.decide("refused Sample", "button.refuse_newcomer")
    planted = {owner: plant(office, owner, index) for index, owner in enumerate(OWNERS, 10)}
    with office.world.new_uow() as uow:
        # By a task on his lead Sam comes to see it.
        task = a_task(planted["robin"].lead, office.people["sam"], "Sample question")
        uow.tasks(SYSTEM).add(task)
        uow.collaborators.share(planted["wes"].lead.id, office.people["dana"].id)
        uow.commit()
    return tuple(planted.values())


def asked_of(one: Planted, others: tuple[Planted, ...]) -> Iterator[dict[str, Any]]:
    """Ways to ask for a lead by hand: buttons, form states, pickers and typed lines."""
    number, followup_id = one.number, str(one.followup.id)
    answers = {
        "lead": number, "method": "call", "summary": "x", "next_step": "y", "next_on": "tomorrow",
        "reason": "call", "until": "hour", "customer": "z", "source": "ads", "person": "3",
        "name": "A B", "role": "rep", "status": "active", "different": "name", "why": "x",
        "word": "x",
        "note": "x", "question": "x", "problem": "x", "kind": "csv",
    }  # fmt: skip
    mine = next(other for other in others if other is not one)
    answers |= {"other": mine.number, "stays": "one"}
    state = {"value": number, "lead": number, "followup": followup_id, "version": "1"}
    pair = {"one": number, "other": mine.number}
    version = f"{one.lead.version}:{mine.lead.version}"
    yield {"state": pair | {"version": version}, "values": {"stays": "one"}}
    yield {"state": {"lead": mine.number}, "values": {"other": number}}
    yield {"text": number, "state": state, "values": answers}
    yield {"state": state | {"value": str(one.task.id)}, "values": answers}
    yield {"state": state | {"value": str(one.run.id)}, "values": answers}
    yield {"state": {"value": str(one.request.id)}, "values": answers}
    yield {"state": {"value": f"{number}:1"}}
    yield {"state": {"value": f"{one.lead.id}:::0"}, "text": f"list {number}"}
    yield {"state": {"value": str(one.objection.id)}, "values": answers | {"answer": "x"}}
    yield {"state": {"value": f"{one.objection.id}:1"}}
    yield {"state": state | {"value": str(one.signing.id)}, "values": {"amount": "12万"}}
    yield {"state": state | {"value": str(one.opportunity.id)}, "values": {"word": "x"}}
    yield {"text": f"{number} call said x tomorrow y", "state": state | {"value": followup_id}}
    yield {
        "state": state | {"value": followup_id},
        "values": answers | {"reason": "busy", "phone": one.lead.phone, "email": one.lead.email},
    }
    yield {"state": state | {"followup": str(mine.followup.id)}, "values": answers}
    for word in (one.lead.customer, one.lead.phone, one.lead.email, one.lead.need[:10]):
        yield {"text": word, "state": {"value": word}}


WHOSE = ("owner_id", "team_id", "pooled_at")


def _as_planted(one: Planted, now: Lead) -> Lead:
    return replace(one.lead, version=now.version)


def deciding_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the forms carry by which a lead is taken from its owner."""
    state = {"lead": one.number, "value": one.number, "owner": str(one.lead.owner_id or "")}
    for person in ("1", "4", "6"):
        values = {"reason": "busy", "person": person, "until": "2024-04-01", "to": "nurture"}
        yield {"state": state, "values": values}


def numbers_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the digest's buttons carry, of the lead's team and of its owner alone: every number
    of both, one of last week and the other of this one."""
    weeks = ("2024-W09", "2024-W10")
    for place, number in enumerate(Number):
        team, person = (weeks[(place + turn) % 2] for turn in range(2))
        yield {"state": {"value": f"{number.value}:{one.lead.team_id}:{team}"}}
        value = f"{number.value}:{one.lead.team_id}:{person}"
        yield {"state": {"value": f"{value}:{one.lead.owner_id or 0}"}}


def targets_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the buttons of targets carry, of the lead's team and of its owner."""
    for holder in (f"team:{one.lead.team_id}", f"person:{one.lead.owner_id or 1}"):
        for quarter in ("2024-Q1", "2024-Q2"):
            yield {"state": {"value": f"{quarter}/{holder}"}}


def share_of(actor: str, kind: Kind, context: int, of: int) -> int:
    """Which share of some ways to ask falls to an actor on a database. The databases ask for
    different ones, and the next actor or lead for others than the last."""
    return (ACTORS.index(actor) + context + KINDS.index(kind) * of // 2) % of


def taken(
    ways: list[dict[str, Any]], office: Office, actor: str, action: str, *, share: int, step: int
) -> list[dict[str, Any]]:
    """Every so manieth way: still every action for every owner on both databases, and every way
    of every actor on one and on each by somebody. Who is refused before anything is read asks
    once."""
    if EVERY_WAY:
        return ways
    if is_refused(office, actor, action):
        return ways[share % len(ways) :][:1]
    return ways[share % len(ways) :: step]


def is_refused(office: Office, actor: str, action: str) -> bool:
    """Before anything is read."""
    return actor in OUTSIDE or not may(office.people[actor], action)


def is_turn(context: int, number: int, actor: str) -> bool:
    """Whether who is refused, whatever the lead, asks for this one: each action for another."""
    return EVERY_WAY or context == (number + ACTORS.index(actor)) % len(OWNERS)


def _nothing(_one: Planted) -> Iterator[dict[str, Any]]:
    return iter(())


def owner_of(one: Planted) -> Iterator[dict[str, Any]]:
    """Whose leads are to be handed over, as the buttons and the form of that carry it."""
    owner = str(one.lead.owner_id or 0)
    for value in (owner, f"{owner}:rules:0:", f"{owner}:person:3:", f"{owner}:pool:0:"):
        yield {"state": {"value": value}, "values": {"rule": "rules", "person": "3"}}


def proposals_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the buttons on a proposal carry, and what its form does."""
    value, version = str(one.proposal.id), str(one.proposal.version)
    typed = {"own_modules": "x: 1", "valid_until": "2024-05-01", "language": "en"}
    state = {"lead": one.number, "proposal": value, "version": version}
    for pressed in (value, f"{value}:{version}", f"{value}:x"):
        yield {"state": state | {"value": pressed}, "values": typed | {"quantity_0": "3"}}


def several_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the forms of an act on several leads carry."""
    values = {"person": "3", "reason": "busy", "day": "2024-03-12", "leads": (one.number,)}
    for kind in ("person", "rules", "pool", "lost", "nurture", "step"):
        state = {"query": "is=all", "kind": kind, "leads": str(one.lead.id), "value": "1"}
        yield {"state": state, "values": values | {"kind": kind}}


def lists_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the buttons and forms of lists carry that would have the lead among their rows."""
    owner, team = one.lead.owner_id, one.lead.team_id
    figure = LeadFigure(Number.NEW, team, "2024-W09", owner)
    everything = LeadQuery(status=Status.ALL)
    queries = (
        everything,
        replace(everything, owners=(owner,) if owner else (), nobody=owner is None),
        replace(everything, teams=(team,), text=one.lead.customer),
        LeadQuery(status=Status.POOL),
        LeadQuery.of_figure(figure),
    )
    owners = {"status": "all", "owners": (str(owner or "nobody"),)}
    searched = {"status": "all", "text": one.lead.customer}
    for sort, query in zip(LeadSort, queries, strict=False):
        value = encode(query, sort)
        state = {"value": value, "list": value}
        # What is searched for may be said back; the text says what that is.
        text = {"text": query.text} if query.text else {}
        yield {"state": state, "values": owners | {"sort": sort.value}, **text}
        yield {"state": state, "values": {"status": "all", "teams": (str(team),)}, **text}
        yield {"state": state, "values": searched, "text": one.lead.customer}


def views_of(one: Planted) -> Iterator[dict[str, Any]]:
    """What the buttons and forms of views carry, of a list that would have the lead."""
    days = {"weekdays": ("mon",), "at": "9:00", "when_empty": "line", "channel": "me"}
    channel = f"{PLATFORM}:C-west"
    for value in ("overdue", "1", "0:overdue:", "overdue:0", "1:1", "1:up"):
        yield {"state": {"value": value}, "values": days | {"channel": channel}}
    for asking in lists_of(one):
        value = asking["state"]["value"]
        named = {"name": "Sample view", "holder": f"team:{one.lead.team_id}"}
        other = days | {"name": "Other view"}
        if "text=" in value:  # Saved, the words of the actor's own view would be shown again.
            continue
        yield asking | {"state": {"value": value}, "values": named}
        yield asking | {"state": {"value": f"0:new:{value}"}, "values": other}


BY_HAND: Mapping[str, Callable[[Planted], Iterator[dict[str, Any]]]] = {
    **{action: several_of for action in ROUTES if action.startswith("bulk.")},
    "digest.show": numbers_of,
    **{action: lists_of for action in ROUTES if action.startswith("lead_list.")},
    **{action: views_of for action in ROUTES if action.startswith("view.")},
    "leaver.ask": owner_of,
    "leaver.preview": owner_of,
    "leaver.carry_out": owner_of,
    **{action: proposals_of for action in ROUTES if action.startswith("proposal.")},
    "sync.show": lambda one: iter([{"state": {"value": str(one.lead.team_id)}}]),
    "target.open": targets_of,
    "target.edit": targets_of,
    "target.save": targets_of,
    "target.copy": targets_of,
}


class TestTheMatrix:
    @pytest.mark.parametrize("actor", ACTORS)
    @pytest.mark.in_turn
    def test_no_action_tells_or_changes_a_foreign_lead(
        self, scene: Scene, actor: str, database_kind: Kind
    ) -> None:
        asked = 0
        office, before = scene.office, scene.foreign_state(actor)
        # With half of the ways left out on each database, the leads together make up for it.
        step = 2 * max(3, len(scene.foreign(actor)))
        for number, action in enumerate(ROUTES):
            for context, one in enumerate(scene.foreign(actor)):
                if one.pooled and action in CLAIMING:
                    continue
                if is_refused(office, actor, action) and not is_turn(context, number, actor):
                    continue
                by_hand = BY_HAND.get(action, _nothing)(one)
                ways = [*asked_of(one, scene.planted), *by_hand]
                share = share_of(actor, database_kind, context, step)
                for asking in taken(ways, office, actor, action, share=share, step=step):
                    reply = office.ask(actor, action, **asking)
                    # What the person typed may be said back to them.
                    said = _without_typed(reply, asking)
                    scene.assert_no_word(actor, said, (action, asking), action)
                    asked += 1
        if actor != "ada":
            assert asked > (0.8 if actor in (*OUTSIDE, "gone") else 1.5) * len(ROUTES)
        # A manager may give leads of the team away, and nobody takes part of another's.
        assert scene.foreign_state(actor) == before

    @pytest.mark.parametrize("actor", ACTORS)
    @pytest.mark.in_turn
    def test_hand_made_values_raise_nothing(
        self, scene: Scene, actor: str, database_kind: Kind
    ) -> None:
        """Each route half of them, on each database by every other actor the other half."""
        office, before = scene.office, scene.foreign_state(actor)
        for context, action in enumerate(ROUTES):
            refused = is_refused(office, actor, action)
            values = NO_VALUES[share_of(actor, database_kind, context, 2) :: 2]
            for value in NO_VALUES[context % len(NO_VALUES) :][:1] if refused else values:
                state = dict.fromkeys(("value", "lead", "followup", "version", "owner"), value)
                reply = office.ask(actor, action, text=value, state=state, values={"lead": value})
                scene.assert_no_word(actor, reply, (action, value), action)
                said = reply.toast + "".join(reply.errors.values())
                assert "went wrong on my side" not in said, (action, value)
        assert scene.foreign_state(actor) == before

    @pytest.mark.parametrize("actor", ACTORS)
    def test_what_one_may_see_is_found(self, scene: Scene, actor: str) -> None:
        """The other side: rights do not hide one's own."""
        for one in scene.planted:
            reply = scene.office.ask(actor, "lead.show", pressed=one.number)
            assert (reply.card is not None) == (one.owner in SEES[actor]), one.owner
            if reply.card:
                assert one.lead.customer in reply.card.title
                assert one.lead.phone[3:] not in repr(reply)

    @pytest.mark.parametrize("actor", ACTORS)
    def test_a_list_has_what_one_may_see(self, scene: Scene, actor: str) -> None:
        """Everything of one's own is in the list, whose title counts exactly its rows."""
        everything = encode(LeadQuery(status=Status.ALL))
        card = scene.office.ask(actor, "lead_list.show", pressed=everything).card
        if card is None:
            assert is_refused(scene.office, actor, "lead_list.show")
            return
        found = {one.owner for one in scene.planted if one.lead.customer in repr(card)}
        assert found == SEES[actor]
        if found:
            count = scene.office.say("list.count", n=len(found), number=str(len(found)))
            assert f" · {count}" in card.title


class TestWhoIsOutside:
    @pytest.mark.parametrize("actor", OUTSIDE)
    @pytest.mark.in_turn
    def test_nothing_at_all_is_shown_or_done(self, scene: Scene, actor: str) -> None:
        office = scene.office
        before = {name: office.rows(name) for name in ("person", "identity", "lead", "task")}
        for action in ROUTES:
            for one in scene.planted if EVERY_WAY else scene.planted[:1]:
                for asking in [*asked_of(one, scene.planted)][:3]:
                    reply = office.ask(actor, action, **asking)
                    # The page that is shown to whoever looks says how to start.
                    shown = (reply.form, reply.update, reply.attachment, *reply.options)
                    assert action in {"home.open", "hello.show"} or not reply.card
                    assert not any(shown), action
        assert {name: office.rows(name) for name in before} == before

    @pytest.mark.parametrize("actor", OUTSIDE)
    async def test_nobody_can_choose_them_or_send_them_anything(
        self, scene: Scene, actor: str
    ) -> None:
        office = scene.office
        office.ask(actor, "lead.open")
        for reader in ("max", "robin", "kim"):
            for action in ("people.open", "lead.new", "pool.open", "task.list"):
                assert f"{actor} Sample" not in repr(office.ask(reader, action))
        for name in ("Birch", "Oak", "Elm", "Ash"):
            office.log_lead("max", phone="", email="", customer=f"{name} Works")
        await office.settle()
        assert office.inbox(actor) == []


class TestWhoWorksBeside:
    """Robin's lead is shared with a rep of the same team, and with a manager of another."""

    @pytest.mark.parametrize("actor", ["dana", "wes"])
    @pytest.mark.in_turn
    def test_changes_neither_owner_nor_team_nor_pool(
        self, scene: Scene, actor: str, database_kind: Kind
    ) -> None:
        office = scene.office
        scene.share("robin", actor)
        [one] = [one for one in scene.planted if one.owner == "robin"]
        for context, action in enumerate(ROUTES):
            ways = [*asked_of(one, scene.planted), *BY_HAND.get(action, _nothing)(one)]
            share = ways if EVERY_WAY else ways[share_of(actor, database_kind, context, 6) :: 6]
            now = one.lead
            for asking in [*deciding_of(one), *share]:
                reply = office.ask(actor, action, **asking)
                if reply.form:
                    office.submit(actor, reply.form, **asking.get("values", {}))
                now = office.lead(one.lead.id)
                changed = {name for name in WHOSE if getattr(now, name) != getattr(one.lead, name)}
                assert not changed, (action, asking, changed)
            stays = [row["lead_id"] for row in office.rows("pool_stay")]
            assert one.lead.id not in stays, action
            if now != one.lead:  # The next action meets the lead as it was.
                office.change_lead(now.id, partial(_as_planted, one))
        beside = [row for row in office.rows("collaborator") if row["lead_id"] == one.lead.id]
        assert [row["person_id"] for row in beside] == [office.people[actor].id]


class TestThePool:
    @pytest.mark.parametrize("reach", ["company", "team"])
    def test_is_seen_and_claimed_by_sellers_within_its_reach(
        self, scene: Scene, reach: Literal["company", "team"]
    ) -> None:
        office = scene.office
        office.rules(pool=Pool(reach=reach))
        east, west = (one.number for one in scene.planted if one.pooled)
        both, own = {east, west}, {"wes": {west}, "kim": {west}}
        for actor in ACTORS:
            may = both if actor == "ada" or reach == "company" else own.get(actor, {east})
            may = may if actor in CLAIM | {"ada"} else set()
            said = repr(office.ask(actor, "pool.open").card)
            for one in (one for one in scene.planted if one.pooled):
                assert (one.lead.customer in said) == (one.number in may), (actor, one.owner)
                assert not any(word in said for word in one.words - {one.lead.customer})
                if one.number not in may:
                    office.ask(actor, "pool.claim", pressed=one.number)
                    state = {"lead": one.number}
                    office.ask(actor, "pool.give", state=state, values={"person": "3"})
                    assert office.lead(one.lead.id).is_pooled, (actor, one.owner)

    def test_tells_only_who_had_a_lead_and_who_leads_the_team(self, scene: Scene) -> None:
        office = scene.office
        composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
        since = int((NOW - timedelta(days=3)).timestamp())
        for one in (one for one in scene.planted if one.pooled):
            [stay] = [row for row in office.rows("pool_stay") if row["lead_id"] == one.lead.id]
            brief = PoolBrief(one.lead.team_id, since, int(NOW.timestamp()))
            for actor, person in office.people.items():
                for again in (False, True):
                    told = composer(brief, person.id, again=again)
                    assert (told is not None) == (one.owner in SEES[actor]), (actor, one.owner)
                    told = composer(LeadPooled(stay["id"]), person.id, again=again)
                    assert (told is not None) == (actor == "ada")


class TestWhatIsSentUnasked:
    def test_a_brief_names_only_leads_that_are_the_readers_now(self, scene: Scene) -> None:
        office = scene.office
        composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
        told = 0
        for actor, person in office.people.items():
            parts = [
                Part(lead_id=one.lead.id, task_id=task, to_id=person.id, why=Why("own"))
                for one in scene.planted
                for task in (None, one.task.id)
            ]
            with office.world.new_uow() as uow:
                transfer = uow.transfers.add(
                    Transfer(from_id=office.people["gone"].id, by_id=1, at=NOW,
                             rule=TransferRule.RULES, parts=tuple(parts))
                )  # fmt: skip
                uow.commit()
            for reader, other in office.people.items():
                card = composer(WorkHandedOver(transfer.id), other.id, again=False)
                scene.assert_no_word(reader, card, (actor, reader))
                told += card is not None
        assert told > len(office.people)

    @pytest.mark.parametrize("database_kind", KINDS if EVERY_WAY else KINDS[:1], indirect=True)
    def test_notices_tell_everybody_only_of_their_own(self, scene: Scene) -> None:
        office = scene.office
        composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
        composed = 0
        for actor in ACTORS:
            with office.world.new_uow(read_only=True) as uow:
                person = uow.people.find(PLATFORM, actor)
            assert (person is None) == (actor in OUTSIDE)
            if person is None:
                continue  # No notice can be for them.
            for one in scene.planted:
                for notice in notices_of(one):
                    for again in (False, True):
                        told = composer(notice, person.id, again=again)
                        scene.assert_no_word(actor, told, (notice, again))
                        composed += told is not None
                        if again and one.owner not in SEES[actor]:
                            assert told is not None
                            assert one.number in told[0].title
        assert composed > 100

    def test_a_card_turns_into_nothing_for_who_lost_the_right(self, scene: Scene) -> None:
        office = scene.office
        [one] = [one for one in scene.planted if one.owner == "max"]
        composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
        person = office.people["max"]
        for change in (replace(person, role=Role.REP, team_id=2), replace(person, active=False)):
            with office.world.new_uow() as uow:
                uow.people.save(change)
                uow.commit()
            others = [other for other in scene.planted if other.owner in ("robin", "dana")]
            for other in [one, *others] if not change.active else others:
                for notice in notices_of(other):
                    told = composer(notice, person.id, again=False)
                    # That it is over is told to who does not see it any more, and no more.
                    assert (told is None) != isinstance(notice, SharingEnded), notice
                    told = composer(notice, person.id, again=True)
                    assert told is not None
                    assert not [word for word in other.words if word in repr(told)]

    def test_who_is_no_leader_any_more_hears_of_no_newcomer(self, scene: Scene) -> None:
        office = scene.office
        composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
        notice = NewcomerJoined(office.people["dana"].id)
        assert composer(notice, office.people["ada"].id, again=False) is not None
        assert composer(notice, office.people["robin"].id, again=False) is None


class TestImports:
    def test_the_rows_of_a_file_are_its_senders_alone(self, scene: Scene) -> None:
        office = scene.office
        content = "\n".join(["客户,手机", *(f"canaryfile{n},1390000{n:04d}" for n in range(3))])
        for owner in ("max", "robin"):
            sent = office.ask(owner, "import.take", upload=Upload("f.csv", content.encode()))
            assert not sent.errors
        do_due_work(office)
        composer = Composer(office.world.new_uow, replace(office.world.contexts, now=lambda: NOW))
        jobs = {row["person_id"]: row["id"] for row in office.rows("import_job")}
        for actor in ACTORS:
            office.ask(actor, "help.open")
            with office.world.new_uow(read_only=True) as uow:
                person = uow.people.find(PLATFORM, actor)
            person_id = person.id if person else 0
            for owner, job in jobs.items():
                for kind in (ImportReady, ImportUnderWay) if person else ():
                    told = composer(kind(job, 1), person_id, again=True)
                    assert (told is None) == (owner != person_id)
                for action in (one for one in ROUTES if one.startswith("import.")):
                    if owner != person_id:
                        reply = office.ask(actor, action, pressed=str(job))
                        assert "canaryfile" not in repr(reply)

    @pytest.mark.parametrize("actor", ["robin", "max", "kim"])
    def test_a_duplicate_tells_nobody_whose_it_is(self, scene: Scene, actor: str) -> None:
        office = scene.office
        rows = [f"Row {one.owner},{one.lead.phone},{one.lead.email}" for one in scene.planted]
        content = "\n".join(["客户,手机,邮箱", *rows]).encode()
        assert not office.ask(actor, "import.take", upload=Upload("f.csv", content)).errors
        do_due_work(office)
        job = str(office.rows("import_job")[-1]["id"])
        card = office.ask(actor, "import.show", pressed=job).update
        file = office.ask(actor, "import.errors", pressed=job).attachment
        assert card is not None
        assert file is not None
        assert office.say("import.count_same", n=len(rows), shown=str(len(rows))) in repr(card)
        # The file gives back what its sender wrote, and nothing of the leads.
        told = repr(card) + file.content.decode("utf-8-sig").replace(content.decode(), "")
        for row in rows:
            told = told.replace(row, "").replace(row.replace(",+", ",'+"), "")
        scene.assert_no_word(actor, told, "duplicates")


def do_due_work(office: Office) -> None:
    while office.world.jobs._do_next():
        pass


class TestBindings:
    def test_a_manager_touches_no_other_teams_channel(self, scene: Scene) -> None:
        for action in ("channel.bind", "channel.unbind"):
            reply = scene.office.ask("max", action, pressed="C-west")
            assert scene.office.say("role.admin") in reply.toast
        with scene.office.world.new_uow(read_only=True) as uow:
            bound = uow.channels.of_channel(PLATFORM, "C-west")
        assert bound is not None
        assert bound.team_id == scene.office.teams[WEST].id


class TestRepositories:
    def test_a_lead_out_of_reach_is_not_there(self, scene: Scene) -> None:
        office = scene.office
        with office.world.new_uow() as uow:
            for actor, person in office.people.items():
                leads = uow.leads(uow.people.get(person.id))
                listed = partial(
                    uow.lead_list(uow.people.get(person.id)).ids,
                    moments=Moments(now=NOW, timezone=UTC),
                    limit=100,
                )
                found = {lead.id for lead in leads.search("canary", 100)}
                urgent = {lead.id for lead in leads.most_urgent("", 100)}
                every = set(listed(LeadQuery(status=Status.ALL)))
                visible = {o.lead.id for o in scene.planted if o.owner in SEES[actor]}
                to_do = visible - {o.lead.id for o in scene.planted if o.pooled}
                overdue = set(listed(LeadQuery(steps=(NextStep.OVERDUE,))))
                hot = set(listed(LeadQuery(hot=True)))
                assert found == every == visible, actor
                assert urgent == overdue == hot == to_do, actor
                for one in scene.foreign(actor):
                    with pytest.raises(LeadNotFound):
                        leads.get(one.lead.id)
                    with pytest.raises(LeadNotFound):
                        leads.save(one.lead)


def notices_of(one: Planted) -> list[Notice]:
    followup_id = one.followup.id
    notices: list[Notice] = [
        AutomationActed(one.run.id),
        LeadUnclaimed(one.lead.id),
        SharingEnded(one.lead.id),
        PoolReturnNear(one.lead.id),
        CustomerReturned(one.enquiry.id),
        AccessAsked(one.request.id),
        CustomerSignalled(one.signal.id),
        ProposalAnswered(one.reply.id),
        ProposalMailFailed(one.mail.id),
        SigningReported(one.signing.id),
        OpportunityFound(one.opportunity.id),
        ReminderDue(followup_id, 10),
        FollowUpOverdue(followup_id, 1),
        FollowUpOverdue(followup_id, 2, 90),
        RemarksMade(one.lead.id, 0, int(NOW.timestamp()) + 60),
        TaskGiven(one.task.id),
        TaskOverdue(one.task.id, 2, 90),
        TaskAnswered(one.task.id),
    ]
    if one.clock:
        notices.append(RecordCall(one.clock.id))
        notices += [ClockCalls(one.clock.id, level) for level in ("1", "2", "3")]
    return [*notices, LeadOffered(one.offer.id)] if one.offer else notices


def _without_typed(reply: Reply, asking: Mapping[str, Any]) -> str:
    """The reply's words but for those of a search, which it may repeat, masked or not."""
    said, text = repr(reply), asking.get("text", "")
    if not text.startswith(("canary", "+86")):
        return said
    return said.replace(text, "").replace(mask_contacts(text), "")
