"""What is known of an establishment: its numbers, its pages elsewhere, its hours, and when two are one."""

from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.imports.tags import details_of
from services.directory.merchants.details import Details, language_codes, mail_address
from services.directory.merchants.hours import UNKNOWN, open_state
from services.directory.merchants.numbers import enterprise_number, establishment_number, written
from services.directory.merchants.objection import Objection, keeps_out
from services.directory.merchants.profiles import PLATFORMS, profile_address, profile_on_map
from services.directory.merchants.sameness import is_same_shop

HABAY = (5.64, 49.72)
ID = UUID("01890000-0000-7000-8000-000000000001")
RIGAUX = Details("shop=bakery", *HABAY, name="Boulangerie Rigaux")


# 0200.065.765 and its unit 2.000.000.339 are the first in the open data of the Crossroads Bank.
@pytest.mark.parametrize("given", ["0200.065.765", "BE 0200.065.765", "be0200065765", "200065765"])
def test_an_enterprise_number_is_read_however_it_is_written(given: str) -> None:
    assert enterprise_number(given) == "0200065765"
    assert establishment_number(given) is None
    assert written("0200065765") == "0200.065.765"


def test_an_establishment_has_a_number_of_its_own_with_the_same_check() -> None:
    assert establishment_number("2.000.000.339") == "2000000339"
    assert enterprise_number("2.000.000.339") is None
    assert written("2000000339") == "2.000.000.339"


@pytest.mark.parametrize(
    "wrong",
    [
        "0200.065.756",
        "0200.065.766",
        "2.000.000.393",
        "9200065765",
        "12",
        "",
        None,
        "٠٢٠٠٠٦٥٧٦٥",
        "FR0200065765",
    ],
)
def test_a_number_whose_digits_do_not_check_is_none(wrong: str | None) -> None:
    assert enterprise_number(wrong) is establishment_number(wrong) is None


@given(st.integers(0, 99_999_999), st.integers(0, 99))
def test_of_a_hundred_endings_one_checks(first: int, last: int) -> None:
    number = f"{first:08}{last:02}"
    checks = enterprise_number(number) or establishment_number(number)
    assert (checks is not None) == (last == 97 - first % 97 and number[0] != "9")


@pytest.mark.parametrize(
    ("platform", "address"),
    [
        ("google", "https://maps.app.goo.gl/abc"),
        ("google", "https://www.google.be/maps/place/x"),
        ("facebook", "https://fr-fr.facebook.com/rigaux"),
        ("instagram", "https://www.instagram.com/rigaux"),
        ("tripadvisor", "https://www.tripadvisor.be/Restaurant_Review-g1"),
        ("openstreetmap", "https://www.openstreetmap.org/node/1"),
    ],
)
def test_a_profile_lies_on_its_platform(platform: str, address: str) -> None:
    assert profile_address(platform, address) == address
    assert [other for other in PLATFORMS if profile_address(other, address)] == [platform]


