"""The same request many times, and different ones at the same moment: one effect, nothing lost."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from openpyxl import Workbook

from bot import first_admin
from handlers.core.replies import Reply
from handlers.core.requests import Request, Upload, Value
from handlers.routes import ROUTES
from handlers.stages.contract_signed import report_signing
from sales.assignments import OfferState, Why
from sales.contract_signed import Signing, SigningState
from sales.people import SYSTEM, Person, Role
from sales.playbook import Admission, Handover, Newcomers, PoolMember, RoutingRule
from sales.quarterly_session import Session
from sales.signals import SignalKind
from sales.targets import Quarter
from sales.tasks import Result, Task, TaskKind, TaskState
from storage import tables
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.furnished import Offices
from tests.handlers.test_hostile import assert_sound
from tests.office import (
    EAST,
    LEAD,
    PLATFORM,
    SHANGHAI,
    Office,
    an_opportunity,
    button_of,
    open_office,
    signalled,
)
from tests.pairs import EVERY_WAY

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))
FOLLOWUP = {
    "lead": "LX001",
    "method": "call",
    "summary": "again",
    "next_step": "send it",
    "next_on": "2024-03-09",
}
PROPOSAL = {
    "own_modules": "Import: 8000 / 12000",
    "valid_until": "2024-03-31",
    "language": "en",
}
PERSON = {"name": "Dana Other", "role": "rep", "weight": "2", "status": "active"}
ANSWER = {"title": "Too dear", "text": "Compared with what?", "objection": "price"}
OBJECTION = {"kind": "price", "said": "Too dear"}
STATES = (
    "import_job",
    "lead",
    "discovery",
    "proposal",
    "proposal_link",
    "proposal_mail",
    "followup",
    "offer",
    "clock",
    "task",
    "access_request",
    "collaborator",
    "merge",
    "lead_alias",
    "saved_view",
    "view_posting",
    "weekly_report",
    "library_item",
    "library_edition",
    "library_use",
    "adoption",
    "loss_review",
    "objection",
    "remark",
    "sharing_topic",
    "sharing_volunteer",
    "signal",
    "signing",
    "opportunity",
    "work",
    "binding",
    "newcomer",
    "admin_code",
    "person",
    "pool_stay",
    "pool_extension",
    "bulk_act",
    "bulk_lead",
    "transfer",
    "target",
    "notice_choice",
    "audit",
    "message",
    "inbound",
    "playbook",
    "playbook_draft",
    "automation_event",
    "automation_run",
)
ROUNDS = 8
AGAIN, TOGETHER = (9, 8) if EVERY_WAY else (2, 4)
"""How often a request comes again, and how many come at once."""
LIST = Upload("list.csv", b"Customer\nListed Sample\n")
OWNED = Upload("owned.csv", b"Customer,Owner\nOwned Sample,Nova Newman\n")
DEFAULTS = {"source": "ads", "unowned": "me", "likely": "take", "clocks": "no"}


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_busy_day, public_url="https://offers.example") as office:
        yield office


def a_busy_day(office: Office) -> None:
    """LX001 is Robin's, with a next step, a question to Pat, a proposal that was sent and the next
    in draft; LX002 waits for Robin's answer."""
    # What a signature starts would be many effects of one request.
    office.rules(routing=(TO_ROBIN,), handover=Handover(won=()))
    office.log_lead("max")
    office.ask("robin", "followup.open", text="LX001 call likes it by 3/8 send the case")
    office.log_lead("max", customer="Other Sample", phone="", email="")
    office.ask("max", "channel.bind", channel="C-bound")
    for account in ("pat", "pia"):
        office.hire(account, f"{account.title()} Sample", Role.PRODUCT)
    office.send(asking(office, "pat"))
    for account in ("dana", "max"):
        office.ask(account, "library.create", values=ANSWER, state={"kind": "answer"})
    for number in ("1", "2", "3"):
        office.send(CHANGES["objection.create"](office))
        if number != "1":
            office.ask("robin", "objection.take", pressed=f"{number}:2")
    office.ask("robin", "objection.accept", pressed="3")
    share_what_works(office)
    office.send(CHANGES["target.save"](office))
    for account in ("robin", "max"):
        state = {"lead": "LX001", "proposal": "", "version": ""}
        office.ask(account, "proposal.save", state=state, values=PROPOSAL)
        office.ask("robin", "proposal.send", pressed="1:0")
    signalled(office, SignalKind.PROPOSAL_OPENED)
    ask_access(office, "kim", "LX001")
    share_with(office, "LX002", "dana")
    with office.world.new_uow() as uow:
        signed = Signing(lead_id=1, state=SigningState.SIGNED, at=FRIDAY)
        report_signing(signed, office.world.context(uow))
        an_opportunity(uow, 1)
        uow.commit()


def share_what_works(office: Office) -> None:
    """The quarter's session is announced, and Robin brings something."""
    begins_at = datetime(2024, 3, 21, 15, tzinfo=SHANGHAI)
    with office.world.new_uow() as uow:
        session = Session(Quarter(2024, 1), begins_at, FRIDAY)
        assert uow.quarterly_sessions.announce(session, FRIDAY)
        uow.commit()
    office.ask("robin", "sharing.join", pressed="2024-Q1")


POSTED: dict[str, Value] = {"weekdays": ("mon",), "at": "9:00", "when_empty": "line"}


def a_view(office: Office) -> str:
    """The second of Robin's views."""
    for name in ("First", "Second"):
        office.ask("robin", "view.create", pressed="step=none", values={"name": name})
    return str(office.rows("saved_view")[-1]["id"])


