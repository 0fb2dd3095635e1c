"""One address for each thing elsewhere, however it was written; and none for what no reader should follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaigns.platforms.addresses import LONGEST, address_of, points_somewhere
from services.campaigns.platforms.catalogue import FILE, BadPlatforms, platforms, read
from services.campaigns.policy.catalogue import rules
from services.campaigns.policy.domain import POSSIBLE, Ask, Platform, Verdict, judge
from services.campaigns.videos.hosts import hosts

SAME = {
    ("facebook", "https://www.facebook.com/boulangerie.habay/posts/123"): [
        "http://facebook.com/boulangerie.habay/posts/123/",
        "https://m.facebook.com/boulangerie.habay/posts/123?mibextid=abc&__tn__=R#comments",
        " https://FR-FR.facebook.com:443/boulangerie.habay//posts/./123 ",
    ],
    ("facebook", "https://www.facebook.com/story.php?id=3&story_fbid=12"): [
        "https://m.facebook.com/story.php?story_fbid=12&id=3&refid=17",
    ],
    ("google", "https://www.google.com/maps/place/Au+Bon+Pain/data=!4m6!3m5!1s0x47"): [
        "https://www.google.be/maps/place/Au+Bon+Pain/@49.72,5.65,17z/data=!4m6!3m5!1s0x47?entry=ttu&hl=fr",
        "https://maps.google.com/maps/place/Au+Bon+Pain/@50,6,3z/data=!4m6!3m5!1s0x47",
    ],
    ("google", "https://search.google.com/local/writereview?placeid=ChIJabc"): [
        "https://www.google.com/local/writereview?placeid=ChIJabc&hl=nl",
    ],
    ("google", "https://maps.app.goo.gl/AbC12"): ["https://maps.app.goo.gl/AbC12?g_st=ic"],
    ("youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"): [
        "https://youtu.be/dQw4w9WgXcQ?si=xyz",
        "https://m.youtube.com/shorts/dQw4w9WgXcQ",
    ],
    ("tripadvisor", "https://www.tripadvisor.com/Restaurant_Review-g1-d2-r3.html"): [
        "https://fr.tripadvisor.be/Restaurant_Review-g1-d2-r3.html?m=19905",
    ],
    ("mangrove", "https://mangrove.reviews/list?signature=a_b"): [
        "https://www.mangrove.reviews/list?signature=a_b&utm_medium=mail",
    ],
    ("instagram", "https://www.instagram.com/reel/CabcDEF123/"): [
        "https://instagram.com/p/CabcDEF123/?igsh=MzRl",
    ],
    ("website", "https://xn--bckerei-mller-bfb28a.de/%C3%BCber?seite=2"): [
        "https://Bäckerei-Müller.de/über?seite=2&utm_source=x&fbclid=y",
        "https://xn--bckerei-mller-bfb28a.de./%c3%bcber/?seite=2#oben",
    ],
}


@pytest.mark.parametrize(
    ("expected", "written"), [(key, each) for key, ways in SAME.items() for each in ways]
)
def test_ways_to_write_one_address_come_to_the_same(expected: tuple[str, str], written: str) -> None:
    found = address_of(written, any_host=True)
    assert (found.platform, found.url) == expected
    assert address_of(found.url, any_host=True) == found


@pytest.mark.parametrize(
    "hostile",
    [
        "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/",
        "https://[::1]/", "https://[::ffff:7f00:1]/", "https://localhost/", "https://nas.local/", "https://intranet/",
        "https://a.internal/x", "https://example.com@127.0.0.1/", "https://me:secret@www.google.com/maps",
        "https://www.google.com:8443/maps", "javascript:alert(1)", "data:text/html,x", "ftp://example.com/",
        "file:///etc/passwd", "//example.com/x", "example.com/x", "http://blog.example.com/x", "https://x..com/",
        "https://-a.com/", "https://a_b.com/", "https://①②⑦.0.0.1/", "https:\\\\www.google.com/x",
        "https://a.com/\u202egpj",
        "https://a.com/a b", "https://a.com/\x00", "https://" + "a." * 130 + "com/",
        "https://a.com/" + "x" * LONGEST,
        "https://a.com/" + "д" * 400, "https://a.com/?q=" + "д" * 400,
        "https://a.home.arpa/", "https://1.2.3/", "https://xn--a.com/", "", " ", "https://",
    ],
)  # fmt: skip
def test_no_hostile_address_has_a_place(hostile: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        address_of(hostile, any_host=True)


@pytest.mark.parametrize(
    "other",
    ["https://www.facebook.com.evil.be/x", "https://evilfacebook.com/x", "https://evil.be/www.facebook.com", "https://xn--fcebook-2ic.com/x"],
)  # fmt: skip
def test_what_only_looks_like_a_platform_is_none(other: str) -> None:
    with pytest.raises(ValueError, match="Facebook"):
        address_of(other)


@given(st.text(max_size=60), st.sampled_from(["https://", "https://www.google.com/", "https://a.be/?", ""]))
def test_any_text_is_an_address_that_stays_the_same_or_is_refused(text: str, before: str) -> None:
    try:
        found = address_of(before + text, any_host=True)
    except ValueError:
        return
    assert found.url.startswith("https://")
    assert address_of(found.url, any_host=True) == found


def test_a_front_page_is_nobodys() -> None:
    assert not points_somewhere(address_of("https://facebook.com/?ref=x"))
    assert points_somewhere(address_of("https://facebook.com/habay"))


def test_whether_it_may_be_asked_for_something_there_is_what_the_policy_check_says() -> None:
    known = {each.value for each in Platform} - {"here"}
    for name in known:
        ask = Ask(Platform(name), POSSIBLE[Platform(name)][0])
        allowed = judge(rules(), ask, None).verdict is not Verdict.REFUSED
        assert platforms()[name].asking is allowed, name
    assert {each.key for each in platforms().values() if each.asking} <= known
    assert platforms()["yelp"].button == "profile"


def test_videos_lie_on_platforms_that_are_known() -> None:
    assert {host.platform for host in hosts()} <= platforms().keys()


@pytest.mark.parametrize(
    ("changed", "by", "says"),
    [
        ("key: yelp\n", "key: google\n", "a key comes twice"),
        ("m.yelp.com", "m.facebook.com", "a host comes twice"),
        ("  scale: 5\n  button: profile", "  button: profile", "a mean has a scale"),
        ("button: review", "button: revue", "revue"),
        ('path: "(/maps', 'path: "((/maps', "unterminated|missing"),
        ("button: profile\n  asking: false", "button: review\n  asking: false", "needs the leave"),
        ('["https://g', '["(https://g', "unterminated|missing"),
    ],
)
def test_what_is_wrong_with_the_platforms_is_said(changed: str, by: str, says: str) -> None:
    body = FILE.read_text()
    if changed not in body:
        pytest.fail(changed)
    with pytest.raises(BadPlatforms, match=says):
        read(body.replace(changed, by, 1).encode())
