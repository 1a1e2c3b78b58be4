"""Parsers of outsiders' text, fed with hostile input: their work grows linearly with its length.

Ten times the text may take 25 times the processor time: a linear parser needs about ten, a
quadratic one a hundred. Seconds are never compared with a bound, so a slow machine changes nothing;
processor time does not count what other processes do, a part that is too short to be measured
counts as a quarter of a millisecond, and what looks wrong is measured again. Counting steps instead
would not see inside a pattern, which is where the work is.
"""

import gc
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import cast

import pytest

import bot
import handlers
import sales
import storage
from bot import log
from bot.platforms.dingtalk import links, markup
from bot.platforms.dingtalk import requests as dingtalk
from bot.platforms.dingtalk.forms import guided as answers
from bot.platforms.dingtalk.forms.several import read_changes
from bot.platforms.slack import connection
from bot.platforms.slack import markup as wording
from bot.platforms.slack import requests as slack
from bot.public_web import fields, signed
from bot.public_web import pages as locales
from handlers.core import command_lines, commands
from handlers.core import text as cleaning
from handlers.core.ui import Checklist, Choice, DateTime, Form, Option, Phone, Text
from handlers.followups import listing
from sales import (
    amounts,
    capture,
    contact_times,
    contacts,
    countries,
    days,
    duplicates,
    followup_periods,
    lead_lines,
    lead_lists,
    leads,
    posting_times,
    proposals,
    questions,
    quick_move,
    quotes,
    saved_views,
    stated_needs,
    targets,
    timeframes,
    times,
    weekly_reports,
)
from sales import job_titles as titles
from sales import quick_followup as oneline
from sales import scheduling as quiet
from sales import text_search as finding
from sales import working_hours as hours
from sales.days.rules import Rule
from sales.erasure import PersonForms
from sales.erasure.forms import TextEraser
from sales.erasure.names import full_names, names_in
from sales.imports import columns, drafts, encodings, joint, states, uploads, years
from sales.imports import values as dates
from sales.imports.sheet import Unreadable
from sales.patterns import LazyPattern
from sales.playbook import Vocabulary
from sales.reports import queries, reading, review
from tests.pairs import EVERY_WAY

TODAY = date(2026, 11, 28)
SHORT, MOST = 10_000 if EVERY_WAY else 1_000, 25
LEAST = 0.001 if EVERY_WAY else 0.00025
"""Seconds of the processor below which nothing is told apart."""
LIST_NAMES = lead_lists.ListNames(
    vocabulary=Vocabulary(), people=((1, "Robin Sample"), (2, "示例小明"))
)
OPTIONS = (Option("1", "one"),)
FORM = Form("a", "t", (Text(name="x", label="X"),), "s", "c")

ERASER = TextEraser(PersonForms(("Zhang Sample", "王小样"), ("+8613812345678", "z@a.example")))


def _report_query(text: str) -> object:
    with suppress(ValueError):
        return queries.read_query(text)
    return None


def _file(text: str) -> object:
    return uploads.read_file(text.encode(), cleaning.clean)


