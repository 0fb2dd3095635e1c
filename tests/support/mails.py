"""Mails as tests write them: a digest with all that one can hold, and what arrives of it."""

from __future__ import annotations

import base64
import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

from babel.dates import format_date

from services.notifications.advice.steps import step_name
from services.notifications.feed.wording import words_for
from services.notifications.mails.content import Chart, Content, Item, Step
from services.notifications.mails.writer import MailWriter

DELIVERY = UUID("01890000-0000-7000-8000-000000000001")
TOWN = "https://town.example"
WRITER = MailWriter(Address("CoCoCity", "notifications", "town.example"), TOWN)
TOKEN = "t" * 32
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
COUNTS = (3, 8, 14, 0, 9, 12, 11, 43)
_SUMMARY = {
    "fr": "Entre 0 et 14 les sept semaines précédentes, 43 la dernière.",
    "nl": "Tussen 0 en 14 in de zeven weken ervoor, 43 in de laatste.",
    "de": "Zwischen 0 und 14 in den sieben Wochen davor, 43 in der letzten.",
    "en": "Between 0 and 14 in the seven weeks before, 43 in the last one.",
}
"""Who decides a digest writes this; here it stands for any text."""


def digest(language: str = "en", name: str = "Chez Zoé") -> Content:
    """Three kinds of news, a chart of eight weeks and a step, in words that the service has for them."""
    news = [
        words_for("milestone", {"kind": kind, "threshold": number}, language)
        for kind, number in (("review", 40), ("share", 1), ("photo", 1000))
    ]
    weeks = [date(2026, 9, 28) + timedelta(weeks=number) for number in range(len(COUNTS))]
    labels = [format_date(week, "d MMM", locale=language) for week in weeks]
    return Content(
        DELIVERY,
        language,
        "digest",
        name,
        title=news[0].title,
        lead=news[0].text,
        reason=news[0].because,
        token=TOKEN,
        written_at=AT,
        items=tuple(Item(each.title, each.text, each.because, "/feed") for each in news),
        step=Step(step_name("answer-reviews", language) or "", news[1].text, "/advice"),
        chart=Chart(news[2].title, _SUMMARY[language], tuple(zip(labels, COUNTS, strict=True))),
    )


def arrived(content: Content, email: str = "zoe@shop.example") -> EmailMessage:
    """The message as it arrives, not as it was made."""
    return message_from_bytes(WRITER.compose(content, email).message, policy=default)


def parts(message: EmailMessage) -> tuple[str, str]:
    """Its text and its HTML."""
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    page = re.sub(r"&#(\d{3,});", lambda found: chr(int(found[1])), html.get_content())
    return plain.get_content().replace("\r\n", "\n"), page.replace("\r\n", "\n")


def pictures(message: EmailMessage) -> dict[str, bytes]:
    """What it brings along, by content id."""
    return {
        str(part["Content-ID"]).strip("<>"): part.get_content()
        for part in message.walk()
        if part.get_content_maintype() == "image"
    }


def page(message: EmailMessage) -> str:
    """Its HTML, with its pictures where a mail program shows them."""
    html = parts(message)[1]
    for content_id, png in pictures(message).items():
        shown = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        assert f"cid:{content_id}" in html
        html = html.replace(f"cid:{content_id}", shown)
    return html
