"""An invitation, for how long it is good, and what can become of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

GOOD_FOR = timedelta(days=7)
PAUSE = timedelta(minutes=10)
"""Between two mails of one invitation: whoever did not ask for it must not be flooded."""
FORGOTTEN_AFTER = timedelta(days=30)
"""An address that never answered is deleted that long after its invitation ended."""


class State(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Invitation:
    """Somebody may have a role, if they want."""

    id: UUID
    role: str
    city_id: UUID | None
    merchant_id: UUID | None
    district_id: UUID | None
    invited_by: UUID | None
    """None for the first operator: nobody could sign in to invite them."""
    handed_over_by: UUID | None
    email: str | None
    """None once it is answered."""
    language: str
    state: State
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    accepted_by: UUID | None

    def is_expired(self, now: datetime) -> bool:
        """Whether nobody can answer it any more, unless it is sent again."""
        return self.state is State.OPEN and self.expires_at <= now

    def seen_as(self, now: datetime, *, stands: bool) -> str:
        """Its state for people: an open one may have expired, or be void since its sender lost the right."""
        if self.state is not State.OPEN:
            return self.state.value
        if self.is_expired(now):
            return "expired"
        return self.state.value if stands else "void"

    def may_be_sent_again(self, now: datetime) -> bool:
        """Whether its last mail is old enough."""
        return self.sent_at + PAUSE <= now


def hash_of(token: str) -> bytes:
    """What is stored of a token. It is chance of 256 bits, so no salt and no slow hash are needed."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
