"""Which column holds what: proposed from the headings in four languages, decided by a person."""

from collections.abc import Mapping, Sequence

from services.directory.search.folding import folded

_HEADINGS = {
    "id": (
        "id", "identifiant", "identifier", "kennung", "reference", "referentie", "referenz", "code",
        "establishment number", "numero d etablissement", "numero d unite", "vestigingsnummer",
        "niederlassungsnummer",
    ),
    "name": (
        "name", "nom", "naam", "enseigne", "nom commercial", "raison sociale", "denomination", "handelsnaam",
        "benaming", "firmenname", "bezeichnung", "shop", "shop name", "winkel", "commerce", "geschaft",
    ),
    "kind": (
        "kind", "type", "categorie", "category", "kategorie", "branche", "secteur", "sector", "activite",
        "activiteit", "activity", "soort", "art", "tatigkeit",
    ),
    "street": ("street", "rue", "straat", "straatnaam", "strasse", "adresse", "adres", "address", "voie"),
    "house_number": (
        "house number", "housenumber", "numero", "numero de maison", "num", "no", "n", "nr", "huisnummer",
        "huisnr", "hausnummer",
    ),
    "postcode": (
        "postcode", "code postal", "cp", "postal code", "zip", "zipcode", "zip code", "plz", "postleitzahl",
    ),
    "place": (
        "place", "localite", "commune", "ville", "city", "town", "gemeente", "stad", "plaats", "woonplaats",
        "ort", "stadt", "gemeinde",
    ),
    "phone": ("phone", "telephone", "tel", "telefoon", "telefoonnummer", "telefon", "telefonnummer", "gsm"),
    "website": ("website", "site", "site web", "site internet", "web", "url", "webseite", "homepage"),
    "opening_hours": (
        "opening hours", "hours", "horaire", "horaires", "heures d ouverture", "openingsuren",
        "openingstijden", "offnungszeiten",
    ),
    "longitude": ("longitude", "lon", "lng", "long", "lengtegraad", "langengrad"),
    "latitude": ("latitude", "lat", "breedtegraad", "breitengrad"),
}  # fmt: skip
FIELDS = tuple(_HEADINGS)
_FIELD_OF = {heading: field for field, headings in _HEADINGS.items() for heading in headings}


def proposed(headings: Sequence[str]) -> dict[str, int]:
    """For each field that a heading names, the first column that does, counted from 0."""
    found: dict[str, int] = {}
    for column, heading in enumerate(headings):
        field = _FIELD_OF.get(folded(heading))
        if field is not None:
            found.setdefault(field, column)
    return found


def problem_of(mapping: Mapping[str, int], columns: int) -> str | None:
    """Why a mapping cannot be used for a sheet of so many columns; None where it can."""
    if unknown := sorted(set(mapping) - set(FIELDS)):
        return f"{unknown[0]} is no field of a merchant"
    if outside := sorted(field for field, column in mapping.items() if not 0 <= column < columns):
        return f"{outside[0]} has column {mapping[outside[0]]}; the sheet has columns 0 to {columns - 1}"
    if not {"id", "name", "street"} & set(mapping):
        return "name a column for id, name or street: a shop must be recognised next time"
    if ("longitude" in mapping) != ("latitude" in mapping):
        return "longitude and latitude go together"
    return None
