"""The demo's mailbox: takes every mail by SMTP, keeps it as a file, and shows it on a page.

Nothing is delivered to anybody. It refuses to start in production. The page shows a mail as its readers
would see it: HTML in a frame without scripts, forms or requests to anywhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

MOST_MAILS = 5_000
"""The oldest go first: a simulation may send thousands."""
LARGEST_MAIL_BYTES = 10 * 1024 * 1024
PAGE_SIZE = 100
FRAME_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Mail:
    """What the list shows of a mail."""

    id: str
    received_at: str
    sender: str
    to: list[str]
    subject: str
    headers: dict[str, str]


class Mailbox:
    """The mails of one directory, newest first, with an index in memory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.mails: deque[Mail] = deque()
        for path in sorted(directory.glob("*.eml"))[-MOST_MAILS:]:
            self.mails.appendleft(_summary(path.stem, _parse(path.read_bytes())))

    def keep(self, content: bytes) -> Mail:
        now = datetime.now(UTC)
        mail_id = f"{now:%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
        unfinished = self.directory / f".{mail_id}"
        unfinished.write_bytes(content)
        unfinished.rename(self._path(mail_id))
        mail = _summary(mail_id, _parse(content))
        self.mails.appendleft(mail)
        while len(self.mails) > MOST_MAILS:
            self._path(self.mails.pop().id).unlink(missing_ok=True)
        return mail

    def find(self, recipient: str | None, limit: int, offset: int = 0) -> list[Mail]:
        found = (mail for mail in self.mails if recipient is None or recipient in mail.to)
        return [mail for place, mail in enumerate(found) if offset <= place < offset + limit]

    def content(self, mail_id: str) -> tuple[Mail, EmailMessage]:
        """KeyError for an unknown id: only ids of the index become paths."""
        for mail in self.mails:
            if mail.id == mail_id:
                return mail, _parse(self._path(mail_id).read_bytes())
        raise KeyError(mail_id)

    def _path(self, mail_id: str) -> Path:
        return self.directory / f"{mail_id}.eml"


class Receiver:
    """What aiosmtpd calls for each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        self.mailbox.keep(content if isinstance(content, bytes) else content.encode())
        return "250 Kept for the demo, delivered to nobody"


class Pages:
    """The mailbox in a browser, and as JSON for tests and the simulation."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        folder = FileSystemLoader(Path(__file__).parent / "mail_pages")
        self.templates = Environment(loader=folder, autoescape=True)

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/mails/", self.index),
                Route("/mails/api/messages", self.api_list),
                Route("/mails/api/messages/{mail_id}", self.api_one),
                Route("/mails/{mail_id}", self.one),
                Route("/mails/{mail_id}/html", self.html),
                Route("/mails/{mail_id}/source", self.source),
            ]
        )

    async def index(self, request: Request) -> Response:
        recipient = request.query_params.get("to") or None
        mails = self.mailbox.find(recipient, PAGE_SIZE)
        return self._page("index.html", mails=mails, total=len(self.mailbox.mails), recipient=recipient)

    async def one(self, request: Request) -> Response:
        mail, message = self._content(request)
        return self._page(
            "mail.html", mail=mail, text=_part(message, "plain"), has_html=_part(message, "html")
        )

    async def html(self, request: Request) -> Response:
        _, message = self._content(request)
        body = _part(message, "html") or ""
        return HTMLResponse(body, headers={"Content-Security-Policy": FRAME_POLICY})

    async def source(self, request: Request) -> Response:
        _, message = self._content(request)
        return PlainTextResponse(message.as_bytes().decode(errors="replace"))

    async def api_list(self, request: Request) -> Response:
        recipient = request.query_params.get("to") or None
        limit, offset = _number(request, "limit", PAGE_SIZE, 1_000), _number(request, "offset", 0, MOST_MAILS)
        mails = self.mailbox.find(recipient, limit, offset)
        return JSONResponse({"total": len(self.mailbox.mails), "items": [asdict(mail) for mail in mails]})

    async def api_one(self, request: Request) -> Response:
        mail, message = self._content(request)
        return JSONResponse(
            {**asdict(mail), "text": _part(message, "plain"), "html": _part(message, "html")},
        )

    def _content(self, request: Request) -> tuple[Mail, EmailMessage]:
        try:
            return self.mailbox.content(request.path_params["mail_id"])
        except (KeyError, FileNotFoundError):
            raise HTTPException(404, "There is no such mail.") from None

    def _page(self, template: str, **values: Any) -> Response:
        return HTMLResponse(self.templates.get_template(template).render(**values))


def _number(request: Request, name: str, default: int, most: int) -> int:
    try:
        return max(0, min(most, int(request.query_params.get(name, default))))
    except ValueError:
        raise HTTPException(400, f"{name} is not a number.") from None


def _parse(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _summary(mail_id: str, message: EmailMessage) -> Mail:
    received = datetime.strptime(mail_id.split("-", maxsplit=1)[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    recipients = message["to"].addresses if message["to"] else ()
    return Mail(
        id=mail_id,
        received_at=received.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        sender=str(message["from"] or ""),
        to=[address.addr_spec for address in recipients],
        subject=str(message["subject"] or ""),
        headers={name: str(value) for name, value in message.items()},
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else None


async def serve(directory: Path, smtp_port: int, page_port: int, host: str = "127.0.0.1") -> None:
    """Run until a signal stops it."""
    mailbox = Mailbox(directory)
    receiver = Receiver(mailbox)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            receiver, data_size_limit=LARGEST_MAIL_BYTES, enable_SMTPUTF8=True, ident="CoCoCity demo"
        ),
        host,
        smtp_port,
    )
    async with server:
        pages = Pages(mailbox).application()
        await uvicorn.Server(
            uvicorn.Config(pages, host=host, port=page_port, log_level="warning", access_log=False)
        ).serve()


def main() -> None:
    if os.environ.get("COCOCITY_ENVIRONMENT", "production") not in ("demo", "test"):
        sys.exit("The mail catcher is for demos and tests: it does not start in production.")
    directory, smtp_port, page_port = sys.argv[1:]
    host = os.environ.get("COCOCITY_HOST", "127.0.0.1")
    asyncio.run(serve(Path(directory), int(smtp_port), int(page_port), host))


if __name__ == "__main__":
    main()
