"""Makes the message of a mail's content: plain text and HTML, and nothing that tells whether it was read.

Nothing is loaded from elsewhere; a chart comes along as a PNG, its figures as text. Whatever people typed is
cleaned and escaped by the environment of the templates (`_environment`), and for headers by `encoded`.

MJML becomes HTML once in a process and language, with what is to be filled in still open, and not for each
mail; the sentences of a template are translated then, too.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Callable, Iterator, Sequence
from email.headerregistry import Address
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from chassis.mail import encoded, headers, message_id, one_line, printable, recipient, sender_header
from chassis.smtp import Mail
from services.notifications.languages import LANGUAGES, number, translations
from services.notifications.mails import chart
from services.notifications.mails.content import Content

TEMPLATES = Path(__file__).parent / "templates"
UNSUBSCRIBE = "/api/v1/notifications/unsubscribe"
_SENTENCE = re.compile(r"""\b_\((?P<quote>['"])(?P<text>[^'"]+)(?P=quote)\)""")
_END_OF_TAG = '"><'
"""Where a line may end without a change to the page: within a tag, before it closes."""
_LONGEST_LINE = 998
"""Without its end (RFC 5322, 2.1.1)."""
_KIND = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class MailWriter:
    """Composes mails from this installation's address, with links behind its public one."""

    def __init__(self, sender: Address, public_url: str) -> None:
        self.sender = sender
        self._from = sender_header(sender)
        self._public_url = public_url
        self._html = {each: _environment(each, autoescape=True) for each in LANGUAGES}
        self._text = {each: _environment(each, autoescape=False) for each in LANGUAGES}

    def compose(self, content: Content, email: str) -> Mail:
        """The whole message. Raises RefusedForGood where `email` is no usable address.

        Raises ValueError for a kind that is no name of lower-case letters, figures and hyphens.
        """
        to = recipient(email).addr_spec
        page = _page_part(self.html(content))
        if content.chart is not None:
            picture = _picture_part(chart.png(content.chart.points), self._chart_id(content))
            page = _multipart("related", content.id, [page, picture])
        plain = _plain_part(self.text(content))
        body = _multipart("alternative", content.id, [plain, page])
        return Mail(to, headers(self._headers(content, to)) + body)

    def _headers(self, content: Content, to: str) -> Iterator[tuple[str, str]]:
        subject = " – ".join(part for part in (one_line(content.title), one_line(content.name)) if part)
        yield "From", self._from
        yield "To", to
        yield "Subject", encoded(subject)
        yield "Date", format_datetime(content.written_at)
        yield "Message-ID", message_id(content.id, self.sender.domain)
        yield "Auto-Submitted", "auto-generated"
        yield from self._list(content)
        yield "Content-Language", content.language
        yield "MIME-Version", "1.0"

    def text(self, content: Content) -> str:
        """Its plain part."""
        return self._text[content.language].get_template("mail.txt").render(self._values(content))

    def html(self, content: Content) -> str:
        """Its page; a chart is shown where the picture comes along."""
        return self._html[content.language].get_template("mail.mjml").render(self._values(content))

    def _chart_id(self, content: Content) -> str:
        return f"chart.{content.id}@{self.sender.domain}"

    def _list(self, content: Content) -> Iterator[tuple[str, str]]:
        """What sorts it (RFC 2919), and what ends it with one click, without cookies (RFC 8058)."""
        if not _KIND.fullmatch(content.kind):
            raise ValueError(f"no kind: {content.kind!r}")
        yield "List-Id", f"<{content.kind}.notifications.{self.sender.domain}>"
        if content.token is not None:
            yield "List-Unsubscribe", f"<{self._unsubscribe(content)}>"
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"

    def _unsubscribe(self, content: Content) -> str:
        return self._url(f"{UNSUBSCRIBE}/{content.token}?kind={content.kind}")

    def _url(self, path: str) -> str:
        """Behind our own address, whatever `path` is: it follows the host's name and a slash."""
        return f"{self._public_url}/{path.lstrip('/')}"

    def _values(self, content: Content) -> dict[str, object]:
        ends = content.token is not None
        points = content.chart.points if content.chart else ()
        return {
            "mail": content,
            "language": content.language,
            "points": [(label, number(count, content.language)) for label, count in points],
            "url": self._url,
            "chart_cid": self._chart_id(content),
            "unsubscribe_kind": self._unsubscribe(content) if ends else None,
            "unsubscribe_all": self._url(f"{UNSUBSCRIBE}/{content.token}") if ends else None,
        }


def _multipart(subtype: str, mail: UUID, parts: Sequence[bytes]) -> bytes:
    # No part has it in it: in quoted-printable an equals sign is followed by figures, and base64 has no "_".
    boundary = f"=_{subtype}_{mail.hex}".encode()
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n' % (subtype.encode(), boundary)
    return (b"\r\n--%b\r\n" % boundary).join([head, *parts]) + b"\r\n--%b--\r\n" % boundary


def _plain_part(text: str) -> bytes:
    return _text_head("plain", "quoted-printable") + b2a_qp(text.encode("utf-8", "replace"), istext=True)


def _page_part(page: str) -> bytes:
    """In ASCII, for HTML can name every other character: to encode it costs as much as to write it."""
    content = page.encode("ascii", "xmlcharrefreplace")
    if _has_long_lines(content):
        return _text_head("html", "quoted-printable") + b2a_qp(content, istext=True)
    return _text_head("html", "7bit") + content


def _has_long_lines(content: bytes) -> bool:
    """From one end of a line to the last that may follow: a page of hundreds of lines is a few such steps."""
    at = 0
    while len(content) - at > _LONGEST_LINE:
        end = content.rfind(b"\r\n", at, at + _LONGEST_LINE + 2)
        if end < 0:
            return True
        at = end + 2
    return False


def _text_head(subtype: str, encoding: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode()


def _picture_part(png: bytes, content_id: str) -> bytes:
    head = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-ID: <{content_id}>\r\nContent-Disposition: inline; filename="chart.png"\r\n\r\n'
    )
    return head.encode() + encodebytes(png).replace(b"\n", b"\r\n")


class _Templates(FileSystemLoader):
    """MJML as the HTML that it stands for, still a template, with its sentences in one language."""

    def __init__(self, language: str) -> None:
        super().__init__(TEMPLATES)
        self._say = translations(language).ugettext

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_current = super().get_source(environment, template)
        if template.endswith(".mjml"):
            source = str(mjml2html(source)).replace(_END_OF_TAG, '"\n><')
        return _SENTENCE.sub(lambda found: ascii(self._say(found["text"])), source), path, is_current


def _environment(language: str, *, autoescape: bool) -> Environment:
    return Environment(
        loader=_Templates(language),
        auto_reload=False,
        autoescape=autoescape,  # noqa: S701  off for plain text alone
        finalize=_cleaned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\r\n",
    )


def _cleaned(value: object) -> object:
    """What a template shows of `value`: on one line, without control and direction characters."""
    # A mail shows a hundred texts, and nearly all are: a call more for each is felt.
    return value if not isinstance(value, str) or value.isprintable() else printable(value)
