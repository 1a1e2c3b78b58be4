"""Sends mails that bring customers the link to a proposal, each once at most.

A mail is marked before it is handed over, so that no two processes send it, and one that a process
died over is reported as unclear rather than sent twice.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol, runtime_checkable

import structlog

from bot.platforms import AddressRefused, DeliveryError, Refused, Suspended, Unavailable
from sales.notices import ProposalMailFailed
from sales.people import SYSTEM
from sales.proposals import MailState, ProposalMail
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)
SENDS_EVERY: Final = 3.0
"""Seconds between two looks."""
LATEST: Final = timedelta(hours=2)
"""A mail that waits for longer is given up: its sender had better know than believe it arrived."""
_LOST: Final = timedelta(minutes=5)
"""A mail is handed over in seconds; one under way for longer has lost its process."""


@runtime_checkable
class SendsLetters(Protocol):
    """Sends a mail to anybody. Raises DeliveryError."""

    async def send_letter(
        self, to: str, subject: str, body: str, *, sender: str, reply_to: str
    ) -> None: ...


class CustomerMails:
    """One process's share of the mails to customers."""

    def __init__(
        self, new_uow: UnitOfWorkFactory, mail: SendsLetters, now: Callable[[], datetime]
    ) -> None:
        self._new_uow = new_uow
        self._mail = mail
        self._now = now

    async def send_waiting(self) -> int:
        """Send what waits, until there is nothing more or the mail server is away.

        Returns how many were sent. Raises StorageUnavailable.
        """
        sent = 0
        while (claimed := await asyncio.to_thread(self._claim)) is not None:
            after = await self._send(*claimed)
            await asyncio.to_thread(self._settle, after, MailState.SENDING)
            if after.state is MailState.WAITING:
                break
            sent += after.state is MailState.SENT
        return sent

    async def _send(self, mail: ProposalMail, sender: str, reply_to: str) -> ProposalMail:
        try:
            await self._mail.send_letter(
                mail.address, mail.subject, mail.body, sender=sender, reply_to=reply_to
            )
        except (Unavailable, Suspended):
            return mail.put_back()
        except AddressRefused:
            return mail.failed("address")
        except Refused:
            return mail.failed("refused")
        except DeliveryError:
            return mail.failed("unclear")
        return mail.sent()

    def _claim(self) -> tuple[ProposalMail, str, str] | None:
        """Mark the oldest mail that waits as under way; with its sender's name and address."""
        with self._new_uow(read_only=True) as uow:
            waiting = uow.proposals(SYSTEM).open_mails()
        for mail in waiting:
            if problem := self._why_not(mail):
                self._settle(mail.failed(problem), mail.state)
            elif mail.state is MailState.WAITING:
                with self._new_uow() as uow:
                    claimed = mail.handed_over(self._now())
                    if not uow.proposals(SYSTEM).settle_mail(claimed, MailState.WAITING):
                        continue
                    name, address = _sender_of(mail, uow)
                    uow.commit()
                return claimed, name, address
        return None

    def _why_not(self, mail: ProposalMail) -> str:
        """Why a mail is given up; "" if it is not."""
        if mail.state is MailState.SENDING:
            return "unclear" if mail.tried_at and mail.tried_at < self._now() - _LOST else ""
        if mail.written_at < self._now() - LATEST:
            return "late"
        with self._new_uow(read_only=True) as uow:
            return "" if uow.proposals(SYSTEM).get(mail.proposal_id).is_out else "withdrawn"

    def _settle(self, mail: ProposalMail, before: MailState) -> None:
        with self._new_uow() as uow:
            if not uow.proposals(SYSTEM).settle_mail(mail, before):
                return
            if mail.state is MailState.FAILED:
                log.warning("proposal.mail_failed", mail=mail.id, problem=mail.problem)
                uow.outbox.add(ProposalMailFailed(mail.id), mail.written_by)
            uow.outbox.refresh(f"lead:{mail.lead_id}")
            uow.commit()


def _sender_of(mail: ProposalMail, uow: UnitOfWork) -> tuple[str, str]:
    """Name and e-mail of who the customer answers: the owner, else who sent it."""
    lead = uow.leads(SYSTEM).get(mail.lead_id)
    person_id = lead.owner_id or mail.written_by
    return uow.people.get(person_id).name, str(uow.contacts.get(person_id)[1])
