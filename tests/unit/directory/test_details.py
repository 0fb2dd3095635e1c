"""Texts from maps and forms, cleaned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.merchants.details import (
    is_kind,
    phone_number,
    plain_text,
    web_address,
)
from services.directory.merchants.hours import normal_opening_hours


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("  Chez\t Paul \n", "Chez Paul"),
        ("a\x00b\u202ec\u200bd", "abcd"),
        ("Cafe\u0301", "Café"),
        ("\ud800x", "x"),
        (6720, "6720"),
        (True, None),
        (None, None),
        (["a"], None),
        (" \x07 ", None),
    ],
)
def test_plain_text_is_one_clean_line(given: object, expected: str | None) -> None:
    assert plain_text(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("+32 63 42 22 79", "+32 63 42 22 79"),
        ("0032 63 42 22 79", "+32 63 42 22 79"),
        ("063/42.22.79; 0475 12 34 56", "063/42.22.79"),
        ("call me", None),
        ("1", None),
        ("+" + "1" * 60, None),
    ],
)
def test_a_phone_number_is_digits_and_what_people_put_between(given: str, expected: str | None) -> None:
    assert phone_number(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://www.lepapadeugenie.com/a?b=c", "https://www.lepapadeugenie.com/a?b=c"),
        ("http://stben.be", "http://stben.be"),
        ("www.stben.be", "https://www.stben.be"),
        ("http://a.be;http://b.be", "http://a.be"),
        (
            "https://www.facebook.com/La-Galerie-du-Ch%C3%A2telet/",
            "https://www.facebook.com/La-Galerie-du-Ch%C3%A2telet/",
        ),
        ("https://boulangerie-é.be", "https://boulangerie-é.be"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt://x.be/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("https://user:secret@a.be", None),
        ("https://a.be\\@evil.be", None),
        ("https://a.be/<script>", None),
        ("http://localhost", None),
        ("http://[::1", None),
        ("http://a.be:99999", None),
        ("https://" + "a" * 600 + ".be", None),
        ("no site", None),
    ],
)
def test_a_website_is_an_address_one_can_follow_without_harm(given: str, expected: str | None) -> None:
    assert web_address(given) == expected


@given(st.text())
def test_no_text_stops_the_cleaning(text: str) -> None:
    for clean in (plain_text, phone_number, web_address, normal_opening_hours):
        made = clean(text)
        assert made is None or made.encode("utf-8").isascii() or made == made.strip()


def test_hours_a_machine_can_read_have_a_normal_form() -> None:
    assert normal_opening_hours("Mo-Fr  9:00-12:30,14:00-19:00;Sa 9:00-12:30") == (
        "Mo-Fr 09:00-12:30,14:00-19:00; Sa 09:00-12:30"
    )
    assert normal_opening_hours("sur rendez-vous") is None
    assert normal_opening_hours(None) is None
    assert normal_opening_hours("Mo " * 1_000) is None


def test_a_kind_is_a_tag() -> None:
    assert is_kind("shop=bakery")
    for wrong in ("bakery", "shop=", "shop=Bakery", "shop=a b", "=x", "shop=" + "x" * 60, "shop=x\n"):
        assert not is_kind(wrong)
