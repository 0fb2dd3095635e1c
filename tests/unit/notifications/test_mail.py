"""Mails as merchants get them, and what no name or text can do to one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chassis.mail import headers
from chassis.smtp import RefusedForGood
from services.notifications.languages import LANGUAGES
from services.notifications.mails.content import Chart, Content, Item, Step
from services.notifications.mails.notice import notice
from tests.support.mails import AT, DELIVERY, TOKEN, TOWN, WRITER, arrived, digest, parts, pictures

SNAPSHOTS = Path(__file__).parent / "mails"
"""Written anew with COCOCITY_SNAPSHOTS=1; read what changed before it is committed."""
DATA = {"kind": "review", "threshold": 5, "count": 5, "first_step": "answer-reviews"}


def a_notice(language: str = "fr", name: str = "Chez Zoé", token: str | None = TOKEN) -> Content:
    return notice(DELIVERY, "milestone", DATA, language, name=name, token=token, now=AT)


def a_decision(language: str) -> Content:
    data = {
        "side": "author",
        "outcome": "removed",
        "ground": "insult",
        "appellant": None,
        "contribution_id": "0192f0a1-0000-7000-8000-000000000001",
    }
    return notice(DELIVERY, "decision", data, language, name="", token=None, now=AT)


def what_is_held(language: str) -> Content:
    data = {
        "contribution_id": "0192f0a1-0000-7000-8000-000000000001",
        "grounds": ["insult"],
        "was_public": True,
    }
    return notice(DELIVERY, "held", data, language, name="", token=None, now=AT)


def thanks(language: str) -> Content:
    counts = {"contributions": 1, "answers": 0, "photos_reused": 10, "visits": 0, "claims": 0}
    data = {"week": "2026-11-16", **counts}
    return notice(DELIVERY, "thanks", data, language, name="", token=TOKEN, now=AT)


def a_photo_taken_back(language: str) -> Content:
    data = {"merchant_id": "0192f0a1-0000-7000-8000-000000000002", "posted_on": "2026-11-16"}
    return notice(DELIVERY, "photo-taken-back", data, language, name="Chez Zoé", token=TOKEN, now=AT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("notice", a_notice),
        ("digest", digest),
        ("decision", a_decision),
        ("held", what_is_held),
        ("thanks", thanks),
        ("photo-taken-back", a_photo_taken_back),
    ],
)
def test_mails_read_as_they_did_when_somebody_looked_at_them(
    name: str, write: Callable[[str], Content], language: str
) -> None:
    message = arrived(write(language))
    text, html = parts(message)
    for written, ending in ((f"Subject: {message['Subject']}\n\n{text}", "txt"), (html, "html")):
        path = SNAPSHOTS / f"{name}.{language}.{ending}"
        said = "\n".join(line.rstrip() for line in written.splitlines()) + "\n"
        if os.environ.get("COCOCITY_SNAPSHOTS") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(said, encoding="utf-8")
        assert said == path.read_text(encoding="utf-8")


def test_one_click_ends_this_kind_and_a_list_has_a_name() -> None:
    message = arrived(a_notice())
    link = f"{TOWN}/api/v1/notifications/unsubscribe/{TOKEN}"
    # Byte for byte: encoded or folded within the address, mail programs do not find it.
    assert f"\r\nList-Unsubscribe: <{link}?kind=milestone>\r\n".encode() in message.as_bytes(
        policy=message.policy.clone(linesep="\r\n", max_line_length=990)
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<milestone.notifications.town.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 23 Nov 2026 09:00:00 +0000"
    for part in parts(message):
        assert f"{link}?kind=milestone" in part
        assert re.search(rf"{link}\b(?!\?)", part)


def test_nobody_is_offered_to_end_what_cannot_be_ended() -> None:
    message = arrived(a_notice(token=None))
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None
    assert not any("unsubscribe" in part for part in parts(message))


def test_lines_end_as_smtp_wants_them_and_are_no_longer_than_it_allows() -> None:
    for length in (300, 900, 1_000, 1_100):  # of a text without a space, in a page whose lines are theirs
        raw = WRITER.compose(digest("fr", "É" * 3 + "y" * length), "zoe@shop.example").message
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert raw.isascii()


def test_the_message_id_is_that_of_the_delivery_at_every_attempt() -> None:
    ids = {arrived(content)["Message-ID"] for content in (digest(), digest("fr", "Other"))}
    assert ids == {f"<{DELIVERY}@town.example>"}


def test_nothing_is_loaded_from_elsewhere_and_nothing_tracks_the_reader() -> None:
    message = arrived(digest())
    html = parts(message)[1]
    sources = set(re.findall(r'\bsrc="([^"]+)"', html))
    assert sources == {f"cid:{each}" for each in pictures(message)}
    assert not re.search(r"url\(|@import|<link|<script|<iframe", html)
    assert all(link.startswith(f"{TOWN}/") for link in re.findall(r'href="([^"]+)"', html))


def test_a_chart_is_a_picture_with_its_figures_as_text() -> None:
    message = arrived(digest())
    (png,) = pictures(message).values()
    with Image.open(BytesIO(png)) as picture:
        assert (picture.format, picture.width, len(png) < 10_000) == ("PNG", 828, True)
    text, html = parts(message)
    assert "  16 Nov: 43\n" in text
    assert "16 Nov:\u00a043" in html
    assert 'alt="Between 0 and 14' in html


@pytest.mark.parametrize("counts", [(), (0,), (0, 0), (5,), tuple(range(31)), (1, 10**9)])
def test_any_counts_can_be_drawn(counts: tuple[int, ...]) -> None:
    chart = Chart("Weeks", "So many.", tuple((f"week {place}", count) for place, count in enumerate(counts)))
    assert len(pictures(arrived(replace(digest(), chart=chart)))) == 1


@pytest.mark.parametrize("points", [(("a", -1),), (("a", 1),) * 32])
def test_a_chart_that_cannot_be_read_is_refused(points: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError, match="at most 31"):
        replace(digest(), chart=Chart("", "", points))


HEADERS = {
    "from", "to", "subject", "date", "message-id", "content-language", "auto-submitted", "list-id",
    "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type",
}  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    '"><mj-raw><img src=x onerror=alert(1)></mj-raw>',
    "</mj-text></mj-column><mj-include path='/etc/passwd' />",
    "</style></title><!-- --><![CDATA[ ]]>",
    "{{ 7*7 }}{% for x in y %}",
    "Shop\r\nBcc: everyone@example.org",
    "Shop\r\n\r\n.\r\nMAIL FROM:<x@example.org>",
    "Shop\u2028Bcc: everyone@example.org\u2029\x85",
    "\u202eevil\u2066\u0000name\x1b[2J\u200f\ufeff",
    "=?utf-8?q?x=0D=0ABcc=3A_x=40example=2Eorg?=",
    "{name} & {0} %s %(name)s",
    "&lt;script&gt; &amp;#60;b&#62;",
    "\udcff lone surrogate \ud800",
    "M" * 5000,
]


def hostile_everywhere(text: str) -> Content:
    return Content(
        DELIVERY, "fr", "digest", name=text, title=text, lead=text, reason=text, token=TOKEN, written_at=AT,
        items=(Item(text, text, text, f"/{text}"),),
        step=Step(text, text, text),
        chart=Chart(text, text, ((text, 1), (text, 2))),
        path=text,
    )  # fmt: skip


def harmless(message_of: Content) -> None:
    message, calm = arrived(message_of), arrived(hostile_everywhere("calm"))
    assert {key.lower() for key, _ in message.items()} == HEADERS
    assert not any("\n" in value or "\r" in value for value in message.values())
    assert len(message["Subject"]) < 300
    plain, html = parts(message)
    assert tags(html) == tags(parts(calm)[1])
    for part in (plain, html):
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", part
        )
    assert plain.count("\n") == parts(calm)[0].count("\n")
    assert all(link.startswith(f"{TOWN}/") for link in re.findall(r'href="([^"]*)"', html))


def tags(html: str) -> list[str]:
    return re.findall(r"<[^\s>]+", html)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_a_text_wherever_it_stands(text: str) -> None:
    harmless(hostile_everywhere(text))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_stays_a_text(text: str) -> None:
    harmless(hostile_everywhere(text or " "))


@pytest.mark.parametrize("value", ["a\r\nBcc: x@y", "a\nb", "é", "\x00", "a" * 901, "\u2028"])
def test_a_value_that_could_become_another_header_is_never_written(value: str) -> None:
    with pytest.raises(ValueError, match="no value of a header: Subject"):
        headers([("Subject", value)])


@pytest.mark.parametrize("kind", ["", "Milestone", "a\r\nb", "a>b", "a.b"])
def test_a_kind_that_could_name_another_list_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="no kind"):
        arrived(replace(digest(), kind=kind))


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b@c", "a b@c.example", "a@c.example\r\nBcc: x@y", "<a@b.example>", "a@b,c@d"]
)
def test_what_is_no_address_is_refused_for_good(email: str) -> None:
    with pytest.raises(RefusedForGood, match="address-invalid"):
        arrived(digest(), email)
