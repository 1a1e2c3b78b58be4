"""The mail server to submit mail to, parsed from one URL; knows no message."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server.

    ``direct``: TLS from the first byte; ``upgrade``: STARTTLS, without which nothing is submitted.
    Neither: unencrypted, which is for this machine or a relay without a password.
    """

    host: str
    port: int
    direct: bool
    upgrade: bool
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Parse the URL of a mail server. Raises ValueError, which never quotes the URL.

    ``smtps://user:password@host:465`` is TLS from the start, ``smtp://…`` (port 587) is upgraded
    with STARTTLS. ``?starttls=no`` skips that where no password is sent; on this machine it is
    skipped anyway.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("is no address such as smtps://user:password@host:465") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("must start with smtp:// or smtps:// and name a host")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("needs a user and a password, or neither")
    local, direct = parts.hostname in _LOOPBACK, parts.scheme == "smtps"
    plain = parse_qs(parts.query).get("starttls") == ["no"]
    if plain and user and not local:
        raise ValueError("would send the password unencrypted: take starttls=no out")
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        direct=direct,
        upgrade=not (direct or plain or local),
        user=user,
        password=password,
    )
