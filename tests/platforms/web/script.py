"""A scripted far side of the web chat: what the handlers would answer, in both languages.

The web chat is what these tests are about; the rules of selling are tested elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from handlers.core.replies import Reply
from handlers.core.requests import Request, Value
from handlers.core.ui import (
    Button,
    Card,
    Chart,
    Checklist,
    Choice,
    Confirm,
    Date,
    DateTime,
    Email,
    Fact,
    Form,
    LeadPick,
    LongText,
    Money,
    MultiChoice,
    Number,
    Option,
    PersonPick,
    Phone,
    Section,
    Series,
    Table,
    Text,
)
from tests.platforms.web.words import words


@dataclass
class Script:
    """Answers like the product and records what it was asked."""

    asked: list[Request] = field(default_factory=list)
    saved: list[Mapping[str, Value]] = field(default_factory=list)
    instead: dict[str, Reply] = field(default_factory=dict)

    def forget(self) -> None:
        for memory in (self.asked, self.saved, self.instead):
            memory.clear()

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.action in self.instead:
            return self.instead[request.action]
        say = words(request.sender.locale)
        answer = ANSWERS.get(request.action)
        if answer is None:
            return Reply(card=Card(title=say("unknown", line=request.text), body=say("try")))
        return answer(self, request, say)


Say = Callable[..., str]


def open_lead(script: Script, request: Request, say: Say) -> Reply:
    if request.text:
        return Reply(card=lead_card(say, request.text))
    return Reply(form=lead_form(say))


def create_lead(script: Script, request: Request, say: Say) -> Reply:
    problems = {}
    if not str(request.values["phone"]).startswith("1"):
        problems["phone"] = say("bad_phone")
    if str(request.values["budget"]).strip("0123456789.万,"):
        problems["budget"] = say("bad_budget")
    if problems:
        return Reply(errors=problems)
    script.saved.append(request.values)
    card = lead_card(say, "LX024", customer=str(request.values["customer"]))
    return Reply(card=card, toast=say("lead_saved", number="LX024"))


def accept(script: Script, request: Request, say: Say) -> Reply:
    card = lead_card(say, "LX024", owner=request.sender.name)
    accepted = replace(
        card,
        tone="good",
        footnote=say("accepted_footnote"),
        buttons=(
            Button("followup.open", say("log_call"), "LX024", style="primary"),
            Button("lead.stage", say("move_on"), "LX024"),
        ),
    )
    return Reply(update=accepted, toast=say("accepted"))


def decline(script: Script, request: Request, say: Say) -> Reply:
    return Reply(toast=say("declined"))


def open_followup(script: Script, request: Request, say: Say) -> Reply:
    options = tuple(lead_options(say))
    chosen = request.text or request.state.get("value", "")
    methods = tuple(Option(one, say(f"method.{one}")) for one in ("call", "visit", "email"))
    points = tuple(Option(one, say(f"point.{one}")) for one in ("budget", "people", "date"))
    return Reply(
        form=Form(
            "followup.create",
            say("followup"),
            (
                LeadPick(
                    name="lead", label=say("lead"), required=True, options=options, value=chosen
                ),
                Choice(name="method", label=say("method"), required=True, options=methods),
                DateTime(name="next_at", label=say("next_at"), value="2026-11-25T15:00"),
                LongText(
                    name="summary",
                    label=say("summary"),
                    required=True,
                    max_length=40,
                    hint=say("summary_hint"),
                ),
                Checklist(name="points", label=say("points"), options=points, value=("people",)),
                PersonPick(
                    name="support",
                    label=say("support"),
                    options=(Option("3", "Casey Sample"), Option("4", "Jamie Sample")),
                ),
                Number(name="people", label=say("how_many")),
            ),
            submit=say("save"),
            cancel=say("cancel"),
        )
    )


def create_followup(script: Script, request: Request, say: Say) -> Reply:
    script.saved.append(request.values)
    return Reply(toast=say("followup_saved"))


def search_leads(script: Script, request: Request, say: Say) -> Reply:
    found = [one for one in lead_options(say) if request.text.lower() in one.label.lower()]
    return Reply(options=tuple(found))


def board(script: Script, request: Request, say: Say) -> Reply:
    return Reply(card=digest_card(say))


def people(script: Script, request: Request, say: Say) -> Reply:
    return Reply(
        card=Card(
            title=say("team"),
            sections=(
                Section(
                    table=Table(
                        columns=(say("name"), say("open_leads")),
                        rows=(("Robin Sample", "12"), ("Casey Sample", "9")),
                    )
                ),
            ),
        )
    )


def help_card(script: Script, request: Request, say: Say) -> Reply:
    return Reply(
        card=Card(
            title=say("help"),
            body=say("help_body"),
            sections=(
                Section(
                    say("every_day"), (say("help.lead"), say("help.followup"), say("help.board"))
                ),
            ),
        )
    )


ANSWERS: Mapping[str, Callable[[Script, Request, Say], Reply]] = {
    "lead.open": open_lead,
    "lead.create": create_lead,
    "lead.options": search_leads,
    "lead.accept": accept,
    "lead.decline": decline,
    "followup.open": open_followup,
    "followup.create": create_followup,
    "board.open": board,
    "people.open": people,
    "help.open": help_card,
}


def lead_options(say: Say) -> list[Option]:
    return [
        Option("LX001", f"LX001 · {say('acme')}"),
        Option("LX002", f"LX002 · {say('school')}"),
        Option("LX007", f"LX007 · {say('clinic')}"),
    ]


def lead_form(say: Say) -> Form:
    sources = tuple(Option(one, say(f"source.{one}")) for one in ("website", "fair", "partner"))
    needs = tuple(Option(one, say(f"product.{one}")) for one in ("crm", "analytics", "training"))
    return Form(
        "lead.create",
        say("new_lead"),
        (
            Text(name="customer", label=say("customer"), required=True, placeholder=say("acme")),
            Choice(name="source", label=say("source"), required=True, options=sources),
            Text(name="contact", label=say("contact"), placeholder=say("contact_example")),
            Phone(name="phone", label=say("phone"), placeholder="13800000000"),
            Email(name="email", label=say("email")),
            Money(name="budget", label=say("budget"), hint=say("budget_hint")),
            Date(name="buys_on", label=say("buys_on")),
            MultiChoice(name="products", label=say("products"), options=needs, value=("crm",)),
            LongText(name="need", label=say("need"), placeholder=say("need_example")),
        ),
        submit=say("save"),
        cancel=say("cancel"),
        state={"from": "chat"},
        intro=say("lead_intro"),
    )


def lead_card(say: Say, number: str, *, customer: str = "", owner: str = "") -> Card:
    return Card(
        title=f"{number} · {customer or say('acme')}",
        facts=(
            Fact(say("grade"), say("grade_high")),
            Fact(say("stage"), say("stage_captured")),
            Fact(say("budget"), say("budget_value")),
            Fact(say("owner"), owner or say("nobody")),
            Fact(say("contact"), say("contact_value")),
            Fact(say("next"), say("next_value")),
        ),
        buttons=(
            Button("lead.accept", say("accept"), number, style="primary"),
            Button(
                "lead.decline",
                say("decline"),
                number,
                style="danger",
                confirm=Confirm(
                    say("decline_title"), say("decline_text"), say("decline"), say("cancel")
                ),
            ),
        ),
        footnote=say("why_me"),
        subject="lead:24",
        summary=say("offer_summary", number=number),
    )


def digest_card(say: Say) -> Card:
    return Card(
        title=say("digest"),
        body=say("digest_body"),
        facts=(
            Fact(say("won_amount"), say("won_value")),
            Fact(say("new_leads"), "15"),
            Fact(say("followed"), "8"),
        ),
        chart=Chart(
            "bar",
            say("chart"),
            tuple(say(f"stage.{one}") for one in range(5)),
            (
                Series(say("this_week"), (15, 8, 5, 3, 2)),
                Series(say("last_week"), (11, 9, 4, 2, 1)),
            ),
            say("chart_alt"),
        ),
        sections=(
            Section(
                say("stuck"),
                table=Table(
                    columns=(say("lead"), say("owner"), say("days"), say("amount")),
                    rows=(
                        (f"LX002 · {say('school')}", "Casey Sample", "9", say("amount.1")),
                        (f"LX007 · {say('clinic')}", "Robin Sample", "6", say("amount.2")),
                    ),
                ),
                buttons=(Button("board.open", say("open_list")),),
            ),
            Section(say("advice"), (say("advice.1"), say("advice.2"))),
        ),
        footnote=say("why_digest"),
        summary=say("digest_summary"),
    )


def reminder_card(say: Say) -> Card:
    return Card(
        title=say("reminder"),
        body=say("reminder_body"),
        tone="warning",
        buttons=(
            Button("followup.open", say("log_call"), "LX001", style="primary"),
            Button("lead.decline", say("snooze"), "LX001"),
        ),
        footnote=say("why_reminder"),
    )
