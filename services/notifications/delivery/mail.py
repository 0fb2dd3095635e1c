"""Writes a mail: plain text and HTML, in the merchant's language, without anything that tracks reading."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from services.notifications.delivery.contacts import Contact
from services.notifications.delivery.domain import RefusedForGood
from services.notifications.feed.wording import Words
from services.notifications.languages import translations

TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_NAME = 120
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")


class Letter(NamedTuple):
    """What one mail says, and to whom."""

    delivery_id: UUID
    contact: Contact
    words: Words
    language: str
    unsubscribe_token: str
    written_at: datetime


class MailWriter:
    """Composes mails from this installation's address."""

    def __init__(self, sender: Address, public_url: str) -> None:
        self.sender = sender
        self._public_url = public_url
        self._html = _environment(autoescape=True)
        self._text = _environment(autoescape=False)

    def compose(self, letter: Letter) -> EmailMessage:
        """The whole message. Raises RefusedForGood where the contact has no usable address.

        Its Message-ID is a function of the delivery: should a crash fall between the relay's acceptance
        and our note of it, the second copy is recognised as the same message by whoever receives it.
        """
        unsubscribe = f"{self._public_url}/api/v1/notifications/unsubscribe/{letter.unsubscribe_token}"
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = _recipient(letter.contact)
        message["Subject"] = one_line(f"{letter.words.title} – {one_line(letter.contact.merchant_name)}")
        message["Date"] = format_datetime(letter.written_at)
        message["Message-ID"] = message_id(letter.delivery_id, self.sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        # One click, without cookies or a page in between: RFC 8058.
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        values = self._values(letter, unsubscribe)
        message.set_content(self._text.get_template("mail.txt").render(values))
        mjml = self._html.get_template("mail.mjml").render(values)
        message.add_alternative(mjml2html(mjml), subtype="html")
        message["Content-Language"] = letter.language  # last: the library takes it for a part's before
        return message

    def _values(self, letter: Letter, unsubscribe: str) -> dict[str, object]:
        catalogue = translations(letter.language)
        return {
            "language": letter.language,
            "name": one_line(letter.contact.merchant_name),
            "words": letter.words,
            "feed_url": f"{self._public_url}/",
            "unsubscribe_url": unsubscribe,
            "_": catalogue.ugettext,
        }


def message_id(delivery: UUID, domain: str) -> str:
    """The Message-ID of a delivery, the same at every attempt."""
    return f"<{delivery}@{domain}>"


def one_line(text: str) -> str:
    """`text` without line breaks, control and direction characters: names come from map data of anybody."""
    visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    return " ".join(visible.split())[:_LONGEST_NAME]


def _recipient(contact: Contact) -> Address:
    if not _ADDRESS.fullmatch(contact.email) or not contact.email.isprintable():
        raise RefusedForGood("address-invalid")
    user, _, domain = contact.email.rpartition("@")
    if not user.isascii():
        raise RefusedForGood("address-not-supported")
    try:
        return Address(username=user, domain=domain.encode("idna").decode())
    except Exception as error:  # the library's parser raises several kinds
        raise RefusedForGood("address-invalid") from error


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701  off for plain text alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
