"""Second factors: which there are, how long a proof is fresh, and what codes are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

FRESH = timedelta(minutes=10)
"""Factors are added and removed by whoever proved this recently who they are: a session that was stolen
later adds none."""
SET_UP_WITHIN = timedelta(minutes=10)
"""An authenticator that no code has confirmed by then is forgotten."""
STEP = timedelta(seconds=30)
DRIFT = 1
"""Steps by which a phone's clock may be fast or slow (RFC 6238, section 5.2)."""
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16
"""Of 31 characters: 79 bits, so that a hash of one leads nobody back to it."""

CHALLENGE_FOR = timedelta(minutes=5)
"""In which a passkey has to answer: somebody may have to look for it."""
MOST_PASSKEYS = 20

OTP = "otp"
"""RFC 8176: a code of an authenticator, or one of recovery."""
MULTI = "mfa"
"""RFC 8176: more than one factor; a passkey that the person unlocked is held, and known or shown."""


KEYS = frozenset({"hwk", "swk"})
"""Which of the person's passkeys was given, a session does not say."""


def key_method(*, is_synced: bool) -> str:
    """RFC 8176 of a passkey: a key in one piece of hardware, or one that software keeps in several places."""
    return "swk" if is_synced else "hwk"


class Factor(StrEnum):
    """What a person proves with, beside their mailbox."""

    AUTHENTICATOR = "authenticator"
    PASSKEY = "passkey"
    RECOVERY_CODES = "recovery_codes"


def step_of(at: datetime) -> int:
    """The time step of RFC 6238 (T)."""
    return int(at.timestamp() // STEP.total_seconds())


def steps_around(at: datetime) -> range:
    """Those whose code is taken now."""
    return range(step_of(at) - DRIFT, step_of(at) + DRIFT + 1)


def is_fresh(proved_at: datetime | None, at: datetime) -> bool:
    """Whether somebody proved then who they are, and that is recent."""
    return proved_at is not None and at - proved_at <= FRESH


def as_shown(recovery_code: str) -> str:
    """In groups of four, as people copy it; `sign_in.domain.as_typed` reads it again."""
    return "-".join(recovery_code[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))
