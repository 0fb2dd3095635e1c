"""Search over HTTP: asked by anybody, often while typing; the gateway keeps answers for a moment."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from chassis.access import PUBLIC
from chassis.http import Db, Now, ShortText, Shown
from chassis.languages import ReadersLanguage
from chassis.problems import invalid
from services.directory.merchants.forms import KindFilter
from services.directory.merchants.hours import state_of
from services.directory.merchants.shown import MerchantShown, shown
from services.directory.search.find import Hit, find
from services.directory.search.folding import words_of
from services.directory.search.question import Around, Question

router = APIRouter(prefix="/api/v1/merchants", tags=["merchants"])

MOST = 50
NEAR, FARTHEST = 5_000, 50_000
"""Metres around a place: where nothing is said, and at most."""
SearchText = Annotated[ShortText, StringConstraints(max_length=100)]


class MerchantFound(Shown):
    """One that answers the question."""

    merchant: MerchantShown
    likeness: float
    """How much of the words it has, 0 to 1."""
    metres: int | None
    """From the place that was given."""
    is_open: bool | None
    """Just now; null where nobody knows."""


class SearchResult(Shown):
    """The best answers, best first. There is no next page: whoever misses one asks more precisely."""

    items: list[MerchantFound]
    tolerant: bool
    """Whether what only resembles the words was looked for, too."""


@router.get("/search", dependencies=[PUBLIC])
async def search_merchants(
    *,
    db: Db,
    now: Now,
    language: ReadersLanguage,
    q: Annotated[SearchText | None, Query(description="Words, also unfinished or misspelt.")] = None,
    city: UUID | None = None,
    district: UUID | None = None,
    kind: KindFilter | None = None,
    open_now: bool = False,
    longitude: Annotated[float | None, Query(ge=-180, le=180)] = None,
    latitude: Annotated[float | None, Query(ge=-85, le=85)] = None,
    within: Annotated[int, Query(ge=1, le=FARTHEST, description="Metres around the place.")] = NEAR,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
) -> SearchResult:
    """Merchants whose name, kind (in four languages), street or place has these words, in any order.

    Accents do not matter; a slip is forgiven where nothing is spelt so. Narrowed by city, district, kind,
    distance and whether it is open now (of the some hundred best).
    """
    around = _around(longitude, latitude, within)
    words = tuple(words_of(q)) if q is not None else ()
    if q is not None and not words:
        raise invalid("q", "has no letter or digit to look for")
    if not words and city is None and around is None:
        raise invalid("q", "say words, a city or a place")
    asked = Question(words, city, district, kind, around)
    at = now()
    found = await find(db, asked, limit, open_at=at if open_now else None)
    return SearchResult(items=[_shown(each, language, at) for each in found.hits], tolerant=found.tolerant)


def _around(longitude: float | None, latitude: float | None, within: int) -> Around | None:
    if longitude is None and latitude is None:
        return None
    if longitude is None or latitude is None:
        raise invalid("longitude" if longitude is None else "latitude", "a place has both")
    return Around(longitude, latitude, within)


def _shown(hit: Hit, language: str, at: datetime) -> MerchantFound:
    return MerchantFound(
        merchant=shown(hit.merchant, language, at),
        likeness=round(hit.likeness, 3),
        metres=None if hit.metres is None else round(hit.metres),
        is_open=state_of(hit.merchant.details, at).open_now,
    )
