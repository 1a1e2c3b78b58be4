"""From a request to its reply: one unit of work, permissions, idempotency, and friendly refusals.

The only place that commits for a person. Knows no platform and no database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from handlers.core.commands import (
    HELLO_ACTION,
    HOME_ACTION,
    about_a_lead,
    as_report_focus,
    as_typed,
)
from handlers.core.context import Context, ContextFactory
from handlers.core.field_limits import refuse_too_long
from handlers.core.incidents import record_incident
from handlers.core.language import Language, known_locale
from handlers.core.masking import masked_reply
from handlers.core.refusals import answer, who_can
from handlers.core.replies import Reply
from handlers.core.requests import Request, clean_request
from handlers.core.written_language import written_locale
from handlers.discussion.thread_replies import REMARK, under_lead
from handlers.people import newcomers, outsiders
from sales.contacts import mask_contacts
from sales.errors import (
    GenjinError,
    GuestRefused,
    InvalidInput,
    NoLongerActive,
    NotAllowed,
    NotAMember,
    NotVouchedFor,
    UnknownAction,
)
from sales.people import Identity, Person
from sales.permissions import ACTIONS, may
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

Handler = Callable[[Context], Reply]
_PHONE_DIGITS = (8, 15)
"""The fewest and the most digits of a phone number (E.164 allows 15)."""


Prepare = Callable[[Request], Request]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and how to run it.

    ``changes`` False: read-only, so it never waits for a writer and may be repeated. ``prepare``
    does slow work that needs no database before the unit of work begins, so that it does not block
    others; its result travels in the request. ``slow``: it reads so much that it may take seconds.
    """

    handler: Handler
    changes: bool = True
    prepare: Prepare | None = None
    slow: bool = False


