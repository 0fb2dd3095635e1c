"""What stands on a shop's letter: its own audience, its code, where its data comes from, how to object."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from reportlab.lib.units import mm

from chassis.printed import legible
from services.directory.cities.domain import commune
from services.directory.claims.audience import NOTHING_YET, Figures
from services.directory.claims.letter_words import Issuer, Paper, words_of
from services.directory.claims.letters import drawn
from services.directory.claims.printing import issuer_of
from services.directory.claims.runs import MOST_LETTERS

CODE, PAGE = "ABCD-EFGH-JKMN-PQRS", "https://town.example/audience/AAAAAAAAAAAAAAAAAAAAAAAA"
OBJECTION_CODE = "TVWX-YZ01-2345-6789"
ISSUER = Issuer("Habay", "Claire Lambert, Échevine du commerce", "https://town.example")
LANGUAGES = ("fr", "nl", "de")


def paper(
    name: str = "Boulangerie Rigaux",
    figures: Figures | None = None,
    objection_code: str | None = OBJECTION_CODE,
    source: str = "osm",
) -> Paper:
    return Paper(
        name=name,
        address=("Rue de l'Hôtel de Ville 3", "6720 Habay-la-Neuve"),
        figures=figures or Figures({"review": 12, "share": 7}, date(2026, 9, 3)),
        code=CODE,
        objection_code=objection_code,
        page=PAGE,
        expires_at=datetime(2027, 2, 23, 12, tzinfo=UTC),
        source=source,
    )


def read(pdf: bytes) -> list[str]:
    """The words of each page, on one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.parametrize("form", ["letter", "card"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_shows_the_shops_own_audience_and_all_it_must_say(language: str, form: str) -> None:
    (text,) = read(drawn([paper()], ISSUER, language, form))
    squeezed = text.replace(" ", "")
    for expected in ("BoulangerieRigaux", "12", "19", CODE, "OpenStreetMap", "ClaireLambert", "town.example"):
        assert expected in squeezed, expected
    for other in set(LANGUAGES) - {language}:
        assert words_of(paper(), ISSUER, other).look not in text


@pytest.mark.parametrize("form", ["letter", "card"])
@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("fr", "Vous ne souhaitez pas être répertorié ? Entrez le code ci-dessous sur "),
        ("nl", "Wilt u niet vermeld worden? Vul de code hieronder in op "),
        ("de", "Sie möchten nicht aufgeführt werden? Geben Sie den Code unten auf "),
    ],
)
def test_it_says_where_its_data_come_from_and_how_to_object(language: str, asked: str, form: str) -> None:
    long = paper("x" * 200, Figures({"review": 12, "share": 7, "photo": 3, "video": 1}, date(2026, 9, 3)))
    (text,) = read(drawn([long], ISSUER, language, form))
    assert f"{asked}https://town.example/objection" in text
    assert text.endswith(OBJECTION_CODE)  # it is on the page, and last: nothing covers it
    assert "© OpenStreetMap contributors, ODbL 1.0" in text


@pytest.mark.parametrize(
    ("source", "language", "said"),
    [
        ("kbo:2026-11", "fr", "la Banque-Carrefour des Entreprises."),
        ("kbo:2026-11", "nl", "de Kruispuntbank van Ondernemingen."),
        ("kbo:2026-11", "de", ": Zentrale Datenbank der Unternehmen."),
        ("csv:ucm-2026", "fr", ": ucm-2026."),
        ("osm", "fr", ": © OpenStreetMap contributors, ODbL 1.0."),
        ("city", "fr", "une liste de votre ville."),
    ],
)
def test_a_letter_names_the_source_of_its_shop(source: str, language: str, said: str) -> None:
    assert words_of(paper(source=source), ISSUER, language).source.endswith(said)


def test_a_letter_prepared_before_there_were_codes_to_object_names_whom_to_tell() -> None:
    (text,) = read(drawn([paper(objection_code=None)], ISSUER, "nl", "letter"))
    assert "Laat het weten aan Claire Lambert" in text
    assert "/objection" not in text


