"""Rules of signing in at an identity provider: how long it may take, and who the person is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LONGEST_SIGN_IN = timedelta(minutes=10)
"""Between leaving for the provider and coming back from it."""
_LONGEST_SUBJECT = 255
_LANGUAGES = ("fr", "nl", "de", "en")


class NotIdentified(Exception):
    """The provider's answer identifies nobody; the message says why, without anything the provider sent."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as their city's provider knows them."""

    issuer: str
    subject: str
    """What the provider calls them for ever, and the only thing they are recognised by: names change, and
    an address that one person had is given to the next."""
    name: str
    email: str
    language: str


def subject_of(claims: Mapping[str, Any]) -> str:
    """The `sub`: up to 255 ASCII characters (OpenID Connect Core, section 2). Raises NotIdentified."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isascii():
        raise NotIdentified("it names no subject")
    if not subject.isprintable():
        raise NotIdentified("its subject is not text")
    return subject


def language_of(claims: Mapping[str, Any]) -> str:
    """From `locale` (`nl-BE`); French where it is none of ours."""
    found = str(claims.get("locale"))[:2].lower()
    return found if found in _LANGUAGES else "fr"