class Router:
    """Dispatches requests to handlers, each in one unit of work."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        new_uow: UnitOfWorkFactory,
        contexts: ContextFactory,
    ) -> None:
        self._routes = routes
        self._new_uow = new_uow
        self._contexts = contexts
        self._languages = contexts.languages
        self._now = contexts.now

    def dispatch(self, request: Request) -> Reply:
        """Process a request and return the reply. Never raises: an expected failure is worded for
        the person; an unexpected one gets an incident number, with a traceback in the log. A reply
        with a form or errors leaves nothing behind in the database."""
        language = self._language_of(request)
        try:
            return masked_reply(self._reply(clean_request(request), language))
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("request.failed", error, action=request.action)
            return answer(request, language.text("error.unexpected", incident=incident))

    def _reply(self, request: Request, language: Language) -> Reply:
        try:
            if request.sender.standing != "member":
                self._refuse_outsider(request)
            refuse_too_long(request.values)
            if request.under:
                request = self._resolve_thread_reply(request)
            request = as_report_focus(about_a_lead(as_typed(request)))
            route = self._route(request)
            if route.prepare and self._is_permitted(request):
                request = route.prepare(request)
            reply = self._reply_to_known(request, route)
            if reply is None:
                reply = self._reply_to_newcomer(request, route, language)
            if reply.instead is None:
                return reply if route.changes else replace(reply, read_only=True)
            return self._reply_to_known(reply.instead, self._route(reply.instead)) or Reply()
        except GenjinError as error:
            return _refused(request, error, language)

    def _resolve_thread_reply(self, request: Request) -> Request:
        """Resolve a reply under a posted card to the lead that the card is about."""
        with self._new_uow(read_only=True) as uow:
            actor = uow.people.find(request.sender.platform, request.sender.id)
            return under_lead(request, uow, actor) if actor else request

    def _route(self, request: Request) -> Route:
        if route := self._routes.get(request.action):
            return route
        raise UnknownAction(action=request.action[:40])

    def _reply_to_known(self, request: Request, route: Route) -> Reply | None:
        """The reply for a known person; None for a newcomer."""
        with self._new_uow(read_only=not route.changes) as uow:
            actor = uow.people.find(request.sender.platform, request.sender.id)
            if actor is None:
                return None
            reply = self._answer(request, route, uow, actor)
            if reply.form and request.text and not route.changes:
                reply = self._unless_done(reply, request, uow, actor)
            # Opening what a reminder is about marks it as seen; only that needs a write.
            shown = reply.card.subject if reply.card and not route.changes else ""
            unseen = bool(shown) and uow.reminders.is_unseen(actor.id, shown)
        if actor.unreachable:
            self._mark_reachable(request)
        if unseen:
            self._mark_seen(shown, actor)
        if not route.changes and self._writes_another_language(request, actor):
            self._store_language(request, actor)
        if reply.record:
            self._write_record(reply.record, request, actor)
        return self._with_file(reply, request, actor) if reply.attach else reply

    def _unless_done(self, reply: Reply, request: Request, uow: UnitOfWork, actor: Person) -> Reply:
        """The form that a typed line asks for, unless the same line, delivered before, was a change
        and was made: then nothing is left to correct."""
        if not uow.seen_requests.knows(request.id):
            return reply
        return self._repeated(self._language_of(request, actor))

    @staticmethod
    def _repeated(language: Language) -> Reply:
        return Reply(toast=language.text("reply.already_done"), repeated=True)

    def _is_permitted(self, request: Request) -> bool:
        """Whether slow work may begin: not for somebody who would be refused anyway."""
        with self._new_uow(read_only=True) as uow:
            actor = uow.people.find(request.sender.platform, request.sender.id)
            return actor is not None and may(actor, request.action)

    def _with_file(self, reply: Reply, request: Request, actor: Person) -> Reply:
        """The reply with its file, created outside the write transaction so that it blocks
        nobody."""
        language = self._language_of(request, actor)
        with self._new_uow(read_only=True) as uow:
            context = self._contexts.of_request(request, actor, uow, language)
            made = reply.attach(context) if reply.attach else None
        return replace(reply, attach=None, attachment=made)

    def _reply_to_newcomer(self, request: Request, route: Route, language: Language) -> Reply:
        """The reply to somebody who has not been admitted yet. They get an explanation, or the
        actual reply when they are admitted at once."""
        sender = request.sender
        if request.action in (HOME_ACTION, HELLO_ACTION):
            # Only opening the home page, or adding the bot, is not a request to be admitted.
            with self._new_uow(read_only=True) as uow:
                asked = uow.newcomers.find(sender.platform, sender.id)
            return Reply(card=newcomers.start_page(asked, language, runs=sender.is_owner))
        if sender.doubtful:
            raise NotVouchedFor
        written = written_locale(request)
        with self._new_uow() as uow:
            explanation = newcomers.arrive(
                newcomers.Arrival(request, uow, self._languages, language, written, self._now())
            )
            uow.commit()
        if explanation is not None:
            return explanation
        if route.prepare and self._is_permitted(request):
            request = route.prepare(request)
        reply = self._reply_to_known(request, route)
        if reply is None:
            raise AssertionError("a person who was just let in is known")
        return reply

    def _refuse_outsider(self, request: Request) -> NoReturn:
        """Refuse people who are not members of the company, and end their access if they had it."""
        sender = request.sender
        with self._new_uow(read_only=True) as uow:
            actor = uow.people.find(sender.platform, sender.id)
        if actor and actor.active:
            with self._new_uow() as uow:
                context = self._contexts.unasked(uow)
                outsiders.end_access(actor, sender, context)
                uow.commit()
        raise GuestRefused if sender.standing == "guest" else NotAMember

    def _language_of(self, request: Request, actor: Person | None = None) -> Language:
        """The language for the reply. In order: the one the person writes in now, the one their
        platform reports, the one they wrote in before, the company's."""
        locale = written_locale(request, actor) or known_locale(request.sender.locale)
        if actor is None:
            return self._languages(locale)
        return self._languages(locale or actor.locale, actor.timezone)

    def _answer(self, request: Request, route: Route, uow: UnitOfWork, actor: Person) -> Reply:
        language = self._language_of(request, actor)
        try:
            reply = self._handle(request, route, uow, actor, language)
        except NotAllowed as error:
            if can := who_can(error, actor, uow.people.everyone(), language):
                return answer(request, language.text("error.not_allowed_but", people=can))
            return _refused(request, error, language)
        except GenjinError as error:
            return _refused(request, error, language)
        if request.only_check:
            return replace(reply, attach=None, record=None) if reply.errors else Reply()
        if route.changes and not reply.errors and reply.form is None:
            shown = [card.subject for card in (reply.update, reply.card) if card]
            uow.outbox.acted(actor.id, *shown)
            uow.commit()
        return reply

    @staticmethod
    def _writes_another_language(request: Request, actor: Person) -> bool:
        """Whether a person whose platform reports no language wrote in another one than before."""
        written = written_locale(request, actor)
        return bool(written) and not request.sender.locale and written != actor.locale

    def _store_language(self, request: Request, actor: Person) -> None:
        """Store the language the person writes in, for later notices."""
        with self._new_uow() as uow:
            written = written_locale(request, actor)
            if actor.active:
                newcomers.remember_account(request.sender, actor, written, uow, self._now())
            uow.commit()

    def _mark_reachable(self, request: Request) -> None:
        """Mark the person as reachable again, so that waiting notices are sent: people who write
        also read."""
        with self._new_uow() as uow:
            account = Identity(request.sender.platform, request.sender.id, 0)
            uow.refusals.end(account.lane)
            uow.commit()

    def _mark_seen(self, subject: str, actor: Person) -> None:
        with self._new_uow() as uow:
            uow.reminders.seen(actor.id, subject, self._now())
            uow.commit()

    def _write_record(
        self, record: Callable[[Context], None], request: Request, actor: Person
    ) -> None:
        language = self._language_of(request, actor)
        with self._new_uow() as uow:
            record(self._contexts.of_request(request, actor, uow, language))
            uow.commit()

    def _handle(
        self, request: Request, route: Route, uow: UnitOfWork, actor: Person, language: Language
    ) -> Reply:
        now = self._now()
        if not actor.active:
            raise NoLongerActive
        if not may(actor, request.action):
            raise NotAllowed(roles=sorted(ACTIONS.get(request.action, ())))
        if route.changes:
            if not uow.seen_requests.is_new(request.id, now):
                if request.under and request.action == REMARK:
                    return Reply()  # The first reply is already below the message.
                return self._repeated(language)
            written = written_locale(request, actor)
            actor = newcomers.remember_account(request.sender, actor, written, uow, now)
        return route.handler(self._contexts.of_request(request, actor, uow, language, now=now))


