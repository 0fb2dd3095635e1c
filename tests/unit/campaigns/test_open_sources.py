"""What open sources say, in the forms their documentation gives; and what hostile ones cost."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest

from chassis.fetching import Fetched, Outside
from services.campaigns.elsewhere.domain import PostKind
from services.campaigns.watch import fediverse, feeds, mangrove, robots
from services.campaigns.watch.domain import Place, Trouble, nearest, next_look, own_pages, plausible, tag_of
from services.campaigns.watch.pages import links_and_text
from tests.support.open_sources import ATOM, RDF, RSS, json_feed, review, status

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
BASE = "https://gazette.be/flux"


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, json_feed()])
def test_a_feed_in_any_of_its_forms_says_the_same(body: bytes) -> None:
    media_type = "application/feed+json" if body[:1] == b"{" else "application/xml"
    look = feeds.read(body, media_type, BASE)
    first = look.findings[0]
    assert (first.url, first.excerpt) == ("https://gazette.be/pain", "Le pain d’ici & là")
    assert first.posted_at == AT
    assert "https://cococity.example/merchants/1" in first.links
    assert look.whole_since is None  # an old entry that stays on top does not say that the others are gone


def test_a_feed_with_a_tag_shows_what_carries_it_or_has_the_word() -> None:
    assert [each.url for each in feeds.read(RSS, "text/xml", BASE, "habay").findings] == [
        "https://gazette.be/pain"
    ]
    assert [each.url for each in feeds.read(RSS, "text/xml", BASE, "braderie").findings] == [
        "https://gazette.be/fete"
    ]


@pytest.mark.parametrize("body", [b"", b"<html><body>Not found</body></html>", b"{}", b"[]", b"\x00\xff"])
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(Trouble, match="no feed"):
        feeds.read(body, "text/html", BASE)


def bomb() -> bytes:
    """A billion laughs."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]><rss version="2.0"><channel>'
        "<item><title>&l11;</title><link>https://a.be/1</link></item></channel></rss>"
    ).encode()


