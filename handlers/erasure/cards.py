"""Cards of erasures: the preview, the progress and result, and what is kept how long."""

from collections.abc import Iterator, Mapping
from typing import Final

from handlers.core.context import Context
from handlers.core.labels import enum_label, home_button
from handlers.core.language import Language
from handlers.core.ui import Button, Card, Confirm, Fact, Section
from handlers.erasure.service import FoundPeople
from sales.bulk_acts import KEPT, UNDO_FOR
from sales.contacts import mask_contacts
from sales.erasure import ErasedKind, Erasure, ErasurePreview, ErasureState
from sales.imports.plan import KEPT as IMPORT_KEPT
from sales.leads import lead_number
from sales.playbook.retention import Retention
from storage.database.purge import KEEP_PREVIEWS, KEEP_REQUESTS

SHOWN = 10
EXAMPLES = 8
FIXED: Final[Mapping[str, Mapping[str, int]]] = {
    "customers": {},
    "requests": {"n": KEEP_REQUESTS.days},
    "imports": {"n": IMPORT_KEPT.days},
    "undo": {"hours": int(UNDO_FOR.total_seconds()) // 3600, "n": KEPT.days},
    "previews": {"n": KEEP_PREVIEWS.days},
}
"""What is kept for a fixed period, and the period."""


def preview_card(
    erasure: Erasure, seen: ErasurePreview, found: FoundPeople, context: Context
) -> Card:
    """What would be erased, where, how many and some examples; nothing has happened yet."""
    text = context.text
    confirm = Confirm(
        title=text("erasure.confirm_title"),
        text=text("erasure.confirm_text"),
        yes=text("erasure.confirm_yes"),
        no=text("button.cancel"),
    )
    value = str(erasure.id)
    return Card(
        title=text("erasure.preview_title"),
        facts=(*_facts(erasure, context), *_who(found, context)),
        body=text("erasure.whole" if seen.is_whole else "erasure.partly"),
        sections=(
            Section(text("erasure.where"), _lines(seen.count, context)),
            *_examples(seen, context),
            *_others(erasure, context),
            _kept(context),
        ),
        buttons=(
            Button("erasure.confirm", text("erasure.erase"), value, "danger", confirm),
            Button("erasure.drop", text("erasure.drop"), value),
        ),
        footnote=text("erasure.figures_stay"),
    )


def erasure_card(erasure: Erasure, context: Context) -> Card:
    """How far it is, or what was erased, and what nobody here can erase."""
    text = context.text
    done = erasure.state is ErasureState.DONE
    lines = _lines(dict(erasure.tally), context)
    sections = [Section(text("erasure.changed"), lines)] if lines else []
    progress = context.uow.erasures.progress(erasure)
    sections.append(Section(text("erasure.not_ours"), _not_ours(context)))
    return Card(
        title=text("erasure.done_title" if done else "erasure.running_title"),
        facts=_facts(erasure, context),
        body=text("erasure.done_body") if done else text("erasure.running_body", n=progress),
        sections=tuple(sections),
        buttons=(home_button(context),),
        footnote=text("erasure.replayed") if erasure.replayed else "",
        subject=erasure.subject,
    )


def overview_card(context: Context) -> Card:
    """What is kept how long, and who was erased."""
    text = context.text
    latest = tuple(_line(one, context) for one in context.uow.erasures.latest(SHOWN))
    return Card(
        title=text("erasure.kept_title"),
        body=text("erasure.kept_body"),
        sections=(
            Section(
                text("erasure.kept_rules"),
                kept_by_rules(context.playbook.retention, context.language),
            ),
            Section(text("erasure.kept_fixed"), kept_always(context.language)),
            Section(text("erasure.latest"), latest or (text("erasure.none"),)),
        ),
        buttons=(Button("erasure.open", text("erasure.title_button")), home_button(context)),
    )


def kept_by_rules(keep: Retention, language: Language) -> tuple[str, ...]:
    """What the playbook sets periods for, with the days."""
    days = keep.model_dump().items()
    return tuple(language.text(f"erasure.keep_{name}", n=n) for name, n in days)


def kept_always(language: Language) -> tuple[str, ...]:
    """What is kept for a fixed period, with the period."""
    return tuple(language.text(f"erasure.fixed_{name}", **params) for name, params in FIXED.items())


def _facts(erasure: Erasure, context: Context) -> tuple[Fact, ...]:
    text = context.text
    facts = [Fact(text("erasure.reason"), enum_label(erasure.reason, context.language))]
    if erasure.leads:
        numbers = context.language.listing([lead_number(one) for one in erasure.lead_ids])
        facts.insert(0, Fact(text("erasure.leads"), numbers))
    if erasure.kind is ErasedKind.COLLEAGUE and erasure.person_id is not None:
        name = context.uow.people.get(erasure.person_id).name
        facts.insert(0, Fact(text("erasure.person"), name))
    if erasure.state is not ErasureState.PREVIEWED:
        facts.append(Fact(text("erasure.asked_at"), context.language.moment(erasure.asked_at)))
        facts.append(Fact(text("erasure.entry"), erasure.entry))
    return tuple(facts)


def _who(found: FoundPeople, context: Context) -> tuple[Fact, ...]:
    """The name and the masked contacts, so that one sees whether the right person was found."""
    names = [one.label.split(" · ")[:2] for one in found.contacts]
    if not names and not found.colleagues:
        words = (*found.forms.names, *map(mask_contacts, found.forms.contacts))
        return (Fact(context.text("erasure.words"), "; ".join(words)),)
    if not names:
        return ()
    return (Fact(context.text("erasure.person"), "; ".join(map(" · ".join, names))),)


def _examples(seen: ErasurePreview, context: Context) -> Iterator[Section]:
    lines = [
        context.text("erasure.example", where=context.text(f"erasure.in_{name}"), text=text)
        for name, texts in sorted(seen.examples.items())
        for text in texts
    ]
    if lines:
        yield Section(context.text("erasure.examples"), tuple(lines[:EXAMPLES]))


def _others(erasure: Erasure, context: Context) -> Iterator[Section]:
    """Who has the same name or is reached the same way, and stays."""
    forms, text = erasure.forms, context.text
    lines = []
    for key, lead_ids in (("namesakes", forms.namesakes), ("sharing", forms.sharing)):
        if lead_ids:
            numbers = [lead_number(one) for one in lead_ids[:SHOWN]]
            more = len(lead_ids) - len(numbers)
            listed = context.language.listing([*numbers, *([f"+{more}"] if more else [])])
            lines.append(text(f"erasure.{key}", leads=listed))
    if forms.is_shared:
        lines.append(text("erasure.colleague_of_name"))
    if lines:
        yield Section(text("erasure.others"), tuple(lines))


def _lines(count: Mapping[str, int], context: Context) -> tuple[str, ...]:
    named = ((context.text(f"erasure.in_{name}"), n) for name, n in sorted(count.items()) if n)
    return tuple(context.text("erasure.line", where=where, n=n) for where, n in named)


def _kept(context: Context) -> Section:
    return Section(context.text("erasure.not_ours"), _not_ours(context))


def _not_ours(context: Context) -> tuple[str, ...]:
    names = ("platforms", "mails", "files", "backups")
    return tuple(context.text(f"erasure.not_{name}") for name in names)


def _line(erasure: Erasure, context: Context) -> str:
    by = context.uow.people.get(erasure.asked_by).name if erasure.asked_by else "genjin erase"
    return context.text(
        "erasure.latest_line",
        entry=erasure.entry,
        at=context.language.moment(erasure.asked_at),
        kind=enum_label(erasure.kind, context.language),
        reason=enum_label(erasure.reason, context.language),
        by=by,
        n=erasure.rows,
    )