def _refused(request: Request, error: GenjinError, language: Language) -> Reply:
    if isinstance(error, InvalidInput):
        return Reply(errors=_worded(error, language))
    return answer(request, _refusal(error, language))


def _worded(error: InvalidInput, language: Language) -> dict[str, str]:
    return {
        name: language.text(f"problem.{problem.key}", **_masked(problem.params))
        for name, problem in error.problems.items()
    }


def _refusal(error: GenjinError, language: Language) -> str:
    params = _masked(error.params)
    if isinstance(error, NotAllowed):
        roles = [language.text(f"role.{role}") for role in params["roles"]]
        params["roles"] = language.listing(roles) or language.text("role.nobody")
    return language.text(f"error.{error.key}", **params)


def _shown(typed: str) -> str:
    """The typed text, masked unless it is a bare number too short or too long for a phone
    number."""
    bare = typed.isascii() and typed.isdecimal()
    return (
        typed
        if bare and not _PHONE_DIGITS[0] <= len(typed) <= _PHONE_DIGITS[1]
        else (mask_contacts(typed))
    )


def _masked(params: Mapping[str, Any]) -> dict[str, Any]:
    """Error parameters with contacts masked: errors repeat what was typed."""
    return {
        name: _shown(value) if isinstance(value, str) else value for name, value in params.items()
    }
