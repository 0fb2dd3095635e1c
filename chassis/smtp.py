"""Hands mails to the relay and says plainly what it answered. Source of the codes: RFC 5321, section 4.2."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, cast

import aiosmtplib
from aiosmtplib import errors
from pydantic import SecretStr

POLL_SECONDS = 0.2
"""How long a service with nothing to send waits before it looks again."""
TIMEOUT_SECONDS = 10.0
MAIL_SECONDS = 20.0
"""For one mail in all, connection included; less than what must be left of its lease."""


_MAILBOX = re.compile(r"[ -;=?-~]+")
"""Printable ASCII but for what an address stands between (RFC 5321, 4.1.2)."""


class Security(StrEnum):
    """How the line to the relay is kept from being read. Certificates are checked wherever there is one."""

    offered = "offered"
    """STARTTLS where the relay offers it."""
    starttls = "starttls"
    """STARTTLS, or no mail is sent (port 587; RFC 3207)."""
    tls = "tls"
    """TLS from the first byte (port 465; RFC 8314)."""
    none = "none"
    """In the clear, for a relay on this machine."""


class Unreachable(Exception):
    """Infrastructure: the relay (or who knows addresses) is away, or is not set up to take mail from us.

    No mail's fault: all of them wait.
    """


class RefusedForNow(Exception):
    """This mail was refused for the time being (4xx). `wait`: for how long nobody is to ask again."""

    def __init__(self, detail: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(detail)
        self.wait = wait


class RefusedForGood(Exception):
    """This mail will never be taken (5xx). `reason` is a code, never what the other server said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refusal(code: int, *, of_recipient: bool) -> Exception:
    """What an SMTP reply code about this one mail means; the connection's end (421) is no refusal."""
    if code == 421:
        return Unreachable(f"code {code}")
    if 400 <= code < 500:
        return RefusedForNow(f"code {code}")
    return RefusedForGood("mailbox-unavailable" if of_recipient else "message-refused")


class Mail(NamedTuple):
    """What is handed to the relay."""

    recipient: str
    message: bytes
    """Headers and body, ASCII, its lines ended by CR LF."""


class SmtpRelay:
    """Connections to it: one for each mail that is sent at the same time, kept for those that come after."""

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        security: Security = Security.offered,
        user: str = "",
        password: SecretStr | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._security = security
        self._user = user
        self._password = password
        self._ca_file = ca_file
        self._idle: list[aiosmtplib.SMTP] = []

    async def send(self, mail: Mail, return_path: str | None = None) -> None:
        """Return once the relay has taken responsibility.

        What cannot be delivered later is told to `return_path`, or to the sender where there is none.
        Raises Unreachable, RefusedForNow, RefusedForGood.
        """
        try:
            async with asyncio.timeout(MAIL_SECONDS), self._lent() as client:
                await _hand_over(client, return_path or self._sender, mail)
        except errors.SMTPRecipientRefused as refused:
            raise refusal(refused.code, of_recipient=True) from refused
        except errors.SMTPDataError as refused:
            raise refusal(refused.code, of_recipient=False) from refused
        except (TimeoutError, errors.SMTPException, OSError) as error:
            # The greeting, our address or login, a certificate, a lost connection: no mail could help it.
            raise Unreachable(f"relay: {type(error).__name__}") from error

    async def close(self) -> None:
        """End all connections that are not in use; the next mail opens another."""
        idle, self._idle = self._idle, []
        for client in idle:
            with suppress(errors.SMTPException, OSError, asyncio.TimeoutError):
                await client.quit(timeout=1)
            client.close()

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection for one mail; one that failed otherwise than by a plain refusal is not used again."""
        client = await self._connected()
        try:
            yield client
        except _OF_THE_MAIL:
            self._idle.append(client)
            raise
        except BaseException:
            client.close()
            raise
        self._idle.append(client)

    async def _connected(self) -> aiosmtplib.SMTP:
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                return client
        return await self._connect()

    async def _connect(self) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=TIMEOUT_SECONDS,
            use_tls=self._security is Security.tls,
            start_tls=_START_TLS[self._security],
            cert_bundle=str(self._ca_file) if self._ca_file else None,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:  # not where it was looked for STARTTLS
                try:
                    await client.ehlo()
                except errors.SMTPHeloError:
                    await client.helo()
            if self._user:
                password = self._password.get_secret_value() if self._password else ""
                await client.login(self._user, password)
        except errors.SMTPNotSupported as error:  # TLS or login: of the relay, not of the mail
            client.close()
            raise errors.SMTPConnectError(str(error)) from error
        except BaseException:
            client.close()
            raise
        return client


async def _hand_over(client: aiosmtplib.SMTP, sender: str, mail: Mail) -> None:
    """As `client.sendmail` does, which reads both addresses and rewrites the ends of all lines each time.

    That is half of what sending a mail costs. One deadline holds for all of it: `send` has it.
    """
    size = [b"SIZE=%d" % len(mail.message)] if client.supports_extension("size") else []
    try:
        answer = await client.execute_command(b"MAIL", _path(b"FROM:", sender), *size, timeout=None)
        if answer.code in _TOO_LARGE:
            raise errors.SMTPDataError(answer.code, answer.message)
        _expect({250}, answer, errors.SMTPSenderRefused, sender)
        answer = await client.execute_command(b"RCPT", _path(b"TO:", mail.recipient), timeout=None)
        _expect({250, 251}, answer, errors.SMTPRecipientRefused, mail.recipient)
        _expect({354}, await client.execute_command(b"DATA", timeout=None), errors.SMTPDataError)
        if client.transport is None:  # it hung up right after it asked for the data
            raise errors.SMTPServerDisconnected("the relay hung up")
        cast("asyncio.WriteTransport", client.transport).write(_as_data(mail.message))
        _expect({250}, await client.execute_command(b".", timeout=None), errors.SMTPDataError)
    except errors.SMTPResponseException:
        with suppress(ConnectionError, errors.SMTPResponseException):
            await client.rset()
        raise


def _path(verb: bytes, address: str) -> bytes:
    """With nothing in it that could become another command or parameter."""
    if not _MAILBOX.fullmatch(address):
        raise RefusedForGood("address-not-supported")
    return b"%b<%b>" % (verb, address.encode())


def _expect(
    codes: set[int], answer: aiosmtplib.SMTPResponse, refused: type[errors.SMTPResponseException], *whose: str
) -> None:
    if answer.code not in codes:
        raise refused(answer.code, answer.message, *whose)


def _as_data(message: bytes) -> bytes:
    """In lines that end with CR LF alone, so that none ends the mail (RFC 5321, 4.1.1.4 and 4.5.2)."""
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    if message.startswith(b"."):
        message = b"." + message
    message = message.replace(b"\r\n.", b"\r\n..")
    return message if message.endswith(b"\r\n") else message + b"\r\n"


_TOO_LARGE = {452, 552}
"""At the mail's size: for now, or for good (RFC 1870, 6.1). It is no other mail's, nor the sender's."""
_OF_THE_MAIL = (errors.SMTPRecipientRefused, errors.SMTPDataError)
_START_TLS = {Security.offered: None, Security.starttls: True, Security.tls: False, Security.none: False}


async def keep_sending(
    send_batch: Callable[[asyncio.Event], Awaitable[int]], relay: SmtpRelay, stop: asyncio.Event
) -> None:
    """Send batch after batch until `stop`; the connection is kept while there is something to send.

    `send_batch` returns how many mails it took up, and ends soon after `stop`.
    """
    try:
        while not stop.is_set():
            if not await send_batch(stop):
                await relay.close()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), POLL_SECONDS)
    finally:
        await relay.close()
