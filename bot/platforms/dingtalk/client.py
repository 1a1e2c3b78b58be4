"""The DingTalk API calls that the product makes, one method each.

Knows paths and bodies; what is said, and to whom, is decided elsewhere. Every method raises
Throttled, Unavailable, Unclear or Refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
import structlog

from bot.platforms import AddressRefused, DeliveryError, Refused, Suspended, Unclear
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.errors import carrier_of, skipped_person, undelivered_card
from bot.platforms.dingtalk.requests import SentFile
from bot.platforms.dingtalk.transport import TooLarge, Transport, Upload
from handlers.core.requests import LARGEST_UPLOAD
from handlers.core.requests import Upload as ReceivedUpload
from sales.refusals import Reason

log = structlog.get_logger(__name__)

MESSAGE_BYTES = 15_000
"""The longest ``msgParam`` DingTalk accepts, in bytes of JSON."""

WORK_NOTICE_BYTES = 2_048
"""The longest message of a work notice, in bytes of JSON."""

TODO_SUBJECT, TODO_DESCRIPTION = 1024, 4096
"""The longest text of a to-do, in characters."""

EVENT_SUMMARY, EVENT_DESCRIPTION = 2048, 5000
"""The longest text of a calendar's event, in characters."""

FILE_KINDS = ("xlsx", "pdf", "zip", "rar", "doc", "docx")
"""The file types that ``sampleFile`` accepts; all others are zipped."""

ROOT_DEPARTMENT = 1
"""The department that is the whole organisation."""

_PAGE = 100
_NO_SUCH_PERSON = "60121"

CardParams = Mapping[str, str]
_MISSED: Final = ("invalid", "forbidden", "failed")
_PRIVATE: Final = frozenset({"form", "form_status", "form_btn_text"})
_UPDATE_BY_KEY = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}


