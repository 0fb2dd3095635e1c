"""Each rule of the screening: what it asks to look at, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.campaigns.contributions.domain import Kind, Standing, Tie
from services.campaigns.main import CampaignsSettings
from services.campaigns.screening import thresholds as settings
from services.campaigns.screening.domain import (
    RULES_OF,
    Earlier,
    Place,
    Rule,
    Thresholds,
    Written,
    hits,
    kilometres,
)
from services.campaigns.screening.fingerprint import MOST_CHARACTERS, bands, folded, is_copy, likeness, pieces
from services.campaigns.screening.insults import insults_in
from services.campaigns.screening.links import has_link

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HABAY, ARLON, LIEGE = Place(5.65, 49.72), Place(5.816, 49.683), Place(5.57, 50.63)
SHOP, OTHER_SHOP = UUID(int=1), UUID(int=2)
LIMITS = Thresholds()
TEXT = (
    "On y vient depuis trois ans pour le pain au levain et les tartes au sucre. La boulangère connaît ses "
    "clients, et le samedi elle garde une miche pour ceux qui arrivent tard."
)
FEW_WORDS_CHANGED = TEXT.replace("trois ans", "longtemps").replace("une miche", "un pain")
ANOTHER = (
    "Le choix de romans est vaste et le libraire a tout lu. Nous y avons passé une heure avec les enfants, "
    "et nous sommes repartis avec quatre livres et une bonne adresse pour le café."
)


def written(**changed: Any) -> Written:
    return replace(Written(merchant_id=SHOP, place=HABAY, now=NOW, text=TEXT), **changed)


def earlier(minutes: int, place: Place | None = HABAY, **changed: Any) -> Earlier:
    before = Earlier(
        merchant_id=OTHER_SHOP,
        place=place,
        posted_at=NOW - timedelta(minutes=minutes),
        standing=Standing.PUBLISHED,
        tie=Tie.NONE,
    )
    return replace(before, **changed)


@pytest.mark.parametrize(
    ("around", "found"),
    [
        ({}, set()),
        ({"alike": [ANOTHER]}, set()),
        ({"alike": [ANOTHER, TEXT.upper() + "!!"]}, {Rule.DUPLICATE}),
        ({"alike": [FEW_WORDS_CHANGED]}, {Rule.DUPLICATE}),
        ({"text": "Très bon pain", "alike": ["Très bon pain"]}, set()),
        ({"text": TEXT + " Voir example.be"}, {Rule.LINK}),
        ({"is_understood": False}, {Rule.LANGUAGE}),
        ({"is_understood": False, "text": "Top! 👍👍👍"}, set()),
        ({"insults": ["connard"]}, {Rule.INSULT}),
        ({"of_merchant": LIMITS.burst_reviews - 1}, set()),
        ({"of_merchant": LIMITS.burst_reviews}, {Rule.BURST}),
        ({"others_on_device": LIMITS.people_per_device - 1}, set()),
        ({"others_on_device": LIMITS.people_per_device}, {Rule.DEVICE}),
        ({"others_on_network": LIMITS.people_per_network - 1}, set()),
        ({"others_on_network": LIMITS.people_per_network}, {Rule.NETWORK}),
        ({"device_of_tied": True}, {Rule.TIED}),
        ({"device_of_tied": True, "tie": Tie.FAMILY}, set()),
        ({"earlier": [earlier(9_999, merchant_id=SHOP, tie=Tie.STAFF)]}, {Rule.TIED}),
        ({"earlier": [earlier(9_999, tie=Tie.STAFF)]}, set()),
        ({"earlier": [earlier(1, ARLON)]}, set()),
        ({"earlier": [earlier(40, LIEGE)]}, {Rule.TOO_FAST}),
        ({"earlier": [earlier(60, LIEGE)]}, set()),
        ({"earlier": [earlier(1, HABAY), earlier(2, LIEGE)]}, {Rule.TOO_FAST}),
        ({"earlier": [earlier(1, None)]}, set()),
        ({"earlier": [earlier(9_999, merchant_id=SHOP, standing=Standing.REMOVED)]}, {Rule.REMOVED_BEFORE}),
        ({"earlier": [earlier(9_999, standing=Standing.REMOVED)]}, set()),
        (
            {"earlier": [earlier(9_999, kind=Kind.PHOTO, merchant_id=SHOP, standing=Standing.REMOVED)]},
            set(),
        ),
        ({"earlier": [earlier(40, LIEGE, kind=Kind.PHOTO)]}, set()),
    ],
)
def test_a_rule_asks_for_a_look_at_what_is_beyond_its_threshold_alone(
    around: dict[str, Any], found: set[Rule]
) -> None:
    assert set(hits(written(**around), LIMITS)) == found


def test_all_reasons_are_given_not_the_first_alone() -> None:
    much = written(text="Allez sur www.example.be", insults=["idiot"], of_merchant=99)
    assert hits(much, LIMITS) == (Rule.LINK, Rule.INSULT, Rule.BURST)


@pytest.mark.parametrize(
    ("text", "leads_away"),
    [
        ("https://example.org/x", True),
        ("voir www.pain-dore.be", True),
        ("commandez sur pain-dore.be !", True),
        ("schreib an info@beispiel.de", True),
        ("pain-dore [dot] be", True),
        ("Très bon.Le pain aussi", False),
        ("Top.De winkel is mooi", False),
        ("ouvert de 8.30 à 18.00", False),
        ("3.50 € la baguette, etc.", False),
    ],
)
def test_links_are_told_from_missing_spaces(text: str, leads_away: bool) -> None:
    assert has_link(text) is leads_away


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Quel CONNARD, ce vendeur", ["connard"]),
        ("Espèce d'abruti !", ["abruti", "espece d abruti"]),
        ("Wat een klootzak", ["klootzak"]),
        ("So ein Arschloch!", ["arschloch"]),
        ("The owner is a MORON.", ["moron"]),
        ("Une tarte à la rhubarbe, des pédales de vélo, du fromage à raclette", []),
        ("A classic assortment of Scunthorpe cheese", []),
        ("De lulifant en de trutselaar", []),
        ("", []),
    ],
)
def test_insults_are_whole_words_in_four_languages(text: str, found: list[str]) -> None:
    assert insults_in(folded(text)) == found


def test_alike_texts_share_a_band_and_different_ones_none() -> None:
    own = pieces(folded(TEXT))
    near, far = pieces(folded(FEW_WORDS_CHANGED)), pieces(folded(ANOTHER))
    assert likeness(own, near) > LIMITS.similar > 0.1 > likeness(own, far)
    assert set(bands(own)) & set(bands(near))
    assert not set(bands(own)) & set(bands(far))
    assert bands(own) == bands(pieces(folded(TEXT.upper())))
    assert all(0 <= band < 2**63 for band in bands(own))


@given(st.text("ab ", max_size=60), st.text("ab ", max_size=60), st.sampled_from([0.5, 0.6, 0.8, 1.0]))
@example(TEXT, FEW_WORDS_CHANGED, LIMITS.similar)
@example(TEXT, ANOTHER, LIMITS.similar)
@example("abcdefghi", "abcdefgh", 0.8)
def test_a_copy_is_what_is_as_alike_as_that(one: str, other: str, similar: float) -> None:
    own, found = pieces(folded(one)), folded(other)
    assert is_copy(own, found, similar) == (likeness(own, pieces(found)) >= similar)


def test_texts_of_any_length_have_their_numbers() -> None:
    assert len(bands(pieces(folded("")))) == len(bands(pieces(folded("été")))) == 4
    assert folded("É" * 9_999) == "e" * MOST_CHARACTERS


def test_distances_are_those_of_the_map() -> None:
    assert kilometres(HABAY, ARLON) == pytest.approx(12.7, abs=0.5)
    assert kilometres(HABAY, LIEGE) == pytest.approx(101, abs=1)


def test_every_threshold_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOCITY_SCREENING_BURST_REVIEWS", "7")
    settings.thresholds.cache_clear()
    assert settings.thresholds() == replace(LIMITS, burst_reviews=7)
    monkeypatch.setenv("COCOCITY_SCREENING_BURST_REVIEWS", "0")
    settings.thresholds.cache_clear()
    with pytest.raises(ValidationError, match="burst_reviews"):
        CampaignsSettings()
    monkeypatch.undo()
    settings.thresholds.cache_clear()
    assert settings.thresholds() == LIMITS


def test_each_kind_is_asked_what_can_be_told_of_it() -> None:
    all_at_once = written(
        text=TEXT + " Voir example.be",
        alike=[TEXT],
        is_understood=False,
        insults=["idiot"],
        of_merchant=99,
        others_on_device=99,
        others_on_network=99,
        device_of_tied=True,
        earlier=[
            earlier(1, LIEGE),
            *(earlier(9_999, kind=kind, merchant_id=SHOP, standing=Standing.REMOVED) for kind in Kind),
        ],
    )
    found = {kind: {*hits(replace(all_at_once, kind=kind), LIMITS)} for kind in Kind}
    assert found == RULES_OF
    assert found[Kind.REVIEW] == {*Rule}
    assert found[Kind.PHOTO] - found[Kind.VIDEO] == {Rule.LINK, Rule.INSULT}
    assert found[Kind.SHARE] == set()
