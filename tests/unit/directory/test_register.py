"""Open data of the enterprise register: joined, narrowed to a town, nothing of a person but their shop."""

import io
import zipfile
from pathlib import Path

import pytest

from services.directory.imports.given import Given, Rejected, Row
from services.directory.imports.register import files
from services.directory.imports.register.activities import kind_of_activity
from services.directory.imports.register.files import NoRegister
from services.directory.imports.register.rows import rows_of_register
from tests.support.register import HEADINGS, TOWN, register

HABAY = frozenset({"6720", "6721", "6723", "6724"})


def rows(tmp_path: Path, content: bytes, language: str = "fr") -> list[Row]:
    path = tmp_path / "file"
    path.write_bytes(content)
    (tmp_path / "register.sqlite").unlink(missing_ok=True)
    return list(rows_of_register(path, tmp_path, HABAY, language))


def test_a_town_has_its_establishments_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    bakery, hairdresser, office = rows(tmp_path, register())
    assert isinstance(bakery, Given)
    assert (bakery.number, bakery.source_id, bakery.kind, bakery.place) == (
        1,
        "2000000010",
        "shop=bakery",
        None,
    )
    assert bakery.texts == {
        "name": 'Boulangerie "Le Fournil"',
        "street": "Grand-Rue",
        "house_number": "7",
        "postcode": "6720",
        "place": "Habay",
        "establishment_number": "2000000010",
        "phone": "063 42 22 79",
        "website": None,
    }
    assert isinstance(hairdresser, Given)
    assert hairdresser.kind == "shop=hairdresser"
    assert isinstance(office, Rejected)
    assert (office.source_id, office.why) == ("2000000030", "not_a_merchant")
    assert [row.number for row in rows(tmp_path, register())] == [1, 2, 3]


def test_of_a_natural_person_neither_name_nor_telephone_is_taken(tmp_path: Path) -> None:
    _, hairdresser, _ = rows(tmp_path, register())
    assert isinstance(hairdresser, Given)
    assert hairdresser.texts["name"] is hairdresser.texts["phone"] is None
    assert {"natural_person", "name_missing"} <= set(hairdresser.notes)


def test_an_enterprise_that_is_not_in_the_extract_may_be_a_person(tmp_path: Path) -> None:
    bakery, _, _ = rows(tmp_path, register({**TOWN, "enterprise.csv": ()}))
    assert isinstance(bakery, Given)
    assert bakery.texts["phone"] is None
    assert "natural_person" in bakery.notes


def test_names_and_streets_are_those_of_the_towns_language(tmp_path: Path) -> None:
    bakery, _, _ = rows(tmp_path, register(), "nl")
    assert isinstance(bakery, Given)
    assert (bakery.texts["name"], bakery.texts["street"]) == ("Bakkerij Zoet", "Grote Straat")


@pytest.mark.parametrize(
    ("code", "version", "kind"),
    [
        ("47241", 2008, "shop=bakery"),
        ("47242", 2008, "shop=confectionery"),
        ("4724", 2003, "shop=bakery"),
        ("47640", 2008, "shop=sports"),
        ("47640", 2025, "shop=toys"),
        ("69201", 2008, None),
        ("", 2008, None),
        ("47", 2008, None),
    ],
)
def test_an_activity_is_a_kind_by_its_longest_known_beginning(
    code: str, version: int, kind: str | None
) -> None:
    assert kind_of_activity(code, version) == kind


def packed(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, headings in HEADINGS.items():
            archive.writestr(name, members.get(name.removesuffix(".csv"), headings.encode() + b"\r\n"))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no ZIP"),
        (b"PK\x03\x04 nonsense", "no ZIP"),
        (register(without="activity.csv"), "no activity.csv"),
        (packed(contact=b"\0" * 50_000_000), "unpacks to"),
        (packed(contact=b'"EntityNumber"\r\n'), "without ContactType"),
        (packed(address=HEADINGS["address.csv"].encode("utf-16")), "cannot be read"),
        (packed(denomination=b"\xff\xfe\xff"), "cannot be read"),
        (register()[:-400], "no ZIP"),
    ],
)
def test_a_file_that_is_no_register_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(NoRegister, match=says):
        rows(tmp_path, content)


def test_an_endless_line_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_TIMES", 10_000)
    with pytest.raises(NoRegister, match="no register has"):
        rows(tmp_path, packed(contact=HEADINGS["contact.csv"].encode() + b"\n" + b"x" * 20_000_000))


def test_what_a_zip_says_of_its_sizes_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.Extract, "_trusted", lambda *_: None)
    monkeypatch.setattr(files, "MOST_BYTES", 300)
    with pytest.raises(NoRegister, match="no register has"):
        rows(tmp_path, register())