def a_posting(office: Office) -> str:
    office.ask("robin", "view.post", pressed="0:hot:", values=POSTED)
    return str(office.rows("view_posting")[-1]["id"])


REPORTED = "2024-W08"
"""The week of which reports are written."""


def a_report(office: Office) -> str:
    """Submits Robin's report as its card shows it."""
    card = office.ask("robin", "weekly_report.open").card
    assert card is not None
    return next(one.value for one in card.buttons if one.action == "weekly_report.submit")


def an_owed_report(office: Office) -> str:
    """Reminds Dana of the report that she was asked for."""
    dana = office.people["dana"].id
    with office.world.new_uow() as uow:
        uow.weekly_reports.ask(dana, REPORTED, FRIDAY)
        uow.commit()
    return f"{dana}:{REPORTED}"


def starting(office: Office) -> Request:
    """With an empty library."""
    office.ask("max", "library.retire", pressed="2")
    return office.request("max", "library.start")


ERASED = {"who": "LX001", "reason": "requested"}
CHANGES: dict[str, Callable[[Office], Request]] = {
    "lead.create": lambda o: o.request(
        "max",
        "lead.create",
        values=dict(LEAD) | {"customer": "New Works", "phone": "", "email": "n@new.example"},
    ),
    "lead.update": lambda o: o.request(
        "robin",
        "lead.update",
        values=dict(LEAD) | {"need": "more"},
        state={"lead": "LX001", "version": str(o.lead(1).version)},
    ),
    "lead.assign": lambda o: assigning(o, "max", "dana"),
    "lead.by_rules": lambda o: o.request("robin", "lead.by_rules", pressed=kept(o)),
    "contact.reveal": lambda o: o.request(
        "robin", "contact.reveal", values={"reason": "call"}, state={"lead": "LX001"}
    ),
    "contact.call": lambda o: o.request("robin", "contact.call", pressed="LX001"),
    "offer.accept": lambda o: o.request("robin", "offer.accept", pressed="LX002"),
    "offer.pass": lambda o: o.request(
        "robin", "offer.pass", pressed="LX002", values={"reason": "busy"}
    ),
    "followup.open": lambda o: o.request("robin", "followup.open", text="LX001 call yes tomorrow"),
    "followup.create": lambda o: o.request("robin", "followup.create", values=FOLLOWUP),
    "followup.update": lambda o: o.request(
        "robin", "followup.update", values=FOLLOWUP, state={"followup": "1", "version": "0"}
    ),
    "reminder.done": lambda o: o.request("robin", "reminder.done", pressed="1"),
    "reminder.later": lambda o: o.request(
        "robin", "reminder.later", pressed="1", values={"until": "day"}
    ),
    "reminder.wait": lambda o: o.request("robin", "reminder.wait", pressed="1:hour"),
    "reminder.postpone": lambda o: o.request("robin", "reminder.postpone", pressed="1:2024-03-13"),
    "reminder.move": lambda o: o.request(
        "robin", "reminder.move", pressed="1", values={"next_on": "2024-03-12"}
    ),
    "stage.move": lambda o: o.request(
        "robin",
        "stage.move",
        state={"lead": "LX001", "to": "nurture", "version": str(o.lead(1).version)},
        values={"look_again": "2024-06-03"},
    ),
    "forecast.save": lambda o: o.request(
        "robin",
        "forecast.save",
        state={"lead": "LX001", "version": str(o.lead(1).version)},
        values={"expected_amount": "8万", "expected_close": "2024-03-20", "category": "commit"},
    ),
    "stage.said": lambda o: o.request(
        "robin", "stage.said", text="won 120k", state={"lead": "LX001"}
    ),
    "deal.save": lambda o: o.request(
        "robin",
        "deal.save",
        state={"lead": (number := signed(o)), "version": str(o.lead(int(number[2:])).version)},
        values={"amount": "10万"},
    ),
    "stage.undo": lambda o: o.request(
        "robin", "stage.undo", pressed=f"LX001:{o.lead(1).version}:discovery"
    ),
    "weekly_report.submit": lambda o: o.request(
        "robin", "weekly_report.submit", pressed=a_report(o)
    ),
    "weekly_report.save": lambda o: o.request(
        "robin", "weekly_report.save", pressed=REPORTED, values={"focus": "Demo"}
    ),
    "weekly_report.type": lambda o: o.request(
        "robin", "weekly_report.type", text="weekly report focus: demo"
    ),
    "weekly_report.remind": lambda o: o.request(
        "max", "weekly_report.remind", pressed=an_owed_report(o)
    ),
    "win.undo": lambda o: o.request("robin", "win.undo", pressed=won(o)),
    "announcement.choose": lambda o: o.request(
        "max", "announcement.choose", values={"channel": "desk:C-bound", "what": ("wins",)}
    ),
    "announcement.congratulate": lambda o: o.request(
        "dana", "announcement.congratulate", pressed=announced(o)
    ),
    "stage.aftersales": lambda o: o.request("robin", "stage.aftersales", pressed=signed(o)),
    "nurture.leave": lambda o: o.request("robin", "nurture.leave", pressed=nurtured(o)),
    "nurture.keep": lambda o: o.request("robin", "nurture.keep", pressed=nurtured(o)),
    "nurture.pool": lambda o: o.request("robin", "nurture.pool", pressed=nurtured(o)),
    "nurture.sent": lambda o: o.request("robin", "nurture.sent", pressed=content(o)),
    "impact.adopt": lambda o: o.request("ada", "impact.adopt", values={"day": "2024-01-01"}),
    "loss_review.save": lambda o: o.request(
        "robin",
        "loss_review.save",
        state={"lead": lost(o), "version": "0"},
        values={"learnt": "Too late", "share": ("share",)},
    ),
    "opportunity.accept": lambda o: o.request("robin", "opportunity.accept", pressed="1"),
    "opportunity.drop": lambda o: o.request(
        "robin", "opportunity.drop", pressed="1", values={"word": "not now"}
    ),
    "signing.settle": lambda o: o.request(
        "robin", "signing.settle", pressed="1", values={"amount": "12万"}
    ),
    "signal.dismiss": lambda o: o.request("robin", "signal.dismiss", pressed="LX001"),
    "discovery.save": lambda o: o.request(
        "robin",
        "discovery.save",
        state={"lead": "LX001", "version": "0"},
        values={"problem": "Slow", "budget": "20万"},
    ),
    "proposal.save": lambda o: o.request(
        "robin",
        "proposal.save",
        state={"lead": "LX001", "proposal": "2", "version": "0"},
        values=PROPOSAL | {"discount": "5"},
    ),
    "proposal.counted": lambda o: o.request(
        "robin", "proposal.counted", pressed="2:0", values={"quantity_0": "2"}
    ),
    "proposal.preview": lambda o: o.request("robin", "proposal.preview", pressed="2"),
    "proposal.send": lambda o: o.request("robin", "proposal.send", pressed="2:0"),
    "proposal.link": lambda o: o.request("robin", "proposal.link", pressed="1"),
    "proposal.mail": lambda o: o.request("robin", "proposal.mail", pressed="1"),
    "proposal.revoke": lambda o: o.request("robin", "proposal.revoke", pressed="1:1"),
    "merge.save": lambda o: merging(o, "LX001", "LX002"),
    "merge.undo": lambda o: o.request("max", "merge.undo", pressed=merged(o, "LX001", "LX002")),
    "access.request": lambda o: o.request(
        "dana", "access.request", pressed=reference(o, "dana", 1), values={"why": "They called"}
    ),
    "access.share": lambda o: o.request("robin", "access.share", pressed="1"),
    "access.hand": lambda o: o.request("max", "access.hand", pressed="1"),
    "access.refuse": lambda o: o.request("robin", "access.refuse", pressed="1"),
    "access.give": lambda o: o.request(
        "robin", "access.give", pressed=f"LX001:{o.people['dana'].id}"
    ),
    "access.end": lambda o: o.request("max", "access.end", pressed=f"LX002:{o.people['dana'].id}"),
    "support.create": lambda o: asking(o, "pia"),
    "task.accept": lambda o: o.request("pat", "task.accept", pressed="1"),
    "task.done": lambda o: o.request("pat", "task.done", pressed="1", values={"note": "Yes"}),
    "task.hand": lambda o: o.request(
        "pat",
        "task.hand",
        state={"value": "1", "assignee": str(o.people["pat"].id)},
        values={"person": str(o.people["pia"].id)},
    ),
    "task.step_in": lambda o: o.request("max", "task.step_in", pressed=unhappy(o)),
    "leaver.carry_out": lambda o: handing_over(o),  # noqa: PLW0108 - it stands below
    "import.take": lambda o: o.request("max", "import.take", upload=LIST),
    "import.map": lambda o: o.request(
        "max", "import.map", pressed=looked_through(o), values={"customer": "0"}
    ),
    "import.decide": lambda o: o.request(
        "max", "import.decide", pressed=looked_through(o), values=DEFAULTS
    ),
    "import.start": lambda o: o.request("max", "import.start", pressed=looked_through(o)),
    "import.drop": lambda o: o.request("max", "import.drop", pressed=looked_through(o)),
    "import.give": lambda o: o.request(
        "max", "import.give", pressed=looked_through(o, OWNED), values={"owner_0": "name"}
    ),
    "import.turn": lambda o: o.request(
        "max", "import.turn", pressed=looked_through(o, two_sheets()), values={"sheet": "1"}
    ),
    "import.entrust": lambda o: o.request(
        "max", "import.entrust", state=kept_names(o),
        values={"name_0": str(o.people["robin"].id)},
    ),
    "import.undo": lambda o: o.request("max", "import.undo", pressed=brought_in(o)),
    "bulk.act": lambda o: o.request(
        "max", "bulk.act", state={"query": ""}, values={"kind": "rules", "leads": ("LX001",)}
    ),
    "bulk.preview": lambda o: acting_on_several(o),  # noqa: PLW0108 - it stands below
    "bulk.confirm": lambda o: o.request("max", "bulk.confirm", pressed=previewed(o)),
    "bulk.drop": lambda o: o.request("max", "bulk.drop", pressed=previewed(o)),
    "bulk.undo": lambda o: o.request("max", "bulk.undo", pressed=acted_on_several(o)),
    "pool.claim": lambda o: o.request("dana", "pool.claim", pressed=pooled(o, "LX002")),
    "pool.give": lambda o: o.request(
        "max",
        "pool.give",
        state={"lead": pooled(o, "LX002")},
        values={"person": str(o.people["dana"].id)},
    ),
    "pool.put": lambda o: putting(o, "LX001"),
    "pool.keep": lambda o: o.request(
        "robin", "pool.keep", pressed="LX001", values={"reason": "Budget round"}
    ),
    "export.create": lambda o: o.request("max", "export.create", values={"kind": "csv"}),
    "objection.create": lambda o: o.request(
        "robin", "objection.create", state={"lead": "LX001"}, values=OBJECTION
    ),
    "objection.agree": lambda o: o.request(
        "robin", "objection.agree", pressed="1", values={"answer": "It pays"}
    ),
    "objection.take": lambda o: o.request("robin", "objection.take", pressed="1:2"),
    "objection.accept": lambda o: o.request("robin", "objection.accept", pressed="2"),
    "objection.reopen": lambda o: o.request("robin", "objection.reopen", pressed="3"),
    "remark.create": lambda o: o.request(
        "pat", "remark.create", state={"lead": "LX001"}, values={"text": "Can we?"}
    ),
    "sharing.add": lambda o: o.request("max", "sharing.add", values={"words": "Too dear?"}),
    "sharing.join": lambda o: o.request("kim", "sharing.join", pressed="2024-Q1"),
    "sharing.leave": lambda o: o.request("robin", "sharing.leave", pressed="2024-Q1"),
    "library.create": lambda o: o.request(
        "robin", "library.create", values=ANSWER, state={"kind": "answer"}
    ),
    "library.update": lambda o: o.request(
        "dana", "library.update", values=ANSWER, state={"value": "1", "version": "0"}
    ),
    "library.approve": lambda o: o.request("max", "library.approve", pressed="1"),
    "library.used": lambda o: o.request(
        "robin", "library.used", pressed="2", values={"lead": "LX002"}
    ),
    "library.decline": lambda o: o.request(
        "max", "library.decline", pressed="1", values={"note": "Shorter"}
    ),
    "library.retire": lambda o: o.request("max", "library.retire", pressed="2"),
    "library.start": starting,
    "newcomer.admit": lambda o: o.request("ada", "newcomer.admit", pressed=waiting(o)),
    "newcomer.refuse": lambda o: o.request("ada", "newcomer.refuse", pressed=waiting(o)),
    "newcomer.save": lambda o: o.request(
        "ada", "newcomer.save", pressed=waiting(o), values={"role": "manager", "new_team": "North"}
    ),
    "newcomer.same": lambda o: o.request(
        "ada", "newcomer.same", pressed=f"{waiting(o)}:{expected(o)}"
    ),
    "admin.claim": lambda o: o.request("robin", "admin.claim", text=a_code(o)),
    "identity.claim": lambda o: o.request("kay", "identity.claim", pressed=namesake(o)),
    "identity.confirm": lambda o: o.request(
        "ada", "identity.confirm", pressed=f"{o.people['kim'].id}:{o.people['wes'].id}"
    ),
    "identity.refuse": lambda o: o.request(
        "ada", "identity.refuse", pressed=f"{o.people['kim'].id}:{o.people['wes'].id}"
    ),
    "identity.join": lambda o: o.request(
        "ada",
        "identity.join",
        values={"kept": str(o.people["wes"].id), "gone": str(o.people["kim"].id)},
    ),
    "people.save": lambda o: o.request(
        "max", "people.save", pressed=str(o.people["dana"].id), values=PERSON
    ),
    "people.create": lambda o: o.request(
        "ada",
        "people.create",
        values=PERSON | {"name": "Lin Sample", "email": "lin@sample.example"},
    ),
    "people.leave": lambda o: o.request(
        "robin", "people.leave", values={"back_on": "2024-03-12"}
    ),
    "erasure.find": lambda o: o.request("ada", "erasure.find", values=ERASED),
    "erasure.choose": lambda o: o.request(
        "ada", "erasure.choose", state=ERASED, values={"chosen": ("lead-1",)}
    ),
    "erasure.confirm": lambda o: o.request("ada", "erasure.confirm", pressed=to_erase(o)),
    "erasure.drop": lambda o: o.request("ada", "erasure.drop", pressed=to_erase(o)),
    "notice.open": lambda o: o.request("robin", "notice.open", pressed=told(o, 2)),
    "notice.accept_all": lambda o: o.request(
        "robin", "notice.accept_all", pressed=f"offers:{told(o, 2)}"
    ),
    "notice.accept": lambda o: o.request("robin", "notice.accept", pressed=told(o, 2)),
    "quiet.save": lambda o: o.request("robin", "quiet.save", values={"quiet": "22-7"}),
    "target.save": lambda o: o.request(
        "max", "target.save", pressed="2024-Q1/team:1", values={"revenue": "100万"}
    ),
    "view.create": lambda o: o.request(
        "robin", "view.create", pressed="step=none", values={"name": "To plan"}
    ),
    "view.update": lambda o: o.request(
        "robin", "view.update", pressed=a_view(o), values={"name": "Other name"}
    ),
    "view.move": lambda o: o.request("robin", "view.move", pressed=f"{a_view(o)}:up"),
    "view.delete": lambda o: o.request("robin", "view.delete", pressed=a_view(o)),
    "view.post": lambda o: o.request("robin", "view.post", pressed="0:hot:", values=POSTED),
    "view.stop": lambda o: o.request("robin", "view.stop", pressed=a_posting(o)),
    "target.copy": lambda o: o.request("max", "target.copy", pressed="2024-Q2/team:1"),
    "channel.bind": lambda o: o.request("max", "channel.bind", channel="C-new"),
    "channel.bind_company": lambda o: o.request("ada", "channel.bind_company", channel="C-all"),
    "channel.unbind": lambda o: o.request("max", "channel.unbind", channel="C-bound"),
    "playbook.change": lambda o: changing_rules(o),  # noqa: PLW0108 - it stands below
    "playbook.arrange": lambda o: o.request("ada", "playbook.arrange", pressed="off:routing.0"),
    "playbook.apply": lambda o: o.request(
        "ada",
        "playbook.apply",
        state={"value": a_draft(o), "base": "1"},
        values={"why": "because"},
    ),
    "playbook.discard": lambda o: o.request("ada", "playbook.discard", pressed=a_draft(o)),
    "automation.overrule": lambda o: o.request("max", "automation.overrule", pressed=a_run(o)),
    "playbook.restore": lambda o: o.request("ada", "playbook.restore", pressed=older_rules(o)),
    "playbook.prepare": lambda o: o.request(
        "ada", "playbook.prepare", pressed="clocks.medium.within:480"
    ),
    "review.file": lambda o: o.request("max", "review.file", pressed="2024-02:0"),
}  # fmt: skip


