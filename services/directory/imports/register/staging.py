"""The six files joined on disk, so that the memory this takes does not grow with the country.

A SQLite file holds what concerns the town: addresses are read first, and of everything else only what belongs
to an establishment in one of its postcodes. Read again after a death, the rows come in the same order.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from services.directory.imports.register.activities import kind_of_activity
from services.directory.imports.register.files import Extract

ROWS_AT_ONCE = 10_000
NATURAL_PERSON = "1"
_CACHE_KIB = 16 * 1024

_SCHEMA = """
    CREATE TABLE place (number TEXT PRIMARY KEY, street TEXT, house_number TEXT, postcode TEXT, place TEXT)
        WITHOUT ROWID;
    CREATE TABLE establishment (number TEXT PRIMARY KEY, enterprise TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE enterprise (number TEXT PRIMARY KEY, is_person INTEGER) WITHOUT ROWID;
    CREATE TABLE name (number TEXT, rank INTEGER, name TEXT, PRIMARY KEY (number, rank)) WITHOUT ROWID;
    CREATE TABLE kind (number TEXT, rank INTEGER, kind TEXT, PRIMARY KEY (number, rank)) WITHOUT ROWID;
    CREATE TABLE contact (number TEXT, type TEXT, value TEXT, PRIMARY KEY (number, type)) WITHOUT ROWID;
"""
_OF_AN_ESTABLISHMENT = "WHERE EXISTS (SELECT 1 FROM establishment WHERE number = ?1)"
_OF_EITHER = f"{_OF_AN_ESTABLISHMENT} OR EXISTS (SELECT 1 FROM enterprise WHERE number = ?1)"  # noqa: S608
_ROWS = """
    SELECT e.number, coalesce(o.is_person, 1) AS is_person,
           p.street, p.house_number, p.postcode, p.place,
           coalesce(
               (SELECT name FROM name WHERE number = e.number AND (o.is_person = 0 OR rank < 4)
                 ORDER BY rank LIMIT 1),
               (SELECT name FROM name WHERE number = e.enterprise AND o.is_person = 0 ORDER BY rank LIMIT 1)
           ) AS name,
           (SELECT kind FROM kind WHERE number = e.number ORDER BY rank LIMIT 1) AS kind,
           (SELECT value FROM contact WHERE number = e.number AND type = 'TEL') AS phone,
           (SELECT value FROM contact WHERE number = e.number AND type = 'WEB') AS website
      FROM establishment e
      JOIN place p ON p.number = e.number
      LEFT JOIN enterprise o ON o.number = e.enterprise
     ORDER BY e.number
"""


@dataclass(frozen=True)
class Establishment:
    """What the register says of one."""

    number: str
    is_person: bool
    """Its enterprise is a natural person, or is not in the extract: then it is treated as one."""
    street: str
    house_number: str
    postcode: str
    place: str
    name: str | None
    kind: str | None
    phone: str | None
    website: str | None


class Staging:
    """The town's part of an extract, in `folder`."""

    def __init__(self, folder: Path, language: str) -> None:
        self._connection = sqlite3.connect(
            folder / "register.sqlite", isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connection.executescript(_SCHEMA)
        self._language = language

    def fill(self, extract: Extract, postcodes: Collection[str]) -> None:
        """Read all files. Raises NoRegister."""
        self._write("INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?, ?)", self._places(extract, postcodes))
        self._write(
            "INSERT OR IGNORE INTO establishment SELECT ?1, ?2"
            " WHERE EXISTS (SELECT 1 FROM place WHERE number = ?1)",
            extract.rows("establishment.csv"),
        )
        self._connection.execute("CREATE INDEX establishment_of ON establishment (enterprise)")
        self._write(
            "INSERT OR IGNORE INTO enterprise SELECT ?1, ?2"
            " WHERE EXISTS (SELECT 1 FROM establishment WHERE enterprise = ?1)",
            ((number, kind == NATURAL_PERSON) for number, kind in extract.rows("enterprise.csv")),
        )
        self._write(f"INSERT OR IGNORE INTO name SELECT ?1, ?2, ?3 {_OF_EITHER}", self._names(extract))
        self._write(f"INSERT OR IGNORE INTO kind SELECT ?1, ?2, ?3 {_OF_AN_ESTABLISHMENT}", _kinds(extract))
        # Mail addresses are not read: nobody is written to whom has not agreed.
        contacts = (row for row in extract.rows("contact.csv") if row[1] in ("TEL", "WEB"))
        self._write(f"INSERT OR IGNORE INTO contact SELECT ?1, ?2, ?3 {_OF_AN_ESTABLISHMENT}", contacts)

    def rows(self) -> Iterator[Establishment]:
        """In the order of their numbers."""
        for row in self._connection.execute(_ROWS):
            yield Establishment(row[0], bool(row[1]), *row[2:])

    def close(self) -> None:
        """Close the file; its folder is removed by whoever made it."""
        self._connection.close()

    def _write(self, statement: str, rows: Iterator[Sequence[Any]]) -> None:
        while some := list(islice(rows, ROWS_AT_ONCE)):
            self._connection.execute("BEGIN")
            self._connection.executemany(statement, some)
            self._connection.execute("COMMIT")

    def _places(self, extract: Extract, postcodes: Collection[str]) -> Iterator[Sequence[Any]]:
        dutch = self._language == "nl"
        for row in extract.rows("address.csv"):
            number, kind, postcode, place_nl, place_fr, street_nl, street_fr, house_number, struck_off = row
            if kind == "BAET" and postcode in postcodes and not struck_off:
                street = (street_nl or street_fr) if dutch else (street_fr or street_nl)
                place = (place_nl or place_fr) if dutch else (place_fr or place_nl)
                yield number, street, house_number, postcode, place

    def _names(self, extract: Extract) -> Iterator[Sequence[Any]]:
        """What it is called in commerce before what in law, in the town's language before others."""
        spoken = {"fr": "1", "nl": "2", "de": "3"}.get(self._language, "1")
        for number, language, kind, name in extract.rows("denomination.csv"):
            if kind in _NAMES and name:
                yield number, 2 * _NAMES.index(kind) + (language != spoken), name


_NAMES = ("004", "003", "002", "001")
"""Of a branch, in commerce, abbreviated, in law: the first two, of rank 0 to 3, stand over a door."""
_CLASSES = ("MAIN", "SECO")


def _kinds(extract: Extract) -> Iterator[Sequence[Any]]:
    """The main activity before others, the newest nomenclature before older ones."""
    for number, version, code, classification in extract.rows("activity.csv"):
        if classification not in _CLASSES or not version.isdecimal() or len(version) != len("2008"):
            continue
        if (kind := kind_of_activity(code, int(version))) is not None:
            yield number, 10_000 * _CLASSES.index(classification) + 9_999 - int(version), kind
