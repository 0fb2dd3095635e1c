"""What is typed and what is written are brought to one form."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.directory.merchants.details import Details
from services.directory.search.folding import MOST_WORDS, folded, words_of
from services.directory.search.text import search_text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Crêperie d'Élise", "creperie d elise"),
        ("L’Œuf & Cie", "l oeuf cie"),
        ("Straßencafé", "strassencafe"),
        ("Bäckerei\tMüller", "backerei muller"),
        ("Шаурма", "shaurma"),
        ("  % _ \\ ' ", ""),
    ],
)
def test_accents_signs_and_case_make_no_difference(written: str, expected: str) -> None:
    assert folded(written) == expected


@given(st.text())
def test_folded_text_holds_letters_digits_and_single_spaces_and_folds_no_further(written: str) -> None:
    once = folded(written)
    assert re.fullmatch(r"([a-z0-9]+( [a-z0-9]+)*)?", once)
    assert folded(once) == once


def test_words_of_one_letter_count_only_where_there_are_no_others() -> None:
    assert words_of("L'As de Fleur de") == ["as", "de", "fleur"]
    assert words_of("b") == ["b"]
    assert len(words_of(" ".join(f"word{number}" for number in range(50)))) == MOST_WORDS


def test_the_text_of_a_merchant_has_its_name_first_and_its_kind_in_four_languages() -> None:
    details = Details("shop=bakery", 5.6, 49.7, name="Chez Élise", street="Grand-Rue", place="Habay")
    name, _, rest = search_text(details).partition("|")
    assert name == " chez elise "
    assert {"boulangerie", "bakkerij", "backerei", "bakery", "grand", "rue", "habay"} <= set(rest.split())


def test_a_kind_is_found_by_its_names_in_four_languages_each_word_once() -> None:
    words = search_text(Details("shop=tea", 5.6, 49.7)).split()
    assert {"thes", "theewinkel", "teegeschaft", "tea"} <= set(words)
    assert len(words) == len(set(words))


def test_a_kind_without_a_name_is_found_by_its_tag() -> None:
    assert "levitation" in search_text(Details("shop=levitation", 5.6, 49.7)).split()
