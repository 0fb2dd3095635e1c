"""Videos over HTTP: links to where they lie."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from chassis.access import MAY_PERSON
from chassis.http import Body, Now
from chassis.idempotency import Attempt
from chassis.identity import Principal
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import invalid
from services.campaigns.contributions.api import posting
from services.campaigns.contributions.domain import Tie, Video
from services.campaigns.contributions.forms import ContributionShown
from services.campaigns.contributions.ties import known_tie
from services.campaigns.screening.origin import SeenFrom
from services.campaigns.screening.screen import Seen
from services.campaigns.videos.hosts import LONGEST, place_of

router = APIRouter(prefix="/api/v1/contributions", tags=["contributions"])


class VideoLinked(Body):
    """A video that lies elsewhere."""

    merchant_id: UUID
    url: Annotated[str, StringConstraints(max_length=LONGEST)]
    tie: Tie = Field(Tie.NONE, description="What binds the author to the merchant.")


@router.post("/videos", status_code=201, response_model=ContributionShown, responses=problems(409))
async def post_video(
    body: VideoLinked,
    *,
    principal: Annotated[Principal, MAY_PERSON],
    attempt: Attempt,
    now: Now,
    reader: ReadersLanguage,
    origin: SeenFrom,
) -> Response:
    """Link a video of a merchant on a known platform, once. It is never fetched."""
    try:
        place = place_of(body.url)
    except ValueError as error:
        raise invalid("url", str(error)) from None
    tie = known_tie(principal, body.merchant_id) if body.tie is Tie.NONE else body.tie
    video = Video(place.platform, place.url, tie)
    seen = Seen(origin=origin)
    return await attempt.once(posting(principal.person_id, body.merchant_id, video, now, reader, seen=seen))
