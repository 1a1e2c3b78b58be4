"""Structured logs without secrets, phones or e-mails."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_PHONE = re.compile(r"(?<![\w.-])\+?\d[\d ()-]{8,16}\d(?![\w-])")
_EMAIL = re.compile(r"[^\s@\"'<>=,;:]+@[^\s@\"'<>,;]+\.[a-z]{2,}", re.IGNORECASE)
_TOKEN = re.compile(r"\b(?:xox[a-z]-|xapp-|ticket=|access_token=|://[^\s:/]+:)[^\s\"'&@]+")
_CHATTY = (
    "aiohttp.access",
    "alembic",
    "apscheduler",
    "dingtalk_stream",
    "httpx",
    "matplotlib",
    "slack_bolt",
    "slack_sdk",
    "uvicorn.access",
    "websockets",
)
HIDDEN = "[hidden]"


def configure_logging(level: int = logging.INFO, *, as_json: bool | None = None) -> None:
    """Log to stderr: lines for people on a terminal, JSON otherwise. Also what libraries log
    goes through here, so that nothing personal slips past."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    if as_json is None:
        as_json = not sys.stderr.isatty()
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Their INFO lines repeat every request and scheduler tick, one with a ticket in its URL.
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def hide_personal(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank whatever looks like a token, a phone number or an e-mail address."""
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = hidden(value)
    return event


def hidden(text: str) -> str:
    for pattern in (_TOKEN, _EMAIL, _PHONE):
        text = pattern.sub(HIDDEN, text)
    return text
