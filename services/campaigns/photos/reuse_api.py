"""Photos taken for a shop's own use, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from chassis.access import Access, may
from chassis.http import Db, Now
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import not_found
from services.campaigns.contributions import storage
from services.campaigns.contributions.beside import read_beside
from services.campaigns.contributions.domain import Photo
from services.campaigns.contributions.forms import ContributionShown, shown
from services.campaigns.photos.reuse import reuse

router = APIRouter()
"""Part of that of photos."""


@router.put("/{contribution_id}/reuse", response_model=ContributionShown, responses=problems(409))
async def reuse_photos(
    contribution_id: UUID,
    who: Annotated[Access, may(Role.merchant, Role.merchant_staff)],
    database: Db,
    now: Now,
    reader: ReadersLanguage,
) -> dict[str, Any]:
    """Take public photos of one's shop for its own use, as their licence lets it; their author is thanked.

    The answer has the files in full size (`pictures`, `large`) and what has to stand beside them
    (`attribution`). Asked again it is the same.
    """
    async with database.transaction() as tx:
        found = await storage.locked(tx, contribution_id)
        if not isinstance(found.details, Photo):
            raise not_found("photo")
        who.within(city_id=found.city_id, merchant_id=found.merchant_id)
        reused = await reuse(tx, found, found.details, now())
        return shown(reused, await read_beside(tx, [reused]), reader)
