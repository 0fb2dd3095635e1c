"""Codes that people type from paper: readable, checked, one shop's alone."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from services.directory.claims import codes

KEY, SHOP = b"k" * 32, UUID(int=7)
codes_made = st.uuids().map(lambda each: codes.claim_code(KEY, each))


def test_a_code_is_four_groups_of_four_readable_characters() -> None:
    made = {codes.claim_code(KEY, new_id()) for _ in range(200)}
    assert len(made) == 200
    for code in made:
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert set(code) <= set(codes.ALPHABET) | {"-"}
        assert not set(code) & set("ILOU")


@given(codes_made)
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    digest = codes.code_digest(SHOP, code)
    for typed in (code.lower(), code.replace("-", " "), f" {code.replace('-', '')} ", code.replace("-", "–")):
        assert codes.code_digest(SHOP, typed) == digest
    misread = code.replace("0", "O").replace("1", "l")
    assert codes.code_digest(SHOP, misread) == digest


@given(codes_made, st.integers(0, 15), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_noticed(code: str, place: int, other: str) -> None:
    typed = codes.read_code(code)
    wrong = typed[:place] + other + typed[place + 1 :]
    if wrong != typed:
        with pytest.raises(ValueError, match="mistyped"):
            codes.read_code(wrong)


def test_nearly_all_pairs_that_changed_places_are_noticed() -> None:
    swapped, unnoticed = 0, 0
    for number in range(200):
        typed = codes.read_code(codes.claim_code(KEY, UUID(int=number)))
        for place in range(15):
            other = typed[:place] + typed[place + 1] + typed[place] + typed[place + 2 :]
            if other == typed:
                continue
            swapped += 1
            with suppress(ValueError):
                codes.read_code(other)
                unnoticed += 1
    assert unnoticed / swapped < 0.05


@pytest.mark.parametrize(
    "typed", ["", "A", "U" * 16, "🎂" * 16, "A" * 15, "A" * 17, "ÀBCD-EFGH-JKMN-PQRS", "\x00" * 16]
)
def test_what_can_be_no_code_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a code"):
        codes.read_code(typed)


def test_the_same_code_is_worth_nothing_at_another_shop() -> None:
    code = codes.claim_code(KEY, new_id())
    assert codes.code_digest(SHOP, code) != codes.code_digest(UUID(int=8), code)


def test_a_page_secret_has_144_bits_and_tells_nothing_of_the_code() -> None:
    paper = new_id()
    secret = codes.page_secret(KEY, paper)
    assert len(secret) == 24
    assert secret != codes.page_secret(b"l" * 32, paper)
    assert codes.claim_code(KEY, paper) != codes.claim_code(b"l" * 32, paper)
