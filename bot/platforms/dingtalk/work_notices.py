"""The second way to a person, where the robot cannot reach them: a work notice (工作通知).

It has no buttons and cannot be answered, so it names the robot's chat as the place to act. Needs
the app's AgentId.
"""

import asyncio
import json
from datetime import timedelta
from typing import Final

import structlog

from bot.platforms import AddressRefused, DeliveryError, Memory, Refused, Suspended
from bot.platforms.dingtalk.client import WORK_NOTICE_BYTES, OpenApi
from bot.platforms.dingtalk.health import Conditions
from bot.platforms.dingtalk.permissions import Permissions
from bot.platforms.dingtalk.render import face_of, notification
from bot.platforms.dingtalk.transport import NotPermitted
from handlers.core.language import Language
from handlers.core.ui import Card
from sales.refusals import Reason

log = structlog.get_logger(__name__)

_LASTS_FROM: Final = 3
"""The work notice from which an admin is told: fewer may be somebody who has just joined."""
_PREFIX: Final = "work-"
_RESULT_AFTER: Final = 1.0
"""Seconds until DingTalk knows whether a work notice arrived."""
_COUNTED: Final = timedelta(days=7)


class WorkNotices:
    """Sends work notices. ``on`` False: there is no AgentId."""

    def __init__(
        self,
        api: OpenApi,
        memory: Memory,
        conditions: Conditions,
        permissions: Permissions,
        *,
        on: bool,
    ) -> None:
        self._api = api
        self._memory = memory
        self._conditions = conditions
        self._permissions = permissions
        self._on = on
        self._out_of_reach: set[str] = set()

    async def send(self, person: str, card: Card, language: Language, error: DeliveryError) -> str:
        """Send what the robot could not (``error``); returns a reference.

        Raises ``error`` where this is no way either, and Throttled, Unavailable or Unclear.
        """
        if not self._on or not _is_out_of_reach(error):
            raise error
        title, text = _shortened(card, language.text("dingtalk.work_notice.where"))
        try:
            task = await self._api.send_work_notice(person, title, text)
        except Refused as refused:
            log.warning("dingtalk.work_notice_refused", reason=str(refused))
            if isinstance(refused, NotPermitted):
                await self._permissions.refused("work_notice", refused.detail)
            raise error from refused
        if await self._missed(person, task):
            raise error
        await self._permissions.granted("work_notice")
        log.info("dingtalk.work_notice_sent", reason=str(error))
        await self._count(person, error)
        return f"{_PREFIX}{task}"

    async def _missed(self, person: str, task: str) -> bool:
        """Whether the person did not get it: they left, or do not see the app. What is not known
        yet is taken for delivered, since it must not be sent twice."""
        if not task.isdecimal():
            return False
        await asyncio.sleep(_RESULT_AFTER)
        try:
            return await self._api.missed_work_notice(person, task)
        except DeliveryError as error:
            log.info("dingtalk.work_notice_unclear", reason=str(error))
            return False

    def reached(self, person: str) -> None:
        """The robot reaches the person again."""
        self._out_of_reach.discard(person)
        if not self._out_of_reach:
            self._conditions.clear("work_notice")

    async def _count(self, person: str, error: DeliveryError) -> None:
        times = await self._memory.count(f"dingtalk:work_notices:{person}", keep=_COUNTED)
        if times >= _LASTS_FROM or isinstance(error, Suspended):
            self._out_of_reach.add(person)
            number = str(len(self._out_of_reach))
            self._conditions.report("work_notice", "work_notice", detail=number)


def _shortened(card: Card, where: str) -> tuple[str, str]:
    """Title and text of the card as a work notice, which is shorter than a message."""
    face, title = face_of(card), notification(card)
    head, foot = f"### {face.title}\n\n" if face.title else "", f"\n\n> {where}"
    message = {"msgtype": "markdown", "markdown": {"title": title, "text": f"{head}{foot}"}}
    room = WORK_NOTICE_BYTES - len(json.dumps(message, ensure_ascii=False).encode())
    lines: list[str] = []
    for line in face.content.split("\n"):
        room -= len(json.dumps(f"{line}\n", ensure_ascii=False).encode())
        if room < 0:
            lines.append("…")
            break
        lines.append(line)
    content = "\n".join(lines).strip()
    return title, f"{head}{content}{foot}"


def is_work_notice(ref: str) -> bool:
    """Whether a reference is of a work notice."""
    return ref.startswith(_PREFIX)


def _is_out_of_reach(error: DeliveryError) -> bool:
    """Whether the robot cannot reach this person, or nobody in a 1:1 chat."""
    if isinstance(error, Suspended):
        return error.reason is Reason.DIRECT_OFF
    return isinstance(error, AddressRefused)