def looked_through(office: Office, upload: Upload = LIST) -> str:
    """An import that waits for its person's word."""
    assert not office.ask("max", "import.take", upload=upload).errors
    do_due_work(office)
    return str(office.rows("import_job")[-1]["id"])


def two_sheets() -> Upload:
    """A workbook of which two sheets hold a list."""
    book, content = Workbook(), BytesIO()
    book.create_sheet("Second")
    for sheet in book.worksheets:
        for row in (("Customer", "Contact"), (f"{sheet.title} Sample", "Kim Sample")):
            sheet.append(row)
    book.save(content)
    return Upload("list.xlsx", content.getvalue())


def kept_names(office: Office) -> dict[str, str]:
    """The form about leads that were kept under the name of an owner who is not here."""
    brought_in(office, OWNED)
    form = office.ask("max", "import.open", text="owners").form
    assert form is not None
    return dict(form.state)


def brought_in(office: Office, upload: Upload = LIST) -> str:
    """An import that can be undone."""
    number = looked_through(office, upload)
    assert not office.ask("max", "import.start", pressed=number).errors
    do_due_work(office)
    return number


def do_due_work(office: Office) -> None:
    while office.world.jobs._do_next():
        pass


def asking(office: Office, whom: str) -> Request:
    typed = {"person": str(office.people[whom].id), "question": "Can it?"}
    return office.request("robin", "support.create", state={"lead": "LX001"}, values=typed)


