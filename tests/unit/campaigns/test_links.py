"""Codes of short links, and where they lead."""

from uuid import UUID

import pytest

from services.campaigns.links.domain import ALPHABET, LENGTH, Target, code_of, page_of
from services.campaigns.links.storage import new_code

CITY, SHOP, CAMPAIGN = UUID(int=1), UUID(int=2), UUID(int=3)


def test_codes_are_short_alike_in_form_and_nothing_like_each_other() -> None:
    made = {new_code() for _ in range(5_000)}
    assert len(made) == 5_000
    assert {len(code) for code in made} == {LENGTH}
    assert {letter for code in made for letter in code} == set(ALPHABET)
    # In a series of draws, each place takes every letter about as often: no part of a code counts on.
    for place in range(LENGTH):
        counts = [sum(code[place] == letter for code in made) for letter in ALPHABET]
        assert max(counts) < 1.5 * 5_000 / len(ALPHABET), f"place {place} favours a letter"


def test_no_letter_is_taken_for_another() -> None:
    for alike in ("0o", "1il", "5s", "2z", "8b", "uv", "9gq"):
        assert len(set(ALPHABET) & set(alike)) <= 1, alike


@pytest.mark.parametrize("typed", ["23456789", "CDFHJKMN", "cdfhJKMN"])
def test_a_code_is_known_in_any_case(typed: str) -> None:
    assert code_of(typed) == typed.lower()


@pytest.mark.parametrize(
    "typed",
    ["", "2345678", "234567899", "2345678o", "../admin", "2345678\n", "２３４５６７８９", "%00", "ſ2345678"],
)
def test_what_is_no_code_is_not_looked_up(typed: str) -> None:
    assert code_of(typed) is None


@pytest.mark.parametrize(
    ("target", "closed", "nis_code", "leads_to"),
    [
        (Target(CITY, merchant_id=SHOP), False, "85046", f"/merchants/{SHOP}"),
        (Target(CITY, merchant_id=SHOP), True, "85046", "/towns/85046"),
        (Target(CITY, merchant_id=SHOP), True, None, "/"),
        (Target(CITY, campaign_id=CAMPAIGN), False, "85046", f"/campaigns/{CAMPAIGN}"),
    ],
)
def test_a_link_leads_to_a_page_of_ours(
    target: Target, closed: bool, nis_code: str | None, leads_to: str
) -> None:
    assert page_of(target, closed=closed, nis_code=nis_code) == leads_to
