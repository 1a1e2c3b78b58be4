"""Renders a card as an e-mail: plain text and HTML, in the reader's language, without contacts.

Pure. Whatever people typed is escaped, and phones and addresses are removed: mail lies in mailboxes
and on servers outside our control.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html import escape

from handlers.core.language import Language
from handlers.core.text import one_line
from handlers.core.ui import Card, Section
from sales.contacts import without_contacts

_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The sender of a mail.

    ``sender`` may have a name (``Genjin <bot@example.com>``); ``chat_url`` is where people answer,
    empty if that is not known.
    """

    sender: Address
    chat_url: str


def mail_of(
    card: Card, to: str, head: Letterhead, language: Language, at: datetime, *, link: str = ""
) -> EmailMessage:
    """Render a card as a mail. ``link`` leads to what the card is about; without one the mail leads
    to the chat."""
    link = link or head.chat_url
    message = EmailMessage()
    message["From"] = head.sender
    message["To"] = to
    message["Subject"] = one_line(without_contacts(card.summary or card.title))[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=head.sender.domain)
    # RFC 3834: prevents out-of-office replies. RFC 2369: how to unsubscribe.
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{head.chat_url or f'mailto:{head.sender.addr_spec}'}>"
    message.set_content("\n".join(_text(card, link, language)) + "\n")
    message.add_alternative(_html(card, link, language), subtype="html")
    return message


def letter_of(
    to: str,
    subject: str,
    body: str,
    head: Letterhead,
    at: datetime,
    *,
    sender: str,
    reply_to: str,
) -> EmailMessage:
    """A text to a customer, from our address in the name of ``sender``.

    Answers go to ``reply_to``, where it is known. A person caused it, so it is not marked as
    generated.
    """
    message = EmailMessage()
    message["From"] = Address(one_line(sender), addr_spec=head.sender.addr_spec)
    message["To"] = to
    if "@" in reply_to:
        message["Reply-To"] = reply_to
    message["Subject"] = one_line(subject)[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=head.sender.domain)
    message.set_content(body + "\n")
    return message


def _text(card: Card, link: str, language: Language) -> Iterator[str]:
    yield _clean(card.title)
    if card.body:
        yield from ("", _clean(card.body))
    if card.facts:
        yield ""
    for fact in card.facts:
        yield f"{fact.label}: {_clean(fact.value)}"
    if card.chart:
        yield from ("", _clean(card.chart.alt))
    for section in card.sections:
        yield ""
        if section.heading:
            yield _clean(section.heading)
        yield from (f"- {_clean(line)}" for line in _lines(section))
    if card.footnote:
        yield from ("", _clean(card.footnote))
    yield from ("", "-- ", *_farewell(link, language))


def _html(card: Card, link: str, language: Language) -> str:
    parts = [f"<h2>{_shown(card.title)}</h2>"]
    if card.body:
        parts.append(f"<p>{_shown(card.body)}</p>")
    if card.facts:
        rows = (
            f'<tr><th align="left">{_shown(fact.label)}</th><td>{_shown(fact.value)}</td></tr>'
            for fact in card.facts
        )
        parts.append(f'<table cellpadding="4">{"".join(rows)}</table>')
    if card.chart:
        parts.append(f"<p>{_shown(card.chart.alt)}</p>")
    for section in card.sections:
        if section.heading:
            parts.append(f"<h3>{_shown(section.heading)}</h3>")
        if lines := "".join(f"<li>{_shown(line)}</li>" for line in _lines(section)):
            parts.append(f"<ul>{lines}</ul>")
    if card.footnote:
        parts.append(f"<p><small>{_shown(card.footnote)}</small></p>")
    if link:
        words = escape(language.text("mail.open_chat"))
        parts.append(f'<p><a href="{escape(link)}">{words}</a></p>')
    why = escape(language.text("mail.why"))
    tongue = language.locale.replace("_", "-")
    body = "\n".join((*parts, f"<hr><p><small>{why}</small></p>"))
    return f'<!doctype html>\n<html lang="{tongue}"><body>\n{body}\n</body></html>\n'


def _farewell(link: str, language: Language) -> Iterator[str]:
    if link:
        yield f"{language.text('mail.open_chat')}: {link}"
    yield language.text("mail.why")


def _lines(section: Section) -> Iterator[str]:
    yield from section.lines
    if section.chart:
        yield section.chart.alt
    yield from (row.text for row in section.rows)
    for row in section.table.rows if section.table else ():
        yield " · ".join(row)


def _clean(text: str) -> str:
    return without_contacts(text).replace("\r", "")


def _shown(text: str) -> str:
    return escape(_clean(text)).replace("\n", "<br>")