def handing_over(office: Office) -> Request:
    """What a manager presses who has seen now what of Dana's would go to whom."""
    office.log_lead("dana", customer="Dana's", phone="", email="", owner="keep")
    values = {"rule": "person", "person": str(office.people["robin"].id)}
    card = office.ask(
        "max", "leaver.preview", pressed=str(office.people["dana"].id), values=values
    ).card
    assert card is not None
    button = button_of(card, office.say("leaver.submit"))
    return office.request("max", button.action, pressed=button.value)


def waiting(office: Office) -> str:
    """Somebody who asks to be let in."""
    request = office.request("zoe", "help.open")
    assert office.send(replace(request, sender=replace(request.sender, name="Zoe Sample"))).toast
    return str(office.rows("newcomer")[-1]["id"])


def expected(office: Office) -> str:
    """Somebody of that name whom an admin entered beforehand."""
    with office.world.new_uow() as uow:
        team_id = office.teams[EAST].id
        person = uow.people.add(Person(name="Zoe Sample", role=Role.REP, team_id=team_id))
        uow.commit()
    return str(person.id)


def a_code(office: Office) -> str:
    with office.world.new_uow() as uow:
        code = first_admin.code_for_anybody(uow, office.world.clock.now())
        uow.commit()
    return code


def namesake(office: Office) -> str:
    """The id of somebody known elsewhere, whom Kay here is named like."""
    office.hire("kay", "Kay Sample (2)", Role.REP)
    with office.world.new_uow() as uow:
        team_id = office.teams[EAST].id
        known = uow.people.add(Person(name="Kay Sample", role=Role.REP, team_id=team_id))
        uow.commit()
    return str(known.id)


