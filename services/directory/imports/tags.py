"""What the tags of a map say of a merchant: https://wiki.openstreetmap.org/wiki/Map_features, cleaned."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from services.directory.imports.geometry import Position
from services.directory.imports.given import LIMITS, shortened
from services.directory.merchants import details as shown
from services.directory.merchants.details import Details
from services.directory.merchants.hours import normal_opening_hours
from services.directory.merchants.numbers import enterprise_number, establishment_number
from services.directory.merchants.profiles import PLATFORMS, profile_on_map

Tags = Mapping[str, str]

_WEBSITE_KEYS = ("website", "contact:website", "url", "contact:facebook", "facebook")
_PHONE_KEYS = ("phone", "contact:phone", "mobile", "contact:mobile")
_EMAIL_KEYS = ("email", "contact:email")
# Mappers write either number into any of these; its first digit says which it is.
_NUMBER_KEYS = (
    "ref:BE:establishment",
    "ref:BE:KBO",
    "ref:BE:BCE",
    "ref:BE:CBE",
    "ref:BE:enterprise",
    "ref:vatin",
    "ref:vat",
)
_SPOKEN = "language:"


def details_of(tags: Tags, kind: str, position: Position) -> tuple[Details, tuple[str, ...]]:
    """The details, and notes on what a reader of the report may want to put right on the map."""
    longitude, latitude = position
    names = _names(tags)
    details = Details(
        kind=kind,
        longitude=longitude,
        latitude=latitude,
        name=tags.get("name") or next(iter(names.values()), None),
        street=tags.get("addr:street") or tags.get("addr:place"),
        house_number=tags.get("addr:housenumber"),
        postcode=tags.get("addr:postcode"),
        place=tags.get("addr:city"),
        phone=_first_usable(tags, _PHONE_KEYS, shown.phone_number),
        website=_first_usable(tags, _WEBSITE_KEYS, shown.web_address),
        opening_hours=tags.get("opening_hours"),
        names=names,
        email=_first_usable(tags, _EMAIL_KEYS, shown.mail_address),
        profiles=_profiles(tags),
        languages=_languages(tags),
        enterprise_number=_first_usable(tags, _NUMBER_KEYS, enterprise_number),
        establishment_number=_first_usable(tags, _NUMBER_KEYS, establishment_number),
    )
    cut, notes = shortened({field: getattr(details, field) for field in LIMITS})
    texts: dict[str, Any] = {**cut}
    details = replace(details, **texts)
    return details, (*notes, *_to_put_right(details, tags))


def _to_put_right(details: Details, tags: Tags) -> Iterable[str]:
    if details.name is None:
        yield "name_missing"
    if details.street is None:
        yield "address_missing"
    for field, keys in (("phone", _PHONE_KEYS), ("website", _WEBSITE_KEYS), ("email", _EMAIL_KEYS)):
        if getattr(details, field) is None and any(key in tags for key in keys):
            yield f"{field}_not_usable"
    if details.opening_hours and normal_opening_hours(details.opening_hours) is None:
        yield "opening_hours_not_parseable"
    if any(key in tags for key in _NUMBER_KEYS) and not (
        details.enterprise_number or details.establishment_number
    ):
        yield "number_not_usable"


def _first_usable(tags: Tags, keys: Iterable[str], read: Callable[[str | None], str | None]) -> str | None:
    return next((usable for key in keys if (usable := read(tags.get(key)))), None)


def _names(tags: Tags) -> dict[str, str]:
    found = {language: tags[key] for language in shown.LANGUAGES if (key := f"name:{language}") in tags}
    return {language: name[: shown.NAME_LIMIT].rstrip() for language, name in found.items()}


def _profiles(tags: Tags) -> dict[str, str]:
    found = {
        platform: _first_usable(tags, (f"contact:{platform}", platform), partial(profile_on_map, platform))
        for platform in PLATFORMS
    }
    return {platform: address for platform, address in found.items() if address is not None}


def _languages(tags: Tags) -> tuple[str, ...]:
    """`language:fr=yes`; what is spoken by one of the staff only, or not at all, has another value."""
    spoken = (key for key, value in tags.items() if key.startswith(_SPOKEN) and value in {"yes", "main"})
    return shown.language_codes(key.removeprefix(_SPOKEN) for key in spoken)
