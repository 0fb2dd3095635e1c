"""What the public sees of a merchant, cleaned: texts from a map or a form are never trusted.

Everything that enters the directory passes through here, so that no row can hold a control character,
a `javascript:` link or a text of absurd length.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

LANGUAGES = ("fr", "nl", "de", "en")
"""A merchant has a name in each of these at most."""
NAME_LIMIT = 200
ADDRESS_LIMIT = 120
HOURS_LIMIT = 1_000
PHONE_LIMIT = 40
WEBSITE_LIMIT = 500
MOST_LANGUAGES = 20

_PHONE = re.compile(r"\+?[0-9][0-9 ()/.\-]{4,}")
_HOST = re.compile(r"(?=.{4,253}$)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_KIND = re.compile(r"[a-z][a-z_]{1,20}=[a-z0-9][a-z0-9_:-]{0,49}")


@dataclass(frozen=True)
class Details:
    """The state of a merchant that a map, its owner or its city can change."""

    kind: str
    """Key and value of an OpenStreetMap tag: `shop=bakery`."""
    longitude: float
    latitude: float
    name: str | None = None
    """None where the map has none: such a merchant is shown by its kind and its place."""
    street: str | None = None
    house_number: str | None = None
    postcode: str | None = None
    place: str | None = None
    phone: str | None = None
    website: str | None = None
    opening_hours: str | None = None
    """As given; `hours.py` says what a machine reads in it."""
    names: Mapping[str, str] = field(default_factory=dict)
    """By language (fr, nl, de, en), where it is called differently in them or nobody has said in which."""
    email: str | None = None
    """Of the shop, as it shows it to everybody; never that of a person's account here."""
    profiles: Mapping[str, str] = field(default_factory=dict)
    """Address by platform (`profiles.PLATFORMS`)."""
    languages: tuple[str, ...] = ()
    """Spoken in the shop: ISO 639 codes in alphabetical order."""
    enterprise_number: str | None = None
    establishment_number: str | None = None
    """Ten digits each (`numbers.py`)."""

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> Self:
        """From a row or from JSON, which knows no tuples; what an older version did not know is empty."""
        return cls(**{**known, "languages": tuple(known.get("languages", ()))})

    def only_the_place(self) -> Self:
        """What is left where nothing of a merchant may be kept but what it is and where."""
        return type(self)(kind=self.kind, longitude=self.longitude, latitude=self.latitude)

    def called(self) -> tuple[str, ...]:
        """Every name it goes by."""
        return tuple(dict.fromkeys(filter(None, (self.name, *self.names.values()))))


def plain_text(value: Any) -> str | None:
    """One line without control, bidirectional or unassigned characters; None where nothing is left."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    if not text.isprintable():
        text = " ".join("".join(filter(str.isprintable, text)).split())
    return text or None


def is_kind(value: str) -> bool:
    """Whether a kind has the form that travels on the bus."""
    return _KIND.fullmatch(value) is not None


def phone_number(value: Any) -> str | None:
    """The first number given, its international prefix as `+`; None where it is no phone number."""
    text = plain_text(value)
    if text is None:
        return None
    first = text.split(";")[0].strip()
    if first.startswith("00"):
        first = f"+{first[2:]}"
    return first if len(first) <= PHONE_LIMIT and _PHONE.fullmatch(first) else None


def web_address(value: Any) -> str | None:
    """An http(s) address with a host name and no password; None where it is anything else."""
    text = plain_text(value)
    if text is None:
        return None
    first = text.split(";")[0].strip() if "://" not in text.partition(";")[2] else text.partition(";")[0]
    address = first if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", first) else f"https://{first}"
    try:
        parts = urlsplit(address)
        host, port_is_readable = parts.hostname or "", parts.port is None or parts.port > 0
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and "@" not in parts.netloc and port_is_readable
    unwanted = set(address) & set(" <>\"'`\\{}|^")
    if not usable or unwanted or len(address) > WEBSITE_LIMIT or not _HOST.fullmatch(host):
        return None
    return address


def mail_address(value: Any) -> str | None:
    """The first address given, in its usual form; None where it is none. Nobody asks whether it exists."""
    text = plain_text(value)
    if text is None:
        return None
    try:
        return validate_email(text.split(";")[0].strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def language_codes(values: Any) -> tuple[str, ...]:
    """Those of the values that are ISO 639 codes in form, each once, in alphabetical order."""
    codes = {str(value).strip().lower() for value in values}
    return tuple(sorted(code for code in codes if _LANGUAGE.fullmatch(code)))[:MOST_LANGUAGES]
