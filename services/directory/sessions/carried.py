"""Which of a person's grants a session may carry into its tokens.

Whoever works for a city, an association or this installation sees and decides what is others'. A mailbox
alone is no proof enough for that: these roles appear in a token only where the session was strengthened by a
second factor. A new way to sign in names itself in the session's methods (`amr`, RFC 8176) and, where it is
a factor of the person's own beside the mailbox, in OWN_FACTORS.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from chassis.identity import Grant, Role

MAIL = "mail"
"""Code or link from a mail. RFC 8176 has no name for it."""
DEMO = "demo"
"""Somebody of the demonstration: nothing was proved, and there is no such sign-in in production."""
OWN_FACTORS = frozenset({"otp", "hwk", "swk"})
"""Of the person, whoever they work for: one-time password, key in hardware or software (passkey)."""
OWN_PROOFS = OWN_FACTORS | {MAIL}
STAFF = frozenset({Role.city_officer, Role.association_officer, Role.consultant, Role.operator})
_AT_PROVIDER = "city:"


def at_provider_of(city_id: UUID) -> str:
    """The method of who signed in at the identity provider of that city, which decides what it asks for."""
    return f"{_AT_PROVIDER}{city_id}"


def is_strong(methods: Collection[str]) -> bool:
    """Whether a session of these methods carries any role of staff."""
    return DEMO in methods or any(map(_is_second_factor, methods))


def carries(grant: Grant, methods: Collection[str]) -> bool:
    """Whether a session of these methods may act with the grant.

    A city's provider vouches for the staff of that city alone: whoever administers it could otherwise sign
    in as somebody who works there and elsewhere, and act elsewhere.
    """
    if grant.role not in STAFF or DEMO in methods or not OWN_FACTORS.isdisjoint(methods):
        return True
    return grant.city_id is not None and at_provider_of(grant.city_id) in methods


def carried(grants: Iterable[Grant], methods: Collection[str]) -> list[Grant]:
    """Those of a person's grants that a session of these methods may act with."""
    return [grant for grant in grants if carries(grant, methods)]


def withheld(grants: Iterable[Grant], methods: Collection[str]) -> frozenset[Role]:
    """The roles that are missing in its tokens until a second factor is given."""
    return frozenset(grant.role for grant in grants if not carries(grant, methods))


def without_second_factors(methods: Iterable[str]) -> tuple[str, ...]:
    """What is left where the second factor was given too long ago."""
    return tuple(each for each in methods if not _is_second_factor(each))


def _is_second_factor(method: str) -> bool:
    return method in OWN_FACTORS or method == "mfa" or method.startswith(_AT_PROVIDER)
