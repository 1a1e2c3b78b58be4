"""What a person sees, as intents: forms, fields, cards, buttons, charts.

Pure data in the reader's language. A platform's ``render.py`` draws it; nothing here knows how. All
texts are final: untrusted text (typed by people) is not escaped here, the renderer escapes
everything.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isfinite
from typing import Literal, TypeAlias

from sales.amounts import LONGEST as LONGEST_AMOUNT
from sales.contacts import LONGEST_EMAIL, LONGEST_PHONES

State: TypeAlias = Mapping[str, str]
"""Data that a form or button carries until it comes back; never trusted on return."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. ``value`` ≤ 150 characters; ``label`` ≤ 75."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    label: str
    required: bool = False
    hint: str = ""
    """One line below the field, e.g. an example of a good answer."""
    placeholder: str = ""
    folded: bool = False
    """Rarely needed: shown to people who ask for more. Its value counts also where it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(_Field):
    value: str = ""
    max_length: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LongText(_Field):
    value: str = ""
    max_length: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(_Field):
    """Typed text; the handler parses it, so that it can answer ``12k`` with an example."""

    value: str = ""
    max_length: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(_Field):
    """Typed text such as ``12.5万`` or ``125,000``."""

    value: str = ""
    max_length: int = LONGEST_AMOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone(_Field):
    value: str = ""
    max_length: int = LONGEST_PHONES


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(_Field):
    value: str = ""
    max_length: int = LONGEST_EMAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(_Field):
    """``value`` and the answer are ``YYYY-MM-DD``."""

    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTime(_Field):
    """``value`` and the answer are ``YYYY-MM-DDTHH:MM`` in the company's timezone."""

    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Field):
    options: tuple[Option, ...]
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiChoice(_Field):
    options: tuple[Option, ...]
    value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist(_Field):
    """Checkboxes; the answer is the selected values."""

    options: tuple[Option, ...]
    value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPick(_Field):
    """One of the company's people; the answer is the person's id as text.

    ``directory``: one of all the people whom the platform knows, without ``options``; the answer is
    their account. Only where ``Request.picks_accounts``.
    """

    options: tuple[Option, ...]
    value: str = ""
    directory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadPick(_Field):
    """One lead; the answer is its number (``LX001``).

    ``options`` are the most urgent leads, shown before anything is typed. A platform that can
    search while typing dispatches ``search`` with ``text`` and draws ``Reply.options``.
    """

    options: tuple[Option, ...]
    value: str = ""
    search: str = "lead.options"


@dataclass(frozen=True, slots=True, kw_only=True)
class File(_Field):
    """A file from the person. It comes as the request's ``upload``, with only its name among the
    values. ``kinds`` are the extensions to offer (``csv``); the file is not trusted to have one of
    them. At most one per form."""

    kinds: tuple[str, ...]
    value: str = ""
    """Always empty: no platform can choose a file for a person."""


Field: TypeAlias = (
    Text
    | LongText
    | Number
    | Money
    | Phone
    | Email
    | Date
    | DateTime
    | Choice
    | MultiChoice
    | Checklist
    | PersonPick
    | LeadPick
    | File
)


