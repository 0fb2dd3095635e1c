"""What kinds of merchants are called in the reader's language: `shop=bakery` is a boulangerie.

The names are those of the OpenStreetMap editor's tagging schema, in `names.json` with their source, version
and licence. `python -m services.directory.kinds.from_schema FOLDER` writes that file anew from the package.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

ANY_KIND = "shop=*"
DATA = Path(__file__).with_name("names.json")


class KindNames(msgspec.Struct, frozen=True):
    """The generated file."""

    source: str
    version: str
    licence: str
    copyright: str
    names: dict[str, dict[str, str]]
    """By kind, then by language. `shop=*` is what a shop of any other kind is called."""


@cache
def kind_names() -> KindNames:
    """The file, read once."""
    return msgspec.json.decode(DATA.read_bytes(), type=KindNames)


def names_of(kind: str) -> Mapping[str, str]:
    """What a kind is called in each language; one that the schema does not list is called as its family."""
    names = kind_names().names
    return names.get(kind) or names.get(f"{kind.partition('=')[0]}=*") or names[ANY_KIND]


def is_listed(kind: str) -> bool:
    """Whether this very kind, and not only its family, has a name."""
    return not kind.endswith("=*") and kind in kind_names().names
