"""Phones and e-mails typed into any text: no byte of a database or a log holds them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from handlers.core.replies import Reply
from handlers.core.requests import Upload, Value
from handlers.core.ui import Form, LongText, Text
from sales.collaboration import AccessRequest
from sales.contract_signed import Signing, SigningState
from sales.intake import Enquiry
from sales.people import SYSTEM, Role
from sales.playbook import Playbook
from sales.pool import Extension
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.row_snapshots import Row
from storage.database.types import SealedText, sealed_columns
from storage.tables import metadata
from tests.database_files import files_of
from tests.handlers.conftest import FRIDAY
from tests.office import LEAD, Office, an_opportunity, open_office

TYPED = "a 139 7771 2345 o'brien@hidden-firm.example"
"""Short enough for every field."""
FORMS = (
    "0571-88889999-802",
    "１３９７７７１２３４５",
    "一三九七七七一二三四五",
    "+86 (139) 7771-2345",
    "请找zhao.li@hidden-firm.example谢谢",
    "siobhan.o'brien＠hidden-firm.example",
)
ELSEWHERE = {
    "discovery.needs", "notice_choice.email", "proposal.offering", "import_job.sheets",
    "import_job.unknown", "imported.owner", "bulk_act.note", "bulk_act.query", "bulk_lead.changes",
    "saved_view.query", "announcement.words", "weekly_report.focus",
    "loss_review.learnt", "loss_review.would_have_helped", "loss_review.competitor",
    "sharing_topic.words", "erasure.forms", "proposal_reply.name", "proposal_reply.words",
    "proposal_mail.address", "proposal_mail.subject", "proposal_mail.body",
}  # fmt: skip
"""What no form of this story writes."""
CANARIES = (
    "139 7771 2345", "13977712345", "1397771", "7771-2345", "88889999", "hidden-firm", "o'brien",
    "zhao.li", "１３９７７７", "一三九七七七",
)  # fmt: skip


@pytest.fixture
def office(database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY) as office:
        for account, role in (("sam", Role.SERVICE), ("fay", Role.FINANCE), ("pat", Role.PRODUCT)):
            office.hire(account, f"{account.title()} Sample", role)
        yield office


def fill(office: Office, account: str, form: Form | None, **typed: Value) -> Reply:
    """Submit a form with contacts in every text of it that is not ``typed``."""
    assert form is not None
    words = {
        one.name: TYPED
        for one in form.fields
        # The time of a contact is read and not stored.
        if isinstance(one, Text | LongText) and one.name not in {*typed, "when"}
    }
    reply = office.submit(account, form, **words | typed)
    assert not reply.errors, (form.action, reply.errors)
    return reply


async def work_through(office: Office) -> None:
    """Type them wherever a form has a line for words."""
    ask = office.ask
    words = dict.fromkeys(("customer", "contact", "title", "need", "source_detail"), TYPED)
    office.log_lead("robin", owner="keep", **words)
    for number, form in enumerate(FORMS):
        office.log_lead(
            "robin", owner="keep", phone="", email="", customer=f"Site {number} {form}", need=form
        )
    fill(
        office,
        "robin",
        ask("robin", "followup.open", text="LX001 call").form,
        lead="LX001",
        method="call",
        next_on="2024-03-05",
    )
    ask("robin", "followup.open", text=f"LX001 call {TYPED} tomorrow {TYPED}")
    objection = ask("robin", "objection.open", text=f"LX001 {TYPED}").form
    fill(office, "robin", objection, kind="price")
    fill(office, "robin", ask("robin", "objection.answer", pressed="1").form)
    ask("robin", "remark.create", values={"text": TYPED}, state={"lead": "LX001"})
    support = ask("robin", "support.ask", pressed="LX001").form
    fill(office, "robin", support, person=str(office.people["pat"].id))
    won = ask("robin", "stage.open", text="LX001").form
    assert won
    fill(
        office,
        "robin",
        office.submit("robin", won, to="won").form,
        criteria=("signed",),
        amount="12.5万",
    )
    lost = ask("robin", "stage.open", text="LX002").form
    assert lost
    fill(office, "robin", office.submit("robin", lost, to="lost").form, lost="price")
    fill(office, "robin", ask("robin", "loss_review.write", pressed="LX002").form)
    await office.settle()
    finish_tasks(office)
    files = {"kind": "csv"}
    ask("ada", "export.create", values=files)
    await take_a_file(office)
    ask("robin", "lead.open", text=TYPED)
    write_what_has_no_form(office)
    followup = ask("robin", "followup.open", text="LX003 call").form
    fill(office, "robin", followup, lead="LX003", method="call", next_on="2024-03-05")
    await office.settle()


def finish_tasks(office: Office) -> None:
    more: Mapping[str, Any] = {"filed": ("filed",), "satisfaction": "3", "invoice": "7"}
    for task in office.tasks():
        doer = next(
            a for a, person in office.people.items() if person.id == (task.assignee_id or 3)
        )
        form = office.ask(doer, "task.finish", pressed=str(task.id)).form
        if form:
            known = {one.name: one for one in form.fields}
            typed = {name: value for name, value in more.items() if name in known}
            for name in ("filed", "satisfaction"):
                if name in typed:
                    first = known[name].options[0].value  # type: ignore[union-attr]
                    typed[name] = (first,) if name == "filed" else first
            fill(office, doer, form, **typed | {"invoice": TYPED} if "invoice" in typed else typed)


async def take_a_file(office: Office) -> None:
    rows = "".join(f"{TYPED},{TYPED},{TYPED}\n" for _ in range(3))
    content = f"Customer,Contact,Need\n{rows}".encode()
    office.ask("max", "import.take", upload=Upload(f"{TYPED}.csv", content))
    await office.settle()
    form = office.ask("max", "import.rules", pressed="1").form
    if form:
        fill(office, "max", form)
        await office.settle()
    office.ask("max", "import.start", pressed="1")
    await office.settle()


def write_what_has_no_form(office: Office) -> None:
    """What comes from outside, or only after a long story."""
    robin = office.people["robin"]
    with office.world.new_uow() as uow:
        uow.enquiries.add(Enquiry(lead_id=1, at=FRIDAY, source=TYPED, said={"need": TYPED}))
        uow.collaborators.add(
            AccessRequest(lead_id=1, asker_id=robin.id, asked_at=FRIDAY, why=TYPED, word=TYPED)
        )
        uow.signings(SYSTEM).add(
            Signing(lead_id=1, state=SigningState.REJECTED, at=FRIDAY, contract=TYPED, reason=TYPED)
        )
        opportunity = an_opportunity(uow, 1)
        uow.opportunities(SYSTEM).save(replace(opportunity, word=TYPED))
        uow.holdings.extend(
            Extension(
                lead_id=1, owner_id=robin.id, by_id=robin.id, at=FRIDAY, until=FRIDAY.date(),
                reason=TYPED,
            )
        )  # fmt: skip
        uow.playbooks.store(Playbook(), robin, FRIDAY, TYPED)
        uow.commit()


class TestTypedContacts:
    async def test_are_opened_again_and_in_no_byte(
        self, office: Office, capfd: pytest.CaptureFixture[str]
    ) -> None:
        await work_through(office)
        database = office.world.database
        for name, row in stored_rows(database):
            assert_clean(str(row), name)
        for path in files_of(database):
            content = path.read_bytes()
            for encoding in ("utf-8", "utf-16-le", "gb18030"):
                for canary in CANARIES:
                    assert canary.encode(encoding) not in content, (canary, path)
        told = capfd.readouterr()
        assert_clean(told.out + told.err, "log")
        untouched = list(texts_in_columns(database, holding=False))
        assert untouched == [], "no contact was typed into these"

    async def test_are_found_by_other_words_of_the_text(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", need=f"two mills, ring {TYPED}, before May")
        found = [lead.need for lead in searched(office, "before May")]
        assert found == [f"two mills, ring {TYPED}, before May"]
        assert [lead.id for lead in searched(office, LEAD["phone"])] == [1]
        assert searched(office, "hidden-firm") == []


def searched(office: Office, words: str) -> list[Any]:
    with office.world.new_uow(read_only=True) as uow:
        return uow.leads(SYSTEM).search(words, 9)


def stored_rows(database: Database) -> Iterator[tuple[str, Row]]:
    """Every row as the database holds it."""
    with database.read() as connection:
        for table in metadata.sorted_tables:
            found = connection.execute(text(f'SELECT * FROM "{table.name}"'))  # noqa: S608
            for row in found.mappings():
                yield table.name, dict(row)


def texts_in_columns(database: Database, *, holding: bool) -> Iterator[str]:
    """The sealed columns in whose texts the contacts stand, or stand not."""
    with database.read() as connection:
        for column, place in sealed_columns(metadata):
            if isinstance(column.type, SealedText) and place not in ELSEWHERE:
                known = str(list(connection.execute(select(column)).scalars()))
                if ("hidden-firm" in known or "***@" in known) is holding:
                    yield place


def assert_clean(told: str, where: str) -> None:
    found = [canary for canary in CANARIES if re.search(re.escape(canary), told)]
    assert not found, (where, found, told[:2000])
