"""What people agree to, dated and by the version of the text they were shown, and how old they say they are.

No date of birth is kept: a declaration is enough for what the law asks here. Who takes part is 13 or older
(Belgian law of 30 July 2018, art. 7, for GDPR art. 8); nobody under 18 is in a public ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What is agreed to."""

    TAKING_PART = "taking-part"
    PUBLIC_RANKING = "public-ranking"


class Age(StrEnum):
    """How old somebody says they are, no closer than it is needed."""

    YOUNGER = "under_13"
    """Refused with its reason, and never kept."""
    THIRTEEN = "13_or_older"
    EIGHTEEN = "18_or_older"


@dataclass(frozen=True)
class Consent:
    """One person agreed to one text, until they withdrew it or agreed to a newer one."""

    id: UUID
    person_id: UUID
    purpose: Purpose
    version: str
    language: str
    """In which the text was shown."""
    age: Age
    given_at: datetime
    withdrawn_at: datetime | None = None

    def says_the_same(self, other: Consent) -> bool:
        """Whether agreeing once more, with `other`, would change nothing."""
        return (self.purpose, self.version, self.language, self.age) == (
            other.purpose,
            other.version,
            other.language,
            other.age,
        )


LEAST_AGE = {Purpose.TAKING_PART: 13, Purpose.PUBLIC_RANKING: 18}
_AT_LEAST = {Age.YOUNGER: 0, Age.THIRTEEN: 13, Age.EIGHTEEN: 18}


def is_old_enough(purpose: Purpose, age: Age) -> bool:
    """Whether somebody of that age may agree to it by themselves."""
    return _AT_LEAST[age] >= LEAST_AGE[purpose]
