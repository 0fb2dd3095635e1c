"""Writes a mail: plain text and HTML, in the merchant's language, without anything that tracks reading."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from chassis.mail import blank_message, one_line, recipient
from services.notifications.delivery.contacts import Contact
from services.notifications.feed.wording import Words
from services.notifications.languages import translations

TEMPLATES = Path(__file__).parent / "templates"


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
        """The whole message. Raises RefusedForGood where the contact has no usable address."""
        unsubscribe = f"{self._public_url}/api/v1/notifications/unsubscribe/{letter.unsubscribe_token}"
        to, title = recipient(letter.contact.email), one_line(letter.words.title)
        subject = f"{title} – {one_line(letter.contact.merchant_name)}"
        message = blank_message(letter.delivery_id, self.sender, to, subject, letter.written_at)
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


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701  off for plain text alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
