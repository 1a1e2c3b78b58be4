"""E-mail as a delivery platform: one message per notice, nothing edited, nothing received.

``smtplib`` in a thread: it comes with Python, occasional mail needs no connection pool, and the
outbox around it provides order, retries and dead letters.
"""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from bot.platforms import (
    Address,
    AddressRefused,
    DeliveryError,
    Health,
    Refused,
    Suspended,
    Thread,
    Unavailable,
    Unclear,
    Unwanted,
)
from bot.platforms.mail.config import SmtpServer
from bot.platforms.mail.render import Letterhead, letter_of, mail_of
from bot.supervisor import Supervisor
from handlers.core.language import Languages
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.refusals import Reason

NAME: Final = "email"
_CHECK: Final = "mail server"
_LOGIN_PAUSES: Final = 10
_PATIENCE: Final = 10.0
"""Seconds for each step with the server; together they stay below the time of a send."""
_FINAL: Final = 500
"""From this reply code on the server refuses permanently (RFC 5321)."""
_LOGIN_FIRST: Final = 530
"""The server accepts nothing without a login (RFC 4954)."""


class MailPlatform:
    """Implements ``bot.platforms.Platform``.

    ``address_of`` gives a person's address, None for people who want no mail; it is called at every
    send and blocks for a query. So does ``link_of``: where the person finds in the chat what a card
    is about, empty for the chat as a whole.
    """

    name = NAME
    seconds_between_sends = 0.0
    can_edit = False
    has_threads = False
    takes_replies = False
    has_todos = False
    has_calendar = False

    def __init__(
        self,
        server: SmtpServer,
        head: Letterhead,
        address_of: Callable[[int], str | None],
        languages: Languages,
        *,
        now: Callable[[], datetime],
        link_of: Callable[[int, Card], str] = lambda _person_id, _card: "",
        tls: ssl.SSLContext | None = None,
        supervisor: Supervisor | None = None,
        check_every: float = 60.0,
    ) -> None:
        self._supervisor = supervisor or Supervisor()
        self._check_every = check_every
        self._link_of = link_of
        self._server = server
        self._head = head
        self._address_of = address_of
        self._languages = languages
        self._now = now
        self._tls = tls or ssl.create_default_context()
        self._problem = "unchecked"

    async def start(self) -> None:
        """Probe the server, so that ``doctor`` and the health page know before the first mail.

        Repeats while the server does not answer, and so notices when it is back.
        """
        self._supervisor.start(_CHECK, self._check)

    async def stop(self) -> None:
        await self._supervisor.stop(_CHECK)

    async def post(
        self,
        to: Address,
        card: Card,
        *,
        locale: str,
        thread: Thread | None = None,  # noqa: ARG002 - mail programs find their own
    ) -> str:
        """Send a card as a mail. Raises Unwanted for a person who no longer has an address."""
        return await asyncio.to_thread(self._post, to, card, locale)

    async def send_letter(
        self, to: str, subject: str, body: str, *, sender: str, reply_to: str
    ) -> None:
        """Send a text to somebody outside, in a colleague's name. Raises DeliveryError."""
        letter = letter_of(
            to, subject, body, self._head, self._now(), sender=sender, reply_to=reply_to
        )
        await asyncio.to_thread(self._hand_over_letter, letter)

    def _hand_over_letter(self, letter: EmailMessage) -> None:
        with self._connected() as client:
            _hand_over(client, letter)

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:  # noqa: ARG002
        raise Refused("a mail that was sent stays as it is")

    def link(self, ref: str, lead: str) -> str:  # noqa: ARG002
        return ""

    async def readers(self, channel: str, known: Collection[str]) -> Readers:  # noqa: ARG002
        return Readers(Told.NEVER)

    def health(self) -> Health:
        if not self._problem:
            return Health(True, detail=f"{self._server.host}:{self._server.port}")
        key = f"health.mail.{self._problem}"
        refuses = Reason.CREDENTIALS if self._problem == "login" else None
        return Health(False, key, f"{key}.advice", refuses=refuses)

    async def _check(self) -> None:
        while True:
            if self._problem:
                with contextlib.suppress(DeliveryError):
                    await asyncio.to_thread(self._probe)
            # Servers block clients that try a wrong password too often.
            slower = _LOGIN_PAUSES if self._problem == "login" else 1
            await asyncio.sleep(self._check_every * slower)

    def _probe(self) -> None:
        with self._connected() as client:
            client.noop()

    def _post(self, to: Address, card: Card, locale: str) -> str:
        address = self._address_of(int(to.id))
        if address is None:
            raise Unwanted("no address")
        link = self._link_of(int(to.id), card)
        language = self._languages(locale)
        mail = mail_of(card, address, self._head, language, self._now(), link=link)
        with self._connected() as client:
            _hand_over(client, mail)
        return str(mail["Message-ID"])

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted and logged in as configured.

        Raises Unavailable, or Suspended if the login is refused: nothing was submitted.
        """
        server = self._server
        try:
            client = self._open()
            if server.upgrade:
                client.starttls(context=self._tls)
            if server.user:
                client.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as error:
            self._problem = "login"
            if error.smtp_code < _FINAL:
                raise Unavailable(f"smtp {error.smtp_code}") from error
            code = f"smtp {error.smtp_code}"
            raise Suspended(code, reason=Reason.CREDENTIALS) from error
        except (OSError, smtplib.SMTPException) as error:
            self._problem = "unreachable"
            raise Unavailable(type(error).__name__) from error
        self._problem = ""
        try:
            yield client
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()

    def _open(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.direct:
            return smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=self._tls)
        return smtplib.SMTP(host, port, timeout=_PATIENCE)


def _hand_over(client: smtplib.SMTP, mail: EmailMessage) -> None:
    """Submit the mail. The server's answer decides; without an answer the outcome is unclear."""
    try:
        refused = client.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        raise _recipient_refused(error.recipients) from None
    except smtplib.SMTPSenderRefused as error:
        policy = Suspended(f"smtp {error.smtp_code}", reason=Reason.POLICY)
        raise _smtp_error(error.smtp_code, policy) from None
    except smtplib.SMTPResponseException as error:
        raise _smtp_error(error.smtp_code, Refused(f"smtp {error.smtp_code}")) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unclear(type(error).__name__) from error
    if refused:
        raise _recipient_refused(refused)


def _recipient_refused(recipients: Mapping[str, tuple[int, bytes]]) -> DeliveryError:
    [(code, _)] = recipients.values()
    if code == _LOGIN_FIRST:
        return Suspended(f"smtp {code}", reason=Reason.CREDENTIALS)
    return _smtp_error(code, AddressRefused(f"smtp {code}", reason=Reason.GONE))


def _smtp_error(code: int, for_good: Refused) -> DeliveryError:
    """The error for an SMTP code, without the server's text: it may repeat the address."""
    return for_good if code >= _FINAL else Unavailable(f"smtp {code}")
