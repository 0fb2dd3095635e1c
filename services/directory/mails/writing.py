"""Writes a mail: plain text and simple HTML, in the reader's language; nothing tracks whether it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.mail import blank_message, recipient
from services.directory.languages import LANGUAGES, translations
from services.directory.mails.rows import Due

TEMPLATES = Path(__file__).parent / "templates"


class Link(NamedTuple):
    """Where a mail leads to."""

    label: str
    path: str
    """Behind the gateway's public address; begins with a slash."""


class Words(NamedTuple):
    """A mail as people read it. Names that people chose go through `chassis.mail.one_line` first."""

    subject: str
    text: Sequence[str]
    """Its paragraphs, before link and code."""
    link: Link | None = None
    code: str | None = None
    after: Sequence[str] = ()
    """Paragraphs below link and code."""


Writer = Callable[[Mapping[str, Any], Translations], Words]


class MailWriter:
    """Composes mails from this installation's address, by the words of their kinds."""

    def __init__(self, sender: Address, public_url: str, words: Mapping[str, Writer]) -> None:
        self._sender = sender
        self._public_url = public_url
        self._words = words
        self._html = _environment(autoescape=True)
        self._text = _environment(autoescape=False)

    def compose(self, due: Due) -> EmailMessage:
        """The whole message. Raises RefusedForGood where the recipient has no usable address."""
        to = recipient(due.recipient)
        language = due.language if due.language in LANGUAGES else LANGUAGES[0]
        words = self._words[due.kind](due.data, translations(language))
        message = blank_message(due.id, self._sender, to, words.subject, due.created_at)
        values = {"words": words, "language": language, "public_url": self._public_url}
        message.set_content(self._text.get_template("mail.txt").render(values))
        message.add_alternative(self._html.get_template("mail.html").render(values), subtype="html")
        message["Content-Language"] = language  # last: the library takes it for a part's before
        return message


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701  off for plain text alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
