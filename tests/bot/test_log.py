import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.log import _CHATTY, HIDDEN, configure_logging, hidden


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
