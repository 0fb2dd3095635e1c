"""The files of the register's open data, in a ZIP, read row by row.

As the "Cookbook KBO Open Data" (FPS Economy) describes them: comma between cells, text in quotation marks,
headings in the first row, UTF-8.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "enterprise.csv": ("EnterpriseNumber", "TypeOfEnterprise"),
    "establishment.csv": ("EstablishmentNumber", "EnterpriseNumber"),
    "denomination.csv": ("EntityNumber", "Language", "TypeOfDenomination", "Denomination"),
    "address.csv": (
        "EntityNumber", "TypeOfAddress", "Zipcode", "MunicipalityNL", "MunicipalityFR", "StreetNL",
        "StreetFR", "HouseNumber", "DateStrikingOff",
    ),
    "activity.csv": ("EntityNumber", "NaceVersion", "NaceCode", "Classification"),
    "contact.csv": ("EntityNumber", "ContactType", "Value"),
}  # fmt: skip
"""The files that are read, and of each the columns that are."""
MOST_BYTES = 8 << 30
"""Unpacked, of one file: the whole country's largest has 2 GiB."""
MOST_TIMES = 200
"""As large unpacked as packed: text of this kind has 10 to 20 times, a bomb a thousand."""
LONGEST_LINE = 64 * 1024


class NoRegister(ValueError):
    """The file is no extract of the register; the message says why."""


class Extract:
    """An opened ZIP."""

    def __init__(self, path: Path) -> None:
        """Raises NoRegister."""
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise NoRegister("is no ZIP") from error
        self._members = {Path(each.filename).name.lower(): each for each in self._zip.infolist()}
        if missing := sorted(COLUMNS.keys() - self._members.keys()):
            raise NoRegister(f"has no {missing[0]}")
        for name in COLUMNS:
            self._trusted(name)

    def _trusted(self, name: str) -> None:
        member = self._members[name]
        if member.file_size > MOST_BYTES or member.file_size > MOST_TIMES * max(member.compress_size, 1):
            raise NoRegister(f"has a {name} that unpacks to {member.file_size:,} bytes")

    def close(self) -> None:
        """Close the ZIP."""
        self._zip.close()

    def rows(self, name: str) -> Iterator[Sequence[str]]:
        """The cells of COLUMNS[name] of each row. Raises NoRegister."""
        wanted = COLUMNS[name]
        try:
            with self._zip.open(self._members[name]) as packed:
                text = io.TextIOWrapper(packed, encoding="utf-8-sig", newline="")
                rows = csv.reader(_lines(text, name))
                headings = next(rows, [])
                if missing := [each for each in wanted if each not in headings]:
                    raise NoRegister(f"has a {name} without {missing[0]}")
                places = [headings.index(each) for each in wanted]
                last = max(places)
                for row in rows:
                    if len(row) > last:
                        yield [row[place] for place in places]
        except (zipfile.BadZipFile, csv.Error, UnicodeDecodeError, EOFError, RuntimeError) as error:
            raise NoRegister(f"has a {name} that cannot be read ({error})") from error


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    # What a ZIP says of its sizes may be a lie: what is unpacked is counted, too.
    left = MOST_BYTES
    while line := text.readline(LONGEST_LINE):
        left -= len(line)
        if left < 0 or (len(line) == LONGEST_LINE and not line.endswith("\n")):
            raise NoRegister(f"has a {name} with a line or a size that no register has")
        yield line
