"""The line to a relay: TLS that is checked, a login that nobody reads, and servers that misbehave."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr, ValidationError

from chassis import smtp
from chassis.clock import utc_now
from chassis.mail import MailSettings, as_sent, blank_message, encoded, sender_of
from chassis.settings import Environment
from chassis.smtp import Mail, RefusedForGood, RefusedForNow, Security, SmtpRelay, Unreachable
from tests.support.mailbox import DROP, HANG, Mailbox

PASSWORD = "of the relay"
MAIL = blank_message(
    UUID(int=7), sender_of("CoCoCity <from@town.example>"), sender_of("zoe@shop.example"), "Hello", utc_now()
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that signs itself, as a city's own authority does, with its key; for 127.0.0.1."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "r")]),
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("relay") / "relay.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Seen:
    """Who logged in, and with what."""

    def __init__(self) -> None:
        self.logins: list[bytes] = []

    def __call__(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, auth: Any) -> AuthResult:
        assert isinstance(auth, LoginPassword)
        self.logins.append(auth.password)
        return AuthResult(success=auth.password == PASSWORD.encode(), handled=False)


@contextmanager
def serving(**options: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox(**options)
    mailbox.start()
    try:
        yield mailbox
    finally:
        mailbox.stop()


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def sent(mailbox: Mailbox, return_path: str | None = None, **how: Any) -> None:
    relay = SmtpRelay("127.0.0.1", mailbox.port, "from@town.example", **how)
    try:
        await relay.send(as_sent(MAIL), return_path)
    finally:
        await relay.close()


@pytest.mark.parametrize("security", [Security.starttls, Security.offered, Security.tls])
async def test_a_mail_and_a_login_go_through_tls_that_was_checked(
    certificate: Path, security: Security
) -> None:
    seen, context = Seen(), server_side(certificate)
    whole = security is Security.tls
    options = {"ssl_context": context} if whole else {"tls_context": context, "require_starttls": True}
    login = {"authenticator": seen, "auth_required": True, "auth_require_tls": not whole}
    with serving(**options, **login) as mailbox:
        how: dict[str, Any] = {"security": security, "user": "town", "password": SecretStr(PASSWORD)}
        await sent(mailbox, **how, ca_file=certificate)
        assert len(mailbox.raw) == 1
        with pytest.raises(Unreachable, match="relay: SMTP"):
            await sent(mailbox, **how | {"password": SecretStr("wrong")}, ca_file=certificate)
        seen.logins.clear()
        with pytest.raises(Unreachable):  # signed by nobody whom this machine knows
            await sent(mailbox, **how)
        assert (len(mailbox.raw), seen.logins) == (1, [])


async def test_where_tls_is_asked_for_nothing_goes_out_without(certificate: Path) -> None:
    seen = Seen()
    with serving(authenticator=seen, auth_require_tls=False) as mailbox:
        for security in (Security.starttls, Security.tls):
            with pytest.raises(Unreachable):
                await sent(
                    mailbox, security=security, user="town", password=SecretStr(PASSWORD), ca_file=certificate
                )
        assert (mailbox.raw, seen.logins) == ([], [])


async def test_a_relay_that_misbehaves_is_told_from_a_mail_that_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases: dict[str, tuple[type[Exception], int]] = {
        "451 later": (RefusedForNow, 0),
        "554 spam": (RefusedForGood, 0),
        "421 closing": (Unreachable, 0),
        HANG: (Unreachable, 0),
        DROP: (Unreachable, 1),  # it has the mail, and we cannot know
    }
    monkeypatch.setattr(smtp, "MAIL_SECONDS", 0.5)
    for answer, (expected, kept) in cases.items():
        with serving() as mailbox:
            mailbox.after_data = [answer]
            with pytest.raises(expected):
                await sent(mailbox)
            assert len(mailbox.raw) == kept, answer
            await sent(mailbox)  # and the next goes through
            assert len(mailbox.raw) == kept + 1, answer
    with pytest.raises(Unreachable):
        await sent(mailbox)  # it is gone


async def test_a_relay_that_hangs_up_where_it_asked_for_the_data_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    execute = aiosmtplib.SMTP.execute_command

    async def hangs_up_after_data(client: aiosmtplib.SMTP, *command: bytes, **options: Any) -> Any:
        answer = await execute(client, *command, **options)
        if command == (b"DATA",):
            client.close()  # what the library does at once when the line is lost
        return answer

    with serving() as mailbox:
        monkeypatch.setattr(aiosmtplib.SMTP, "execute_command", hangs_up_after_data)
        with pytest.raises(Unreachable):
            await sent(mailbox)


async def test_what_cannot_be_delivered_is_told_to_the_return_path() -> None:
    with serving() as mailbox:
        await sent(mailbox)
        await sent(mailbox, "bounces+7@town.example")
        assert mailbox.return_paths == ["from@town.example", "bounces+7@town.example"]


async def test_no_line_of_a_mail_ends_it_and_its_lines_end_as_mail_does() -> None:
    written = b".a\r\n\r\n.\r\nb\n.\nc\r.\rd\r\n..\r\ne"
    with serving() as mailbox:
        relay = SmtpRelay("127.0.0.1", mailbox.port, "from@town.example")
        for _ in range(2):
            await relay.send(Mail("zoe@shop.example", written))
        await relay.close()
        lines = b".a||.|b|.|c|.|d|..|e|".split(b"|")
        assert [each.split(b"\r\n") for _, each in mailbox.raw] == [lines, lines]


async def test_a_mail_too_large_for_the_relay_is_refused_alone_and_the_next_goes_through() -> None:
    with serving(data_size_limit=1_000) as mailbox:
        relay = SmtpRelay("127.0.0.1", mailbox.port, "from@town.example")
        with pytest.raises(RefusedForGood, match="message-refused"):
            await relay.send(Mail("zoe@shop.example", b"x\r\n" * 1_000))
        await relay.send(as_sent(MAIL))
        await relay.close()
        assert len(mailbox.raw) == 1


@pytest.mark.parametrize(
    "address",
    ["zoe@shop.example>\r\nRCPT TO:<eve@x.example", "a@b> SIZE=1 <c", "zoé@shop.example", "a\tb@x", ""],
)
async def test_an_address_becomes_no_other_command(address: str) -> None:
    with serving() as mailbox:
        relay = SmtpRelay("127.0.0.1", mailbox.port, "from@town.example")
        with pytest.raises(RefusedForGood, match="address-not-supported"):
            await relay.send(Mail(address, as_sent(MAIL).message))
        await relay.send(as_sent(MAIL))
        await relay.close()
        assert [recipient for recipient, _ in mailbox.raw] == ["zoe@shop.example"]


async def test_a_relay_without_extensions_that_forwards_is_spoken_to_as_it_can() -> None:
    answers = {b"EHLO": 502, b"HELO": 250, b"MAIL": 250, b"RCPT": 251, b"DATA": 354, b".": 250, b"QUIT": 221}
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 plain\r\n")
        while line := (await reader.readline()).strip():
            if b"DATA" in asked and asked[-1] != b"." and line != b".":
                continue
            asked.append(line.partition(b" ")[0] if line[:4] != b"MAIL" else line)
            writer.write(b"%d so\r\n" % answers[line[:4]])
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        relay = SmtpRelay("127.0.0.1", port, "from@town.example", security=Security.none)
        await relay.send(Mail("zoe@shop.example", b"Subject: Hello\r\nX: y\r\n"))
        await relay.close()
    assert asked == [b"EHLO", b"HELO", b"MAIL FROM:<from@town.example>", b"RCPT", b"DATA", b".", b"QUIT"]


def test_no_word_of_a_header_ends_within_a_letter() -> None:
    for subject in ("é" * 100, "x" + "é" * 100, "€x" * 50, "🧁" * 60, "🧁é€x" * 30):
        words = encoded(subject).split(" ")
        assert len(words) > 2
        assert all(len(word) <= 75 for word in words)
        assert "".join(b64decode(word[10:-2]).decode() for word in words) == subject[:120]


def test_no_password_is_sent_in_the_clear_in_production() -> None:
    how = {"environment": Environment.production, "smtp_user": "town"}
    with pytest.raises(ValidationError, match="SMTP_SECURITY=starttls or tls"):
        MailSettings.model_validate(how)
    for security in ("starttls", "tls"):
        MailSettings.model_validate(how | {"smtp_security": security})