def fold(fields: Iterable[Field], *rare: str) -> tuple[Field, ...]:
    """The fields, of which these rarely needed ones are folded; a required one never is."""
    return tuple(
        replace(one, folded=True) if one.name in rare and not one.required else one
        for one in fields
    )


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in. ``action`` is dispatched on submit with ``values`` and ``state``.

    ``title`` ≤ 24 characters (Slack's limit, applied to every platform).
    """

    action: str
    title: str
    fields: tuple[Field, ...]
    submit: str
    cancel: str
    state: State = field(default_factory=dict)
    intro: str = ""
    """A sentence above the fields: what this is for, or why something is asked again."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """A confirmation asked before a button acts."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Button:
    """Dispatches ``action`` with ``state == {"value": value}`` when pressed."""

    action: str
    label: str
    value: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value, drawn in two columns where there is room."""

    label: str
    value: str
    url: str = ""
    """``tel:+8613800000000`` or ``mailto:…`` of a contact that was asked for: pressing it calls."""


@dataclass(frozen=True, slots=True)
class SortedBy:
    """The column that a table's rows are ordered by."""

    column: int
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` are headings, and every row has as many cells; ≤ 20 columns, ≤ 99 rows.

    ``opens`` is empty or has one button for each row, which shows what the row is about; then the
    first cell names the row. ``sorts`` is empty or has one entry for each column: the button that
    orders the rows by it, None where none does. Only a platform whose headings can be pressed draws
    those, so a card offers sorting in a button of its own, too.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    """What the rows are, for people who cannot see what is around the table."""
    numbers: frozenset[int] = frozenset()
    """The columns of amounts and other figures, aligned at their ends. Where rows open something,
    their second cell names it, as a customer does a lead, unless it is one of these."""
    opens: tuple[Button, ...] = ()
    sorts: tuple[Button | None, ...] = ()
    sorted_by: SortedBy | None = None
    emphasized: frozenset[tuple[int, int]] = frozenset()
    """Cells (row, column) that need attention; their text says so, too."""


@dataclass(frozen=True, slots=True)
class Series:
    """Named figures. NaN and infinite values count as 0: no platform can draw them, and JSON cannot
    represent them."""

    name: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        finite = tuple(value if isfinite(value) else 0.0 for value in self.values)
        object.__setattr__(self, "values", finite)


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to draw: one value of every series for each category (≤ 12 series × 20)."""

    kind: Literal["bar", "line"]
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    alt: str
    """The chart's message in words, for screen readers and platforms without pictures."""
    opens: tuple[Button | None, ...] = ()
    """One for each category, which opens what it counts; None for an empty one. Their labels say
    the figures, so that they replace ``alt`` where they are shown."""

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(button for button in self.opens if button)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnChart(ABC):
    """What the kinds of charts of ``handlers.core.charts`` have in common.

    ``opens`` has one button for each stage, bar, row or cell in reading order, None where there is
    nothing to open; or it is empty.
    """

    title: str
    alt: str
    """The chart's message in one sentence."""
    opens: tuple[Button | None, ...] = ()

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(button for button in self.opens if button)

    @property
    @abstractmethod
    def table(self) -> Table:
        """The same figures as a table, for people who cannot see or do not like pictures."""


AnyChart: TypeAlias = Chart | DrawnChart


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list with the button that opens what the line names."""

    text: str
    button: Button


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a card: a heading, lines of text, a chart, rows, a table, and its own buttons.

    ``folded``: rarely needed, so collapsed behind its heading where a platform can do that.
    ``opens`` stands beside the heading and opens all that the heading counts. ``copies``: the lines
    are a text to be forwarded, which a button copies where there can be one.
    """

    heading: str = ""
    lines: tuple[str, ...] = ()
    table: Table | None = None
    buttons: tuple[Button, ...] = ()
    folded: bool = False
    rows: tuple[Row, ...] = ()
    opens: Button | None = None
    chart: AnyChart | None = None
    copies: bool = False

    @property
    def every_button(self) -> tuple[Button, ...]:
        """All buttons of the section, in the order in which they are read."""
        first = () if self.opens is None else (self.opens,)
        charted = () if self.chart is None else self.chart.buttons
        table = () if self.table is None else self.table.opens
        return (*first, *charted, *(row.button for row in self.rows), *table, *self.buttons)


@dataclass(frozen=True, slots=True)
class Link:
    """An address of our own pages, shown in full so that it can be copied and shared."""

    label: str
    url: str


MOST_IN_MENU = 5
"""How many actions a short menu holds, as Slack's does."""
Tone: TypeAlias = Literal["plain", "good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Todo:
    """Something the reader has to do, for platforms with a to-do list.

    ``title`` is by default the card's; ``lead`` is the number of the lead that it opens.
    """

    due_at: datetime
    title: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time in the reader's own calendar, for platforms that keep one.

    ``zone`` is the reader's (IANA name), ``lead`` the number of the lead that it opens.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str
    lead: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message with structure.

    ``subject`` names what the card shows (``lead:12``); cards with a subject are live: when the
    subject changes, every posted card of it is redrawn in place. ``thread`` is the subject under
    whose first card in a conversation this one is posted, where there are threads. ``todo`` stays
    for as long as the reader has something to do about the card. ``summary`` is the one line for a
    phone's notification, by default the title. A card without a title is one unobtrusive line, its
    ``body``, with the actions available for it.
    """

    title: str
    facts: tuple[Fact, ...] = ()
    body: str = ""
    sections: tuple[Section, ...] = ()
    chart: AnyChart | None = None
    buttons: tuple[Button, ...] = ()
    footnote: str = ""
    """Why the reader gets this: *why me, why this score, why now*."""
    tone: Tone = "plain"
    subject: str = ""
    summary: str = ""
    links: tuple[Link, ...] = ()
    """Pages of ours, above the buttons."""
    thread: str = ""
    starts: str = ""
    todo: Todo | None = None
    appointment: Appointment | None = None
    """Makes the card no message, but an entry in the reader's calendar with its title and body."""
    exact: tuple[str, ...] = ()
    """Texts exempt from masking though they look like a contact. A contract or invoice number, or a
    contact that was asked for."""
    more: tuple[Button, ...] = ()
    """Less frequent actions, the likeliest first. They are behind one *more*, beside the few
    ``buttons`` that are the next step."""
    chart_below: bool = False
    """Whether the chart comes after the sections rather than before them."""
    facts_at_once: int = 0
    """How many of the facts are shown first, the rest small or folded; 0 for all of them."""
    rest: Button | None = None
    """Opens the list of ``more``, where a menu or a line has room for only a few of them."""
    beneath: bool = False
    """Whether it only adds to the card whose button asked for it, and stands in that card's thread
    where there are threads."""
    whole_lead: bool = False
    """Whether it shows all of its lead, so that one such card in a conversation is enough: a newer
    one takes the place of those before."""
    confirms: str = ""
    """The lead (``lead:12``) whose card shows what this card confirms: where that card is in the
    conversation, this one need not stay."""

    @property
    def every_chart(self) -> tuple[AnyChart, ...]:
        """The card's own chart, then those of its sections."""
        charts = (self.chart, *(section.chart for section in self.sections))
        return tuple(chart for chart in charts if chart)

    @property
    def every_button(self) -> tuple[Button, ...]:
        """All buttons of the card, those within it first."""
        inside = tuple(button for section in self.sections for button in section.every_button)
        charted = () if self.chart is None else self.chart.buttons
        rest = () if self.rest is None else (self.rest,)
        return (*charted, *inside, *self.buttons, *self.more, *rest)

    @property
    def few_more(self) -> tuple[Button, ...]:
        """What fits where ``more`` is short: all of it, or the likeliest and ``rest``."""
        if self.rest is None or len(self.more) <= MOST_IN_MENU:
            return self.more
        return (*self.more[: MOST_IN_MENU - 1], self.rest)

    @property
    def first_facts(self) -> tuple[Fact, ...]:
        return self.facts[: self.facts_at_once or None]

    @property
    def other_facts(self) -> tuple[Fact, ...]:
        return self.facts[self.facts_at_once :] if self.facts_at_once else ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for the requester alone, wherever they asked; ``about`` is the line shown with it."""

    name: str
    content: bytes
    about: str
