"""The Web API methods the product uses, responding as Slack does.

A payload Slack would refuse is refused, and recorded as a violation that fails the test.
"""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.doubles.slack import blocks
from tests.doubles.slack.workspace import BOT, BOT_USER, TEAM, Json, Message, Modal, Room

if TYPE_CHECKING:
    from tests.doubles.slack.server import LocalSlack


class Refusal(Exception):
    """``ok: false`` with a code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.body = {"ok": False, "error": code, **more}


def _metadata_problems(given: Any) -> list[str]:
    """Slack warns of metadata that does not fit its schema and drops it; here it fails."""
    metadata = json.loads(given) if isinstance(given, str) else given
    if metadata is None:
        return []
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    fits = isinstance(kind, str) and re.fullmatch(r"[\w-]+", kind) and isinstance(payload, dict)
    return [] if fits and set(metadata) == {"event_type", "event_payload"} else ["metadata"]


class WebApi:
    """One method of Slack per entry of ``methods``."""

    def __init__(self, server: "LocalSlack") -> None:
        self.server = server
        self.space = server.space
        self.uploads: dict[str, Json] = {}
        self.methods: dict[str, Callable[[Json], Json]] = {
            "auth.test": self.auth_test,
            "apps.connections.open": self.connections_open,
            "views.open": self.views_open,
            "views.update": self.views_update,
            "views.publish": self.views_publish,
            "chat.postMessage": self.post,
            "chat.update": self.update,
            "chat.unfurl": self.unfurl,
            "chat.postEphemeral": self.post_ephemeral,
            "conversations.open": self.conversations_open,
            "conversations.info": self.conversations_info,
            "conversations.list": self.conversations_list,
            "conversations.members": self.conversations_members,
            "users.info": self.users_info,
            "users.lookupByEmail": self.users_by_email,
            "usergroups.list": self.usergroups_list,
            "functions.completeSuccess": self.step_done,
            "functions.completeError": self.step_failed,
            "files.info": self.file_info,
            "files.getUploadURLExternal": self.upload_url,
            "files.completeUploadExternal": self.upload_done,
        }

    def auth_test(self, _: Json) -> Json:
        return {
            "url": "https://example.slack.com/",
            "team": "Sample",
            "user": "genjin",
            "team_id": TEAM,
            **({"enterprise_id": self.space.enterprise} if self.space.enterprise else {}),
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": self.space.org_wide,
        }

    def connections_open(self, _: Json) -> Json:
        return {"url": self.server.socket_url()}

    def users_info(self, args: Json) -> Json:
        person = self.space.people.get(args["user"])
        if person is None:
            raise Refusal("user_not_found")
        shown = person.shown()
        if not args.get("include_locale"):
            shown.pop("locale")
        return {"user": shown}

    def users_by_email(self, args: Json) -> Json:
        for person in self.space.people.values():
            if person.email == args["email"]:
                return {"user": person.shown()}
        raise Refusal("users_not_found")

    def usergroups_list(self, args: Json) -> Json:
        if "usergroups:read" not in self.server.scopes:
            raise Refusal("missing_scope", needed="usergroups:read")
        groups: list[Json] = [
            {
                "id": f"S{number:05d}",
                "team_id": TEAM,
                "is_usergroup": True,
                "name": handle.capitalize(),
                "handle": handle,
                "date_delete": 0,
                **({"users": sorted(members)} if args.get("include_users") else {}),
            }
            for number, (handle, members) in enumerate(self.space.groups.items())
        ]
        return {"usergroups": groups}

    def conversations_open(self, args: Json) -> Json:
        if args["users"] not in self.space.people:
            raise Refusal("user_not_found")
        return {"channel": {"id": self.space.direct(args["users"]).id}}

    def conversations_info(self, args: Json) -> Json:
        room = self._room(args["channel"])
        return {"channel": {"id": room.id, "name": room.name, "is_archived": room.archived}}

    def conversations_list(self, args: Json) -> Json:
        """At most two channels a page, however many are requested."""
        rooms = [room for room in self.space.rooms.values() if room.id[0] in "CG"]
        start = int(args.get("cursor") or 0)
        more = str(start + 2) if start + 2 < len(rooms) else ""
        return {
            "channels": [
                {"id": room.id, "name": room.name, "is_member": BOT_USER in room.members}
                for room in rooms[start : start + 2]
                if not room.archived
            ],
            "response_metadata": {"next_cursor": more},
        }

    def conversations_members(self, args: Json) -> Json:
        """At most three members a page, however many are requested: Slack may return fewer, too."""
        members = sorted(self._room(args["channel"]).members)
        start = int(args.get("cursor") or 0)
        more = str(start + 3) if start + 3 < len(members) else ""
        return {
            "members": members[start : start + 3],
            "response_metadata": {"next_cursor": more},
        }

    def post(self, args: Json) -> Json:
        channel = args["channel"]
        room = self.space.direct(channel) if channel in self.space.people else self._room(channel)
        self._writable(room)
        self.accept(args)
        message = Message(
            room.id,
            self.space.stamp(),
            BOT_USER,
            args["text"],
            args["blocks"],
            thread=args.get("thread_ts") or "",
            aloud=bool(args.get("reply_broadcast")),
        )
        self.space.messages.append(message)
        return {"channel": room.id, "ts": message.ts, "message": {"text": message.text}}

    def post_ephemeral(self, args: Json) -> Json:
        room = self._room(args["channel"])
        self._writable(room)
        if args["user"] not in room.members:
            raise Refusal("user_not_in_channel")
        self.accept(args)
        message = Message(
            room.id,
            self.space.stamp(),
            BOT_USER,
            args["text"],
            args["blocks"],
            only_for=args["user"],
            thread=args.get("thread_ts") or "",
        )
        self.space.messages.append(message)
        return {"message_ts": message.ts}

    def update(self, args: Json) -> Json:
        message = self.space.find(self._room(args["channel"]).id, args["ts"])
        if message is None or message.only_for or message.author != BOT_USER:
            raise Refusal("message_not_found")
        self.accept(args)
        message.text, message.blocks = args["text"], args["blocks"]
        message.edits += 1
        return {"channel": message.channel, "ts": message.ts, "text": message.text}

    def unfurl(self, args: Json) -> Json:
        """Attach previews to a posted link: by its message, or by ``unfurl_id`` and ``source``."""
        if not ({"channel", "ts"} <= set(args) or {"unfurl_id", "source"} <= set(args)):
            raise Refusal("invalid_arguments")
        for preview in args["unfurls"].values():
            self.accept({"text": "preview", **preview})
        return {}

    def views_open(self, args: Json) -> Json:
        trigger = self.space.triggers.get(args["trigger_id"])
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.space.now() - trigger.made_at > 3:
            raise Refusal("expired_trigger_id")
        body = self.accept_view(args["view"])
        trigger.used = True
        modal = Modal(self.space.next("V"), "", trigger.user, body)
        modal.draw(body, self.space.next("hash."))
        for known in [m.id for m in self.space.modals.values() if m.user == trigger.user]:
            del self.space.modals[known]
        self.space.modals[modal.id] = modal
        return {"view": modal.payload()}

    def views_update(self, args: Json) -> Json:
        modal = self.space.modals.get(args["view_id"])
        if modal is None:
            raise Refusal("not_found")
        if args.get("hash") and args["hash"] != modal.hash:
            raise Refusal("hash_conflict")
        modal.draw(self.accept_view(args["view"]), self.space.next("hash."))
        return {"view": modal.payload()}

    def views_publish(self, args: Json) -> Json:
        if args["user_id"] not in self.space.people:
            raise Refusal("user_not_found")
        body = self.accept_view(args["view"])
        if body["type"] != "home":
            raise Refusal("invalid_arguments")
        self.space.homes[args["user_id"]] = body
        return {"view": body}

    def file_info(self, args: Json) -> Json:
        if args["file"] in self.uploads:
            upload = self.uploads[args["file"]]
            upload["looks"] = upload.get("looks", 0) + 1
            ready = upload.get("done") and upload["looks"] > self.server.looks_until_processed
            return {"file": {"id": args["file"], "mimetype": "image/png" if ready else ""}}
        if args["file"] not in self.space.files:
            raise Refusal("file_not_found")
        name, content = self.space.files[args["file"]]
        url = f"{self.server.url}/files-pri/{args['file']}"
        shown = {"id": args["file"], "name": name, "size": len(content)}
        return {"file": shown | {"url_private_download": url}}

    def upload_url(self, args: Json) -> Json:
        file_id = self.space.next("F0BOT")
        upload = {"name": args["filename"], "length": int(args["length"]), "content": b""}
        self.uploads[file_id] = upload
        return {"file_id": file_id, "upload_url": f"{self.server.url}/upload/{file_id}"}

    def upload_done(self, args: Json) -> Json:
        files = args["files"] if isinstance(args["files"], list) else json.loads(args["files"])
        for file in files:
            upload = self.uploads[file["id"]]
            if len(upload["content"]) != upload["length"]:
                raise Refusal("file_upload_size_restricted")
            upload["done"] = True
            if not args.get("channel_id"):
                continue  # The file is the bot's alone, until a message shows it.
            room = self._room(args["channel_id"])
            self.space.messages.append(
                Message(
                    room.id,
                    self.space.stamp(),
                    BOT_USER,
                    "\n".join(filter(None, (file.get("title"), args.get("initial_comment")))),
                    thread=args.get("thread_ts") or "",
                    picture=upload["content"],
                )
            )
        return {"files": files}

    def step_done(self, args: Json) -> Json:
        given = args["outputs"]
        return self._step_ended(args, json.loads(given) if isinstance(given, str) else given)

    def step_failed(self, args: Json) -> Json:
        return self._step_ended(args, args["error"])

    def _step_ended(self, args: Json, result: Json | str) -> Json:
        run = args["function_execution_id"]
        if run not in self.space.steps:
            raise Refusal("function_execution_not_found")
        if self.space.steps[run] is not None:
            raise Refusal("execution_not_in_running_state")
        self.space.steps[run] = result
        return {}

    def accept(self, message: Json) -> None:
        """Refuse what the workspace does not know yet, and what no workspace accepts."""
        if isinstance(message.get("blocks"), str):
            message["blocks"] = json.loads(message["blocks"])
        kinds = {block.get("type") for block in message.get("blocks", ())}
        if kinds & self.server.unknown_blocks:
            raise Refusal("invalid_blocks")
        pictures = [block for block in message.get("blocks", ()) if block.get("type") == "image"]
        for block in pictures:
            upload = self.uploads.get(block["slack_file"]["id"], {})
            if upload.get("looks", 0) <= self.server.looks_until_processed:
                raise Refusal("invalid_blocks", errors=["invalid slack file"])
        problems = blocks.message(message.get("text", ""), message.get("blocks", []))
        problems += _metadata_problems(message.get("metadata"))
        if problems:
            self.server.violations += problems
            raise Refusal("invalid_blocks", response_metadata={"messages": problems})

    def accept_view(self, given: Any) -> Json:
        body: Json = json.loads(given) if isinstance(given, str) else dict(given)
        problems = blocks.view(body)
        if problems:
            self.server.violations += problems
            raise Refusal("invalid_arguments", response_metadata={"messages": problems})
        return body

    def _room(self, channel: str) -> Room:
        if channel not in self.space.rooms:
            raise Refusal("channel_not_found")
        return self.space.rooms[channel]

    @staticmethod
    def _writable(room: Room) -> None:
        if room.archived:
            raise Refusal("is_archived")
        if BOT_USER not in room.members:
            raise Refusal("channel_not_found" if room.id[0] == "D" else "not_in_channel")
