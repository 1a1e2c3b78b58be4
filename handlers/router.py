"""From a request to its reply: one unit of work, rights, idempotency, and kind refusals.

The only place that commits for a person. Knows no platform and no database.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from handlers import newcomers
from handlers.cleaning import clean_request
from handlers.commands import about_a_lead
from handlers.field_limits import refuse_too_long
from handlers.language import Language, Languages
from handlers.masking import masked_reply
from handlers.refusals import who_can
from handlers.requests import WHOLE_FORM, Reply, Request
from handlers.talk.under import REMARK, under_lead
from handlers.turns import Turn
from sales.contacts import mask_contacts
from sales.errors import (
    GenjinError,
    InvalidInput,
    NoLongerActive,
    NotAllowed,
    NotVouchedFor,
    UnknownAction,
)
from sales.people import Person
from sales.permissions import ACTIONS, may
from sales.ports import NewUnitOfWork, UnitOfWork

Handler = Callable[[Turn], Reply]
log = structlog.get_logger(__name__)


Prepare = Callable[[Request], Request]


@dataclass(frozen=True, slots=True)
class Route:
    """``changes`` False: only reads, so it never waits for a writer and may be repeated.

    ``prepare`` does what takes long and needs no database before the unit of work begins, so
    that nobody waits for it; its result travels in the request.
    """

    handler: Handler
    changes: bool = True
    prepare: Prepare | None = None


class Router:
    """Dispatches requests to handlers; ``now`` is the clock, ``languages`` the words, and
    ``public_url`` where others reach our pages, "" when they do not."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        new_uow: NewUnitOfWork,
        languages: Languages,
        now: Callable[[], datetime],
        public_url: str = "",
    ) -> None:
        self._routes = routes
        self._new_uow = new_uow
        self._languages = languages
        self._now = now
        self._public_url = public_url.rstrip("/")

    def dispatch(self, request: Request) -> Reply:
        """Run a request to its end and give the reply. Never raises: an expected failure is
        worded for the person, an unexpected one gets an incident number and a traceback in
        the log. A reply with a form or errors leaves nothing behind in the database."""
        language = self._languages(request.sender.locale)
        try:
            return masked_reply(self._reply(clean_request(request), language))
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("request_failed", incident=incident, action=request.action)
            return _failed(request, language.text("error.unexpected", incident=incident))

    def _reply(self, request: Request, language: Language) -> Reply:
        try:
            refuse_too_long(request.values)
            if request.under:
                request = self._as_meant(request)
            request = about_a_lead(request)
            route = self._route(request)
            if route.prepare and self._is_let_in(request):
                request = route.prepare(request)
            return self._known_person(request, route) or self._newcomer(request, route)
        except GenjinError as error:
            return _refused(request, error, language)

    def _as_meant(self, request: Request) -> Request:
        """What was said under a posted card is about what the card is about."""
        with self._new_uow(read_only=True) as uow:
            actor = uow.people.find(request.sender.platform, request.sender.id)
            return under_lead(request, uow, actor) if actor else request

    def _route(self, request: Request) -> Route:
        if route := self._routes.get(request.action):
            return route
        raise UnknownAction(action=request.action[:40])

    def _known_person(self, request: Request, route: Route) -> Reply | None:
        """The reply for somebody we know, None for a newcomer."""
        with self._new_uow(read_only=not route.changes) as uow:
            actor = uow.people.find(request.sender.platform, request.sender.id)
            if actor is None:
                return None
            reply = self._answer(request, route, uow, actor)
            # Who opens what they were reminded of has seen it; that is written only then.
            shown = reply.card.subject if reply.card and not route.changes else ""
            unseen = bool(shown) and uow.reminders.is_unseen(actor.id, shown)
        if unseen:
            self._note_seen(shown, actor)
        if reply.record:
            self._keep(reply.record, request, actor)
        return self._with_file(reply, request, actor) if reply.attach else reply

    def _is_let_in(self, request: Request) -> bool:
        """Nothing long is begun for somebody who is refused."""
        with self._new_uow(read_only=True) as uow:
            actor = uow.people.find(request.sender.platform, request.sender.id)
            return may(actor, request.action) if actor else not request.sender.doubtful

    def _with_file(self, reply: Reply, request: Request, actor: Person) -> Reply:
        """The reply with its file, made while nobody waits for a writer."""
        language = self._languages(request.sender.locale or actor.locale, actor.timezone)
        with self._new_uow(read_only=True) as uow:
            rules = uow.playbooks.current()
            turn = Turn(request, actor, uow, self._now(), language, rules)
            made = reply.attach(turn) if reply.attach else None
        return replace(reply, attach=None, attachment=made)

    def _newcomer(self, request: Request, route: Route) -> Reply:
        if request.sender.doubtful:
            raise NotVouchedFor
        with self._new_uow() as uow:
            newcomers.welcome(request.sender, uow, self._languages, self._now())
            uow.commit()
        reply = self._known_person(request, route)
        if reply is None:
            raise AssertionError("a person who was just welcomed is known")
        return reply

    def _answer(self, request: Request, route: Route, uow: UnitOfWork, actor: Person) -> Reply:
        language = self._languages(request.sender.locale or actor.locale, actor.timezone)
        try:
            reply = self._handled(request, route, uow, actor, language)
        except NotAllowed as error:
            if can := who_can(error, actor, uow.people.everyone(), language):
                return _failed(request, language.text("error.not_allowed_but", people=can))
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

    def _note_seen(self, subject: str, actor: Person) -> None:
        with self._new_uow() as uow:
            uow.reminders.seen(actor.id, subject, self._now())
            uow.commit()

    def _keep(self, record: Callable[[Turn], None], request: Request, actor: Person) -> None:
        language = self._languages(request.sender.locale or actor.locale, actor.timezone)
        with self._new_uow() as uow:
            record(Turn(request, actor, uow, self._now(), language, uow.playbooks.current()))
            uow.commit()

    def _handled(
        self, request: Request, route: Route, uow: UnitOfWork, actor: Person, language: Language
    ) -> Reply:
        now = self._now()
        if not actor.active:
            raise NoLongerActive
        if not may(actor, request.action):
            raise NotAllowed(roles=sorted(ACTIONS.get(request.action, ())))
        if route.changes:
            if not uow.inbound.is_new(request.id, now):
                if request.under and request.action == REMARK:
                    return Reply()  # The first answer stands below the words.
                return Reply(toast=language.text("reply.already_done"))
            actor = newcomers.remember_account(request.sender, actor, uow, language, now)
        playbook = uow.playbooks.current()
        turn = Turn(request, actor, uow, now, language, playbook, public_url=self._public_url)
        return route.handler(turn)


def _refused(request: Request, error: GenjinError, language: Language) -> Reply:
    if isinstance(error, InvalidInput):
        return Reply(errors=_worded(error, language))
    return _failed(request, _refusal(error, language))


def _failed(request: Request, words: str) -> Reply:
    """A form that failed stays open with what was typed; anything else gets a line."""
    return Reply(errors={WHOLE_FORM: words}) if request.values else Reply(toast=words)


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


def _masked(params: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed is given back in an error, too."""
    return {
        name: mask_contacts(value) if isinstance(value, str) else value
        for name, value in params.items()
    }
