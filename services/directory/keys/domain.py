"""Rules of API keys: what one may be for, how long it holds, and how many tokens it gets."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

MOST_KEYS = 50
"""Usable at once in one city; systems that do different things have keys of their own."""
USUAL_LIFE = timedelta(days=365)
LONGEST_LIFE = timedelta(days=400)
"""A year, and the weeks in which a new key is rolled out beside the old one."""
WINDOW = timedelta(minutes=15)
"""As long as a token lives."""
MOST_TOKENS = 60
"""In one window. The gateway limits each token; this limits how many of them one key has."""

_CHANGED = ("campaigns", "cities", "contributions", "imports", "merchants", "programmes")
_READ = (*_CHANGED, "ambassadors", "assessments", "audience", "coaching", "questionnaires", "reports")
SCOPES = frozenset(_CHANGED) | {f"{area}:read" for area in _READ}
"""Tags of the API. What people do in person (their account, who has which role, keys) is none of them."""


class Unusable(Exception):
    """The key gets no token; the message says why, to whoever holds its secret."""


class TooManyTokens(Exception):
    """The key had all tokens of the window that is under way."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"{MOST_TOKENS} tokens in {WINDOW}")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What one of a city's own systems signs in with. Its secret is known to that system alone."""

    id: UUID
    city_id: UUID
    name: str
    scopes: tuple[str, ...]
    district_id: UUID | None
    """Of an association's system: it may do what the association's officer may, in this district."""
    made_by: UUID | None
    """None once that person was erased; the key is the city's, not theirs."""
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    window_began_at: datetime | None = None
    window_tokens: int = 0

    def used(self, at: datetime) -> "ApiKey":
        """The key after one more token. Raises Unusable and TooManyTokens."""
        if self.revoked_at is not None:
            raise Unusable("This key was revoked.")
        if self.expires_at <= at:
            raise Unusable("This key has expired.")
        began, tokens = self.window_began_at, self.window_tokens
        if began is None or began + WINDOW <= at:
            began, tokens = at, 0
        if tokens >= MOST_TOKENS:
            raise TooManyTokens(began + WINDOW - at)
        # Two processes' clocks differ: the last use never goes back.
        last = max(at, self.last_used_at or at)
        return replace(self, last_used_at=last, window_began_at=began, window_tokens=tokens + 1)


def why_not_until(expires_at: datetime, at: datetime) -> str | None:
    """What is wrong with a key made now that expires then; None where nothing is."""
    if expires_at <= at:
        return "is not in the future"
    if expires_at > at + LONGEST_LIFE:
        return f"is more than {LONGEST_LIFE.days} days away"
    return None
