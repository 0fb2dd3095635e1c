"""Photos over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import MAY_PERSON
from chassis.clock import Clock
from chassis.database import Transaction
from chassis.http import Db, Now
from chassis.idempotency import Answer, UnreadAttempt, Work
from chassis.identity import Principal
from chassis.ids import new_id
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import invalid
from services.campaigns.contributions.beside import Beside
from services.campaigns.contributions.disclosures import disclosures_of
from services.campaigns.contributions.domain import Photo, Tie
from services.campaigns.contributions.forms import ContributionShown, shown
from services.campaigns.contributions.standing import reasons_of
from services.campaigns.contributions.ties import known_tie
from services.campaigns.contributions.use_cases.post import post
from services.campaigns.files.store import Files
from services.campaigns.photos import reuse_api, use_cases
from services.campaigns.photos.encoding import REASONS, Pictures, Refused, encode
from services.campaigns.photos.forms import FILES, MOST_BODY_BYTES, OPENAPI, PhotosSent, checked
from services.campaigns.photos.storage import Picture, add_pictures
from services.campaigns.photos.upload import Upload, uploaded
from services.campaigns.screening.origin import SeenFrom
from services.campaigns.screening.screen import Seen

PATH = "/api/v1/contributions"


def router(files: Files) -> APIRouter:
    """The routes; what is posted is written into `files`."""
    routes = APIRouter(prefix=PATH, tags=["contributions"])
    routes.include_router(reuse_api.router)

    @routes.post(
        "/photos",
        status_code=201,
        response_model=ContributionShown,
        responses=problems(408, 409, 413, 422),
        openapi_extra=OPENAPI,
        max_body_size=MOST_BODY_BYTES,
    )
    async def post_photos(
        *,
        request: Request,
        principal: Annotated[Principal, MAY_PERSON],
        attempt: UnreadAttempt,
        database: Db,
        now: Now,
        reader: ReadersLanguage,
        origin: SeenFrom,
    ) -> Response:
        """Send one to four photos of a merchant, alone or with one's review; they count as one contribution.

        What is kept are two smaller WebP pictures of each, made of its pixels: no place, no device, no name.
        """
        async with uploaded(request) as upload:
            known = attempt.of(upload.digest)
            if (answered := await known.first_answer()) is not None:
                return answered
            sent = checked(upload.fields)
            tie = known_tie(principal, sent.merchant_id) if sent.tie is Tie.NONE else sent.tie
            photo = sent.photo(tie)
            city_id = await use_cases.require_fit(
                database, principal.person_id, sent.merchant_id, photo, now()
            )
            encoded = await _encoded(upload, sent)
        pictures = [
            Picture(new_id(), alt, each.width, each.height)
            for alt, each in zip(sent.alt, encoded, strict=True)
        ]
        await use_cases.store(database, files, dict(zip(pictures, encoded, strict=True)), city_id, now())
        work = _posting(
            person_id=principal.person_id,
            merchant_id=sent.merchant_id,
            photo=photo,
            pictures=pictures,
            now=now,
            language=reader,
            seen=Seen(origin=origin, captions=tuple(sent.alt)),
        )
        return await known.once(work)

    return routes


async def _encoded(upload: Upload, sent: PhotosSent) -> list[Pictures]:
    if len(upload.files) != len(sent.alt):
        raise invalid("alt", f"say for each of the {len(upload.files)} photos what it shows")
    encoded = []
    for position, file in enumerate(upload.files):
        try:
            encoded.append(await encode(await file.read()))
        except Refused as refused:
            raise invalid(f"{FILES}.{position}", REASONS[refused.reason]) from refused
    return encoded


def _posting(
    *,
    person_id: UUID,
    merchant_id: UUID,
    photo: Photo,
    pictures: Sequence[Picture],
    now: Clock,
    language: str,
    seen: Seen,
) -> Work:
    async def work(tx: Transaction) -> Answer:
        posted = await post(tx, person_id, merchant_id, photo, now(), seen=seen)
        await use_cases.require_review(tx, posted)
        await add_pictures(tx, posted.id, pictures)
        disclosures, reasons = await disclosures_of(tx, [posted]), await reasons_of(tx, [posted])
        beside = Beside(disclosures, {posted.id: pictures}, reasons=reasons)
        headers = {"Location": f"{PATH}/{posted.id}", "Content-Language": language}
        return Answer(201, shown(posted, beside, language), headers)

    return work
