"""What the register's open data says of a town's merchants, one by one.

Data of natural persons may not be used for marketing (royal decree of 28 March 2014), and the name of their
enterprise is their own. Of their establishments only what stands over the door is taken: the name in
commerce of the establishment itself, its kind and address. No telephone, no website, no name of a person.
The number of the establishment is that of a place and not of a person: by it, who objected is known again.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from services.directory.imports.given import Given, Rejected, Row, Why, shortened
from services.directory.imports.register.files import Extract
from services.directory.imports.register.staging import Establishment, Staging
from services.directory.merchants import details as cleaned
from services.directory.merchants.details import plain_text


def rows_of_register(path: Path, folder: Path, postcodes: Collection[str], language: str) -> Iterator[Row]:
    """One per establishment in one of the postcodes, numbered from 1. Raises NoRegister.

    `folder` takes what is joined on disk, about as much as the town's part has.
    """
    extract, staging = Extract(path), Staging(folder, language)
    try:
        staging.fill(extract, postcodes)
        for number, found in enumerate(staging.rows(), start=1):
            yield _row(number, found)
    finally:
        staging.close()
        extract.close()


def _row(number: int, found: Establishment) -> Row:
    source_id = found.number.replace(".", "")
    name = plain_text(found.name)
    if not (source_id.isdecimal() and len(source_id) == 10):
        detail = "no number of an establishment"
        return Rejected(number, None, name, Why.NOTHING_TO_RECOGNISE_IT_BY, detail)
    if found.kind is None:
        return Rejected(
            number, source_id, name, Why.NOT_A_MERCHANT, "no activity of a shop, craft or restaurant"
        )
    texts, notes = shortened(
        {
            "name": name,
            "street": plain_text(found.street),
            "house_number": plain_text(found.house_number),
            "postcode": plain_text(found.postcode),
            "place": plain_text(found.place),
            "establishment_number": source_id,
        }
    )
    if found.is_person:
        notes.append("natural_person")
    texts["phone"] = None if found.is_person else cleaned.phone_number(found.phone)
    texts["website"] = None if found.is_person else cleaned.web_address(found.website)
    if name is None:
        notes.append("name_missing")
    return Given(number, source_id, found.kind, texts, None, tuple(notes))
