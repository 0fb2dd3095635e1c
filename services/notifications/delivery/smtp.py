"""Hands mails to the relay and says plainly what it answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import errors

from services.notifications.delivery.domain import RefusedForGood, Unreachable, refusal

TIMEOUT_SECONDS = 10.0
MAIL_SECONDS = 20.0
"""For one mail in all, connection included; less than what must be left of its lease."""


class SmtpRelay:
    """One connection, opened when a mail is to be sent and kept for the rest of the batch."""

    def __init__(self, host: str, port: int, sender: str) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, message: EmailMessage) -> None:
        """Return once the relay has taken responsibility.

        Raises Unreachable, RefusedForNow, RefusedForGood.
        """
        recipient = message["To"].addresses[0].addr_spec
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                client = await self._connected()
                await client.sendmail(self._sender, [recipient], message.as_bytes())
        except errors.SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code
            raise refusal(code, of_recipient=True) from refused
        except errors.SMTPRecipientRefused as refused:
            raise refusal(refused.code, of_recipient=True) from refused
        except errors.SMTPDataError as refused:
            raise refusal(refused.code, of_recipient=False) from refused
        except errors.SMTPNotSupported as refused:  # an address in letters that the relay does not know
            raise RefusedForGood("address-not-supported") from refused
        except (TimeoutError, errors.SMTPException, OSError) as error:
            # The greeting, our address, a lost connection: nothing that this one mail could help.
            await self.close()
            raise Unreachable(f"relay: {type(error).__name__}") from error

    async def close(self) -> None:
        """End the connection; the next mail opens another."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(errors.SMTPException, OSError, asyncio.TimeoutError):
                await client.quit(timeout=1)
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is None or not self._client.is_connected:
            client = aiosmtplib.SMTP(hostname=self._host, port=self._port, timeout=TIMEOUT_SECONDS)
            await client.connect()
            self._client = client
        return self._client
