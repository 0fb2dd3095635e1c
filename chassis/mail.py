"""What every mail of ours needs, whoever writes it: where it goes through, who sends it, whom it reaches."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import SecretStr, field_validator, model_validator

from chassis.settings import PREFIX, ServiceSettings
from chassis.smtp import Mail, RefusedForGood, Security, SmtpRelay

_LONGEST_LINE = 120
_POLICY = SMTP.clone(max_line_length=990, cte_type="7bit")
"""Nearly as long as RFC 5322 allows: folded at 78, a long link in a header is encoded, and mail programs see
no `List-Unsubscribe` in it."""
_BYTES_OF_A_WORD = 45
"""In base64, with what stands around it: 72 of the 75 characters that RFC 2047 allows."""
_HEADER = re.compile(r"[\x20-\x7e]{0,900}")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")


class MailSettings(ServiceSettings):
    """Settings of a service that sends mails."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8125
    smtp_security: Security = Security.offered
    smtp_user: str = ""
    """Empty where the relay knows us by our address and asks for no login."""
    smtp_password: SecretStr = SecretStr("")
    smtp_ca_file: Path | None = None
    """Certificates that sign the relay's, where it is the city's own authority; in place of the system's."""
    smtp_from: str = "CoCoCity <notifications@cococity.example>"
    """Sender of all mails: an address, or a name with an address in angle brackets."""

    @field_validator("smtp_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        sender_of(value)
        return value

    @model_validator(mode="after")
    def _shows_no_password_to_anybody(self) -> Self:
        if (
            self.smtp_user
            and self.is_production
            and self.smtp_security not in (Security.starttls, Security.tls)
        ):
            raise ValueError(f"{PREFIX}SMTP_USER needs {PREFIX}SMTP_SECURITY=starttls or tls in production")
        return self

    @property
    def sender(self) -> Address:
        return sender_of(self.smtp_from)

    def relay(self) -> SmtpRelay:
        """The relay that these settings name, not yet connected."""
        return SmtpRelay(
            self.smtp_host,
            self.smtp_port,
            self.sender.addr_spec,
            security=self.smtp_security,
            user=self.smtp_user,
            password=self.smtp_password,
            ca_file=self.smtp_ca_file,
        )


def sender_of(value: str) -> Address:
    """The address in `Name <user@host>` or `user@host`. Raises ValueError."""
    name, _, rest = value.rpartition("<")
    try:
        address = Address(display_name=name.strip().strip('"'), addr_spec=rest.rstrip("> "))
    except Exception as error:  # the library raises several kinds, IndexError among them
        raise ValueError(f"not a sender: {value!r}") from error
    if not address.domain:
        raise ValueError(f"not a sender: {value!r}")
    return address


def recipient(email: str) -> Address:
    """Where a mail to `email` goes. Raises RefusedForGood where that is nowhere."""
    if not _ADDRESS.fullmatch(email) or not email.isprintable():
        raise RefusedForGood("address-invalid")
    user, _, domain = email.rpartition("@")
    if not user.isascii():
        raise RefusedForGood("address-not-supported")
    try:
        return Address(username=user, domain=domain.encode("idna").decode())
    except Exception as error:  # the library's parser raises several kinds
        raise RefusedForGood("address-invalid") from error


def message_id(mail: UUID, domain: str) -> str:
    """The Message-ID of a mail, the same at every attempt.

    Should a crash fall between the relay's acceptance and our note of it, the second copy is recognised as
    the same message by whoever receives it.
    """
    return f"<{mail}@{domain}>"


def blank_message(mail: UUID, sender: Address, to: Address, subject: str, at: datetime) -> EmailMessage:
    """A message with the headers that all of ours have, and nothing in it yet."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(mail, sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    return message


def as_sent(message: EmailMessage) -> Mail:
    """A message to one recipient, as the relay takes it."""
    return Mail(message["To"].addresses[0].addr_spec, message.as_bytes())


def sender_header(sender: Address) -> str:
    """What `From` says of it."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    return message.as_string().removeprefix("From: ").rstrip()


def headers(values: Iterable[tuple[str, str]]) -> bytes:
    """Headers as they go out; a tenth of the time that an EmailMessage takes to read and fold them.

    What does not come from us goes through `encoded` or is an address. Raises ValueError for a value that is
    not one line of printable ASCII, or longer than RFC 5322 allows: so nothing can become a header.
    """
    lines = []
    for name, value in values:
        if not _HEADER.fullmatch(value):
            raise ValueError(f"no value of a header: {name}")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("ascii")


def encoded(text: str) -> str:
    """`text` on one line of a header, as encoded words (RFC 2047) where it is not all ASCII."""
    line = one_line(text)
    if line.isascii():
        return line
    # By hand: the library weighs each letter, which costs as much as to write the rest of a mail's head.
    octets, words, at = line.encode("utf-8", "replace"), [], 0
    while at < len(octets):
        end = at + _BYTES_OF_A_WORD
        while octets[end : end + 1] and octets[end] & 0xC0 == 0x80:  # no word ends within a letter
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(octets[at:end]).decode()}?=")
        at = end
    return " ".join(words)


def printable(text: str) -> str:
    """`text` on one line, without control and direction characters; its spaces stay what they are."""
    if text.isprintable():  # nearly every text is, and the library knows it at once
        return text
    return "".join(" " if _is_control(each) else each for each in text)


@lru_cache(maxsize=1024)
def _is_control(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def one_line(text: str) -> str:
    """`text` for a header, without line breaks, control and direction characters: anybody writes names.

    What begins like an encoded word (RFC 2047) is taken apart: the library would decode it and write what it
    finds in it, line breaks and headers included.
    """
    visible = text
    if not text.isprintable():
        visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    return " ".join(visible.split())[:_LONGEST_LINE].replace("=?", "= ?")
