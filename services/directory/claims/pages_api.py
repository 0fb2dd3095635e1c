"""What a shop's letter leads to: its audience, for whoever holds the secret of the letter. No account."""

from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import PUBLIC
from chassis.http import Db, Now, Shown
from chassis.problems import not_found
from chassis.telemetry import conceal_path
from services.directory.cities.tables import city
from services.directory.claims import runs
from services.directory.claims.audience import Audience, Figures, Unreachable
from services.directory.claims.codes import page_digest
from services.directory.claims.tables import invitation
from services.directory.merchants.shown import attribution
from services.directory.merchants.tables import IS_PUBLIC, merchant

PREFIX = "/api/v1/merchants/audience-pages"
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{24}$")]


class AudiencePage(Shown):
    """A shop's audience so far. `as_of` is earlier than now where it cannot be counted at present."""

    merchant_id: UUID
    merchant_name: str | None
    kind: str
    city: dict[str, str]
    """The name of its city, by language."""
    totals: dict[str, int]
    since: date | None
    """The first day of it; null while there is nothing yet."""
    as_of: datetime
    expires_at: datetime
    attribution: str | None
    """Where the listing comes from, as its licence asks to be shown; null where its city entered it."""


async def _conceal_secret() -> None:
    """Who reads traces must not be able to open the page."""
    conceal_path(f"{PREFIX}/…")


def routes(audience: Audience) -> APIRouter:
    """The one route, for everybody who holds a secret."""
    router = APIRouter(tags=["letters"], dependencies=[PUBLIC, Depends(_conceal_secret)])

    @router.get(PREFIX + "/{secret}", response_model=AudiencePage)
    async def show_audience_page(secret: Secret, response: Response, db: Db, now: Now) -> AudiencePage:
        """The audience of the shop whose letter holds this secret; 404 once it is revoked or has expired."""
        at = now()
        async with db.connection() as connection:
            row = await _found(connection, secret, at)
        if row is None:
            raise not_found("page")
        figures, as_of = Figures.of_json(row.figures), row.prepared_at
        with suppress(Unreachable):  # the letter's own figures are true as of its day
            figures, as_of = (await audience.of([row.id]))[row.id], at
        response.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
        return _page(row, figures, as_of)

    return router


async def _found(connection: AsyncConnection, secret: str, at: datetime) -> Any:
    wanted = (
        select(
            merchant.c.id,
            merchant.c.name,
            merchant.c.kind,
            merchant.c.source,
            city.c.name_fr,
            city.c.name_nl,
            invitation.c.figures,
            invitation.c.prepared_at,
            invitation.c.expires_at,
        )
        .join(merchant, merchant.c.id == invitation.c.merchant_id)
        .join(city, city.c.id == invitation.c.city_id)
        .where(invitation.c.page_digest == page_digest(secret), runs.opens(at), IS_PUBLIC)
    )
    return (await connection.execute(wanted)).first()


def _page(row: Any, figures: Figures, as_of: datetime) -> AudiencePage:
    return AudiencePage(
        merchant_id=row.id,
        merchant_name=row.name,
        kind=row.kind,
        city={"fr": row.name_fr, "nl": row.name_nl},
        totals=dict(figures.totals),
        since=figures.since,
        as_of=as_of,
        expires_at=row.expires_at,
        attribution=attribution(row.source),
    )
