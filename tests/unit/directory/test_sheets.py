"""CSV as offices write it, and as somebody writes it who means harm."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.directory.imports.given import Given, Rejected, Row, Why
from services.directory.imports.sheets.columns import problem_of, proposed
from services.directory.imports.sheets.reading import DELIMITERS, NoSheet, form_of, rows_of
from services.directory.imports.sheets.rows import Sheet

FRENCH = "Identifiant;Enseigne;Catégorie;Rue;N°;Code postal;Localité;Téléphone;Longitude;Latitude\n"


def rows(tmp_path: Path, content: bytes) -> list[Row]:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    form = form_of(path)
    return list(Sheet(path, form, proposed(form.headings), "shop=yes").rows())


def only(tmp_path: Path, text: str) -> Row:
    (row,) = rows(tmp_path, text.encode())
    return row


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Crêperie « Œuf » €"),
        ("utf-8-sig", "Crêperie « Œuf » €"),
        ("utf-16", "Crêperie « Œuf » €"),
        ("utf-16-le", "Crêperie « Œuf » €"),
        ("utf-16-be", "Crêperie « Œuf » €"),
        ("cp1252", "Crêperie « Œuf » €"),
        ("iso8859-15", "Crêperie « Œuf » €"),
        ("cp1252", "L’été à Liège"),
    ],
)
def test_a_sheet_is_read_in_the_encoding_it_was_written_in(tmp_path: Path, encoding: str, name: str) -> None:
    (row,) = rows(tmp_path, f"id;nom;rue\n1;{name};Rue Haute\n".encode(encoding))
    assert isinstance(row, Given)
    assert row.texts["name"] == name


def test_a_french_sheet_with_decimal_commas_is_a_merchant(tmp_path: Path) -> None:
    row = only(
        tmp_path, FRENCH + "7;Chez Paul;Boulangerie;Grand-Rue;12 A;6720;Habay;063/42 22 79;5,6412;49,7212"
    )
    assert isinstance(row, Given)
    assert (row.source_id, row.kind, row.place) == ("7", "shop=bakery", (5.6412, 49.7212))
    assert row.texts["phone"] == "063/42 22 79"
    assert row.notes == ()


@pytest.mark.parametrize(
    "headings",
    [
        "Vestigingsnummer,Handelsnaam,Soort,Straat,Huisnummer,Postcode,Gemeente",
        "Kennung,Firmenname,Branche,Straße,Hausnummer,PLZ,Ort",
        "Identifiant,Enseigne,Activité,Rue,Numéro,Code postal,Commune",
        "Reference,Shop name,Category,Street,House number,Zip code,City",
    ],
)
def test_columns_are_proposed_from_headings_in_four_languages(headings: str) -> None:
    fields = ("id", "name", "kind", "street", "house_number", "postcode", "place")
    assert proposed(headings.split(",")) == {field: column for column, field in enumerate(fields)}


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"colour": 0}, "colour"),
        ({"name": 9}, "name has column 9"),
        ({"name": -1}, "name has column -1"),
        ({"phone": 0}, "id, name or street"),
        ({"name": 0, "longitude": 1}, "go together"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(mapping: dict[str, int], says: str) -> None:
    assert says in str(problem_of(mapping, 2))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (";;;;;;;;;", None),
        ("1;A;B;C;D;E;F;G;H;I;J;K", Why.WRONG_NUMBER_OF_CELLS),
        (";;Boulangerie;;;;;;;", Why.NOTHING_TO_RECOGNISE_IT_BY),
        ("1;Chez;;;;;;;x;49", Why.INVALID_PLACE),
        ("1;Chez;;;;;;;nan;49", Why.INVALID_PLACE),
        ("1;Chez;;;;;;;500;49", Why.INVALID_PLACE),
        (f"{'1' * 101};Chez;;;;;;;;", Why.NOTHING_TO_RECOGNISE_IT_BY),
    ],
)
def test_a_row_that_is_no_merchant_is_left_out_with_its_reason(
    tmp_path: Path, line: str, why: Why | None
) -> None:
    found = rows(tmp_path, (FRENCH + line).encode())
    assert [row.why for row in found if isinstance(row, Rejected)] == ([] if why is None else [why])
    assert not [row for row in found if isinstance(row, Given)]


@pytest.mark.parametrize(
    ("called", "kind"),
    [
        ("Kapper", "shop=hairdresser"),
        ("salon de coiffure", "shop=hairdresser"),
        ("Theewinkel", "shop=tea"),
        ("Magasin de thés", "shop=tea"),
        ("TEEGESCHÄFT", "shop=tea"),
        ("Tea store", "shop=tea"),
        ("Serrurier", "shop=locksmith"),
        ("Magasin", "shop=yes"),
    ],
)
def test_a_kind_is_known_by_its_names_in_four_languages(tmp_path: Path, called: str, kind: str) -> None:
    row = only(tmp_path, FRENCH + f"1;Chez Paul;{called};Grand-Rue;;;;;;")
    assert isinstance(row, Given)
    assert row.kind == kind
    assert ("kind_not_known" in row.notes) == (kind == "shop=yes")


def test_a_formula_is_no_text(tmp_path: Path) -> None:
    row = only(tmp_path, FRENCH + '1;"=HYPERLINK(""http://x"")";;Grand-Rue;;;;;;')
    assert isinstance(row, Given)
    assert row.texts["name"] is None
    assert "formula_ignored" in row.notes


def test_without_an_id_a_shop_is_known_by_its_name_and_address_however_they_are_spelt(tmp_path: Path) -> None:
    one, other, third = rows(
        tmp_path,
        ("nom;rue;no\nChez Élise;Grand-Rue;1\nCHEZ ELISE;grand rue;1\nChez Élise;Grand-Rue;2").encode(),
    )
    assert one.source_id == other.source_id != third.source_id
    assert isinstance(one, Given)
    assert "id_from_name_and_address" in one.notes


def test_nul_characters_vanish(tmp_path: Path) -> None:
    row = only(tmp_path, "id;nom;rue\n1;Chez\x00 Paul;Rue\x00 Haute")
    assert isinstance(row, Given)
    assert row.texts["name"] == "Chez Paul"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no headings"),
        (b"\n\n\n", "no headings"),
        (b"x" * 10_000_000, "more than"),
        (b"id;nom\n1;" + b"x" * 10_000_000, "more than"),
        (b'id;nom\n1;"' + b"x\n" * 5_000_000, "field larger"),
        (b"id;nom\n" * 3 + "é".encode("utf-16-be"), ""),
        (b"\xef\xbb\xbfid;nom\n1;\xff\xfe", "utf"),
        (";".join(f"c{number}" for number in range(500)).encode(), "columns"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_or_read_but_never_held_whole(
    tmp_path: Path, content: bytes, says: str
) -> None:
    if says:
        with pytest.raises(NoSheet, match=says):
            rows(tmp_path, content)
    else:
        rows(tmp_path, content)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    table=st.integers(2, 6).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
    ),
)
def test_what_was_written_is_read(
    tmp_path: Path, delimiter: str, encoding: str, table: list[list[str]]
) -> None:
    headings = [f"heading {number}" for number in range(len(table[0]))]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([headings, *table])
    path = tmp_path / "sheet.csv"
    path.write_bytes(written.getvalue().encode(encoding))

    form = form_of(path)

    assert (form.delimiter, list(form.headings)) == (delimiter, headings)
    assert list(rows_of(path, form)) == [row for row in table if any(cell.strip() for cell in row)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_no_sheet(tmp_path: Path, content: bytes) -> None:
    try:
        found = rows(tmp_path, b"id;nom\n" + content)
    except NoSheet:
        return
    assert [row.number for row in found] == list(range(1, len(found) + 1))
