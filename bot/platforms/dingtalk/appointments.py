"""Keeps appointments in people's own DingTalk calendars: put in, moved, taken out.

Needs the permission Calendar.Event.Write. Without it nothing is lost: the robot's reminder comes
anyway. What a person deletes or moves there is theirs: it is not put in again.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from bot.platforms import Refused, Suspended, Unclear, Unwanted
from bot.platforms.dingtalk.client import EVENT_DESCRIPTION, EVENT_SUMMARY
from bot.platforms.dingtalk.organisation import Extras
from bot.platforms.dingtalk.requests import digest_of
from bot.platforms.dingtalk.transport import NotPermitted
from handlers.core.ui import Appointment, Card

log = structlog.get_logger(__name__)

_KEPT = timedelta(days=400)
_REF: Final = "calendar:"


class Appointments:
    """The appointments of posted cards. ``on`` False: they are switched off."""

    def __init__(self, extras: Extras, *, now: Callable[[], datetime], on: bool) -> None:
        self._now = now
        self._extras = extras
        self._on = on

    @staticmethod
    def is_one(ref: str) -> bool:
        """Whether a posted card is an entry in a calendar and no message."""
        return ref.startswith(_REF)

    async def post(self, person: str, card: Card) -> str:
        """Put the card's appointment into the person's calendar; returns its reference.

        Raises Unwanted where that is switched off, not permitted or not worth the last calls of the
        month, and where DingTalk fails: the person is reminded by a message in any case. Raises
        Throttled, Unavailable and Suspended, and StorageUnavailable.
        """
        appointment = card.appointment
        if appointment is None or not self._on:
            raise Unwanted("no calendar")
        if self._extras.quota.is_short or await self._extras.permissions.is_refused("calendar"):
            raise Unwanted("not now")
        try:
            await self._draw(person, card, appointment)
        except NotPermitted as error:
            await self._extras.permissions.refused("calendar", error.detail)
            raise Unwanted("not permitted") from error
        except (Unclear, Refused) as error:
            if isinstance(error, Suspended):
                raise
            log.warning("dingtalk.appointment_not_made", reason=str(error))
            raise Unwanted("DingTalk failed") from error
        return f"{_REF}{card.subject}"

    async def redraw(self, person: str, card: Card) -> None:
        """Move, put in or take out the entry of a card that was posted. Raises like ``post``,
        except that an entry is taken out also when new ones are switched off."""
        if card.appointment is not None:
            await self.post(person, card)
            return
        held = await self._extras.memory.get(_key(person, card.subject))
        if not held or not held.get("event"):
            return
        if datetime.fromisoformat(str(held["starts"])) > self._now():
            try:
                await self._extras.api.delete_event(str(held["union"]), str(held["event"]))
            except (NotPermitted, Unclear) as error:
                log.warning("dingtalk.appointment_not_removed", reason=str(error))
            except Refused as error:  # the person deleted it, or left
                if isinstance(error, Suspended):
                    raise
        # One that has begun took place, and stays where its owner looks back.
        left = {"event": "", "turn": int(held.get("turn") or 0) + 1}
        await self._extras.memory.put(_key(person, card.subject), left, keep=_KEPT)

    async def _draw(self, person: str, card: Card, appointment: Appointment) -> None:
        key = _key(person, card.subject)
        held = await self._extras.memory.get(key) or {}
        drawn = self._event(card, appointment)
        digest = digest_of(drawn)
        if held.get("given_up") or held.get("digest") == digest:
            return
        event, turn = str(held.get("event") or ""), int(held.get("turn") or 0)
        union = str(held.get("union") or "") or await self._extras.unions.of(person)
        try:
            if event:
                await self._extras.api.change_event(union, event, drawn)
            else:
                event = await self._create(union, drawn, f"{key}:{turn}:{digest}")
        except NotPermitted:
            raise
        except Refused as error:
            if not event or isinstance(error, Suspended):
                raise
            # The person has deleted it there, and does not want it back.
            log.info("dingtalk.appointment_gone", reason=error.code)
            await self._extras.memory.put(key, {"event": "", "given_up": True}, keep=_KEPT)
            return
        await self._extras.permissions.granted("calendar")
        starts = appointment.starts_at.isoformat()
        now = {"union": union, "event": event, "starts": starts, "digest": digest, "turn": turn}
        await self._extras.memory.put(key, now, keep=_KEPT)

    async def _create(self, union: str, drawn: Mapping[str, Any], wish: str) -> str:
        """Create the event, and ask once more where it is unclear whether that was done.

        DingTalk takes the same token for the same wish.
        """
        token = hashlib.sha256(wish.encode()).hexdigest()[:32]
        try:
            return await self._extras.api.create_event(union, drawn, token)
        except Unclear:
            return await self._extras.api.create_event(union, drawn, token)

    def _event(self, card: Card, appointment: Appointment) -> dict[str, Any]:
        """The event as DingTalk takes it, without any contact: its readers may be others."""
        zone = ZoneInfo(appointment.zone)
        url = self._extras.links.page(appointment.lead)
        about = "\n".join(filter(None, (card.body, url)))
        starts, ends = (
            {"dateTime": at.astimezone(zone).isoformat(timespec="seconds"), "timeZone": zone.key}
            for at in (appointment.starts_at, appointment.ends_at)
        )
        return {
            "summary": card.title[:EVENT_SUMMARY],
            "description": about[:EVENT_DESCRIPTION],
            "start": starts,
            "end": ends,
            "isAllDay": False,
        }


def _key(person: str, subject: str) -> str:
    return f"dingtalk:appointment:{person}:{subject}"
