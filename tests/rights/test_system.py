"""Where the product acts as SYSTEM, which sees everything: a list with a reason for each.

A repository made for SYSTEM knows no rights, so its caller is responsible for what happens to the
rows. A use that is not listed here fails, and so does an entry that is no longer used.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED: Mapping[str, Mapping[str, str]] = {
    "what follows from an act that rights were asked for; its result is shown to nobody by it": {
        "handlers/assignment": "show_new_owner _make_owner hand_on",
        "handlers/automations": "_undone",
        "handlers/bulk_acts": (
            "take_back _restore _end_new_clocks _resume _resume_tasks _cancel_tasks_of_rules"
        ),
        "handlers/collaboration": "close_previews",
        "handlers/consequences": "after_change_of_owner after_change_of_person",
        "handlers/handover_of_work": "owned_work_of _hand_task _hand_lead _waits",
        "handlers/loss_reviews": "plan_loss_review",
        "handlers/merging": "save undo _settle _waiting_feedback _resume",
        "handlers/nurture": "enter entered_by_itself leave_by_undo",
        "handlers/opportunities": "begin_opportunity",
        "handlers/people": "save claim _join end_access expect_hand_over",
        "handlers/pool": "enter_pool",
        "handlers/reminders": "_when_to_remind keep_in_calendar",
        "handlers/response_clocks": (
            "begin_feedback end_feedback hand_feedback_on stop_clock settle_clock contacted"
            " contact_corrected expect_record _recount _start _save"
        ),
        "handlers/signals": "take_signal heat",
        "handlers/stages": "report_signing _quote",
        "handlers/tasks": "settle_move begin_task give_task review_tasks cancel_task",
    },
    "due work: nobody asked, and nobody is answered": {
        "handlers/bulk_acts": "advance _go_on _finish",
        "handlers/core": "ContextFactory.unasked",
        "handlers/imports": "take_read advance judged_page reading_of _finish",
        "handlers/loss_reviews": "ask",
        "handlers/opportunities": "come_due",
        "handlers/response_clocks": "ring ask_for_record",
        "bot/customer_mails": (
            "CustomerMails._claim CustomerMails._why_not CustomerMails._settle _sender_of"
        ),
        "bot/file_reader": "FileReader._waiting FileReader._begin",
    },
    "a number or a choice among colleagues, and nothing of the rows it comes from": {
        "handlers/assignment": "open_leads_of",
        "handlers/discussion": "_circle",
        "handlers/followups": "contacted_at",
        "handlers/handover_of_work": "plan_transfer",
        "handlers/intake": "_colleague",
        "handlers/notifications": "_is_urgent _is_pressing _before_the_step",
        "handlers/pool": "_refusal",
        "handlers/reachability": "_person_refused",
        "handlers/tasks": "staff",
        "handlers/weekly_reports": "figures_of people_to_ask",
    },
    "the row that a notice is about; the card asks for its lead with the rights of its reader": {
        "handlers/announcements": "detail_here _may_read",
        "handlers/bulk_acts": "told_card",
        "handlers/collaboration": "asked_card",
        "handlers/core": "audience_of",
        "handlers/imports": "owner_card leader_card",
        "handlers/notices": "Composer._reader",
        "handlers/nurture": "touch_notice",
        "handlers/opportunities": "opportunity_notice",
        "handlers/proposals": "answered_notice mail_failed_notice",
        "handlers/response_clocks": "clock_notice",
        "handlers/saved_views": "_reader _shows_names",
        "handlers/signals": "signal_notice",
        "handlers/stages": "signed_card",
    },
    "a card of something that is not its reader's any more says its number alone": {
        "handlers/collaboration": "answer_card ended_card",
        "handlers/core": "card_of_lead",
        "handlers/pool": "near_card",
        "handlers/reminders": "_gone",
        "handlers/tasks": "task_notice",
    },
    "a lead that its asker may not see, but is told to have met, ask for, or claim": {
        "handlers/collaboration": "request",
        "handlers/leads": "_refuse_known",
        "handlers/pool": "_held",
    },
    "the asker is no person: a customer with a link, a program with a secret": {
        "handlers/intake": "Reception._turn",
        "handlers/proposals": "_asked _shown _page",
        "handlers/webhooks": "_found",
    },
    "its name, in a history and on record": {
        "handlers/automations": "run",
        "handlers/lead_card": "_name",
        "handlers/leads": "read_lead",
        "handlers/people": "check _join _link_account end_access",
        "handlers/response_clocks": "_save",
        "bot/first_admin": "_issue",
    },
    "somebody at the machine itself, who could read the database as well": {
        "bot/audit": "_actor",
        "bot/playbook_cli": "_store",
        "bot/setup": "set_rules add_teams make_admin bind_channel _add _update _link",
        "bot/sample": "_log _give_up _advance _expect _follow_up _remember remark _grow",
    },
}


def places_of(uses: Mapping[str, str]) -> set[str]:
    return {f"{place}: {name}" for place, names in uses.items() for name in names.split()}


def uses_in(node: ast.AST, where: tuple[str, ...] = ()) -> Iterator[str]:
    """The functions that name SYSTEM, but for plain imports."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            where = (*where, node.name)
        case ast.Name("SYSTEM") | ast.Attribute(attr="SYSTEM"):
            yield ".".join(where)
        case ast.alias("SYSTEM", str(other)):
            yield ".".join((*where, other))
    for child in ast.iter_child_nodes(node):
        yield from uses_in(child, where)


def subject_of(path: Path) -> str:
    """A subject is a folder, or a module beside it: a function may move within."""
    return "/".join(path.relative_to(ROOT).with_suffix("").parts[:2])


def test_every_use_of_system_has_its_reason() -> None:
    used = {
        f"{subject_of(path)}: {name}"
        for folder in ("handlers", "bot")
        for path in (ROOT / folder).rglob("*.py")
        for name in uses_in(ast.parse(path.read_text()))
    }
    listed = set[str]().union(*map(places_of, LISTED.values()))
    assert used - listed == set(), "say here why it may see everything"
    assert listed - used == set(), "no use of SYSTEM any more"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from sales.people import SYSTEM", []),
        ("def f():\n  return uow.leads(SYSTEM)", ["f"]),
        ("class C:\n  async def f(self, reader=SYSTEM): ...", ["C.f"]),
        ("def f():\n  return uow.leads(people.SYSTEM).get(1)", ["f"]),
        ("everything = uow.leads(SYSTEM)", [""]),
        ("from sales.people import SYSTEM as Everybody", ["Everybody"]),
    ],
)
def test_uses_are_found(code: str, found: list[str]) -> None:
    assert list(uses_in(ast.parse(code))) == found