def message_param(param: Mapping[str, str]) -> str:
    return json.dumps(param, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """A person as the organisation's directory lists them."""

    name: str = ""
    email: str = ""
    phone: str = ""
    departments: tuple[str, ...] = ()
    """Ids, and names where the app may read them."""


class OpenApi:
    """Calls of the app to DingTalk."""

    def __init__(self, config: DingTalkConfig, transport: Transport) -> None:
        self._config = config
        self._transport = transport

    async def send_to_person(self, person: str, key: str, param: Mapping[str, str]) -> str:
        """Send a 1:1 message of template ``key``; returns its ``processQueryKey``."""
        try:
            body = await self._transport.api(
                "POST",
                "/v1.0/robot/oToMessages/batchSend",
                {
                    "robotCode": self._config.robot_code,
                    "userIds": [person],
                    "msgKey": key,
                    "msgParam": message_param(param),
                },
            )
        except AddressRefused as error:
            if error.reason is Reason.NOT_MEMBER:
                # There is no robot at all, which does not mean that the person is gone.
                raise Suspended(error.code, reason=Reason.DIRECT_OFF) from error
            raise
        if skipped := skipped_person(body, person):
            raise skipped
        return _accepted_reference(body)

    async def send_to_group(self, conversation: str, key: str, param: Mapping[str, str]) -> str:
        body = await self._transport.api(
            "POST",
            "/v1.0/robot/groupMessages/send",
            {
                "robotCode": self._config.robot_code,
                "openConversationId": conversation,
                "msgKey": key,
                "msgParam": message_param(param),
            },
        )
        return _accepted_reference(body)

    async def answer_by_webhook(self, url: str, title: str, text: str) -> bool:
        """Answer where a person has just written; False if the webhook did not accept it."""
        if not self._is_dingtalks(url):
            return False
        return await self._transport.webhook(
            url, {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        )

    async def upload_image(self, png: bytes) -> str:
        """Store a picture; returns its ``media_id``, which messages accept as a URL."""
        body = await self._transport.oapi(
            "/media/upload", {"type": "image"}, Upload("chart.png", png, "image/png")
        )
        if not body.get("media_id"):
            raise Refused("DingTalk took the picture but gave no media_id")
        return str(body["media_id"])

    async def upload_file(self, name: str, content: bytes) -> str:
        """Store a file; returns its ``media_id``. DingTalk accepts the extensions of
        ``FILE_KINDS``."""
        body = await self._transport.oapi(
            "/media/upload", {"type": "file"}, Upload(name, content, "application/octet-stream")
        )
        if not body.get("media_id"):
            raise Refused("DingTalk took the file but gave no media_id")
        return str(body["media_id"])

    async def fetch_file(self, file: SentFile) -> ReceivedUpload:
        """Download a file that was sent to the robot; one that cannot be read says why, and nothing
        is raised."""
        try:
            body = await self._transport.api(
                "POST",
                "/v1.0/robot/messageFiles/download",
                {"downloadCode": file.code, "robotCode": self._config.robot_code},
            )
            content = await self._transport.download(
                str(body.get("downloadUrl") or ""), LARGEST_UPLOAD
            )
        except TooLarge:
            return ReceivedUpload(file.name, problem="too_large")
        except DeliveryError as error:
            log.warning("dingtalk.file_not_read", reason=str(error))
            return ReceivedUpload(file.name, problem="unavailable")
        return ReceivedUpload(file.name, content)

    async def person(self, person: str) -> PersonDetails:
        """The directory's details of a person; empty for what the app may not read."""
        body = await self._transport.oapi("/topapi/v2/user/get", {"userid": person})
        return _details(body.get("result") or {})

    async def department(self, department: str) -> str:
        """The name of a department; "" if the app may not read it."""
        params = {"dept_id": department}
        body = await self._transport.oapi("/topapi/v2/department/get", params, optional=True)
        return str((body.get("result") or {}).get("name") or "")

    async def person_by_phone(self, phone: str) -> str:
        """The id of the person with this phone number; "" for nobody's."""
        try:
            body = await self._transport.oapi("/topapi/v2/user/getbymobile", {"mobile": phone})
        except Refused as error:
            if error.code == _NO_SUCH_PERSON:
                return ""
            raise
        return str((body.get("result") or {}).get("userid") or "")

    async def subdepartments(self, department: int) -> list[tuple[int, str]]:
        """Ids and names of the departments right below one; ``ROOT_DEPARTMENT`` is the top."""
        body = await self._transport.oapi("/topapi/v2/department/listsub", {"dept_id": department})
        return [(int(one["dept_id"]), str(one["name"])) for one in body.get("result") or ()]

    async def read_a_department(self) -> None:
        """Read what is below the top, to see whether the app may; also raises NotPermitted."""
        path = "/topapi/v2/department/listsub"
        await self._transport.oapi(path, {"dept_id": ROOT_DEPARTMENT}, optional=True)

    async def read_a_member(self) -> None:
        """Read one person of the top department, as ``read_a_department`` does."""
        page = {"dept_id": ROOT_DEPARTMENT, "cursor": 0, "size": 1}
        await self._transport.oapi("/topapi/v2/user/list", page, optional=True)

    async def department_people(self, department: int) -> list[tuple[str, PersonDetails]]:
        """Ids and details of the people of one department, without those of departments below."""
        people: list[tuple[str, PersonDetails]] = []
        cursor = 0
        while True:
            body = await self._transport.oapi(
                "/topapi/v2/user/list", {"dept_id": department, "cursor": cursor, "size": _PAGE}
            )
            result = body.get("result") or {}
            people += [
                (str(one["userid"]), _details(one))
                for one in result.get("list") or ()
                if one.get("active") is not False
            ]
            following = int(result.get("next_cursor") or 0)
            if not result.get("has_more") or following <= cursor:
                return people
            cursor = following

    async def union_id(self, person: str) -> str:
        """The person's id, which is the same in all of the organisation's apps."""
        body = await self._transport.oapi("/topapi/v2/user/get", {"userid": person})
        union = str((body.get("result") or {}).get("unionid") or "")
        if not union:
            raise Refused("the directory tells no unionid")
        return union

    async def add_todo(
        self,
        union: str,
        subject: str,
        about: str,
        *,
        due_at: datetime,
        source: str,
        opens: Mapping[str, str] | None = None,
    ) -> str:
        """Add an item to a person's to-do list; returns its id.

        ``source`` makes it unique; ``opens`` are the addresses behind it (``appUrl``, ``pcUrl``).
        """
        body = await self._transport.api(
            "POST",
            f"/v1.0/todo/users/{quote(union, safe='')}/tasks?operatorId={quote(union, safe='')}",
            {
                "sourceId": source,
                "subject": subject[:TODO_SUBJECT],
                "description": about[:TODO_DESCRIPTION],
                "creatorId": union,
                "executorIds": [union],
                "dueTime": int(due_at.timestamp() * 1000),
                "isOnlyShowExecutor": True,
                **({"detailUrl": dict(opens)} if opens else {}),
            },
            optional="todo",
        )
        if not body.get("id"):
            raise Refused("DingTalk took the to-do but gave no id")
        return str(body["id"])

    async def finish_todo(self, union: str, task: str) -> None:
        await self._change_todo(union, task, {"done": True})

    async def redraw_todo(
        self, union: str, task: str, subject: str, about: str, due_at: datetime
    ) -> None:
        """Move an open item to another time, and rename it."""
        change = {
            "subject": subject[:TODO_SUBJECT],
            "description": about[:TODO_DESCRIPTION],
            "dueTime": int(due_at.timestamp() * 1000),
        }
        await self._change_todo(union, task, change)

    async def _change_todo(self, union: str, task: str, change: Mapping[str, Any]) -> None:
        whose, which = quote(union, safe=""), quote(task, safe="")
        path = f"/v1.0/todo/users/{whose}/tasks/{which}?operatorId={whose}"
        await self._transport.api("PUT", path, change, optional="todo")

    async def create_event(self, union: str, event: Mapping[str, Any], token: str) -> str:
        """Create an event in a person's main calendar; returns its id.

        The same ``token`` within a day is the same event.
        """
        path = f"/v1.0/calendar/users/{quote(union, safe='')}/calendars/primary/events"
        body = await self._transport.api(
            "POST", path, event, optional="calendar", headers={"x-client-token": token}
        )
        if not body.get("id"):
            raise Unclear("DingTalk took the event but gave no id")
        return str(body["id"])

    async def change_event(self, union: str, event_id: str, event: Mapping[str, Any]) -> None:
        path = self._event_path(union, event_id)
        await self._transport.api("PUT", path, {"id": event_id, **event}, optional="calendar")

    async def delete_event(self, union: str, event_id: str) -> None:
        await self._transport.api(
            "DELETE", self._event_path(union, event_id), None, optional="calendar"
        )

    @staticmethod
    def _event_path(union: str, event_id: str) -> str:
        whose, which = quote(union, safe=""), quote(event_id, safe="")
        return f"/v1.0/calendar/users/{whose}/calendars/primary/events/{which}"

    async def send_work_notice(self, person: str, title: str, text: str) -> str:
        """Send a work notice of the app in markdown; returns the id of its task.

        That it was accepted does not mean that the person gets it: see ``missed_work_notice``.
        """
        message = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        body = await self._transport.oapi(
            "/topapi/message/corpconversation/asyncsend_v2",
            {"agent_id": int(self._config.agent_id), "userid_list": person, "msg": message},
            optional=True,
        )
        return str(body.get("task_id") or "")

    async def missed_work_notice(self, person: str, task: str) -> bool:
        """Whether DingTalk did not deliver the work notice to the person, as far as it knows."""
        body = await self._transport.oapi(
            "/topapi/message/corpconversation/getsendresult",
            {"agent_id": int(self._config.agent_id), "task_id": int(task)},
        )
        result = body.get("send_result") or {}
        return any(person in (result.get(f"{why}_user_id_list") or ()) for why in _MISSED)

    async def was_read(self, person: str, key: str) -> bool:
        """Whether a person read the 1:1 message with that ``processQueryKey``."""
        code, asked = quote(self._config.robot_code, safe=""), quote(key, safe="")
        path = f"/v1.0/robot/oToMessages/readStatus?robotCode={code}&processQueryKey={asked}"
        body = await self._transport.api("GET", path, None, optional="readStatus")
        return any(
            one.get("userId") == person and str(one.get("readStatus")).upper() == "READ"
            for one in body.get("messageReadInfoList") or ()
        )

    async def deliver_card(self, person: str, track_id: str, params: CardParams) -> None:
        """Create the form card ``track_id`` and put it into the person's 1:1 chat."""
        space = {"supportForward": False}
        template = self._config.card_template_id
        await self._deliver(person, track_id, template, params, space, optional="card")

    async def deliver_button_card(
        self, person: str, track_id: str, params: CardParams, preview: str
    ) -> str:
        """Create a card with buttons and put it into the person's 1:1 chat.

        ``preview`` is what a phone shows. Returns the id that a message which quotes the card
        gives; "" if DingTalk tells none. Raises NotPermitted without the permission.
        """
        space = {
            "supportForward": False,
            "lastMessageI18n": {"ZH_CN": preview, "EN_US": preview},
            "notification": {"alertContent": preview, "notificationOff": False},
        }
        template = self._config.lead_card_template_id
        return await self._deliver(person, track_id, template, params, space, optional="card")

    async def _deliver(
        self,
        person: str,
        track_id: str,
        template: str,
        params: CardParams,
        space: Mapping[str, Any],
        *,
        optional: str,
    ) -> str:
        body = await self._transport.api(
            "POST",
            "/v1.0/card/instances/createAndDeliver",
            {
                "cardTemplateId": template,
                "outTrackId": track_id,
                "callbackType": "STREAM",
                "userIdType": 1,
                "cardData": {"cardParamMap": dict(params)},
                "openSpaceId": f"dtv1.card//IM_ROBOT.{person}",
                "imRobotOpenSpaceModel": dict(space),
                "imRobotOpenDeliverModel": {
                    "spaceType": "IM_ROBOT",
                    "robotCode": self._config.robot_code,
                },
            },
            optional=optional,
        )
        if failure := undelivered_card(body):
            raise failure
        return carrier_of(body)

    async def update_card(self, track_id: str, person: str, params: CardParams) -> None:
        """Redraw a form card, for everybody and for its owner's private variables."""
        await self._update(
            track_id,
            {
                **card_update(params, shared=True),
                "privateData": {person: {"cardParamMap": _private(params)}},
            },
        )

    async def update_button_card(self, track_id: str, params: CardParams) -> None:
        """Redraw the variables ``params`` of a card with buttons; the others stay.

        Raises NotPermitted without the permission.
        """
        await self._update(track_id, card_update(params, shared=True), optional="card update")

    async def _update(
        self, track_id: str, changes: Mapping[str, Any], *, optional: str = ""
    ) -> None:
        body = await self._transport.api(
            "PUT",
            "/v1.0/card/instances",
            {"outTrackId": track_id, "userIdType": 1, **changes},
            optional=optional,
        )
        if body.get("success") is not True:
            raise Unclear("DingTalk did not say that it drew the card anew")

    def _is_dingtalks(self, url: str) -> bool:
        """Whether a webhook belongs to DingTalk: answers go nowhere else."""
        try:
            host = httpx.URL(url).host
        except httpx.InvalidURL:
            return False
        ours = {httpx.URL(self._config.api_url).host, httpx.URL(self._config.oapi_url).host}
        return host in ours or host.endswith(".dingtalk.com")


def _details(user: Mapping[str, Any]) -> PersonDetails:
    """A person as ``user/get`` and ``user/list`` tell of them."""
    mobile, country = str(user.get("mobile") or ""), str(user.get("state_code") or "86")
    return PersonDetails(
        name=str(user.get("name") or ""),
        email=str(user.get("org_email") or user.get("email") or ""),
        phone=f"+{country}{mobile}" if mobile else "",
        departments=tuple(str(dept_id) for dept_id in user.get("dept_id_list") or ()),
    )


def _accepted_reference(body: Mapping[str, Any]) -> str:
    """The reference of a message that DingTalk says it accepted; no answer is no success."""
    if key := str(body.get("processQueryKey") or ""):
        return key
    raise Unclear("DingTalk did not say that it took the message")


def card_update(params: CardParams, *, shared: bool = False) -> dict[str, Any]:
    """The part of a card's response or update that carries new values for its variables: those that
    everybody sees (``shared``), or those of a form, which are the owner's own."""
    if shared:
        return {"cardUpdateOptions": _UPDATE_BY_KEY, "cardData": {"cardParamMap": dict(params)}}
    return {
        "cardUpdateOptions": _UPDATE_BY_KEY,
        "userPrivateData": {"cardParamMap": _private(params)},
    }


def _private(params: CardParams) -> dict[str, str]:
    """The variables of a form that the template declares private: its title is none of them."""
    return {name: value for name, value in params.items() if name in _PRIVATE}