SEVERAL = Form(
    "x", "x", (Text(name="customer", label="客户"), Phone(name="phone", label="电话")), "x", "x"
)
PARSERS: Mapping[str, Callable[[str], object]] = {
    "weekly_focus": weekly_reports.read_focus, "question": questions.read_question,
    "day_asked": questions.asks_for_day,
    "several_answers": lambda text: answers.answer(answers.begin(SEVERAL, "1", "zh_CN"), text),
    "changed_answers": lambda text: read_changes(SEVERAL, text),
    "erased": ERASER.clean_stored,
    "erased_near": lambda text: ERASER.clean_stored(text, near=True),
    "erased_name": lambda text: full_names(names_in(text)),
    "amount": amounts.parse_amount, "budget": amounts.parse_budget, "worth": amounts.parse_worth,
    "is_bare": amounts.is_bare,
    "targets": targets.asks_about_targets,
    "review": lambda text: review.asks_for_review(text, TODAY),
    "losses": lambda text: review.month_of_losses(text, TODAY),
    "phone": contacts.parse_phone, "email": contacts.parse_email,
    "phones_in": lambda text: list(contacts.phones_in(text)),
    "mask": contacts.mask_contacts, "holds": contacts.holds_contact,
    "without": contacts.without_contacts, "message": capture.read_message,
    "wechat": contacts.parse_wechat,
    "phones_of_cell": contacts.phones_of_cell, "countries": countries.Countries.parse,
    "person_cell": lambda text: joint.person_of(text, "CN"),
    "company_cell": joint.company_and_place, "yearless": lambda text: years.yearless(text, "dmy"),
    "told_year": lambda text: years.told(text, "dmy"),
    "encoding": lambda text: encodings.decoded(text.encode("gb18030", "replace"), "GB18030"),
    "decimal": lambda text: amounts.decimal_in([text]),
    "line": lambda text: oneline.parse_line(text, TODAY), "method": oneline.is_method,
    "beside_step": lambda text: oneline.without_plan(f"{text} Monday go", "go", TODAY),
    "when": lambda text: contact_times.read_when(text, TODAY),
    "asked_for": lambda text: followup_periods.asked_for(text, TODAY),
    "listed": listing.asks_for_list,
    "lead_list": lambda text: lead_lists.parse_list(text, LIST_NAMES, TODAY),
    "lead_list_loosely": lambda text: lead_lists.parse_list(
        text[:120], LIST_NAMES, TODAY, loosely=True
    ),
    "lead_query": lead_lists.decode,
    "report": lambda text: reading.parse_report(text, LIST_NAMES, TODAY),
    "report_query": _report_query,
    "day": lambda text: days.parse_day(text, TODAY),
    "named_days": lambda text: days.named_days(text, TODAY),
    "unread_times": lambda text: days.unread_times(text, TODAY),
    "time_after": lambda text: times.time_after(text, 0),
    "time_before": lambda text: times.time_before(text, len(text)), "time": times.split_time,
    "discount": quotes.parse_discount, "module": quotes.parse_line,
    "hours": hours.parse_hours, "quiet": quiet.QuietHours.parse,
    "customer": duplicates.core_name.__wrapped__, "terms": lambda text: finding.terms_of(text, {}),
    "title": titles.authority_of, "clarity": stated_needs.clarity_of,
    "timeframe": lambda text: timeframes.read_timeframe(text, TODAY),
    "solution": proposals.parse_solution,
    "number": leads.parse_lead_number,
    "posting": posting_times.read_posting, "hour": posting_times.parse_hour,
    "view_name": saved_views.parse_name,
    "heading": columns.field_of, "unit": columns.unit_in, "plain": columns.plain,
    "columns": lambda text: columns.suggested([text], [[text]]),
    "stage": dates.stage_of, "state": states.read_state,
    "past_day": lambda text: dates.parse_date(text, "dmy"), "total": drafts.is_total,
    "order": lambda text: dates.order_in([text]),
    "csv": _file, "vcard": lambda text: _file(f"BEGIN:VCARD\n{text}\nEND:VCARD\n"),
    "vcard_name": lambda text: _file(f"BEGIN:VCARD\nN;{text}:x\nORG:{text}\nEND:VCARD\n"),
    "clean": cleaning.clean, "one_line": cleaning.one_line, "echo": commands.echoed,
    "greeting": commands.is_greeting, "command": commands.parse_command, "log": log.hidden,
    "named_lead": command_lines.named_lead, "glued": commands.NAMES.glued,
    "lead_line": lambda text: (
        lead_lines.is_message(text, capture.Captured()), lead_lines.name_before_need(text)),
    "move": lambda text: quick_move.parse_move(text, {"price": ("Price", "价格")}),
    "expected": lambda text: quick_move.parse_move(
        f"proposal {text}", {}, lambda words: days.named_days(words, TODAY)),
    "dingtalk_escape": markup.escape,
    "dingtalk_pairs": lambda text: answers.read_pairs(FORM, text),
    "dingtalk_option": lambda text: answers.match_option(OPTIONS, text),
    "dingtalk_choice": lambda text: answers.read_answer(
        Choice(name="c", label="C", options=OPTIONS), text, OPTIONS),
    "dingtalk_list": lambda text: answers.read_answer(
        Checklist(name="c", label="C", options=OPTIONS), text, OPTIONS),
    "dingtalk_moment": lambda text: answers.read_answer(DateTime(name="d", label="D"), text, ()),
    "dingtalk_pressed": links.looks_pressed,
    "dingtalk_mention": lambda text: dingtalk._MENTION.sub("", text),
    "slack_typed": wording.typed, "slack_cut": lambda text: wording.cut(text, 3000),
    "slack_mention": lambda text: slack._MENTION.sub("", text, count=1),
    "slack_url": lambda text: list(wording.URL.finditer(text)),
    "slack_secrets": lambda text: connection._SECRETS.sub("", text),
    "locale": locales.accepted, "signature": lambda text: signed.signature("k", text, b""),
    "body": lambda text: fields.parse_body(
        ('{"x": "' + re.sub(r'["\\\x00-\x1f]', " ", text) + '"}').encode(), ()),
}  # fmt: skip
SHAPES = (
    "1", " ", "1 ", "1.", "1-", "1,", "1,000,", "1/1/", "+1 ", "(1", "(", ")", "((1)", "@", "a@",
    "a.", "a@a.", "一", "〇 ", "a", "A b ", "e\u0301", "\u200b1", "\n", "\n \n", "年", "11月1日",
    "今天",
    "下周五 ", "on ", "next ", "in 1 ", "10:3", "1点", "上午 ", "at ", "的王", "公司",
    "王（", "总经理", "Co. ", "U’", "-M", "Mr A", "预算1-", "budget ", "万", "¥1", "1 to ", "元整",
    "客户：a\n", "Best, ", "ext ", "x1", "转1", "约定", "我们", ';"', "\\;", "a;", "=\n",
    '"', "<@U1|",
    "<#A|", "<http:", "http://", "dtmd ", "_", "- ", "mon-", "9:00-12:00 ", "→", "LX1",
    "LX", "跟进", "、跟进 ", "帮我", "#lx-", "一下", "://a:",
    "xoxb-", "13812345678 ", "13812345678;", "a@b.example ", "2026-11-28 ", "12345 ", "1️⃣", "ﷺ",
)  # fmt: skip
AROUND = (("", ""), ("1", "x"), ("a", "1!")) if EVERY_WAY else (("1", "x"),)