def putting(office: Office, lead: str) -> Request:
    state = {"lead": lead, "owner": str(office.people["robin"].id)}
    return office.request("robin", "pool.put", state=state, values={"reason": "busy"})


def pooled(office: Office, lead: str) -> str:
    """Robin gives a lead up first."""
    assert not office.send(putting(office, lead)).errors
    return lead


def merging(office: Office, one: str, other: str) -> Request:
    """What a manager submits who compared both now."""
    form = office.ask("max", "merge.compare", state={"lead": one}, values={"other": other}).form
    assert form is not None
    values: dict[str, Value] = {"stays": "one", "sure": ("meant",)}
    return office.request("max", form.action, state=form.state, values=values)


def merged(office: Office, one: str, other: str) -> str:
    """The id of a merge that can be undone."""
    assert office.send(merging(office, one, other)).update
    return "1"


def reference(office: Office, account: str, lead_id: int) -> str:
    with office.world.new_uow(read_only=True) as uow:
        return uow.duplicates.refer(lead_id, office.people[account].id)


def told(office: Office, lead_id: int) -> str:
    """The offer of a lead as if Robin had heard of it in a list; the id of the message."""
    offer_id = office.offers(lead_id)[-1].id
    rows = [row for row in office.rows("message") if row["fields"] == {"offer_id": offer_id}]
    with office.world.database.write() as connection:
        message = tables.message
        update = message.update().where(message.c.id == rows[-1]["id"]).values(state="told")
        connection.execute(update)
    return str(rows[-1]["id"])


def ask_access(office: Office, account: str, number: str) -> None:
    pressed = reference(office, account, int(number.removeprefix("LX")))
    reply = office.ask(account, "access.request", pressed=pressed, values={"why": "They called"})
    assert reply.toast == office.say("access.asked")


