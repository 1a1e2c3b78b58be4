"""Mails hold no pictures: a chart is its message in words."""

from datetime import UTC, datetime
from email.headerregistry import Address
from html import unescape
from zoneinfo import ZoneInfo

from bot.platforms.mail.render import Letterhead, mail_of
from handlers.core.language import Languages
from handlers.core.ui import Card, Section
from tests.chart_samples import all_samples


def test_says_what_charts_say() -> None:
    samples = all_samples("en")
    sections = (Section("Deals", chart=samples["heat"]),)
    card = Card("Digest", chart=samples["trend"], sections=sections)
    head = Letterhead(Address("Genjin", "genjin", "a.example"), "")
    language = Languages(ZoneInfo("UTC"))("en")
    mail = mail_of(card, "robin@b.example", head, language, datetime(2026, 4, 1, tzinfo=UTC))
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        for name in ("trend", "heat"):
            assert samples[name].alt in unescape(body.get_content())