def cost(parse: Callable[[str], object], text: str, times_measured: int = 1) -> float:
    """Seconds of the processor, the least of several tries, without looking for garbage."""
    least = float("inf")
    gc.disable()
    try:
        for _ in range(times_measured):
            began = time.process_time()
            with suppress(ValueError, Unreadable):
                parse(text)
            least = min(least, time.process_time() - began)
    finally:
        gc.enable()
    return least


def grown(
    parse: Callable[[str], object], shape: str, size: int = SHORT
) -> Iterator[tuple[str, float]]:
    """How much more ten times the text took, for each way in which it took too much."""
    for before, after in AROUND:
        short, long = (before + shape * (n // len(shape)) + after for n in (size, 10 * size))
        if (took := cost(parse, long)) <= MOST * LEAST:
            continue  # However little the short one takes.
        more = took / max(cost(parse, short), LEAST)
        if more > MOST:
            more = cost(parse, long, 3) / max(cost(parse, short, 3), LEAST)
        if more > MOST:
            yield f"{before}{shape}…{after}", round(more)


@pytest.mark.parametrize("name", PARSERS)
def test_ten_times_the_text_takes_about_ten_times_as_long(name: str) -> None:
    cost(PARSERS[name], "1")  # What is loaded at the first call counts for nobody.
    assert [found for shape in SHAPES for found in grown(PARSERS[name], shape)] == []


BOUNDED = {
    # Met only by texts of at most some dozen characters, which their parsers see to.
    "sales.amounts", "sales.working_hours", "sales.scheduling", "sales.quotes",
    "sales.imports.columns", "sales.proposals", "handlers.playbook.field_types",
    # Cuts what a bounded pattern found, or a few characters before a day.
    "sales.times._TRAILS",
    # Matched from one place, and not looked for.
    "sales.imports.files._VCARD", "sales.imports.vcards._PROPERTY", "sales.leads._NUMBER",
    # Our own words.
    "handlers.texts", "bot.fonts",
}  # fmt: skip


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that any module of ours has."""
    for package in (sales, handlers, storage, bot):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" in module.name or module.name.endswith("__main__"):
                continue
            held = vars(importlib.import_module(module.name))
            for name, value in held.items():
                several = value.values() if isinstance(value, dict) else value
                for one in several if isinstance(several, tuple | list) else (several,):
                    if isinstance(one, re.Pattern | LazyPattern) and isinstance(one.pattern, str):
                        yield f"{module.name}.{name}", cast("re.Pattern[str]", one)
                    if isinstance(one, Rule):
                        yield f"{module.name}.{name}: {one.pattern.pattern}", one.pattern


def test_no_pattern_is_more_than_linear_on_what_repeats() -> None:
    """The patterns themselves, so that a new one is tried the day it is written."""
    met = dict(patterns())
    assert len(met) > 60
    shapes = (
        " ",
        "\n",
        "1",
        "1 ",
        "a",
        "a ",
        "A",
        "一",
        ".",
        ",",
        "@",
        "a@",
        "-",
        "(",
        "a.",
        "<a|",
    )
    found = {
        name: [found for shape in shapes for found in grown(_search(pattern), shape, SHORT // 2)]
        for name, pattern in met.items()
        if name not in BOUNDED and not name.rpartition(".")[0].startswith(tuple(BOUNDED))
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _search(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return lambda text: sum(1 for _ in pattern.finditer(text))