def share_with(office: Office, number: str, account: str) -> None:
    with office.world.new_uow() as uow:
        uow.collaborators.share(int(number.removeprefix("LX")), office.people[account].id)
        uow.commit()


def changing_rules(office: Office) -> Request:
    """What an admin submits who opened the form of the points now."""
    form = office.ask("ada", "playbook.edit", pressed="scoring").form
    assert form is not None
    typed = {one.name: getattr(one, "value", "") for one in form.fields} | {"high_from": "9"}
    return office.request("ada", "playbook.change", state=form.state, values=typed)


def a_draft(office: Office) -> str:
    """The id of a change that waits to be put in force."""
    assert office.send(changing_rules(office)).card
    return str(office.rows("playbook_draft")[-1]["id"])


def a_run(office: Office) -> str:
    """What an automation did: the manager was asked to step in."""
    for to in ("negotiation", "lost"):
        state = {"lead": "LX001", "to": to, "version": str(office.lead(1).version)}
        values = {"reason": "so it is", "lost": "price"}
        assert not office.ask("robin", "stage.move", state=state, values=values).errors
    while office.world.jobs._do_next():
        pass
    return str(office.rows("automation_run")[-1]["id"])


def signed(office: Office) -> str:
    state = {"lead": "LX001", "to": "won", "version": str(office.lead(1).version)}
    values = {"criteria": ("signed",), "reason": "fast", "amount": "1万"}
    assert not office.ask("robin", "stage.move", state=state, values=values).errors
    return "LX001"


def won(office: Office) -> str:
    signed(office)
    closed = office.lead(1).closed_at
    assert closed
    return f"LX001:{int(closed.timestamp())}:captured"


def announced(office: Office) -> str:
    signed(office)
    return str(office.rows("announcement")[0]["id"])


def nurtured(office: Office) -> str:
    state = {"lead": "LX001", "to": "nurture", "version": str(office.lead(1).version)}
    values = {"look_again": "2024-06-03"}
    assert not office.ask("robin", "stage.move", state=state, values=values).errors
    return "LX001"


def lost(office: Office) -> str:
    state = {"lead": "LX001", "to": "lost", "version": str(office.lead(1).version)}
    assert not office.ask("robin", "stage.move", state=state, values={"lost": "price"}).errors
    return "LX001"


def content(office: Office) -> str:
    """A case of the library, for a lead."""
    case = {"title": "A case", "text": "It went well"}
    assert not office.ask("max", "library.create", values=case, state={"kind": "case"}).errors
    return f"LX001:{office.rows('library_item')[-1]['id']}"


def kept(office: Office) -> str:
    """A lead that Robin logged, where the rules would choose Dana."""
    lead = office.log_lead("robin", owner="keep", customer="Kept Sample", phone="", email="")
    to_dana = RoutingRule(name="all", pool=(PoolMember(person="Dana Example"),))
    office.rules(routing=(to_dana,), handover=Handover(won=()))
    return lead.number


def unhappy(office: Office) -> str:
    """A visit that showed so."""
    robin = office.people["robin"].id
    visit = Task(
        lead_id=1, kind=TaskKind.VISIT, role=None, assignee_id=robin, why=Why("task_owner"),
        created_at=FRIDAY, due_at=FRIDAY, state=TaskState.DONE, done_at=FRIDAY, done_by=robin,
        result=Result(note="It is slow", satisfaction=1),
    )  # fmt: skip
    with office.world.new_uow() as uow:
        added = uow.tasks(SYSTEM).add(visit)
        uow.commit()
    return str(added.id)


def older_rules(office: Office) -> str:
    office.rules()
    return "1"


def assigning(office: Office, by: str, to: str, lead: str = "LX001") -> Request:
    """What a manager submits who opened the form now."""
    form = office.ask(by, "lead.reassign", pressed=lead).form
    assert form is not None
    person = str(office.people[to].id)
    return office.request(by, "lead.assign", state=form.state, values={"person": person})


def acting_on_several(office: Office) -> Request:
    state = {"query": "", "kind": "lost", "leads": "1,2"}
    return office.request("max", "bulk.preview", state=state, values={"reason": "price"})


def to_erase(office: Office) -> str:
    """An erasure that waits to be confirmed."""
    office.ask("ada", "erasure.find", values=ERASED)
    return str(office.rows("erasure")[-1]["id"])


def previewed(office: Office) -> str:
    assert not office.send(acting_on_several(office)).errors
    return "1"


def acted_on_several(office: Office) -> str:
    office.ask("max", "bulk.confirm", pressed=previewed(office))
    while office.world.jobs._do_next():
        pass
    return "1"


def state_of(office: Office) -> dict[str, list[Any]]:
    return office.stored(STATES)


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """The results of doings that all begin in the same moment."""
    together = Barrier(len(doings))

    def begin(doing: Callable[[], Any]) -> Any:
        together.wait()
        return doing()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(begin, doings))


def refused(reply: Reply) -> bool:
    return bool(reply.errors) or (bool(reply.toast) and not reply.card and not reply.update)


