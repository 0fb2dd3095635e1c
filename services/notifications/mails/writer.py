"""Makes the message of a mail's content: plain text and HTML, and nothing that tells whether it was read.

Nothing is loaded from elsewhere; a chart comes along as a PNG, its figures as text. Whatever people typed is
cleaned and escaped by the environment of the templates (`_environment`), and for headers by `one_line`.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Callable, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from chassis.mail import blank_message, one_line, printable, recipient
from services.notifications.languages import translations
from services.notifications.mails import chart
from services.notifications.mails.content import Content

TEMPLATES = Path(__file__).parent / "templates"
UNSUBSCRIBE = "/api/v1/notifications/unsubscribe"
_KIND = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class MailWriter:
    """Composes mails from this installation's address, with links behind its public one."""

    def __init__(self, sender: Address, public_url: str) -> None:
        self.sender = sender
        self._public_url = public_url
        self._html = _environment(autoescape=True)
        self._text = _environment(autoescape=False)

    def compose(self, content: Content, email: str) -> EmailMessage:
        """The whole message. Raises RefusedForGood where `email` is no usable address.

        Raises ValueError for a kind that is no name of lower-case letters, figures and hyphens.
        """
        to = recipient(email)
        subject = " – ".join(part for part in (one_line(content.title), one_line(content.name)) if part)
        message = blank_message(content.id, self.sender, to, subject, content.written_at)
        self._name_list(message, content)
        page = _text_part("html", self.html(content))
        if content.chart is not None:
            picture = _picture_part(chart.png(content.chart.points), self._chart_id(content))
            page = _multipart("related", content.id, [page, picture])
        plain = _text_part("plain", self.text(content))
        _fill(message, _multipart("alternative", content.id, [plain, page]))
        message["Content-Language"] = content.language
        return message

    def text(self, content: Content) -> str:
        """Its plain part."""
        return self._text.get_template("mail.txt").render(self._values(content))

    def html(self, content: Content) -> str:
        """Its page; a chart is shown where the picture comes along."""
        return str(mjml2html(self._html.get_template("mail.mjml").render(self._values(content))))

    def _chart_id(self, content: Content) -> str:
        return f"chart.{content.id}@{self.sender.domain}"

    def _name_list(self, message: EmailMessage, content: Content) -> None:
        """What sorts it (RFC 2919), and what ends it with one click, without cookies (RFC 8058)."""
        if not _KIND.fullmatch(content.kind):
            raise ValueError(f"no kind: {content.kind!r}")
        message["List-Id"] = f"<{content.kind}.notifications.{self.sender.domain}>"
        if content.token is not None:
            message["List-Unsubscribe"] = f"<{self._unsubscribe(content)}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"

    def _unsubscribe(self, content: Content) -> str:
        return self._url(f"{UNSUBSCRIBE}/{content.token}?kind={content.kind}")

    def _url(self, path: str) -> str:
        """Behind our own address, whatever `path` is: it follows the host's name and a slash."""
        return f"{self._public_url}/{path.lstrip('/')}"

    def _values(self, content: Content) -> dict[str, object]:
        number: Callable[[int], str] = lambda count: format_decimal(count, locale=content.language)  # noqa: E731
        ends = content.token is not None
        return {
            "mail": content,
            "language": content.language,
            "number": number,
            "url": self._url,
            "chart_cid": self._chart_id(content),
            "unsubscribe_kind": self._unsubscribe(content) if ends else None,
            "unsubscribe_all": self._url(f"{UNSUBSCRIBE}/{content.token}") if ends else None,
            "_": translations(content.language).ugettext,
        }


def _fill(message: EmailMessage, body: str) -> None:
    """Its body as it goes out. The library would take it apart into headers again: half of a mail's time."""
    kind, _, payload = body.partition("\n\n")
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = kind.removeprefix("Content-Type: ")
    message.set_payload(payload.replace("\n", "\r\n"))


def _multipart(subtype: str, mail: UUID, parts: Sequence[str]) -> str:
    # No part has it in it: in quoted-printable an equals sign is followed by figures, and base64 has no "_".
    boundary = f"=_{subtype}_{mail.hex}"
    between = f"\n--{boundary}\n".join(["", *parts])
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n{between}\n--{boundary}--\n'


def _text_part(subtype: str, text: str) -> str:
    written = b2a_qp(text.encode("utf-8", "replace"), istext=True).decode("ascii").replace("\r\n", "\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable'
    return f"{head}\n\n{written}"


def _picture_part(png: bytes, content_id: str) -> str:
    head = (
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\n"
        f'Content-ID: <{content_id}>\nContent-Disposition: inline; filename="chart.png"'
    )
    return f"{head}\n\n{encodebytes(png).decode('ascii')}"


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701  off for plain text alone
        finalize=_cleaned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _cleaned(value: object) -> object:
    """What a template shows of `value`: on one line, without control and direction characters."""
    return printable(value) if isinstance(value, str) else value