@pytest.mark.parametrize(
    "address",
    [
        "http://www.facebook.com/rigaux",
        "https://facebook.com.evil.example/rigaux",
        "https://evil-facebook.com/rigaux",
        "https://www.facebook.com/",
        "https://www.facebook.com:8443/rigaux",
        "https://user@www.facebook.com/rigaux",
        "https://evil.example/?https://facebook.com/rigaux",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_only_looks_like_a_profile_is_none(address: str) -> None:
    assert profile_address("facebook", address) is None
    assert profile_address("nowhere", "https://www.facebook.com/rigaux") is None


def test_a_map_may_name_the_account_alone_or_an_older_address() -> None:
    assert profile_on_map("instagram", "@rigaux") == "https://www.instagram.com/rigaux"
    assert profile_on_map("facebook", "http://www.facebook.com/rigaux") == "https://www.facebook.com/rigaux"
    assert profile_on_map("tripadvisor", "rigaux") is None
    assert profile_on_map("facebook", "www.rigaux.be") is None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open", "change"),
    [
        ("2026-11-25T10:00+01:00", True, "2026-11-25T18:00+01:00"),
        ("2026-11-25T18:00+01:00", False, "2026-11-26T09:00+01:00"),
        ("2026-07-20T08:59+02:00", False, "2026-07-20T09:00+02:00"),  # summer time
        ("2026-07-21T10:00+02:00", False, "2026-07-22T09:00+02:00"),  # the national day
        ("2026-11-11T10:00+01:00", False, "2026-11-12T09:00+01:00"),
        ("2026-05-25T10:00+02:00", False, "2026-05-26T09:00+02:00"),  # Whit Monday
    ],
)
def test_open_now_is_told_in_brussels_time_with_belgian_holidays(
    moment: str, is_open: bool, change: str
) -> None:
    state = open_state("Mo-Sa 09:00-18:00; PH off", *HABAY, at(moment))
    assert (state.open_now, state.next_change) == (is_open, at(change))


def test_what_hours_do_not_say_is_not_known() -> None:
    noon = at("2026-11-25T12:00+01:00")
    assert open_state(None, *HABAY, noon) == open_state("toujours", *HABAY, noon) == UNKNOWN
    assert open_state("Mo-Fr 09:00-17:00 unknown", *HABAY, noon).open_now is None
    assert open_state("24/7", *HABAY, noon).next_change is None


def test_the_sun_sets_where_the_shop_is() -> None:
    state = open_state("sunrise-sunset", *HABAY, at("2026-07-20T12:00+02:00"))
    assert state.next_change is not None
    assert at("2026-07-20T21:00+02:00") < state.next_change < at("2026-07-20T22:00+02:00")


@pytest.mark.parametrize("hours", ["2020 Mo 10:00-12:00", ";".join(["Feb 29 Mo 10:00-12:00"] * 40)])
def test_no_hours_take_long_to_read(hours: str) -> None:
    started = perf_counter()
    assert open_state(hours, *HABAY, at("2026-11-25T12:00+01:00")).open_now is False
    assert perf_counter() - started < 0.2  # without a horizon the first takes half a second


def test_a_mail_address_and_languages_are_taken_in_their_usual_form() -> None:
    assert mail_address(" Marie@RIGAUX.be; x@y.be") == "Marie@rigaux.be"
    assert [
        mail_address(wrong) for wrong in ("rigaux", "a@b", "a b@c.be", "<a@c.be>", None, "a@c.be\r\nBcc: x")
    ] == [None] * 6
    assert language_codes(["nl", "FR", "fr", "x", "français"]) == ("fr", "nl")


def test_the_tags_of_a_map_fill_every_field_they_have() -> None:
    tags = {
        "name": "Rigaux",
        "name:fr": "Boulangerie Rigaux",
        "name:de": "Bäckerei Rigaux",
        "contact:email": "info@rigaux.be",
        "contact:instagram": "rigaux",
        "facebook": "https://www.facebook.com/rigaux",
        "language:fr": "yes",
        "language:de": "yes",
        "language:nl": "no",
        "ref:vatin": "BE0200065765",
        "ref:BE:KBO": "2.000.000.339",
    }
    details, notes = details_of(tags, "shop=bakery", HABAY)

    assert details == Details(
        "shop=bakery",
        *HABAY,
        name="Rigaux",
        names={"fr": "Boulangerie Rigaux", "de": "Bäckerei Rigaux"},
        email="info@rigaux.be",
        website="https://www.facebook.com/rigaux",
        profiles={
            "facebook": "https://www.facebook.com/rigaux",
            "instagram": "https://www.instagram.com/rigaux",
        },
        languages=("de", "fr"),
        enterprise_number="0200065765",
        establishment_number="2000000339",
    )
    assert notes == ("address_missing",)


def test_tags_that_cannot_be_used_are_noted() -> None:
    tags = {"name:nl": "Rigaux", "email": "nobody", "ref:BE:KBO": "0200065766", "facebook": "javascript:x"}
    details, notes = details_of(tags, "shop=bakery", HABAY)
    assert (details.name, details.email, details.profiles) == ("Rigaux", None, {})
    assert notes == ("address_missing", "website_not_usable", "email_not_usable", "number_not_usable")


def test_details_come_back_from_json_as_they_were() -> None:
    known = replace(RIGAUX, languages=("fr",), names={"fr": "Rigaux"})
    assert Details.of({**vars(known), "languages": list(known.languages)}) == known
    assert (
        Details.of({"kind": "shop=bakery", "longitude": 5.64, "latitude": 49.72, "name": RIGAUX.name})
        == RIGAUX
    )


def test_two_entries_near_each_other_with_a_common_name_are_one_shop() -> None:
    moved = replace(RIGAUX, longitude=5.6405, name="Rigaux", names={"fr": "BOULANGERIE RIGAUX"})
    assert is_same_shop(RIGAUX, moved)
    assert not is_same_shop(RIGAUX, replace(RIGAUX, longitude=5.641))
    assert not is_same_shop(RIGAUX, replace(RIGAUX, name="Au bon pain"))
    assert not is_same_shop(replace(RIGAUX, name=None), replace(RIGAUX, name=None))


def test_who_objected_is_known_again_by_name_and_place_or_by_number() -> None:
    listed = replace(RIGAUX, establishment_number="2000000339")
    objections = [Objection.of(ID, listed)]

    assert keeps_out(objections, replace(RIGAUX, longitude=5.6402))
    assert keeps_out(objections, Details("shop=bakery", 4.3, 50.8, establishment_number="2000000339"))
    assert not keeps_out(objections, replace(RIGAUX, name="Au bon pain"))
    assert not keeps_out(objections, replace(RIGAUX, longitude=5.66))
    assert not keeps_out([], RIGAUX)


def test_who_objected_is_known_again_however_its_name_is_written() -> None:
    crepes = replace(RIGAUX, name="Crêperie d'Élise")
    assert keeps_out([Objection.of(ID, crepes)], replace(RIGAUX, name="CREPERIE D’ELISE"))
    assert not keeps_out([Objection.of(ID, replace(RIGAUX, name="***"))], replace(RIGAUX, name="!!!"))


def test_nothing_of_who_objected_can_be_read() -> None:
    kept = Objection.of(ID, replace(RIGAUX, phone="+32 63 42 22 79", establishment_number="2000000339"))
    assert kept.place == Details("shop=bakery", *HABAY)
    assert "Rigaux" not in str(kept)
    other = Objection.of(UUID(int=2), RIGAUX)
    assert kept.name_hashes.isdisjoint(other.name_hashes)  # two of one name cannot be told to have it
