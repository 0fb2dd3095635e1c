"""What people of the directory are written: four languages, no text left untranslated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from chassis.catalogues import catalogue_path
from chassis.ids import new_id
from chassis.smtp import RefusedForGood
from services.directory.languages import DOMAIN, FOLDER, LANGUAGES
from services.directory.mails.rows import Due
from services.directory.mails.writing import Link, MailWriter, Words
from services.directory.main import WORDS
from services.directory.people.unused_words import UNUSED
from services.directory.roles.words import ACCEPTED, ENDED, INVITED, STARTED
from services.directory.sign_in.words import KIND
from tests.support.catalogues import faults_of

SENDER = Address("CoCoCity", "directory", "town.example")
ROLE = {"by": "Claire", "role": "city_officer", "city_fr": "Habay", "city_nl": "Habay", "part": None}
DATA: dict[str, dict[str, Any]] = {
    KIND: {"code": "AB23CD", "path": "/api/v1/sign-in/link/secret"},
    "factor_added": {"factor": "authenticator"},
    "factor_removed": {"factor": "passkey"},
    "recovery_code_used": {"left": 9},
    "dispute-opened": {"shop": "Rigaux"},
    "dispute-decided": {"shop": "Rigaux", "outcome": "owner_stays", "reason": "In the register"},
    INVITED: {**ROLE, "path": "/invitations/secret"},
    ACCEPTED: ROLE,
    STARTED: ROLE,
    ENDED: ROLE,
    UNUSED: {"day": "2029-12-25", "stays": False},
}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def due(kind: str, language: str, to: str = "zoe@home.example") -> Due:
    return Due(new_id(), to, language, kind, DATA.get(kind, {}), NOW, 1, None)


def parts(message: EmailMessage) -> Iterator[str]:
    for part in message.iter_parts():
        yield part.get_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_complete_and_keep_their_placeholders(language: str) -> None:
    assert faults_of(FOLDER, language, DOMAIN) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_in_the_code_is_in_every_catalogue(language: str) -> None:
    with catalogue_path(FOLDER, language, DOMAIN).open("rb") as file:
        known = {message.id for message in read_po(file, locale=language)}
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
    found = extract_from_dir(FOLDER.parent, methods, keywords={"say": None, "_": None})
    assert {message for _, _, message, _, _ in found} <= known


@pytest.mark.parametrize("kind", WORDS)
def test_every_kind_of_mail_is_text_and_html_in_every_language(kind: str) -> None:
    writer = MailWriter(SENDER, "https://town.example", WORDS)
    written = [writer.compose(due(kind, language)) for language in LANGUAGES]
    assert len({message["Subject"] for message in written}) == len(LANGUAGES)
    for message, language in zip(written, LANGUAGES, strict=True):
        assert message["Content-Language"] == language
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        for body in parts(message):
            assert "https://town.example/" in body
            assert not re.search(r"{\w+}", body)


@pytest.mark.parametrize(
    ("language", "place"),
    [("fr", "Chez Nele, Liège"), ("nl", "Chez Nele, Luik"), ("de", "Chez Nele, Liège"), ("en", "Liège")],
)
def test_an_invitation_says_who_asks_for_what_and_where(language: str, place: str) -> None:
    about = {"by": "Luc\nBcc: x", "role": "merchant_staff", "city_fr": "Liège", "city_nl": "Luik"}
    data = {**about, "part": "Chez Nele", "path": "/invitations/secret"}
    message = MailWriter(SENDER, "https://town.example", WORDS).compose(
        due(INVITED, language)._replace(data=data)
    )
    assert "Luc Bcc: x" in message["Subject"]
    for body in parts(message):
        assert place in body
        assert "https://town.example/invitations/secret" in body


def test_a_role_of_no_city_is_one_of_all() -> None:
    data = {**ROLE, "role": "consultant", "city_fr": None, "city_nl": None, "by": None}
    message = MailWriter(SENDER, "https://town.example", WORDS).compose(due(ENDED, "nl")._replace(data=data))
    assert all("adviseur (alle gemeenten)" in body for body in parts(message))


def test_link_and_code_stand_in_both_parts() -> None:
    message = MailWriter(SENDER, "https://town.example", WORDS).compose(due(KIND, "en"))
    for body in parts(message):
        assert "AB23CD" in body
        assert "https://town.example/api/v1/sign-in/link/secret" in body


def test_what_people_wrote_cannot_become_html_or_a_header() -> None:
    hostile = Words("<b>x</b>\nBcc: a@b.example", ["<script>alert(1)</script>"], Link("<i>", "/"))
    writer = MailWriter(SENDER, "https://town.example", {"any": lambda _data, _catalogue: hostile})
    message = writer.compose(due("any", "xx"))
    assert message["Bcc"] is None
    assert message["Content-Language"] == "fr"
    assert "<script>" not in list(parts(message))[1]


@pytest.mark.parametrize("address", ["", "a@b\nc.example", "two@a.example, three@b.example", "zoé@a.example"])
def test_an_address_that_is_none_is_refused_for_good(address: str) -> None:
    with pytest.raises(RefusedForGood):
        MailWriter(SENDER, "https://town.example", WORDS).compose(due(KIND, "fr", address))


def test_catalogues_lie_where_gettext_looks_for_them() -> None:
    assert catalogue_path(Path("l"), "nl", "directory") == Path("l/nl/LC_MESSAGES/directory.po")
