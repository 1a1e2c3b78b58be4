"""A real SMTP server on this machine, with a certificate that nobody else trusts."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "genjin", "pass word/%"


class Postbox:
    """Stores the mail it receives.

    ``answers`` are given to the next mails instead of accepting them, those of ``at_stage``
    (``mail``, ``rcpt``) at that command; ``hang_up`` breaks the connection when the next mail has
    come.
    """

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.answers: list[str] = []
        self.hang_up = False
        self.at_stage: dict[str, list[str]] = {}

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answers := self.at_stage.get("mail"):
            return answers.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answers := self.at_stage.get("rcpt"):
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        if self.hang_up:
            self.hang_up = False
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 never heard"
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        return "250 OK"


class Server(Controller):
    @property
    def box(self) -> Postbox:
        assert isinstance(self.handler, Postbox)
        return self.handler


Serve = Callable[..., Server]


def _authenticator(
    _s: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any
) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
    return AuthResult(success=right, handled=right)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers; ``password=True`` requires one, ``tls`` offers STARTTLS or is TLS at once."""
    running: list[Server] = []

    def start(
        *, tls: ssl.SSLContext | None = None, direct: bool = False, password: bool = False
    ) -> Server:
        more: dict[str, Any] = {"ssl_context" if direct else "tls_context": tls} if tls else {}
        if password:
            more |= {"authenticator": _authenticator, "auth_required": True}
            more |= {"auth_require_tls": tls is not None and not direct}
        server = Server(Postbox(), hostname="localhost", port=free_port(), **more)
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop(no_assert=True)


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key with its own certificate for ``localhost``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251 - OpenSSL goes by the real clock
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path
