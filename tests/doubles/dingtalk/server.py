"""The HTTP half, and the one object a test holds: an app's DingTalk on 127.0.0.1."""

import itertools
import json
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.doubles.dingtalk.gateway import CARDS, MESSAGES, Gateway
from tests.doubles.dingtalk.world import Call, CardInstance, Entry, Fault, World

APP, SECRET, ROBOT = "dingsampleapp", "canary-client-secret", "dingsamplerobot"
AGENT = 3_000_000_001
FOREVER = 4_000_000_000_000
LEAD_TEMPLATE = "lead-template.schema"
PRIVATE = {"form", "form_status", "form_btn_text"}
VARIABLES = {LEAD_TEMPLATE: {"title", "note", "content", "btns"}}
"""The variables of a template; every other template is of forms. None of the first is private."""
OF_FORMS = PRIVATE | {"title"}


class DingTalkServer:
    """Use as an async context manager. ``staff`` are the people of the organisation."""

    def __init__(self) -> None:
        self.world = World()
        self.gateway = Gateway(self.world, {APP: SECRET})
        self.staff: dict[str, str] = {}
        self.directory: dict[str, dict[str, Any]] = {}
        self.departments: dict[str, str] = {}
        """Names by id; empty where the app may not read them."""
        self.below: dict[int, list[int]] = {}
        """The departments right below each; every one is named in ``departments``."""
        self.members: dict[int, list[str]] = {}
        """The people of each department, by staff id."""
        self.at_work: set[str] = set()
        """People who see the app, but to whom the robot cannot write."""
        self.webhooks_expired = False
        self.card_scope = True
        self.url = ""
        self._numbers = itertools.count(1)
        self._tokens: set[str] = set()
        self._sessions: dict[str, str] = {}
        self._missed_notices: dict[int, str] = {}
        self._files: dict[str, bytes] = {}

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=8_000_000)
        post, names = (
            app.router.add_post,
            {
                "/v1.0/robot/oToMessages/batchSend": self._batch_send,
                "/v1.0/robot/groupMessages/send": self._group_send,
                "/v1.0/card/instances/createAndDeliver": self._deliver_card,
                "/v1.0/robot/messageFiles/download": self._file_link,
                "/media/upload": self._upload,
                "/topapi/v2/user/get": self._user,
            },
        )
        post("/topapi/v2/department/listsub", self._guarded("listsub", self._subdepartments))
        post("/topapi/v2/user/list", self._guarded("userList", self._department_people))
        post("/topapi/v2/user/getbymobile", self._guarded("byMobile", self._by_mobile))
        department = self._guarded("department", self._department)
        post("/topapi/v2/department/get", department)
        post("/v1.0/gateway/connections/open", self.gateway.open)
        app.router.add_get("/connect", self.gateway.connect)
        app.router.add_get("/files/{code}", self._file)
        post("/v1.0/oauth2/accessToken", self._token)
        post("/robot/sendBySession", self._webhook)
        app.router.add_put("/v1.0/card/instances", self._guarded("updateCard", self._update_card))
        todos = "/v1.0/todo/users/{union}/tasks"
        post(todos, self._guarded("addTodo", self._add_todo))
        app.router.add_put(f"{todos}/{{task}}", self._guarded("finishTodo", self._finish_todo))
        read_state = self._guarded("readStatus", self._read_state)
        app.router.add_get("/v1.0/robot/oToMessages/readStatus", read_state)
        notice = "/topapi/message/corpconversation/asyncsend_v2"
        post(notice, self._guarded("workNotice", self._work_notice))
        result = "/topapi/message/corpconversation/getsendresult"
        post(result, self._guarded("workNoticeResult", self._work_notice_result))
        events = "/v1.0/calendar/users/{union}/calendars/primary/events"
        post(events, self._guarded("createEvent", self._create_event))
        change, delete = (
            self._guarded("changeEvent", self._change_event),
            self._guarded("deleteEvent", self._delete_event),
        )
        app.router.add_put(f"{events}/{{event}}", change)
        app.router.add_delete(f"{events}/{{event}}", delete)
        for path, handler in names.items():
            post(path, self._guarded(path.rsplit("/", 1)[-1], handler))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.gateway.base = self.url
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in list(self.gateway.sockets):
            await socket.close()
        await self._runner.cleanup()

    def expire_tokens(self) -> None:
        self._tokens.clear()

    # What people do

    async def write(self, person: str, words: str, *, group: str = "", **changes: Any) -> str:
        """Write to the robot as a person, in private or in a group; returns the frame's id."""
        number = next(self._numbers)
        session = f"canary-session-{number}"
        self._sessions[session] = group or person
        payload: dict[str, Any] = {
            "msgId": f"msg-{number}",
            "msgtype": "text",
            "text": {"content": words},
            "conversationId": group or f"cid-{person}",
            "conversationType": "2" if group else "1",
            "conversationTitle": "Sample group" if group else "",
            "senderId": f"$:LWCP_v1:${person}",
            "senderStaffId": person,
            "senderNick": self.staff.get(person, ""),
            "senderCorpId": "corp",
            "chatbotCorpId": "corp",
            "isAdmin": False,
            "chatbotUserId": "$:LWCP_v1:$bot",
            "robotCode": ROBOT,
            "createAt": 1_700_000_000_000,
            "sessionWebhook": f"{self.url}/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": FOREVER,
        } | changes
        payload = {key: value for key, value in payload.items() if value is not None}
        self.world.say(group or person, Entry(person, "text", words))
        return await self.gateway.push(MESSAGES, payload)

    async def send_file(self, person: str, name: str, content: bytes) -> str:
        """Send a file to the robot in private; returns the frame's id."""
        code = f"canary/code+{next(self._numbers)}="
        self._files[code] = content
        said = {"fileName": name, "downloadCode": code, "spaceId": "1", "fileId": "2"}
        return await self.write(person, name, msgtype="file", text=None, content=said)

    async def submit(
        self, card: CardInstance, answers: dict[str, Any], *, person: str = "", **changes: Any
    ) -> str:
        """Submit a form card; returns the frame's id."""
        content = {"cardPrivateData": {"actionIds": ["form"], "params": {"form": answers}}}
        return await self.gateway.push(
            CARDS,
            {
                "type": "actionCallback",
                "outTrackId": card.track_id,
                "corpId": "corp",
                "userId": person or card.person,
                "content": json.dumps(content),
                **changes,
            },
        )

    async def press(self, card: CardInstance, button: str, *, person: str = "") -> str:
        """Press a button of a card by its id; returns the frame's id."""
        private = {"actionIds": [button], "params": {"button": button}}
        return await self.gateway.push(
            CARDS,
            {
                "type": "actionCallback",
                "outTrackId": card.track_id,
                "corpId": "corp",
                "userId": person or card.person,
                "userIdType": 1,
                "spaceType": "IM_ROBOT",
                "content": json.dumps({"cardPrivateData": private}),
            },
        )

    def redraw(self, card: CardInstance, response: dict[str, Any] | None) -> None:
        """Draw a callback's response; the card stays as it is without one."""
        if response is None:
            return
        assert set(response) <= {"cardUpdateOptions", "cardData", "userPrivateData"}
        _change(card, response, response.get("userPrivateData"))

    # What the app calls

    def _guarded(self, name: str, handler: Any) -> Any:
        """Check token and faults before an interface does its work, and record the call."""

        async def handle(request: web.Request) -> web.StreamResponse:
            token = request.headers.get("x-acs-dingtalk-access-token") or request.query.get(
                "access_token", ""
            )
            body: dict[str, Any] = {}
            if request.content_type == "application/json":
                body = await request.json()
            elif request.content_type.startswith("multipart/"):
                form = await request.post()
                media = form["media"]
                assert isinstance(media, web.FileField)
                content = media.file.read()
                body = {"type": form["type"], "name": media.filename, "content": content}
            self.world.calls.append(Call(name, body, token))
            await self.world.changed()
            if token not in self._tokens:
                if request.query.get("access_token") is not None:
                    return web.json_response({"errcode": 40014, "errmsg": "invalid token"})
                return web.json_response({"code": "InvalidAuthentication"}, status=400)
            body |= _beside_the_body(request)
            fault = self.world.fault(name)
            if fault is None or fault.done_first:
                answer = handler(body)
                await self.world.changed()
            if fault is None:
                if answer is None:
                    return web.Response()
                status = 404 if "event.not.found" in str(answer.get("code")) else 200
                status = 400 if "paramError" in str(answer.get("code")) else status
                return web.json_response(answer, status=status)
            if fault.held:
                await fault.held.wait()
            if fault.drop and request.transport is not None:
                request.transport.abort()
            return _faulty(fault)

        return handle

    async def _token(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.world.calls.append(Call("accessToken", {}))
        if fault := self.world.fault("accessToken"):
            return web.json_response(fault.body, status=fault.status)
        if (body["appKey"], body["appSecret"]) != (APP, SECRET):
            return web.json_response({"code": "invalidClientIdOrSecret"}, status=400)
        token = f"canary-token-{next(self._numbers)}"
        self._tokens.add(token)
        return web.json_response({"accessToken": token, "expireIn": 7200})

    async def _webhook(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.world.calls.append(Call("webhook", body))
        if fault := self.world.fault("webhook"):
            return _faulty(fault)
        chat = self._sessions.get(request.query["session"])
        if self.webhooks_expired or chat is None:
            return web.json_response({"errcode": 300001, "errmsg": "session 不存在"})
        self.world.say(chat, Entry("bot", body["msgtype"], body["markdown"]["text"], "webhook"))
        await self.world.changed()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def _batch_send(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["robotCode"] == ROBOT
        assert len(body["msgParam"].encode()) <= 15_000
        key = f"process-{next(self._numbers)}"
        unknown = [person for person in body["userIds"] if person not in self.staff]
        for person in set(body["userIds"]) - set(unknown):
            self.world.say(person, _sent(body, "batchSend", key))
        return {
            "processQueryKey": key,
            "invalidStaffIdList": unknown,
            "flowControlledStaffIdList": [],
        }

    def _read_state(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["robotCode"] == ROBOT
        key = body["processQueryKey"]
        whose = [
            person
            for person, entries in self.world.chats.items()
            if any(entry.ref == key and entry.via == "batchSend" for entry in entries)
        ]
        listed = [
            {
                "userId": person,
                "name": self.staff[person],
                "readStatus": "READ" if key in self.world.read else "UNREAD",
            }
            for person in whose
        ]
        return {"sendStatus": "SUCCESS", "messageReadInfoList": listed}

    def _work_notice(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["agent_id"] == AGENT
        assert body["msg"]["msgtype"] == "markdown"
        assert set(body["msg"]["markdown"]) == {"title", "text"}
        assert len(json.dumps(body["msg"], ensure_ascii=False).encode()) <= 2048
        person, task = body["userid_list"], next(self._numbers)
        if person in self.at_work:
            text = body["msg"]["markdown"]["text"]
            self.world.say(person, Entry("app", "work", text, "workNotice"))
        else:
            self._missed_notices[task] = person
        return {"errcode": 0, "task_id": task, "request_id": "r"}

    def _work_notice_result(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["agent_id"] == AGENT
        missed = self._missed_notices.get(body["task_id"])
        lists: dict[str, list[str]] = {
            f"{name}_user_id_list": []
            for name in ("invalid", "forbidden", "failed", "read", "unread")
        }
        if missed:
            lists["invalid_user_id_list"] = [missed]
        return {"errcode": 0, "send_result": lists}

    def _group_send(self, body: dict[str, Any]) -> dict[str, Any]:
        key = f"process-{next(self._numbers)}"
        self.world.say(body["openConversationId"], _sent(body, "groupSend", key))
        return {"processQueryKey": key}

    def _upload(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["type"] in ("image", "file")
        assert body["content"]
        media = f"@media{next(self._numbers)}"
        self.world.media[media] = (body["name"], body["content"])
        return {"errcode": 0, "media_id": media, "type": body["type"]}

    def _file_link(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["robotCode"] == ROBOT
        assert body["downloadCode"] in self._files
        return {"downloadUrl": f"{self.url}/files/{quote(body['downloadCode'], safe='')}"}

    async def _file(self, request: web.Request) -> web.Response:
        assert "x-acs-dingtalk-access-token" not in request.headers
        return web.Response(body=self._files[request.match_info["code"]])

    def _user(self, body: dict[str, Any]) -> dict[str, Any]:
        name = self.staff.get(body["userid"])
        if not name:
            return {"errcode": 60121, "errmsg": "找不到该用户"}
        return {
            "errcode": 0,
            "result": {
                "userid": body["userid"],
                "unionid": f"union/{body['userid']}",
                "name": name,
                **self.directory.get(name, {}),
            },
        }

    def _department(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self.departments:
            return {"errcode": 60011, "errmsg": "没有调用该接口的权限"}
        name = self.departments.get(str(body["dept_id"]))
        if name is None:
            return {"errcode": 60003, "errmsg": "部门不存在"}
        return {"errcode": 0, "result": {"dept_id": int(body["dept_id"]), "name": name}}

    def _subdepartments(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self.departments:
            return {"errcode": 60011, "errmsg": "没有调用该接口的权限"}
        parent = body["dept_id"]
        below = self.below.get(parent, ())
        listed = [
            {"dept_id": one, "name": self.departments[str(one)], "parent_id": parent}
            for one in below
        ]
        return {"errcode": 0, "result": listed}

    def _department_people(self, body: dict[str, Any]) -> dict[str, Any]:
        """At most two people a page, however many are requested."""
        assert 0 < body["size"] <= 100
        if not self.members:
            lacks = "应用尚未开通所需的权限：[qyapi_get_department_member],点击链接申请并开通即可"
            link = "https://open-dev.dingtalk.com/appscope/apply?content=ding%23qyapi"
            return {
                "errcode": 88, "errmsg": f"ding talk error[subcode=60011,submsg={lacks}]",
                "sub_code": "60011", "sub_msg": f"{lacks}：{link}",
            }  # fmt: skip
        start, people = body["cursor"], self.members.get(body["dept_id"], [])
        listed = [
            {"userid": one, "name": self.staff[one], **self.directory.get(self.staff[one], {})}
            for one in people[start : start + 2]
        ]
        more = start + 2 < len(people)
        page = {"has_more": more, "list": listed} | ({"next_cursor": start + 2} if more else {})
        return {"errcode": 0, "result": page}

    def _by_mobile(self, body: dict[str, Any]) -> dict[str, Any]:
        for person, name in self.staff.items():
            if self.directory.get(name, {}).get("mobile") == body["mobile"]:
                return {"errcode": 0, "result": {"userid": person}}
        return {"errcode": 60121, "errmsg": "找不到该用户"}

    def _create_event(self, body: dict[str, Any]) -> dict[str, Any]:
        """A token names one event for a day."""
        token = body.pop("x-client-token")
        for event_id, event in self.world.events.items():
            if event["token"] == token:
                return {"id": event_id, "summary": event["summary"]}
        _check_event(body)
        event_id = f"event/{next(self._numbers)}="
        self.world.events[event_id] = body | {"token": token}
        return {"id": event_id, "summary": body["summary"]}

    def _change_event(self, body: dict[str, Any]) -> dict[str, Any]:
        event_id = body.pop("event")
        assert body.pop("id") == event_id
        if event_id not in self.world.events:
            return {"code": "event.not.found", "message": "日程不存在"}
        _check_event(body)
        self.world.events[event_id] |= body
        return {"id": event_id}

    def _delete_event(self, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.world.events.pop(body["event"], None) is None:
            return {"code": "event.not.found", "message": "日程不存在"}
        return None

    def _add_todo(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["union"] == body["creatorId"] == body["executorIds"][0]
        links = body.get("detailUrl", {"appUrl": "dingtalk://", "pcUrl": "dingtalk://"})
        assert links.keys() == {"appUrl", "pcUrl"}
        assert all(link.startswith(("https://", "dingtalk://")) for link in links.values())
        if any(todo["sourceId"] == body["sourceId"] for todo in self.world.todos.values()):
            return {"code": "todo.taskCreate.paramError", "message": "task exist"}
        assert 0 < len(body["subject"]) <= 1024
        assert len(body["description"]) <= 4096
        task = f"task-{next(self._numbers)}"
        self.world.todos[task] = body | {"done": False}
        return {"id": task, "subject": body["subject"], "done": False}

    def _finish_todo(self, body: dict[str, Any]) -> dict[str, Any]:
        allowed = {"done", "dueTime", "subject", "description", "union", "task"}
        assert body.keys() <= allowed
        self.world.todos[body["task"]] |= body
        return {"result": True}

    def _deliver_card(self, body: dict[str, Any]) -> dict[str, Any]:
        params = body["cardData"]["cardParamMap"]
        template = body["cardTemplateId"]
        _check_variables(params, VARIABLES.get(template, OF_FORMS))
        assert body["callbackType"] == "STREAM"
        assert body["imRobotOpenDeliverModel"] == {"spaceType": "IM_ROBOT", "robotCode": ROBOT}
        assert body["outTrackId"] not in self.world.cards
        person = body["openSpaceId"].removeprefix("dtv1.card//IM_ROBOT.")
        ok = person in self.staff
        carrier = f"carrier-{next(self._numbers)}"
        if ok:
            card = CardInstance(body["outTrackId"], person, dict(params), template)
            self.world.cards[card.track_id] = card
            self.world.carriers[card.track_id] = carrier
            self.world.say(person, Entry("bot", "card", params["title"], "card", card.track_id))
        result = {"spaceType": "IM_ROBOT", "spaceId": person, "success": ok}
        result |= {"carrierId": carrier} if ok else {"errorMsg": "spaceId is illegal"}
        return {
            "success": True,
            "result": {"outTrackId": body["outTrackId"], "deliverResults": [result]},
        }

    def _update_card(self, body: dict[str, Any]) -> dict[str, Any]:
        card = self.world.cards[body["outTrackId"]]
        assert body["cardUpdateOptions"]["updateCardDataByKey"] is True
        _change(card, body, (body.get("privateData") or {}).get(card.person))
        return {"success": True, "result": True}


def _change(card: CardInstance, body: dict[str, Any], private: dict[str, Any] | None) -> None:
    variables = VARIABLES.get(card.template, OF_FORMS)
    for given, into, allowed in (
        (body.get("cardData"), card.shared, variables),
        (private, card.private, variables & PRIVATE),
    ):
        params = (given or {}).get("cardParamMap") or {}
        _check_variables(params, allowed)
        into.update(params)


def _check_variables(params: dict[str, Any], allowed: set[str]) -> None:
    """Variables that a template does not have are no error for DingTalk, but nobody sees them."""
    assert set(params) <= allowed, f"unknown variables: {set(params) - allowed}"
    assert all(isinstance(value, str) for value in params.values())
    for button in json.loads(params.get("btns", "[]")):
        assert set(button) == {"text", "color", "status", "event"}
        assert button["text"]
        assert button["color"] in {"blue", "gray", "red"}
        assert button["status"] in {"normal", "disabled"}
        assert button["event"]["type"] == "sendCardRequest"
        assert set(button["event"]["params"]) == {"actionId", "params"}


def _check_event(body: dict[str, Any]) -> None:
    """What DingTalk asks of an event that is not for a whole day."""
    assert 0 < len(body["summary"]) <= 2048
    assert len(body["description"]) <= 5000
    times = []
    for end in (body["start"], body["end"]):
        assert end.keys() == {"dateTime", "timeZone"}
        assert ZoneInfo(end["timeZone"])
        times.append(datetime.fromisoformat(end["dateTime"]))
        assert times[-1].tzinfo is not None
    assert times[0] < times[1]


def _beside_the_body(request: web.Request) -> dict[str, str]:
    """What a request says in its address and headers."""
    said = dict(request.match_info)
    if request.method == "GET":
        said |= dict(request.query)
    if client_token := request.headers.get("x-client-token"):
        said["x-client-token"] = client_token
    return said


def _faulty(fault: Fault) -> web.Response:
    if fault.text is not None:
        page: dict[str, Any] = {
            "status": fault.status,
            "headers": fault.headers,
            "content_type": "text/html",
        }
        return web.Response(text=fault.text, **page)
    return web.json_response(fault.body, status=fault.status, headers=fault.headers)


def _sent(body: dict[str, Any], via: str, ref: str) -> Entry:
    param = json.loads(body["msgParam"])
    kind = {
        "sampleMarkdown": "markdown",
        "sampleText": "text",
        "sampleImageMsg": "image",
        "sampleFile": "file",
    }
    if body["msgKey"] == "sampleFile":
        assert param["fileType"] in ("xlsx", "pdf", "zip", "rar", "doc", "docx")
    texts = (param.get(name) for name in ("text", "content", "photoURL", "fileName"))
    text = next(filter(None, texts))
    return Entry("bot", kind[body["msgKey"]], text, via, ref)