class TestDeliveredAgain:
    def test_every_changing_route_is_tried(self) -> None:
        assert set(CHANGES) == {action for action, route in ROUTES.items() if route.changes}

    @pytest.mark.parametrize("action", sorted(CHANGES))
    def test_again_and_again_is_once(self, office: Office, action: str) -> None:
        request, before = CHANGES[action](office), state_of(office)
        first = office.send(request)
        assert not first.errors
        once = state_of(office)
        assert once != before
        again = [office.send(request) for _ in range(AGAIN)]
        assert [reply.toast for reply in again] == [office.say("reply.already_done")] * AGAIN
        assert state_of(office) == once

    @pytest.mark.parametrize("action", sorted(CHANGES))
    def test_several_at_once_are_one(self, office: Office, action: str) -> None:
        request, before = CHANGES[action](office), state_of(office)
        replies = at_once(*[lambda: office.send(request)] * TOGETHER)
        done = [reply.toast == office.say("reply.already_done") for reply in replies]
        assert done.count(True) == TOGETHER - 1
        assert not any(reply.errors for reply in replies)
        after = state_of(office)
        assert len(after["inbound"]) == len(before["inbound"]) + 1
        for table in ("lead", "followup", "offer", "task", "discovery", "binding"):
            assert len(after[table]) - len(before[table]) in (-1, 0, 1)
        # What was shared ends with the owner's part in the lead, which is on record as well.
        assert len(after["audit"]) - len(before["audit"]) in (0, 1, 2)
        assert_sound(office)


@pytest.mark.every_way
class TestAtTheSameMoment:
    def test_two_do_one_task(self, office: Office) -> None:
        finish = [
            office.request(account, "task.done", pressed="1", values={"note": account})
            for account in ("pat", "max")
        ]
        replies = at_once(*(lambda r=request: office.send(r) for request in finish))
        toasts = sorted(reply.toast for reply in replies)
        said = [office.say("task.thanks"), office.say("task.no_longer_open")]
        assert toasts == sorted(said), replies

    def test_passing_on_and_doing_one_task(self, office: Office) -> None:
        hand = CHANGES["task.hand"](office)
        finish = office.request("max", "task.done", pressed="1", values={"note": "Yes"})
        at_once(lambda: office.send(hand), lambda: office.send(finish))
        [row] = office.rows("task")
        assert (row["state"], row["note"]) == ("done", "Yes")

    def test_accepting_and_declining_one_offer(self, office: Office) -> None:
        told: Counter[str] = Counter()
        for number in range(ROUNDS):
            lead = office.log_lead("max", customer=f"Race {number}", phone="", email="")
            accept = office.request("robin", "offer.accept", pressed=lead.number)
            decline = office.request(
                "robin", "offer.pass", pressed=lead.number, values={"reason": "busy"}
            )
            accepted, declined = at_once(
                partial(office.send, accept), partial(office.send, decline)
            )
            assert refused(accepted) != refused(declined), (accepted, declined)
            answered = office.offers(lead.id)[0].state
            assert answered is (OfferState.DECLINED if refused(accepted) else OfferState.ACCEPTED)
            assert office.owner(lead.id) == ("max" if refused(accepted) else "robin")
            told[answered] += 1
        assert sum(told.values()) == ROUNDS
        assert_sound(office)

    def test_two_managers_give_one_lead_to_different_people(self, office: Office) -> None:
        for number in range(ROUNDS):
            lead = office.log_lead("max", customer=f"Race {number}", phone="", email="")
            one = assigning(office, "max", "dana", lead.number)
            other = assigning(office, "ada", "kim", lead.number)
            replies = at_once(partial(office.send, one), partial(office.send, other))
            assert sorted(map(refused, replies)) == [False, True], replies
            [loser] = [reply for reply in replies if refused(reply)]
            # Who came second hears of it, even where the lead left their team.
            kind = {office.say("error.conflict"), office.say("error.lead_not_found")}
            assert set(loser.errors.values()) <= kind
            assert office.owner(lead.id) == ("kim" if refused(replies[0]) else "dana")
        assert_sound(office)

    def test_logging_a_followup_while_the_step_is_marked_done(self, office: Office) -> None:
        for _ in range(ROUNDS):
            newest = office.history(1)[0]
            log = office.request("robin", "followup.create", values=FOLLOWUP)
            done = office.request("robin", "reminder.done", pressed=str(newest.id))
            move = office.request(
                "robin", "reminder.move", pressed=str(newest.id), values={"next_on": "2024-03-11"}
            )
            replies = at_once(*(lambda r=r: office.send(r) for r in (log, done, move)))
            assert not any(reply.errors for reply in replies), replies
            assert replies[0].card is not None
            assert_sound(office)
        assert len(office.history(1)) == ROUNDS + 1
        assert office.lead(1).next_at is not None

    def test_an_answer_in_the_moment_the_offer_times_out(self, office: Office) -> None:
        for number in range(ROUNDS):
            lead = office.log_lead("max", customer=f"Race {number}", phone="", email="")
            accept = office.request("robin", "offer.accept", pressed=lead.number)
            expires_at = office.offers(lead.id)[-1].expires_at
            assert expires_at is not None
            office.world.clock.set_wall(expires_at)
            reply, _ = at_once(partial(office.send, accept), office.world.jobs._do_next)
            while office.world.jobs._do_next():
                pass
            in_time = office.offers(lead.id)[0].state is OfferState.ACCEPTED
            assert refused(reply) != in_time
            assert "database" not in reply.toast
            assert all(not row["attempts"] for row in office.rows("work"))
        assert_sound(office)

    def test_moving_followups_across_each_other(self, office: Office) -> None:
        office.ask("robin", "followup.open", text="LX002 call hm by 3/9 call back")
        for number in range(ROUNDS):
            targets = ("LX002", "LX001") if number % 2 == 0 else ("LX001", "LX002")
            versions = {row["id"]: row["version"] for row in office.rows("followup")}
            moves = [
                office.request(
                    "robin",
                    "followup.update",
                    values=FOLLOWUP | {"lead": target},
                    state={"followup": str(followup_id), "version": str(versions[followup_id])},
                )
                for followup_id, target in zip((1, 2), targets, strict=True)
            ]
            replies = at_once(*(lambda m=m: office.send(m) for m in moves))
            kind = {office.say("error.conflict"), office.say("followup.changed_meanwhile")}
            assert all(set(reply.errors.values()) <= kind for reply in replies), replies
            assert_sound(office)


