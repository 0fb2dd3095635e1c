"""Looks at a review, photos or a video before they are published, and again when a review's text changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from chassis.database import Transaction
from services.campaigns.contributions.domain import Kind, Photo, Review, Video
from services.campaigns.contributions.language import LANGUAGES
from services.campaigns.screening import look_up
from services.campaigns.screening.domain import OF_TEXT, Place, Written, hits, is_compared
from services.campaigns.screening.fingerprint import bands, folded, pieces
from services.campaigns.screening.insults import insults_in
from services.campaigns.screening.origin import NOWHERE, Origin
from services.campaigns.screening.thresholds import thresholds


@dataclass(frozen=True)
class Seen:
    """What the request tells besides the contribution."""

    spoken: str | None = None
    """In which language the text was recognised to be (`contributions/language.py`)."""
    origin: Origin = NOWHERE
    captions: tuple[str, ...] = ()
    """What is written beside pictures."""


UNSEEN = Seen()


@dataclass(frozen=True, kw_only=True)
class Screening:
    """A contribution about to be stored."""

    contribution_id: UUID
    contributor_id: UUID
    merchant_id: UUID
    place: Place
    details: Review | Photo | Video
    seen: Seen
    now: datetime

    @property
    def text(self) -> str:
        """What was written, one thing a line."""
        match self.details:
            case Review(text=text):
                return text
            case Photo(credit=credit):
                return "\n".join((*self.seen.captions, credit or ""))
            case _:
                return ""

    @cached_property
    def folded(self) -> str:
        """The text as it is compared with others, and with the list of insults."""
        return folded(self.text)

    @property
    def bands(self) -> list[int]:
        """By which reviews like this one are found; none where it is too short to be compared."""
        is_one = self.details.kind is Kind.REVIEW and is_compared(self.text, thresholds())
        return bands(pieces(self.folded)) if is_one else []


async def screen(tx: Transaction, of: Screening) -> tuple[str, ...]:
    """The rules that ask for a look before it is published; none where it may be published at once.

    Remembers what later ones are compared with. Two that are stored at the same moment do not see each other.
    """
    limits = thresholds()
    known = await look_up.around(
        tx,
        contribution_id=of.contribution_id,
        contributor_id=of.contributor_id,
        merchant_id=of.merchant_id,
        kind=of.details.kind,
        bands=of.bands,
        origin=of.seen.origin,
        now=of.now,
        limits=limits,
    )
    return tuple(rule.value for rule in hits(_written(of, known), limits))


async def screen_again(tx: Transaction, of: Screening) -> tuple[str, ...]:
    """The same for a changed text, by the rules about texts: its author did not change.

    Where there are any, it is to be held for them: `moderation.cases.hold`.
    """
    await look_up.forget_texts(tx, [of.contribution_id])
    return tuple(rule for rule in await screen(tx, of) if rule in OF_TEXT)


def _written(of: Screening, known: dict[str, object]) -> Written:
    return Written(
        kind=of.details.kind,
        merchant_id=of.merchant_id,
        place=of.place,
        now=of.now,
        text=of.text,
        is_understood=of.seen.spoken in LANGUAGES,
        insults=insults_in(of.folded),
        tie=of.details.tie,
        **known,  # type: ignore[arg-type]
    )
