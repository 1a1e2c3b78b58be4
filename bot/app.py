"""The composition root: the only place that names concrete classes.

``build`` wires a process from its settings; ``run_until_stopped`` runs one.
"""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.routing import BaseRoute

from bot import VERSION, sample
from bot.clock import Clock, SystemClock
from bot.delivery import Delivery
from bot.jobs import Jobs
from bot.memory import StoredMemory
from bot.platforms import Platform
from bot.server import PortTaken, WebServer, web_app
from bot.settings import Settings
from handlers import work
from handlers.language import Languages
from handlers.notices import Composer
from handlers.requests import Reply, Request
from handlers.router import Router
from handlers.routes import ROUTES
from handlers.turns import Turn
from sales.errors import StorageUnavailable
from storage.engine import Database, open_database
from storage.fields import Fields
from storage.figures import FigureQueries
from storage.keyring import keyring_in, parse_keyring
from storage.schema import check, migrate
from storage.unit_of_work import UnitsOfWork

log = structlog.get_logger(__name__)
WORKERS = 8
"""Threads for requests: more only queue for SQLite's one writer."""
PORT_TAKEN = 3


@dataclass(frozen=True, slots=True)
class Storage:
    database: Database
    fields: Fields


def open_storage(settings: Settings) -> Storage:
    """The database and its keys. Raises ValueError for a URL or keys that cannot be right."""
    demo = settings.has_web_chat and settings.genjin_web_chat == "auto"
    url = settings.database_url.get_secret_value()
    if not url and demo:
        # The invented company must never mix with a real one.
        url = f"sqlite:///{settings.genjin_data_dir / 'demo.db'}"
    database = open_database(url, settings.genjin_data_dir)
    keys = settings.genjin_secret_keys.get_secret_value()
    keyring = parse_keyring(keys) if keys else keyring_in(settings.genjin_data_dir / "secret.keys")
    return Storage(database, Fields(keyring))
