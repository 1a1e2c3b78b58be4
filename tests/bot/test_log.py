import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine

from bot.log import _CHATTY, HIDDEN, configure_logging, hidden
from storage.database.fair_pool import FairPool

ROOT = Path(__file__).parents[2]
LAYERS = ("bot", "handlers", "storage", "sales")
INCIDENTS = ROOT / "handlers/core/incidents.py"
MODULES = [path for one in LAYERS for path in (ROOT / one).rglob("*.py") if path != INCIDENTS]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
EVENT = re.compile(r"[a-z_]+(\.[a-z_]+)+")
BRIDGES = {
    "bot/log.py",
    "bot/http_protocol.py",
    "bot/platforms/dingtalk/adapter.py",
    "bot/platforms/dingtalk/connection.py",
    "bot/platforms/slack/connection.py",
}
"""Where the loggers of libraries are set up."""


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


class TestEveryLine:
    def test_is_an_event_with_a_dotted_name(self) -> None:
        for path, call in calls():
            match call.func:
                case ast.Attribute(ast.Name("log"), level) if level in LEVELS:
                    [event] = call.args
                case ast.Name("record_incident"):
                    event = call.args[0]
                case _:
                    continue
            name = event.value if isinstance(event, ast.Constant) else ""
            assert EVENT.fullmatch(str(name)), f"{path}:{call.lineno}"

    def test_of_ours_goes_through_structlog(self) -> None:
        found = {
            path.relative_to(ROOT).as_posix()
            for path, call in calls()
            if isinstance(call.func, ast.Attribute) and call.func.attr == "getLogger"
        }
        assert found == BRIDGES


class TestHidden:
    @pytest.mark.parametrize(
        "secret",
        [
            "13812345678",
            "+86 138 1234 5678",
            "zoe.sample@example.com",
            "xoxb-123-abc",
            "xapp-1-A-2",
            "ticket=0123abcd",
            "postgresql://genjin:pass@db",
        ],
    )
    def test_blanks_what_is_personal_or_secret(self, secret: str) -> None:
        shown = hidden(f"before {secret} after")
        assert HIDDEN in shown
        assert secret not in shown
        assert shown.startswith("before")

    @pytest.mark.parametrize("plain", ["lead LX001", "2026-11-23T10:00:00Z", "took 12.5 ms"])
    def test_leaves_the_rest(self, plain: str) -> None:
        assert hidden(plain) == plain


class TestConfigureLogging:
    @pytest.fixture
    def written(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
        stream = io.StringIO()
        monkeypatch.setattr("sys.stderr", stream)
        before, configured = logging.getLogger().handlers[:], structlog.get_config()
        levels = {name: logging.getLogger(name).level for name in ("", *_CHATTY)}
        configure_logging(as_json=True)
        yield stream
        logging.getLogger().handlers[:] = before
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        structlog.configure(**configured)

    def test_says_nothing_of_connections_that_come_and_go(self, written: io.StringIO) -> None:
        engine = create_engine("sqlite://", poolclass=FairPool)
        engine.connect().close()
        engine.dispose()
        assert written.getvalue() == ""

    def test_hides_in_our_events_in_librarys_and_in_tracebacks(self, written: io.StringIO) -> None:
        structlog.get_logger("bot").info("sent", to="13812345678")
        logging.getLogger("some.library").warning("refused token xoxb-%s", "canary")
        try:
            int("zoe@example.com")
        except ValueError:
            structlog.get_logger("bot").exception("failed")
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        assert [line["event"] for line in lines] == ["sent", f"refused token {HIDDEN}", "failed"]
        for secret in ("13812345678", "canary", "zoe@"):
            assert secret not in written.getvalue()
        assert "ValueError" in lines[2]["exception"]
