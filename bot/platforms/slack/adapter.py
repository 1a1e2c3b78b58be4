"""Slack as a platform: receives what people do there, dispatches it, and draws the replies.

The work is dispatched and committed first; Slack's acknowledgement is made from the reply, and what
it cannot carry follows.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import aiohttp
import structlog
from slack_bolt.response import BoltResponse
from starlette.routing import Route

from bot.platforms import (
    Address,
    AddressRefused,
    DeliveryError,
    Dispatch,
    DrawChart,
    Health,
    LeadCards,
    Memory,
    Refused,
    Thread,
)
from bot.platforms.slack import forms, workflow_steps
from bot.platforms.slack.client import is_token_refused, sent
from bot.platforms.slack.config import Patience, SlackConfig
from bot.platforms.slack.connection import Connection, bolt_app, events_route, web_client
from bot.platforms.slack.errors import THREAD_GONE
from bot.platforms.slack.files import SlackFiles
from bot.platforms.slack.markup import mentioned, named
from bot.platforms.slack.messages import SlackMessages
from bot.platforms.slack.opening_forms import OpeningForms
from bot.platforms.slack.people import Members, People
from bot.platforms.slack.replies import (
    Home,
    LoadingView,
    SlackReplies,
    Sleep,
    page_of,
    patiently,
    reopened_home,
)
from bot.platforms.slack.requests import Surface, read
from bot.platforms.slack.unfurls import EVENT as LINKS_SHARED
from bot.platforms.slack.unfurls import unfurl
from bot.supervisor import Supervisor
from handlers.core.incidents import record_incident
from handlers.core.language import Language, nearest_locale
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM, Request, Sender
from handlers.core.ui import Card
from handlers.workflow_steps import LeadStep, WorkflowSteps
from sales.channel_privacy import Readers
from sales.errors import StorageUnavailable
from sales.refusals import Reason

log = structlog.get_logger(__name__)
_KEEP_HELLO = timedelta(days=365)
_MOST_EVENTS = 5_000
"""Events remembered; Slack repeats one within an hour at most."""


class SlackPlatform:
    """One Slack workspace. ``draw`` makes pictures of charts where Slack draws none itself."""

    name = "slack"
    seconds_between_sends = 1.0
    can_edit = True
    has_threads = True
    takes_replies = True
    has_todos = False
    has_calendar = False
    localizes_moments = True

    def __init__(
        self,
        config: SlackConfig,
        dispatch: Dispatch,
        memory: Memory,
        draw: DrawChart | None = None,
        *,
        pace: Patience = Patience(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        supervisor: Supervisor | None = None,
        lead_cards: LeadCards | None = None,
        steps: WorkflowSteps | None = None,
    ) -> None:
        self._config, self._dispatch, self._pace, self._clock = config, dispatch, pace, clock
        self._sleep = sleep
        self._steps = steps
        self._timezone = ZoneInfo(config.timezone)
        self._languages: dict[str, Language] = {}
        self._client = web_client(config, config.bot_token)
        self._bolt_client = web_client(config, None)
        self._chat = SlackMessages(self._client, draw, clock)
        self._people = People(self._client, clock, sleep)
        self._members = Members(self._client, self._people, sleep)
        self._files = SlackFiles(self._client)
        self._home = Home(self._client, sleep)
        self._answers = SlackReplies(
            self._client, self._chat, self._files, memory, sleep, lead_cards
        )
        self._connection = Connection(
            config,
            self._client,
            pace,
            sleep=sleep,
            jitter=jitter,
            supervisor=supervisor or Supervisor(),
        )
        self._app = bolt_app(
            config,
            self._bolt_client,
            take=self.take,
            apologise=self._apologise,
            workspace=lambda: self._connection.workspace,
        )
        self._forms = OpeningForms()
        self._memory = memory
        self._greeted: set[str] = set()
        self._events: dict[str, None] = {}
        """The ids of the newest events, in the order in which they came."""
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Start listening and checking the token; returns at once."""
        timeout = aiohttp.ClientTimeout(total=self._pace.call_timeout, sock_connect=5)
        # Without a session of ours the SDK opens a new one, and a new connection, per call.
        # Slack's Web API needs no cookies, and looking for them takes part of every call.
        jar = aiohttp.DummyCookieJar()
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
        self._client.session = self._bolt_client.session = self._session
        self._connection.start(self._app)

    async def stop(self) -> None:
        """Finish the answers under way, then disconnect."""
        try:
            async with asyncio.timeout(self._pace.finish_within):
                await self.settled()
        except TimeoutError:
            log.warning("slack.stopped_before_answering", left=len(self._tasks))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._people.finish()
        await self._connection.stop()
        if self._session:
            await self._session.close()

    async def settled(self) -> None:
        """Return once every request taken in so far has been answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def health(self) -> Health:
        health = self._connection.health()
        if health.ok and self._members.problem:
            problem = "health.slack.members"
            return Health(True, problem, f"{problem}.advice", self._members.problem)
        return health

    def link(self, ref: str, lead: str) -> str:  # noqa: ARG002
        """Slack's permalink, built as Slack does: asking for it would cost a call each."""
        workspace = self._connection.workspace.url
        channel, _, stamp = ref.partition(":")
        if not (workspace and channel and stamp):
            return ""
        return f"{workspace.rstrip('/')}/archives/{channel}/p{stamp.replace('.', '')}"

    async def readers(self, channel: str, known: Collection[str]) -> Readers:
        return await self._members.readers(channel, known, self._connection.workspace)

    async def account_of(self, email: str) -> Sender | None:
        """The member of the workspace with that confirmed address; None without one."""
        try:
            async with asyncio.timeout(self._pace.profile_within):
                found = await sent(self._client.users_lookupByEmail(email=email))
                sender = await self.account(str(found["user"]["id"]))
        except (DeliveryError, TimeoutError) as error:
            log.info("slack.no_account_found", reason=str(error))
            return None
        return sender if sender and sender.email.lower() == email.lower() else None

    async def account(self, account_id: str) -> Sender | None:
        """The member of the workspace with that id; None for guests, bots and strangers."""
        sender = await self._people.sender(
            Sender(self.name, account_id),
            self._connection.workspace,
            within=self._pace.profile_within,
        )
        return sender if sender.standing == "member" and not sender.doubtful else None

    def routes(self) -> list[Route]:
        """The web routes of HTTP mode; none without a signing secret to verify senders."""
        secret = self._config.signing_secret
        return [events_route(self._app, secret)] if secret else []

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        """Post a card; the reference is ``channel:ts``. A person's id posts to their 1:1."""
        under = thread.ref.rpartition(":")[2] if thread else ""
        aloud = thread is not None and thread.aloud
        try:
            channel, stamp = await self._chat.post(
                to.id, card, self._language(locale), thread=under, aloud=aloud
            )
        except Refused as error:
            if thread and error.code in THREAD_GONE:
                return await self.post(to, card, locale=locale)
            if await self._is_of_the_person(error, to):
                raise AddressRefused(error.code, reason=Reason.GONE) from error
            self._note(error)
            raise
        return f"{channel}:{stamp}"

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        """Redraw the card ``ref``. The reference alone says where it is."""
        del to
        channel, _, stamp = ref.partition(":")
        try:
            await self._chat.edit(channel, stamp, card, self._language(locale))
        except Refused as error:
            self._note(error)
            raise

    async def take(self, payload: Mapping[str, Any], age: float = 0.0) -> BoltResponse:
        """Process one payload: the work, then the acknowledgement, then the answer.

        Work that takes longer than Slack waits is acknowledged before its end. ``age``: the seconds
        since Slack sent the payload, which it counts from.
        """
        began = asyncio.get_running_loop().time()
        away = None
        try:
            payload = await self._answers.recalled(payload)
        except StorageUnavailable as error:
            away = error
        if (event := _shared_links(payload)) is not None:
            if not self._came_before(payload):
                self._spawn(self._unfurl(event))
            return BoltResponse(status=200)
        if (run := workflow_steps.run_of(payload)) is not None:
            if not self._came_before(payload):
                running = self._spawn(self._run_step(run, payload))
                await asyncio.wait(
                    {running}, timeout=self._left(self._pace.answer_within, began, age)
                )
            return BoltResponse(status=200)
        if away is None and (kept := forms.kept_for_more(payload)):
            self._spawn(self._unfold(payload, kept))
            return BoltResponse(status=200)
        request = read(payload, unique=uuid4().hex, timezone=self._timezone)
        if request is None or self._came_before(payload):
            return BoltResponse(status=200)
        if self._forms.is_loading(request):
            return BoltResponse(status=200)  # Pressed once more: its form is already on its way.
        working = self._spawn(self._work(request) if away is None else self._put_off(request, away))
        if self._forms.opens_form(request):
            self._forms.started(request, working)
            await asyncio.wait({working}, timeout=self._left(self._pace.loading_after, began, age))
            if not working.done():
                self._spawn(self._answer(request.surface, self._announce(request, working)))
                return BoltResponse(status=200)
        await asyncio.wait({working}, timeout=self._left(self._pace.answer_within, began, age))
        if working.done():
            return await self._acknowledge(*working.result())
        self._spawn(self._answer(request.surface, self._answer_late(working)))
        return self._acknowledge_unfinished(request)

    async def _unfold(self, payload: Mapping[str, Any], kept: str) -> None:
        user = str(payload["user"]["id"])
        profile = await self._people.sender(
            Sender("slack", user), self._connection.workspace, within=self._pace.profile_within
        )
        language = self._language(profile.locale)
        await self._answers.unfold(payload["view"], kept, language)

    def _left(self, within: float, began: float, age: float) -> float:
        """Seconds left of ``within``, which began ``age`` before ``began``."""
        elapsed = asyncio.get_running_loop().time() - began
        return max(within - age, self._pace.at_least) - elapsed

    async def _unfurl(self, event: Mapping[str, Any]) -> None:
        language = self._language(self._config.default_locale)
        await unfurl(self._client, event, self._config.addresses, language)

    async def _run_step(self, event: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        """Run a step of a workflow and tell Slack what became of it, once it is committed."""
        ours, team = self._connection.workspace.team, payload.get("team_id")
        if self._steps is None or not workflow_steps.is_known(event) or (ours and team != ours):
            log.warning("slack.step_not_ours")
            return
        said = workflow_steps.inputs_of(event)
        owner = said.pop(workflow_steps.OWNER, "")
        run = str(event["function_execution_id"])
        step = LeadStep(id=run, platform=self.name, values=said, owner=owner)
        try:
            problem = await self._steps.log_lead(step)
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("slack.step_failed", error)
            language = self._language(self._config.default_locale)
            problem = language.text("error.unexpected", incident=incident)
        try:
            await patiently(
                lambda: workflow_steps.finish(self._client, event, problem), self._sleep
            )
        except DeliveryError as error:
            log.warning("slack.step_not_finished", reason=str(error))

    def _came_before(self, payload: Mapping[str, Any]) -> bool:
        """Whether this process took the same event before: Slack delivers one up to four times
        when an acknowledgement is late or lost, and it is answered once."""
        event = payload.get("event_id")
        if not isinstance(event, str):
            return False
        if event in self._events:
            log.info("slack.event_came_before")
            return True
        if len(self._events) >= _MOST_EVENTS:
            del self._events[next(iter(self._events))]
        self._events[event] = None
        return False

    async def _work(self, request: Request) -> tuple[Request, Reply | None]:
        """The request as dispatched and its reply; None for a person who gets no answer."""
        surface: Surface = request.surface
        asking = self._people.sender(
            request.sender, self._connection.workspace, within=self._pace.profile_within
        )
        if surface.kind == "command":
            sender, direct = await asyncio.gather(asking, self._is_direct(surface))
        else:
            sender, direct = await asking, surface.direct
        if self._is_foreign(surface) and (sender.doubtful or sender.standing == "outsider"):
            # Not dispatched: who cannot be looked up may be known, of the same organisation.
            log.info("slack.foreign_refused", kind=surface.kind)
            workspace = self._connection.workspace.name
            await self._answers.refuse_foreign(surface, workspace, self._language(sender.locale))
            return request, None
        request = await self._with_names(request)
        # A command and its answer are visible only to the asker, wherever it was typed.
        unseen = surface.kind == "command" and request.action == "admin.claim"
        member = sender.standing == "member"
        complete = replace(
            request,
            sender=sender,
            surface=replace(surface, direct=direct),
            conversation=replace(request.conversation, private=direct or unseen),
            upload=await self._files.fetch(surface.file) if surface.file and member else None,
        )
        reply = await self._dispatch(complete)
        if sender.standing == "outsider":
            log.info("slack.outsider_ignored", kind=surface.kind)
            return request, None
        # Another process did what this event asks for, and has answered.
        silent = reply.repeated and surface.kind == "message"
        return complete, None if silent else reply

    def _is_foreign(self, surface: Surface) -> bool:
        """Whether a payload comes from another workspace than the one that the token is of."""
        ours = self._connection.workspace.team
        return bool(ours and surface.team) and surface.team != ours

    async def _with_names(self, request: Request) -> Request:
        """The request with mentions as names: what people typed is stored and read elsewhere."""
        texts = f"{request.text}\n{request.line}\n{request.typed}"
        users = mentioned(texts)
        if not users:
            return request
        names = await self._people.names(
            users, self._connection.workspace, within=self._pace.profile_within
        )
        return replace(
            request,
            text=named(request.text, names),
            line=named(request.line, names),
            typed=named(request.typed, names),
        )

    async def _put_off(
        self, request: Request, error: StorageUnavailable
    ) -> tuple[Request, Reply | None]:
        """Answer a request that cannot even be read without the database, in the person's
        language."""
        sender = await self._people.sender(
            request.sender, self._connection.workspace, within=self._pace.profile_within
        )
        if sender is None:
            return request, None
        words = self._language(sender.locale).text(f"error.{error.key}")
        reply = Reply(errors={WHOLE_FORM: words}) if request.values else Reply(toast=words)
        return replace(request, sender=sender), reply

    async def _is_direct(self, surface: Surface) -> bool:
        """Whether a command's channel is the 1:1, as Slack says; for all others the payload
        tells."""
        try:
            async with asyncio.timeout(self._pace.profile_within):
                return await self._people.is_direct(surface.user, surface.channel)
        except TimeoutError:
            return False

    async def _acknowledge(self, request: Request, reply: Reply | None) -> BoltResponse:
        surface: Surface = request.surface
        if surface.kind == "search":
            return _json({"options": forms.options(reply.options if reply else ())})
        if reply is None:
            return BoltResponse(status=200)
        language = self._language(request.sender.locale)
        if surface.kind != "submission" or surface.view is None:
            self._spawn(self._answer(surface, self._give(request, reply, language)))
            return BoltResponse(status=200)
        rest = replace(reply, form=None, errors={})
        self._spawn(self._answer(surface, self._give(request, rest, language)))
        if reply.form:
            view = await self._answers.view(surface, reply.form, language, errors=reply.errors)
            return _json({"response_action": "update", "view": view})
        if reply.errors:
            errors = forms.field_errors(surface.view, reply.errors)
            return _json({"response_action": "errors", "errors": errors})
        return _json({"response_action": "clear"})

    def _acknowledge_unfinished(self, request: Request) -> BoltResponse:
        surface: Surface = request.surface
        if surface.kind == "search":
            return _json({"options": []})
        if surface.kind != "submission":
            return BoltResponse(status=200)
        language = self._language(request.sender.locale)
        title, text = language.text("slack.working_title"), language.text("slack.working")
        waiting = forms.notice_view(title, text, language.text("slack.close"))
        return _json({"response_action": "update", "view": waiting})

    async def _answer(self, surface: Surface, answering: Coroutine[Any, Any, None]) -> None:
        """Run an answer; if our own code fails, the person is told so."""
        try:
            await answering
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("slack.answer_failed", error, kind=surface.kind)
            profile = await self._people.sender(
                Sender("slack", surface.user), self._connection.workspace, within=0.0
            )
            language = self._language(profile.locale)
            await self._answers.apologise(surface, incident, language)

    async def _answer_late(self, working: asyncio.Task[tuple[Request, Reply | None]]) -> None:
        request, reply = await working
        if reply is None or request.surface.kind == "search":
            return
        language = self._language(request.sender.locale)
        if request.surface.kind == "submission":
            await self._sleep(self._pace.after_late_ack)
            await self._answers.give_late(request.surface, reply, language)
        else:
            await self._give(request, reply, language)

    async def _announce(
        self, request: Request, working: asyncio.Task[tuple[Request, Reply | None]]
    ) -> None:
        """Say *one moment* where the form will be, for people who certainly get one."""
        sender = await self._people.sender(request.sender, self._connection.workspace, within=0.0)
        loading: LoadingView | None = None
        if sender.standing == "member" and not sender.doubtful:
            language = self._language(sender.locale)
            loading = await self._answers.open_loading(request.surface, language)
        request, reply = await working
        if reply is not None:
            await self._give(request, reply, self._language(request.sender.locale), loading)

    async def _give(
        self, request: Request, reply: Reply, language: Language, loading: LoadingView | None = None
    ) -> None:
        """Send the answer; an action on the Home tab also redraws the tab.

        ``loading`` is the modal that announces a form.
        """
        surface: Surface = request.surface
        self._forms.note(request, reply)
        if surface.kind == "home":
            await self._home.show(surface.user, reply, language)
            return
        if surface.kind == "greeting" and not await self._is_first(surface.user, reply):
            return
        page = page_of(reply, pressed=surface.kind == "button") if surface.home else None
        if page and await self._home.turn_to(surface.user, page, language):
            return
        if loading:
            await self._answers.give_loaded(loading, surface, reply, language)
        else:
            await self._answers.give(surface, reply, language)
        if surface.home and reply.form is None:
            opened = await self._dispatch(reopened_home(request))
            await self._home.show(surface.user, opened, language)

    async def _is_first(self, user: str, reply: Reply) -> bool:
        """Whether somebody opened the messages tab for the first time: each opening is an event."""
        key = f"slack:hello:{user}"
        if reply.card is None or user in self._greeted or await self._memory.get(key):
            return False
        self._greeted.add(user)
        await self._memory.put(key, {"said": True}, keep=_KEEP_HELLO)
        return True

    def _language(self, locale: str) -> Language:
        nearest = nearest_locale(locale, self._config.default_locale)
        if nearest not in self._languages:
            self._languages[nearest] = Language(nearest, self._timezone, self._config.currency)
        return self._languages[nearest]

    async def _is_of_the_person(self, error: Refused, to: Address) -> bool:
        """Whether ``account_inactive`` is about the recipient rather than the bot.

        Slack uses the code for the bot's own account and for one that is written to: it is the
        person's while the bot's token is good.
        """
        if error.code != "account_inactive" or to.kind != "person":
            return False
        return await self._connection.is_token_good()

    def _note(self, error: Refused) -> None:
        if is_token_refused(error):
            self._connection.token_refused()

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("slack.task_failed", exc_info=error)

    def _apologise(self, error: Exception, body: Mapping[str, Any]) -> BoltResponse:
        """Acknowledge anyway: without that, Slack blames the person's command."""
        incident = record_incident("slack.payload_failed", error)
        language = self._language(self._config.default_locale)
        text = language.text("error.unexpected", incident=incident)
        if isinstance(error, StorageUnavailable):
            text = language.text(f"error.{error.key}")
        errors = forms.field_errors(body.get("view") or {}, {"": text})
        if body.get("type") == "view_submission" and errors:
            return _json({"response_action": "errors", "errors": errors})
        return _json({"text": text})


def _shared_links(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The event of a message with links to us; None for any other payload."""
    event = payload.get("event")
    shared = isinstance(event, Mapping) and event.get("type") == LINKS_SHARED
    return event if shared else None


def _json(body: Mapping[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body, ensure_ascii=False))