@pytest.mark.parametrize("form", ["letter", "card"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_stands_on_the_paper(language: str, form: str) -> None:
    figures = Figures({"review": 12, "share": 7, "photo": 3, "video": 1}, date(2026, 9, 3))
    (page,) = PdfReader(BytesIO(drawn([paper("w " * 100, figures)], ISSUER, language, form))).pages
    heights: list[float] = []

    def note(text: str, _: object, position: list[float], *__: object) -> None:
        if text.strip():
            heights.append(position[5])

    page.extract_text(visitor_text=note)
    assert min(heights) > 5 * mm


@pytest.mark.parametrize("form", ["letter", "card"])
def test_a_camera_reads_the_address_of_the_shops_page(form: str) -> None:
    (page,) = pypdfium2.PdfDocument(drawn([paper()], ISSUER, "fr", form))
    (code,) = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    assert (code.format, code.text) == (zxingcpp.BarcodeFormat.QRCode, PAGE)


@pytest.mark.parametrize(
    ("language", "opening", "until"),
    [
        ("fr", "Depuis le 3 septembre 2026", "23 février 2027"),
        ("nl", "Sinds 3 september 2026", "23 februari 2027"),
        ("de", "Seit dem 3. September 2026", "23. Februar 2027"),
    ],
)
def test_days_are_written_as_people_write_them(language: str, opening: str, until: str) -> None:
    words = words_of(paper(), ISSUER, language)
    assert opening in words.opening
    assert until in words.validity


def test_a_shop_without_an_audience_is_told_so_and_no_figure_is_made_up() -> None:
    words = words_of(paper(figures=NOTHING_YET), ISSUER, "fr")
    assert "Personne n'a encore parlé du vôtre" in words.opening
    assert words.rows == []


def test_one_kind_has_no_sum_and_an_unknown_kind_its_own_name() -> None:
    assert words_of(paper(figures=Figures({"review": 3}, date(2026, 9, 3))), ISSUER, "nl").rows == [
        ("Beoordelingen", 3)
    ]
    rows = words_of(paper(figures=Figures({"poem": 1, "review": 3}, date(2026, 9, 3))), ISSUER, "de").rows
    assert rows == [("poem", 1), ("Bewertungen", 3), ("Zusammen", 4)]


@pytest.mark.parametrize(
    "name",
    [
        "<b>&amp;</b> %(x)s {city}",
        "Кафе Ёлка",
        "(\\) endobj",
        "麺屋",
        "x" * 200,
        "w " * 100,
        "🎂 Gâteaux",
        "مقهى",
    ],
)
@pytest.mark.parametrize("form", ["letter", "card"])
def test_any_name_is_printed_and_breaks_no_page(name: str, form: str) -> None:
    pages = read(drawn([paper(name), paper()], ISSUER, "fr", form))
    assert len(pages) == 2
    assert all(CODE in page for page in pages)


def test_letters_the_font_lacks_are_written_in_latin_ones() -> None:
    assert legible("Кафе Œuvre à l'été") == "Kafe Œuvre à l'été"


@pytest.mark.slow
def test_a_letter_more_takes_little_more_memory() -> None:
    drawn([paper()], ISSUER, "fr", "letter")
    few, many = 5, 25
    peaks = []
    for number in (few, many):
        tracemalloc.start()
        pdf = drawn((paper(f"Shop {each}") for each in range(number)), ISSUER, "fr", "letter")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(PdfReader(BytesIO(pdf)).pages) == number
    assert (peaks[1] - peaks[0]) / (many - few) * MOST_LETTERS < 40 * 1024 * 1024


@pytest.mark.parametrize(
    ("nis_code", "language", "called"),
    [
        ("63067", "de", "Sankt Vith"),
        ("63067", "fr", "Saint-Vith"),
        ("62063", "de", "Liège"),
        ("62063", "nl", "Luik"),
    ],
)
def test_a_city_writes_under_its_name_in_the_language_of_the_letter(
    nis_code: str, language: str, called: str
) -> None:
    joined = commune(nis_code)
    assert joined is not None
    row = {
        "nis_code": nis_code,
        "name_fr": joined.name_fr,
        "name_nl": joined.name_nl,
        "responsible_name": None,
        "responsible_role": None,
    }
    assert issuer_of(row, language, "https://habay.example").city == called
