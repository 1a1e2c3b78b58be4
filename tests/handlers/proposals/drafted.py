"""What the tests of proposals share: an office with a library, and a proposal on its way."""

import re
from typing import Any

from handlers.core.replies import Reply
from handlers.core.requests import Value
from handlers.core.ui import Card, Form
from sales.library import Content, Item, ItemKind, ItemState, Tags, Wording
from sales.people import SYSTEM
from tests.office import Office, buttons_of

SITE = "https://offers.example"
ITEMS: tuple[tuple[ItemKind, Content], ...] = ()


def stock(office: Office) -> dict[str, int]:
    """An approved item of each kind that proposals are made of; their ids by name."""
    from decimal import Decimal

    wanted = {
        "clock": (ItemKind.SOLUTION, Content(words={
            "en": Wording(title="Enquiries are answered late", text="A clock for every enquiry",
                          average="Two days until the first answer"),
            "zh_CN": Wording(title="响应不及时", text="每条咨询都有计时", average="首次回复两天"),
        })),
        "import": (ItemKind.SOLUTION, Content(words={
            "en": Wording(title="Records are scattered", text="One record for all")})),
        "core": (ItemKind.MODULE, Content(words={
            "en": Wording(title="Pipeline", text="Leads and follow-ups"),
            "zh_CN": Wording(title="销售漏斗", text="线索与跟进"),
        }, basic=Decimal(30000), advanced=Decimal("45000.50"))),
        "reports": (ItemKind.MODULE, Content(words={"en": Wording(title="Reports")},
                                            advanced=Decimal("9999.99"))),
        "school": (ItemKind.CASE, Content(words={"en": Wording(
            title="A school fills its classes", customer="School", result="35 % more")},
            tags=Tags(industry="education"))),
        "software": (ItemKind.CASE, Content(words={"en": Wording(
            title="A software house answers in a day", customer="Software company, 80 people",
            result="28 % more customers", text="It began with one list.")},
            tags=Tags(industry="it"))),
    }  # fmt: skip
    ids = {}
    with office.world.new_uow() as uow:
        library = uow.library(SYSTEM)
        for name, (kind, content) in wanted.items():
            item = Item(
                kind=kind, content=content, author_id=1, changed_by=1,
                changed_at=office.world.clock.now(), state=ItemState.APPROVED,
            )  # fmt: skip
            ids[name] = library.add(item).id
        uow.commit()
    return ids


def form_for(office: Office, account: str = "robin", lead: str = "LX001") -> Form:
    form = office.ask(account, "proposal.write", pressed=lead).form
    assert form
    return form


def compose(office: Office, account: str = "robin", **typed: Value) -> Card:
    reply = office.submit(account, form_for(office, account), **typed)
    assert not reply.errors, reply.errors
    assert reply.card
    return reply.card


def press(office: Office, card: Card, action: str, account: str = "robin") -> Reply:
    [button] = [one for one in buttons_of(card) if one.action == action]
    return office.ask(account, action, pressed=button.value)


def send(office: Office, account: str = "robin", **typed: Value) -> str:
    """Compose and send; gives the path of the page."""
    reply = press(office, compose(office, account, **typed), "proposal.send", account)
    assert reply.card, reply
    return path_of(reply.card)


def path_of(card: Card) -> str:
    [link] = card.links
    assert re.fullmatch(rf"{SITE}/p/[0-9a-f]{{32}}", link.url), link
    return link.url.removeprefix(SITE)


def values(form: Form) -> dict[str, Any]:
    return {field.name: getattr(field, "value", "") for field in form.fields}