HOSTILE = {
    "a billion laughs": bomb(),
    "a billion laughs in UTF-16": bomb()
    .decode()
    .replace('"1.0"?', '"1.0" encoding="utf-16"?')
    .encode("utf-16"),
    "one entity many times": b'<!DOCTYPE rss [<!ENTITY a "%s">]><rss version="2.0"><channel><item><title>%s'
    % (b"a" * 100_000, b"&a;" * 100_000),
    "depth": b'<rss version="2.0"><channel>' + b"<item>" * 150_000,
    "unclosed tags": b'<rss version="2.0"><channel><item><title>' + b'<a b="' * 150_000,
    "entries": b'<rss version="2.0"><channel>' + b"<item><link>https://a.be/</link></item>" * 20_000,
    "entries within entries": b"<feed>" + (b"<entry><content>" + b"<b/>" * 1_000 + b"</content>") * 200,
    "namespaces": b"<rss %s><channel>" % b" ".join(b'xmlns:n%d="u:%d"' % (n, n) for n in range(12_000))
    + b"<item><link>https://a.be/</link><description>a<b/></description></item>" * 20,
    "ampersands": b'<rss version="2.0"><channel><item><title>' + b"&" * 900_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_costs_no_time_and_shows_nothing_of_its_own_making(name: str) -> None:
    began = time.process_time()
    try:
        findings = feeds.read(HOSTILE[name], "application/rss+xml", BASE).findings
    except Trouble:
        findings = ()
    assert time.process_time() - began < 2
    assert all("lollol" not in each.excerpt and len(each.excerpt) < 1_000 for each in findings)


def test_of_an_entry_no_more_is_read_than_an_article_is_long() -> None:
    long = RSS.replace(b"Samedi", b"mot " * 10_000 + b"fin")
    assert feeds.read(long, "text/xml", BASE, "mot").findings
    assert not feeds.read(long, "text/xml", BASE, "fin").findings


def test_an_entity_reads_no_file(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    body = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss version="2.0"><channel>'
        "<item><title>a &x;</title><link>https://a.be/1</link></item></channel></rss>"
    ).encode()
    assert "hidden" not in feeds.read(body, "text/xml", BASE).findings[0].excerpt


@pytest.mark.parametrize("piece", ["<", '<a href="', "<!--", "<a <a ", "&", "</", "<script>"])
def test_a_hostile_page_costs_no_time(piece: str) -> None:
    began = time.process_time()
    links_and_text(piece * (500_000 // len(piece)), BASE)
    assert time.process_time() - began < 2


def test_links_of_a_page_are_made_whole_and_scripts_say_nothing() -> None:
    links, text = links_and_text(
        '<p>Bon <a href="../x">pain</a></p><script>evil()</script><img src=//b.be/y>', BASE
    )
    assert links == ("https://gazette.be/x", "https://b.be/y")
    assert text == "Bon pain"


def test_public_posts_with_a_tag_are_found_but_not_those_of_who_asked_not_to_be_listed() -> None:
    body = json.dumps(
        [
            status(1, media="image", content='<p>Miam <a href="https://cococity.example/s/abc">ici</a></p>'),
            status(2, visibility="unlisted"),
            status(3, noindex=True),
            status(4, media="video"),
            {"id": "5", "broken": True},
        ]
    ).encode()
    look = fediverse.read(body)
    assert [(each.url[-1], each.kind) for each in look.findings] == [
        ("1", PostKind.PHOTO),
        ("4", PostKind.VIDEO),
    ]
    assert look.findings[0].links == ("https://cococity.example/s/abc",)
    assert all(each.excerpt == "" for each in look.findings)  # the words are their author's
    assert look.whole_since == min(datetime.fromisoformat(status(n)["created_at"]) for n in (1, 2, 3, 4))


def test_reviews_of_places_are_found_with_their_point_and_words() -> None:
    broken = {"signature": "x", "payload": {"iat": 10**30, "sub": "geo:1,2"}}
    body = json.dumps({"reviews": [review("abc", "geo:49.72,5.65?q=Pain&u=12"), broken, {}, None]}).encode()
    (found,) = mangrove.read(body).findings
    assert found.place == Place(49.72, 5.65, 12.0)
    assert found.excerpt == "Très bon pain"
    assert found.url == "https://mangrove.reviews/list?signature=abc"


@pytest.mark.parametrize(
    "subject", ["geo:", "geo:x,y", "geo:91,5", "geo:nan,5", "geo:1,2?u=inf-", "https://a.be", "urn:maresi:x"]
)
def test_a_subject_that_is_no_point_has_none(subject: str) -> None:
    assert mangrove.place_of(subject) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"<html>", b'{"reviews": {}}'])
def test_an_answer_that_is_not_as_described_is_trouble(body: bytes) -> None:
    with pytest.raises(Trouble):
        mangrove.read(body)
    if body != b"[]":
        with pytest.raises(Trouble):
            fediverse.read(body)


def test_a_point_means_the_one_shop_there_and_never_a_guess() -> None:
    here, beside, far = uuid4(), uuid4(), uuid4()
    shops = [(here, 5.65, 49.72), (far, 5.651, 49.72)]
    assert nearest(Place(49.72005, 5.65), shops) == here
    assert nearest(Place(49.7205, 5.65), shops) is None  # 55 m off
    assert nearest(Place(49.72, 5.65), [*shops, (beside, 5.6501, 49.72)]) is None  # two doors within reach
    assert nearest(Place(49.72, 5.65, metres=500), shops) is None


def test_our_pages_are_told_from_others_that_look_alike() -> None:
    shop = uuid4()
    links = [
        f"https://cococity.example/merchants/{shop}?from=x",
        "https://cococity.example/s/ABC234",
        f"https://evil.example/https://cococity.example/merchants/{shop}",
        f"https://cococity.example.evil.example/merchants/{shop}",
    ]
    assert own_pages(links, "https://cococity.example") == ([shop], ["abc234"])


def test_looks_are_spread_and_come_later_after_failures_and_never_before_asked_for() -> None:
    assert next_look(AT, 0, 0.5) == AT + timedelta(hours=1)
    assert next_look(AT, 0, 0.0) < next_look(AT, 0, 1.0)
    assert next_look(AT, 2, 0.5) == AT + timedelta(hours=4)
    assert next_look(AT, 60, 0.5) == AT + timedelta(days=1)
    assert next_look(AT, 1, 0.5, retry_after=timedelta(hours=30)) == AT + timedelta(hours=30)
    assert next_look(AT, 1, 0.5, retry_after=timedelta(days=3_000)) == AT + timedelta(days=7)


@pytest.mark.parametrize(
    ("said", "is_plausible"),
    [
        ("0001-01-01T00:00:00+14:00", False),
        ("1969-12-31T23:59:59Z", False),
        ("1970-01-01T00:00:00Z", True),
        ("2026-11-21T08:00:00Z", True),
        ("2026-11-21T09:00:00Z", False),
        ("9999-12-31T23:59:59-14:00", False),
    ],
)
def test_times_at_which_nothing_was_posted_are_none(said: str, is_plausible: bool) -> None:
    assert (plausible(datetime.fromisoformat(said), AT) is not None) == is_plausible


async def test_rules_for_programs_are_read_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    class Rules:
        @staticmethod
        def parse(_text: str) -> Rules:
            threads.append(threading.current_thread())
            return Rules()

        def can_fetch(self, _url: str, _name: str) -> bool:
            return True

    class Site:
        async def get(self, url: str, **_: Any) -> Fetched:
            return Fetched(url, 200, {}, "text/plain", b"User-agent: *")

    monkeypatch.setattr(robots, "Protego", Rules)
    assert await robots.may_read(cast(Outside, Site()), BASE)
    assert threads != [threading.main_thread()]


def test_a_tag_is_one_word() -> None:
    assert tag_of(" #Habay ") == "Habay"
    for wrong in ("", "#", "a b", "12", "../x", "a/b"):
        with pytest.raises(ValueError, match="tag"):
            tag_of(wrong)