ANYBODY = Newcomers(rules=(Admission(name="company", mail_domain="sample.example"),))


@pytest.mark.every_way
class TestNewcomersAtOnce:
    def test_eight_first_requests_ask_once(self, office: Office) -> None:
        asked = [office.request("newcomer", "help.open") for _ in range(8)]
        replies = at_once(*(lambda r=r: office.send(r) for r in asked))
        assert all(reply.toast for reply in replies)
        assert len(office.rows("person")) == len(office.people)
        assert len(office.rows("newcomer")) == 1
        kinds = [row["kind"] for row in office.rows("message")]
        assert kinds.count("newcomer_asks") == 1

    def test_two_admins_make_one_person(self, office: Office) -> None:
        office.hire("amy", "Amy Admin", Role.ADMIN)
        office.ask("newcomer", "help.open")
        pressed = [office.request(by, "newcomer.admit", pressed="1") for by in ("ada", "amy") * 3]
        at_once(*(lambda r=r: office.send(r) for r in pressed))
        assert len(office.rows("person")) == len(office.people) + 1

    def test_eight_first_requests_make_one_person_by_a_rule(self, office: Office) -> None:
        office.rules(newcomers=ANYBODY)
        asked = [
            replace(request, sender=replace(request.sender, email="n@sample.example"))
            for request in (office.request("newcomer", "help.open") for _ in range(8))
        ]
        replies = at_once(*(lambda r=r: office.send(r) for r in asked))
        assert all(reply.card for reply in replies)
        assert len(office.rows("person")) == len(office.people) + 1
        joined = [row for row in office.rows("message") if row["kind"] == "newcomer_joined"]
        assert len(joined) == 1

    def test_a_name_is_given_once(self, office: Office) -> None:
        office.rules(newcomers=ANYBODY)
        asked = [
            replace(
                request,
                sender=replace(
                    request.sender, name="Robin Sample", email=f"{request.sender.id}@sample.example"
                ),
            )
            for request in (office.request(f"new-{n}", "help.open") for n in range(4))
        ]
        at_once(*(lambda r=r: office.send(r) for r in asked))
        names = [row["name"] for row in office.rows("person")]
        assert len(names) == len(set(names)) == len(office.people) + 4

    def test_of_many_who_send_one_code_one_is_the_admin(
        self, database: Database, fields: Fields
    ) -> None:
        with open_office(database, fields, FRIDAY) as office:
            with office.world.database.write() as connection:
                for table in (tables.identity, tables.playbook, tables.person):
                    connection.execute(table.delete())
            with office.world.new_uow() as uow:
                code = first_admin.code_for_first(uow, FRIDAY)
                uow.commit()
            asked = [office.request(f"new-{n}", "admin.claim", text=code) for n in range(4)]
            at_once(*(lambda r=r: office.send(r) for r in asked))
            roles = Counter(row["role"] for row in office.rows("person"))
            assert roles == {"admin": 1}


@pytest.mark.every_way
class TestRightsAtOnce:
    def test_two_admins_cannot_depose_each_other(self, office: Office) -> None:
        office.change_person("max", lambda person: replace(person, role=Role.ADMIN))

        def depose(by: str, whom: str) -> Request:
            person = office.people[whom]
            values = PERSON | {"name": person.name, "role": "rep"}
            return office.request(by, "people.save", pressed=str(person.id), values=values)

        one, other = depose("ada", "max"), depose("max", "ada")
        at_once(lambda: office.send(one), lambda: office.send(other))
        admins = [row for row in office.rows("person") if row["role"] == "admin"]
        assert len(admins) == 1

    def test_going_away_does_not_bring_back_a_role_that_was_taken(self, office: Office) -> None:
        for number in range(ROUNDS):
            office.change_person("max", lambda person: replace(person, role=Role.MANAGER))
            values = PERSON | {"name": f"Max {number}", "role": "rep"}
            demote = office.request(
                "ada", "people.save", pressed=str(office.people["max"].id), values=values
            )
            leave = office.request("max", "people.leave", values={"back_on": "2024-03-12"})
            locale = replace(leave, sender=replace(leave.sender, locale="zh-CN"))
            at_once(partial(office.send, demote), partial(office.send, locale))
            assert office.person("max").role is Role.REP

    def test_one_team_of_a_new_name(self, office: Office) -> None:
        asked = [
            office.request(
                "ada",
                "people.save",
                pressed=str(office.people[name].id),
                values=PERSON | {"name": office.people[name].name, "new_team": "North"},
            )
            for name in ("robin", "dana", "kim")
        ]
        replies = at_once(*(lambda r=r: office.send(r) for r in asked))
        assert not any(reply.errors for reply in replies)
        assert [row["name"] for row in office.rows("team")].count("North") == 1
        assert office.teams[EAST].id != office.person("robin").team_id


def test_system_sees_all(office: Office) -> None:
    """The stage is as told: both leads are there, LX001 with its step."""
    with office.world.new_uow(read_only=True) as uow:
        assert len(uow.leads(SYSTEM).search("", 10)) == 2
    assert office.lead(1).next_step == "send the case"
    assert office.owner(2) == "robin"
    assert PLATFORM in office.request("robin", "help.open").id
