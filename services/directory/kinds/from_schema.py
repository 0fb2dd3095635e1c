"""Writes names.json from the unpacked npm package `@openstreetmap/id-tagging-schema`.

npm pack @openstreetmap/id-tagging-schema && tar xzf openstreetmap-id-tagging-schema-*.tgz
python -m services.directory.kinds.from_schema package
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis.languages import LANGUAGES
from services.directory.imports.kinds import NoMerchant, kind_of
from services.directory.kinds.names import DATA

FAMILIES = ("shop", "craft", "amenity", "tourism", "leisure", "office", "healthcare")
LICENCE = "ISC"
GENERAL = ("shop", "craft", "office")
"""Families that the schema has a name for as a whole."""


class UnexpectedSchema(RuntimeError):
    """The package is not what this knows how to read."""


def names_in(package: Path) -> dict[str, Any]:
    """The content of names.json. Raises UnexpectedSchema where a name or the licence is not as expected."""
    about = _json(package / "package.json")
    if about["license"] != LICENCE:
        raise UnexpectedSchema(f"the licence is {about['license']}, not {LICENCE}: read it before you go on")
    presets = _json(package / "dist" / "presets.min.json")
    translated = {language: _translations(package, language) for language in LANGUAGES}
    names = {kind: _named(_named_by(presets, preset), translated) for preset, kind in _kinds(presets)}
    names |= {f"{family}=*": _named(family, translated) for family in GENERAL}
    return {
        "source": about["name"],
        "version": about["version"],
        "licence": LICENCE,
        "copyright": "iD Contributors",
        "names": dict(sorted(names.items())),
    }


def _kinds(presets: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Presets of one tag that an import would list as a merchant, each for the whole world."""
    for preset, described in presets.items():
        tags = described["tags"]
        if len(tags) == 1 and tags.keys() <= set(FAMILIES) and "locationSet" not in described:
            kind = kind_of(tags)
            if kind == "=".join(*tags.items()) and not isinstance(kind, NoMerchant):
                yield preset, kind


def _named_by(presets: dict[str, Any], preset: str) -> str:
    """A preset's name may be that of another one: `{education/driving_school}`."""
    name = presets[preset].get("name", "")
    return name.strip("{}") if name.startswith("{") else preset


def _named(preset: str, translated: dict[str, Any]) -> dict[str, str]:
    """The name in every language; English where the translators have none yet."""
    english = translated["en"].get(preset, {}).get("name")
    if english is None:
        raise UnexpectedSchema(f"{preset} has no English name")
    return {language: translated[language].get(preset, {}).get("name", english) for language in LANGUAGES}


def _translations(package: Path, language: str) -> dict[str, Any]:
    found: dict[str, Any] = _json(package / "dist" / "translations" / f"{language}.min.json")
    presets: dict[str, Any] = found[language]["presets"]["presets"]
    return presets


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main(package: Path) -> None:
    """Write the file beside this module."""
    content = json.dumps(names_in(package), ensure_ascii=False, indent=1)
    DATA.write_text(f"{content}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
