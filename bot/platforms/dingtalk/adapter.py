"""DingTalk as a platform of the process: wired here, started and stopped with it."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import structlog
from dingtalk_stream import CallbackHandler, ChatbotMessage

from bot.platforms import (
    Address,
    AddressRefused,
    DeliveryError,
    Dispatch,
    DrawChart,
    Health,
    LeadCards,
    Memory,
    OptionalPermission,
    Suspended,
    Thread,
    Unchangeable,
)
from bot.platforms.dingtalk.appointments import Appointments
from bot.platforms.dingtalk.button_cards import ButtonCards, falls_back, is_button_card
from bot.platforms.dingtalk.client import OpenApi, card_update
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.connection import FRAME_ID, Ack, SupervisedStream, reopening
from bot.platforms.dingtalk.forms.cards import Drawn, FormCards
from bot.platforms.dingtalk.forms.chats import GuidedForms
from bot.platforms.dingtalk.health import Conditions
from bot.platforms.dingtalk.incoming import Chat, Turns
from bot.platforms.dingtalk.links import Links
from bot.platforms.dingtalk.messages import Messenger
from bot.platforms.dingtalk.organisation import (
    Extras,
    LeadLinks,
    OrganisationEvents,
    UnionIds,
)
from bot.platforms.dingtalk.permissions import Permissions, TellAdmins, nobody_told
from bot.platforms.dingtalk.replies import Answering
from bot.platforms.dingtalk.requests import PLATFORM, AnswerAddress, CardAction, read_card_action
from bot.platforms.dingtalk.todos import Todos
from bot.platforms.dingtalk.transport import HideQueries, NotPermitted, Quota, Transport
from bot.platforms.dingtalk.work_notices import WorkNotices, is_work_notice
from bot.supervisor import Supervisor
from handlers.core.language import Language
from handlers.core.requests import Conversation, Sender
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_CARD_PATIENCE = 1.2  # DingTalk waits 2 s for a card's answer
_BESIDE_PATIENCE = 0.4


class DingTalkPlatform:
    """One DingTalk app. ``now`` is the wall clock; ``draw`` makes PNGs of charts.

    ``pause`` gives the seconds before the n-th attempt to connect again.
    """

    name = PLATFORM
    seconds_between_sends = 0.1
    """DingTalk limits the app (20 calls a second), not the conversation: see `CallPace`."""

    has_threads = False
    takes_replies = True
    has_todos = True
    has_calendar = True

    def __init__(
        self,
        config: DingTalkConfig,
        dispatch: Dispatch,
        memory: Memory,
        draw: DrawChart,
        new_language: Callable[[str], Language],
        *,
        now: Callable[[], datetime],
        pause: Callable[[int], float] = reopening,
        supervisor: Supervisor | None = None,
        lead_cards: LeadCards | None = None,
        tell_admins: TellAdmins = nobody_told,
    ) -> None:
        self._supervisor = supervisor or Supervisor()
        self._config = config
        self._new_language = new_language
        self.can_edit = bool(config.lead_card_template_id)
        """Cards from a template can be redrawn; sent markdown cannot."""
        self._conditions = Conditions()
        self._permissions = Permissions(memory, self._conditions, tell_admins)
        self._quota = Quota(config, memory, self._conditions, now)
        self._transport = Transport(config, self._quota, self._conditions)
        self._api = OpenApi(config, self._transport)
        links = Links(memory)
        self._messenger = Messenger(self._api, links, draw, now, new_language)
        guided = GuidedForms(memory, dispatch, new_language, self._api.fetch_file)
        self._cards = FormCards(self._api, memory, dispatch, new_language, config.default_locale)
        self._button_cards = ButtonCards(
            self._api,
            memory,
            dispatch,
            new_language,
            permissions=self._permissions,
            now=now,
            default_locale=config.default_locale,
            on=self.can_edit,
        )
        self._answering = Answering(
            config,
            messenger=self._messenger,
            lead_cards=lead_cards,
            button_cards=self._button_cards,
            links=links,
            cards=self._cards,
            guided=guided,
            memory=memory,
            permissions=self._permissions,
            new_language=new_language,
        )
        extras = Extras(
            self._api,
            memory,
            self._permissions,
            self._quota,
            UnionIds(self._api, memory),
            LeadLinks(config.chat_url),
        )
        self._todos = Todos(extras, on=config.todos)
        self._appointments = Appointments(extras, now=now, on=config.calendar)
        self._work_notices = WorkNotices(
            self._api, memory, self._conditions, self._permissions, on=bool(config.agent_id)
        )
        self._turns = Turns(memory)
        chat = Chat(
            dispatch,
            memory,
            api=self._api,
            links=links,
            guided=guided,
            answering=self._answering,
            quota=self._quota,
            turns=self._turns,
            card_of=self._button_cards.ref_of,
        )
        events = OrganisationEvents(dispatch, memory, self._quota, self._permissions)
        self._stream = SupervisedStream(
            config,
            {
                ChatbotMessage.TOPIC: chat.on_message,
                CallbackHandler.TOPIC_CARD_CALLBACK: self._on_card,
            },
            self._conditions,
            pause=pause,
            supervisor=self._supervisor,
            on_event=events.take,
        )
        self._hide_queries = HideQueries()

    async def start(self) -> None:
        """Start receiving. Refused credentials and outages are retried and shown in health()."""
        logging.getLogger("httpx").addFilter(self._hide_queries)
        self._supervisor.start("dingtalk permissions", self._permissions.recall)
        await self._stream.start()

    async def stop(self) -> None:
        await self._supervisor.stop("dingtalk permissions")
        await self._stream.stop()
        await self._transport.close()
        logging.getLogger("httpx").removeFilter(self._hide_queries)

    def health(self) -> Health:
        return self._conditions.health()

    async def optional_permissions(self) -> tuple[OptionalPermission, ...]:
        if self.health().ok:
            return await self._permissions.tried(self._api)
        return await self._permissions.states()

    async def post(
        self,
        to: Address,
        card: Card,
        *,
        locale: str,
        thread: Thread | None = None,  # noqa: ARG002 - DingTalk has none
    ) -> str:
        """Post a card as one that can be redrawn, if it is such a one, or else as markdown.

        Returns its ``outTrackId`` or DingTalk's ``processQueryKey``, which comes back with every
        message that answers it.
        """
        if card.appointment:
            return await self._appointments.post(to.id, card)
        if to.kind != "person":
            return await self._messenger.post(to, card, locale)
        try:
            ref = await self._post_to_person(to, card, locale)
        except (AddressRefused, Suspended) as error:
            return await self._work_notices.send(to.id, card, self._new_language(locale), error)
        self._work_notices.reached(to.id)
        await self._todos.add(to.id, card, ref)
        return ref

    async def _post_to_person(self, to: Address, card: Card, locale: str) -> str:
        if not await self._button_cards.takes(card):
            return await self._messenger.post(to, card, locale)
        try:
            return await self._button_cards.post(to.id, card, locale)
        except DeliveryError as error:
            if not falls_back(error):
                raise
            ref = await self._messenger.post(to, card, locale)
            # The person is there, so that it is cards that DingTalk refuses.
            await self._button_cards.refused(error)
            return ref

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        """Redraw a card or an appointment, and close a card's to-do.

        Raises Unchangeable for a message.
        """
        if Appointments.is_one(ref):
            await self._appointments.redraw(to.id, card)
            return
        closed = await self._todos.redraw(to.id, ref, card)
        if not await self._button_cards.redraw(to.id, ref, card, locale) and not closed:
            raise Unchangeable("DingTalk messages cannot be changed once they are sent")

    async def was_read(self, to: Address, ref: str) -> bool:
        """Whether a person read a message, as far as DingTalk tells: not of cards, nor when the
        month's calls run out. Raises the delivery errors."""
        if is_button_card(ref) or is_work_notice(ref) or self._conditions.has("calls"):
            return False
        if await self._permissions.is_refused("read_status"):
            return False
        try:
            was_read = await self._api.was_read(to.id, ref)
        except NotPermitted as error:
            await self._permissions.refused("read_status", error.detail)
            return False
        await self._permissions.granted("read_status")
        return was_read

    def link(self, ref: str, lead: str) -> str:  # noqa: ARG002
        """Empty: DingTalk's links open pages and applications, but no robot's message."""
        return ""

    async def readers(self, channel: str, known: Collection[str]) -> Readers:  # noqa: ARG002
        """The readers of a group; DingTalk lists only members of groups made from the app's own
        template."""
        return Readers(Told.NEVER)

    async def _on_card(self, payload: Mapping[str, Any], ack: Ack) -> None:
        """Take in a submitted form or a pressed button and respond in time with how its card looks
        now."""
        action = read_card_action(payload, str(payload.get(FRAME_ID) or ""))
        is_form = not is_button_card(action.track_id)
        async with self._turns.of(action.person):
            await self._quota.use("messages")
            taking = asyncio.ensure_future(
                self._submitted(action) if is_form else self._pressed(action)
            )
            try:
                in_time = await _done_within(_CARD_PATIENCE, taking)
                if not in_time:
                    await ack(card_update(self._cards.saving()) if is_form else None)
                drawn = await taking
            finally:
                taking.cancel()
            if in_time:
                await self._answer_card(action, drawn, ack)
            elif drawn is not None:
                await self._redraw(action, drawn.params)
                await self._say_beside(action, drawn)

    async def _submitted(self, action: CardAction) -> Drawn | None:
        """The form as it looks now; without a database it stays open, with what was typed."""
        try:
            return await self._cards.submit(action)
        except StorageUnavailable as error:
            log.warning("dingtalk.form_card_put_off", reason=type(error).__name__)
            return self._cards.not_taken(error)

    async def _pressed(self, action: CardAction) -> Drawn | None:
        """The card as it looks now; without a database it stays as it is, and says so."""
        try:
            return await self._button_cards.press(action)
        except StorageUnavailable as error:
            log.warning("dingtalk.press_put_off", reason=type(error).__name__)
            return Drawn({"note": self._answering.language().text(f"error.{error.key}")})

    async def _answer_card(self, action: CardAction, drawn: Drawn | None, ack: Ack) -> None:
        if drawn is None:
            await ack(None)
            return
        saying = asyncio.ensure_future(self._say_beside(action, drawn))
        try:
            await _done_within(_BESIDE_PATIENCE, saying)
            await ack(card_update(drawn.params, shared=is_button_card(action.track_id)))
            await saying
        finally:
            saying.cancel()

    async def _say_beside(self, action: CardAction, drawn: Drawn) -> None:
        """Send what the card itself has no room for."""
        seat = AnswerAddress(action.person, Conversation(PLATFORM, action.person, private=True))
        sender = Sender(PLATFORM, action.person)
        said = not is_button_card(action.track_id)
        await self._answering.show(drawn.reply, sender, seat, said=said)

    async def _redraw(self, action: CardAction, params: Mapping[str, str]) -> None:
        try:
            if is_button_card(action.track_id):
                await self._api.update_button_card(action.track_id, params)
            else:
                await self._api.update_card(action.track_id, action.person, params)
        except DeliveryError as error:
            log.warning("dingtalk.card_not_redrawn", reason=str(error))


async def _done_within(seconds: float, task: "asyncio.Future[Any]") -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)
