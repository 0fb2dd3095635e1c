"""What is shown of factors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.http import Shown
from services.directory.sessions.answers import SessionTokens


class AuthenticatorShown(Shown):
    """The authenticator that counts."""

    confirmed_at: datetime


class PasskeyShown(Shown):
    """A passkey, by the name that the person gave it."""

    id: UUID
    name: str
    is_synced: bool
    """Whether it is on several devices, by a provider of the person's."""
    added_at: datetime
    last_used_at: datetime | None


class CityVouching(Shown):
    """A city whose identity provider knows the person: a sign-in there is one with a second factor."""

    city_id: UUID
    name: dict[str, str]
    """Of the city, by language."""
    linked_at: datetime


class Factors(Shown):
    """What the person can give as a second factor, and whether one of their roles asks for it."""

    is_needed: bool
    is_given: bool
    """Whether this session has one."""
    authenticator: AuthenticatorShown | None
    passkeys: list[PasskeyShown]
    recovery_codes_left: int
    at_cities: list[CityVouching]
    """Beside these: for roles in that city alone."""


class AuthenticatorSetUp(Shown):
    """Shown this once. Scan it, or type it, into an app for such codes; then confirm with a code of it."""

    secret: str
    otpauth_url: str
    qr_svg: str
    """The address as an image."""
    confirm_before: datetime


class RecoveryCodes(Shown):
    """Shown this once, to be kept on paper: each replaces a lost factor, one time."""

    recovery_codes: list[str]


class FactorAdded(Shown):
    """The factor counts, and so does it in this session: go on with these tokens."""

    session: SessionTokens
    recovery_codes: list[str] | None
    """Shown this once, to be kept on paper. Null for whoever has some left."""
