"""Draws the product's replies for the asker: cards, toasts, and both kinds of forms.

A form is a card if a template is set and DingTalk delivers it, else a guided chat; it is never less
than a form.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.platforms import Address, DeliveryError, LeadCards, Memory
from bot.platforms.dingtalk.button_cards import ButtonCards, falls_back, reason_of
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.forms.cards import FormCards
from bot.platforms.dingtalk.forms.chats import GuidedForms
from bot.platforms.dingtalk.links import SHOW_PICTURES, Links, link
from bot.platforms.dingtalk.markup import escape, inline, joined
from bot.platforms.dingtalk.messages import Messenger
from bot.platforms.dingtalk.permissions import Permissions
from bot.platforms.dingtalk.requests import PLATFORM, AnswerAddress
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Sender
from handlers.core.ui import Attachment, Button, Card, File, Form

log = structlog.get_logger(__name__)

_HAN = re.compile(r"[\u4e00-\u9fff]")
_TOLD_AGAIN_AFTER = timedelta(hours=20)
_PICTURES_KEPT = timedelta(days=1)
_TITLE = 60


class Answering:
    """Sends replies to the asker.

    Nothing here raises for an undelivered answer: the work is done by then, and the person can ask
    again.
    """

    def __init__(
        self,
        config: DingTalkConfig,
        *,
        messenger: Messenger,
        links: Links,
        cards: FormCards,
        guided: GuidedForms,
        memory: Memory,
        permissions: Permissions,
        new_language: Callable[[str], Language],
        button_cards: ButtonCards,
        lead_cards: LeadCards | None = None,
    ) -> None:
        self._button_cards = button_cards
        self._lead_cards = lead_cards
        self._config = config
        self._messenger = messenger
        self._links = links
        self._cards = cards
        self._guided = guided
        self._memory = memory
        self._permissions = permissions
        self._new_language = new_language

    def language(self, words: str = "") -> Language:
        """The language of ``words``; DingTalk does not tell which language a person speaks."""
        if not words:
            return self._new_language(self._config.default_locale)
        return self._new_language("zh_CN" if _HAN.search(words) else "en")

    def language_like(self, words: str) -> Language:
        """The language to answer a text in: Chinese for Chinese text, else the company's."""
        return self.language(words if _HAN.search(words) else "")

    async def show(
        self,
        reply: Reply,
        sender: Sender,
        seat: AnswerAddress,
        *,
        said: bool = False,
        last: str = "",
        again: str = "",
    ) -> None:
        """Draw everything in a reply in reading order, and ``last``, which is markdown already.

        All of it is one message, since each one counts; only files, cards with buttons of their
        own, forms and a second card are their own. ``said``: a form's card says already that it was
        done. ``again`` is the value of a button that shows the pictures of charts; without it they
        are part of the message.
        """
        try:
            in_chat = reply.form is not None and await self._is_chat_form(reply.form)
            if reply.form is not None and in_chat:
                last = joined(await self._opened(reply.form, seat), last)
            errors = [f"⚠️ {escape(why)}" for why in reply.errors.values()]
            first = joined(escape(reply.toast), *errors)
            cards = await self._not_on_lead(reply, seat, said=said)
            said_above = "\n".join(filter(None, (reply.toast, *reply.errors.values())))
            if cards and await self._show_lead(cards[0], seat, said_above):
                cards, first = cards[1:], ""
            await self._show_text(reply, cards, seat, first=first, last=last, again=again)
            if reply.attachment is not None:
                await self._hand_over(reply.attachment, seat)
            if reply.form is not None and not in_chat:
                await self._deliver_form(reply.form, sender, seat)
            await self._tell_group(seat)
        except DeliveryError as error:
            await self._not_delivered(seat, error)

    async def _not_on_lead(self, reply: Reply, seat: AnswerAddress, *, said: bool) -> list[Card]:
        """The cards of a reply that the card of their lead does not show already.

        A card that was pressed has redrawn itself; here is none but the lead's.
        """
        update = None if reply.in_place else reply.update
        if update and (said or reply.toast) and await self._redrew_lead(update, seat):
            update = None
        cards = [card for card in (update, reply.card) if card is not None]
        return [card for card in cards if not (said and await self._confirmed_on_lead(card, seat))]

    async def _redrew_lead(self, card: Card, seat: AnswerAddress) -> bool:
        """Redraw the card of the lead that ``card`` shows wholly, where the person has one."""
        if not (self._button_cards.on and card.whole_lead and self._lead_cards):
            return False
        ref = await self._lead_cards.living(_person(seat), card.subject)
        locale = self.language(_words(card)).locale
        try:
            return await self._button_cards.redraw(seat.person, ref, card, locale)
        except DeliveryError as error:
            log.warning("dingtalk.card_not_redrawn", reason=str(error))
            return False

    async def _confirmed_on_lead(self, card: Card, seat: AnswerAddress) -> bool:
        """Write what ``card`` confirms on the card of that lead, where the person has one."""
        if not (self._button_cards.on and card.confirms and self._lead_cards):
            return False
        ref = await self._lead_cards.living(_person(seat), card.confirms)
        try:
            return await self._button_cards.confirm(ref, card)
        except DeliveryError as error:
            log.warning("dingtalk.card_not_redrawn", reason=str(error))
            return False

    async def _show_lead(self, card: Card, seat: AnswerAddress, note: str) -> bool:
        """Show a whole lead as a card that lives from now on; False if DingTalk takes none."""
        cards = self._lead_cards
        if cards is None or not card.whole_lead or not await self._button_cards.takes(card):
            return False
        locale = self.language(_words(card)).locale
        try:
            ref = await self._button_cards.post(seat.person, card, locale, note=note)
        except DeliveryError as error:
            if falls_back(error):
                await self._button_cards.refused(error)
            return False
        await cards.keep(_person(seat), ref, card.subject)
        return True

    async def show_pictures(self, reply: Reply, sender: Sender, seat: AnswerAddress) -> None:
        """Send the pictures of the charts in a reply, and nothing else of it."""
        card = _last_card(reply)
        if card is None or not card.every_chart:
            await self.show(reply, sender, seat)
            return
        try:
            await self._messenger.show_pictures(seat, card, self.language(_words(card)).locale)
        except DeliveryError as error:
            await self._not_delivered(seat, error)

    async def _show_text(
        self,
        reply: Reply,
        cards: list[Card],
        seat: AnswerAddress,
        *,
        first: str,
        last: str,
        again: str,
    ) -> None:
        for card in cards[:-1]:
            locale = self.language(_words(card)).locale
            await self._messenger.show(seat, card, locale, first=first)
            first = ""
        if cards:
            locale = self.language(_words(cards[-1])).locale
            offered = await self._picture_link(cards[-1], seat, locale, again)
            text = joined(offered, last)
            await self._messenger.show(
                seat, cards[-1], locale, first=first, last=text, pictured=not offered
            )
        elif first or last:
            title = next((why for why in (reply.toast, *reply.errors.values()) if why), "")
            await self._messenger.say(seat, joined(first, last), title[:_TITLE] or _plain(last))

    async def _picture_link(self, card: Card, seat: AnswerAddress, locale: str, again: str) -> str:
        """The link that shows the charts as pictures: each costs two calls, and is rarely looked
        at."""
        if not again or not card.every_chart:
            return ""
        label = self._new_language(locale).text("dingtalk.pictures", n=len(card.every_chart))
        button = Button(SHOW_PICTURES, label, again)
        words = await self._links.offer(seat.person, [button])
        await self._memory.put(pictures_key(seat.person), {"again": again}, keep=_PICTURES_KEPT)
        return link(inline(label), words[button])

    async def say(self, seat: AnswerAddress, text: str) -> None:
        """Send our own text, already markdown, in private."""
        if not text:
            return
        try:
            await self._messenger.say(seat, text, _plain(text))
            await self._tell_group(seat)
        except DeliveryError as error:
            await self._not_delivered(seat, error)

    async def say_plainly(self, seat: AnswerAddress, text: str) -> bool:
        """Send one line where the person wrote, without the database; returns whether it went
        out."""
        try:
            if seat.conversation.private:
                await self._messenger.say(seat, escape(text), text[:_TITLE])
            else:
                await self._messenger.say_here(seat, text)
        except DeliveryError as error:
            log.warning("dingtalk.line_not_delivered", reason=str(error))
            return False
        return True

    async def say_here(self, seat: AnswerAddress, text: str) -> None:
        """Send one plain line where the person wrote."""
        try:
            await self._messenger.say_here(seat, text)
        except DeliveryError as error:
            log.warning("dingtalk.line_not_delivered", reason=str(error))

    async def _is_chat_form(self, form: Form) -> bool:
        """Whether a form is asked in chat. The card's Form component takes no files; a chat
        does. So it is, too, where DingTalk has just refused a card."""
        has_file = any(isinstance(field, File) for field in form.fields)
        if has_file or not self._config.card_template_id:
            return True
        return await self._permissions.is_refused("card")

    async def _opened(self, form: Form, seat: AnswerAddress) -> str:
        """Open a form in chat; returns its first message."""
        locale = self.language(form.title + form.submit).locale
        return await self._guided.open(seat.person, form, locale)

    async def _deliver_form(self, form: Form, sender: Sender, seat: AnswerAddress) -> None:
        """Open a form as a card, or in chat when DingTalk does not deliver it."""
        language = self.language(form.title + form.submit)
        try:
            opened = await self._cards.open(sender, form, language.locale)
        except DeliveryError as error:
            log.warning("dingtalk.form_card_not_delivered", reason=str(error))
            if falls_back(error):
                await self._permissions.refused("card", reason_of(error))
            await self._messenger.say(seat, await self._opened(form, seat), form.title)
        else:
            await self._permissions.granted("card")
            if not opened:
                there = language.text("dingtalk.form.already_open")
                await self._messenger.say(seat, escape(there), there[:_TITLE])

    async def _hand_over(self, attachment: Attachment, seat: AnswerAddress) -> None:
        try:
            await self._messenger.hand_over(seat, attachment)
        except DeliveryError as error:
            log.warning("dingtalk.file_not_delivered", reason=str(error))
            lost = self.language(attachment.about).text("reply.file_lost")
            await self._messenger.say(seat, escape(lost), lost[:_TITLE])

    async def _tell_group(self, seat: AnswerAddress) -> None:
        """Tell a person who asks in a group, once a day, that the answer is in private."""
        if seat.conversation.private:
            return
        count = await self._memory.count(
            f"dingtalk:told:{seat.conversation.id}:{seat.person}", keep=_TOLD_AGAIN_AFTER
        )
        if count == 1:
            await self.say_here(seat, self.language().text("dingtalk.group.answered_privately"))

    async def _not_delivered(self, seat: AnswerAddress, error: DeliveryError) -> None:
        log.warning("dingtalk.answer_not_delivered", reason=str(error))
        if not seat.conversation.private:
            await self.say_here(seat, self.language().text("dingtalk.group.cannot_reach"))


def pictures_key(person: str) -> str:
    """Where it is kept what a person may ask the pictures of in words."""
    return f"dingtalk:pictures:{person}"


def _person(seat: AnswerAddress) -> Address:
    return Address(PLATFORM, "person", seat.person)


def _last_card(reply: Reply) -> Card | None:
    return reply.card or (None if reply.in_place else reply.update)


def _words(card: Card) -> str:
    """The text of a card that is ours rather than typed: it shows the card's language."""
    labels = [fact.label for fact in card.facts]
    labels += [button.label for button in (*card.buttons, *card.more)]
    labels += [section.heading for section in card.sections]
    return " ".join([*labels, card.footnote]).strip() or card.title


def _plain(text: str) -> str:
    """The first words of a markdown text, for a notification."""
    first = re.sub(r"[*#>]|\]\([^)]*\)|\[", "", text.strip().split("\n")[0])
    return first.strip()[:_TITLE] or "…"
