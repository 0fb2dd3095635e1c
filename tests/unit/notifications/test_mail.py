"""A mail: two parts, its reader's language, nothing that a hostile name could break, nothing that tracks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.smtp import RefusedForGood
from services.notifications.delivery.contacts import Contact
from services.notifications.delivery.mail import Letter, MailWriter
from services.notifications.feed.wording import words_for
from services.notifications.languages import LANGUAGES

DELIVERY = UUID("01890000-0000-7000-8000-000000000001")
WRITER = MailWriter(Address("CoCoCity", "notifications", "town.example"), "https://town.example")
TOKEN = "t" * 32
DATA = {"kind": "review", "threshold": 5, "count": 5, "first_step": "answer-reviews"}


def composed(name: str = "Chez Zoé", email: str = "zoe@shop.example", language: str = "fr") -> EmailMessage:
    letter = Letter(
        DELIVERY,
        Contact(name, email, None),
        words_for("milestone", DATA, language),
        language,
        TOKEN,
        datetime(2026, 11, 23, 9, tzinfo=UTC),
    )
    # As it arrives, not as it was made.
    return message_from_bytes(WRITER.compose(letter).as_bytes(), policy=default)


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@pytest.mark.parametrize(
    ("language", "title", "step"),
    [
        ("fr", "5 avis sur votre commerce", "Votre premier pas recommandé"),
        ("nl", "5 reviews over uw zaak", "Uw eerste aanbevolen stap"),
        ("de", "5 Bewertungen Ihres Geschäfts", "Ihr erster empfohlener Schritt"),
        ("en", "5 reviews of your shop", "Your first recommended step"),
    ],
)
def test_both_parts_say_the_same_in_the_readers_language(language: str, title: str, step: str) -> None:
    message = composed(language=language)
    assert message["Subject"] == f"{title} – Chez Zoé"
    assert message["Content-Language"] == language
    for part in parts(message):
        assert title in part
        assert step in part
        assert "Chez Zoé" in part
    assert f'lang="{language}"' in parts(message)[1]


def test_headers_allow_to_unsubscribe_with_one_click() -> None:
    message = composed()
    link = f"https://town.example/api/v1/notifications/unsubscribe/{TOKEN}"
    assert message["List-Unsubscribe"].replace("\n", "").replace(" ", "") == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(link in part for part in parts(message))


def test_the_message_id_is_that_of_the_delivery_at_every_attempt() -> None:
    assert composed()["Message-ID"] == composed("Other")["Message-ID"] == f"<{DELIVERY}@town.example>"


def test_nothing_tracks_the_reader() -> None:
    html = parts(composed())[1]
    assert "<img" not in html
    links = set(re.findall(r'(?:href|src)="([^"]+)"', html))
    assert links == {
        "https://town.example/",
        f"https://town.example/api/v1/notifications/unsubscribe/{TOKEN}",
    }


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><mj-raw><img src=x></mj-raw>',
        "</mj-text><mj-include path='/etc/passwd' />",
        "{{ 7*7 }}{% for x in y %}",
        "Shop\r\nBcc: everyone@example.org",
        "\u202eevil\u0000name",
        "{name} & {0} %s",
        "M" * 500,
    ],
)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    message = composed(name)
    plain, html = parts(message)
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    for forbidden in ("<script>", "<img", "49", "root:", "\u202e"):
        assert forbidden not in html
    assert "\u202e" not in plain
    assert len(message["Subject"]) < 300


@settings(max_examples=25)
@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_any_name_can_be_written_to(name: str, language: str) -> None:
    message = composed(name, language=language)
    assert parts(message)[0]
    assert {key.lower() for key, _ in message.items()} == {
        "from", "to", "subject", "date", "message-id", "content-language", "auto-submitted",
        "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b@c", "a b@c.example", "a@c.example\r\nBcc: x@y", "<a@b.example>", "a@b,c@d"]
)
def test_what_is_no_address_is_refused_for_good(email: str) -> None:
    with pytest.raises(RefusedForGood, match="address-invalid"):
        composed(email=email)
