"""Every commune of today, by name in any of its languages, postcode or code."""

import pytest

from services.directory.cities.communes import GERMAN_SPEAKING, communes, matching


def test_all_communes_of_today_have_names_and_postcodes() -> None:
    known = communes()
    assert len(known) == 565
    assert all({"fr", "nl"} <= each.names.keys() and each.postcodes for each in known.values())
    assert known["85046"].postcodes == ("6720", "6721", "6723", "6724")


def test_where_german_is_spoken_there_is_a_german_name() -> None:
    german = {code: each.names["de"] for code, each in communes().items() if "de" in each.names}
    assert german.keys() == GERMAN_SPEAKING
    assert german["63067"] == "Sankt Vith"
    assert german["63040"] == "Kelmis"


@pytest.mark.parametrize(
    ("q", "postcode", "codes", "found"),
    [
        ("hab", None, None, {"85046"}),
        ("LIEGE", None, None, {"62063"}),
        ("luik", None, None, {"62063"}),
        (None, "6720", None, {"85046"}),
        ("arlon", "6720", None, set()),
        (None, None, frozenset({"81001"}), {"81001"}),
        (None, None, frozenset(), set()),
    ],
)
def test_a_commune_is_found(
    q: str | None, postcode: str | None, codes: frozenset[str] | None, found: set[str]
) -> None:
    assert {each.nis_code for each in matching(q, postcode, codes)} == found
