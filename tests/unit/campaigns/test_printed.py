"""What stands on counter cards and posters: in four languages, readable by a camera, all on the paper."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from reportlab.lib.pagesizes import A3, A4, A6, landscape
from reportlab.lib.units import mm

from chassis.languages import LANGUAGES
from services.campaigns.languages import DOMAIN, FOLDER
from services.campaigns.printed.pages import Format, cards, poster
from services.campaigns.printed.words import Card, Poster, card_words, poster_words
from tests.support.catalogues import faults_of

LINK = "https://town.example/s/cdfh2345"


def a_poster(
    title: str = "Le mois des ambassadeurs", responsible: str | None = "Claire Lambert, Échevine"
) -> Poster:
    return Poster(
        title=title,
        city="Habay",
        responsible=responsible,
        starts_at=datetime(2026, 11, 30, 23, tzinfo=UTC),
        ends_at=datetime(2026, 12, 31, 23, tzinfo=UTC),
        address=LINK,
    )


def squeezed(text: str) -> str:
    """Without spaces: lines are broken where the paper ends."""
    return "".join(text.split())


def pages(pdf: bytes) -> list[str]:
    return [squeezed(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_untranslated(language: str) -> None:
    assert faults_of(FOLDER, language, DOMAIN) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_names_its_shop_and_asks_everybody_for_any_opinion(language: str) -> None:
    shops = [Card("Boulangerie Rigaux", LINK), Card("Кафе у реки", "https://town.example/s/23456789")]
    first, second = pages(cards(shops, language))
    words = card_words(language)
    for text in ("Boulangerie Rigaux", LINK, words.heading, words.scan, words.everybody):
        assert squeezed(text) in first
    assert squeezed("Kafe u reki") in second, "a name in other letters is not left as empty boxes"
    others = {card_words(other).everybody for other in LANGUAGES if other != language}
    assert not any(squeezed(text) in first for text in others)


@pytest.mark.parametrize(
    ("language", "dates"),
    [
        ("fr", "Du 1 décembre 2026 au 31 décembre 2026"),
        ("nl", "Van 1 december 2026 tot en met 31 december 2026"),
        ("de", "Vom 1. Dezember 2026 bis zum 31. Dezember 2026"),
        ("en", "From 1 December 2026 to 31 December 2026"),
    ],
)
def test_a_poster_says_what_when_who_is_responsible_and_how_to_join(language: str, dates: str) -> None:
    (text,) = pages(poster(a_poster(), Format.A4, language))
    words = poster_words(a_poster(), language)
    assert words.dates == dates, "the days are those of Brussels, and the last one is the last that counts"
    for said in ("Le mois des ambassadeurs", dates, "Claire Lambert, Échevine", words.call, words.scan, LINK):
        assert squeezed(said) in text


def test_a_city_that_names_nobody_answers_itself() -> None:
    assert poster_words(a_poster(responsible=None), "fr").responsible == "Responsable : Habay"


@pytest.mark.parametrize(
    ("pdf", "size"),
    [
        (cards([Card("w " * 100, LINK)], "de"), landscape(A6)),
        (poster(a_poster("w" * 200, "w " * 200), Format.A4, "de"), A4),
        (poster(a_poster("w " * 100, "w " * 200), Format.A3, "de"), A3),
    ],
    ids=["card", "A4", "A3"],
)
def test_a_camera_reads_the_link_and_everything_stands_on_the_paper(
    pdf: bytes, size: tuple[float, float]
) -> None:
    (page,) = PdfReader(BytesIO(pdf)).pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.1)
    heights: list[float] = []

    def note(text: str, matrix: list[float], position: list[float], *_: object) -> None:
        if text.strip():
            heights.append(position[5] * matrix[3] + matrix[5])

    page.extract_text(visitor_text=note)
    assert min(heights) > 5 * mm
    (drawn,) = pypdfium2.PdfDocument(pdf)
    (code,) = zxingcpp.read_barcodes(drawn.render(scale=2).to_pil())
    assert (code.format, code.text) == (zxingcpp.BarcodeFormat.QRCode, LINK)
