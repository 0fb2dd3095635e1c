"""What kinds of merchants are called, and how the file of names is made."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.directory.kinds.from_schema import UnexpectedSchema, names_in
from services.directory.kinds.names import is_listed, kind_names, names_of

LANGUAGES = {"fr", "nl", "de", "en"}


def test_a_bakery_is_a_boulangerie() -> None:
    assert names_of("shop=bakery") == {
        "fr": "Boulangerie",
        "nl": "Bakkerij",
        "de": "Bäckerei",
        "en": "Bakery",
    }


@pytest.mark.parametrize(
    ("kind", "name"), [("shop=levitation", "Magasin"), ("office=levitation", "Bureau"), ("x=y", "Magasin")]
)
def test_a_kind_without_a_name_is_called_as_its_family(kind: str, name: str) -> None:
    assert names_of(kind)["fr"] == name
    assert not is_listed(kind)


def test_every_kind_has_a_name_in_every_language_and_the_file_says_whose_they_are() -> None:
    kept = kind_names()
    assert (kept.source, kept.licence) == ("@openstreetmap/id-tagging-schema", "ISC")
    assert len(kept.names) > 250
    assert all(names.keys() == LANGUAGES and all(names.values()) for names in kept.names.values())
    assert is_listed("craft=brewery")
    assert not is_listed("shop=*")


def schema(folder: Path, licence: str = "ISC", **presets: Any) -> Path:
    """A package in the form that is read, with general presets beside those given."""
    general = {family: {"tags": {family: "*"}} for family in ("shop", "craft", "office")}
    written = {
        "package.json": {"name": "schema", "version": "1", "license": licence},
        "dist/presets.min.json": {**general, **{name: each["preset"] for name, each in presets.items()}},
    }
    for language in LANGUAGES:
        names = {family: {"name": f"{family} {language}"} for family in general}
        names |= {
            name: {"name": each["name"][language]}
            for name, each in presets.items()
            if language in each["name"]
        }
        written[f"dist/translations/{language}.min.json"] = {language: {"presets": {"presets": names}}}
    (folder / "dist" / "translations").mkdir(parents=True)
    for path, content in written.items():
        (folder / path).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_names_are_taken_of_merchants_alone_and_in_english_where_nobody_translated(tmp_path: Path) -> None:
    package = schema(
        tmp_path,
        bakery={"preset": {"tags": {"shop": "bakery"}}, "name": {"fr": "Boulangerie", "en": "Bakery"}},
        school={"preset": {"tags": {"amenity": "school"}}, "name": {"en": "School"}},
        organic={"preset": {"tags": {"shop": "farm", "organic": "yes"}}, "name": {"en": "Organic farm"}},
        ices={"preset": {"tags": {"shop": "ice_cream"}, "name": "{bakery}"}, "name": {}},
    )
    names = names_in(package)["names"]
    assert sorted(names) == ["craft=*", "office=*", "shop=*", "shop=bakery", "shop=ice_cream"]
    assert names["shop=bakery"] == {"fr": "Boulangerie", "nl": "Bakery", "de": "Bakery", "en": "Bakery"}
    assert names["shop=ice_cream"] == names["shop=bakery"]


def test_a_schema_of_another_licence_or_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedSchema):
        names_in(schema(tmp_path / "a", licence="Proprietary"))
    nameless = {"preset": {"tags": {"shop": "bakery"}}, "name": {}}
    with pytest.raises(UnexpectedSchema):
        names_in(schema(tmp_path / "b", bakery=nameless))
