"""What is shown beside a contribution: disclosures of its campaign, pictures, the shop's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.answers.storage import Answers, answers_to
from services.campaigns.contributions.disclosures import Disclosures, disclosures_of
from services.campaigns.contributions.domain import Contribution, Kind
from services.campaigns.contributions.standing import Reasons, reasons_of
from services.campaigns.photos import storage as photos

_WITH_PICTURES = frozenset({Kind.REVIEW, Kind.PHOTO})


@dataclass(frozen=True)
class Beside:
    """Of some contributions, by their ids."""

    disclosures: Disclosures
    pictures: photos.Shown = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    reasons: Reasons = field(default_factory=dict)
    """Why they are not public; for authors and officers."""


async def read_beside(
    connection: AsyncConnection, contributions: Sequence[Contribution], *, to_officers: bool = False
) -> Beside:
    """In as few statements as there are kinds of things. Officers see pictures that nobody else does."""
    shown = [each.id for each in contributions if each.details.kind in _WITH_PICTURES]
    reviews = [each.id for each in contributions if each.details.kind is Kind.REVIEW]
    return Beside(
        await disclosures_of(connection, contributions),
        await photos.pictures_with(connection, shown, to_officers=to_officers),
        await answers_to(connection, reviews),
        await reasons_of(connection, contributions),
    )
