"""Where codes lead: one read by its key for each link, and then what was remembered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Text, bindparam, func, select

from chassis.database import Database
from services.campaigns.links.domain import Link, page_of
from services.campaigns.links.storage import of_row
from services.campaigns.links.tables import share_link
from services.campaigns.places.tables import known_city, known_merchant
from services.campaigns.remembered import Remembered
from services.campaigns.visits.domain import Kind, Subject


@dataclass(frozen=True)
class Destination:
    """A link that holds, and the address it leads to."""

    subject: Subject
    """What whoever follows it visits."""
    address: str


Destinations = Remembered[str, Destination]
"""The links of one process, by their codes."""


def destinations(
    database: Database, public_url: str, monotonic: Callable[[], float] = time.monotonic
) -> Destinations:
    """Those in the database; withdrawn ones lead nowhere."""

    async def read(code: str) -> Destination | None:
        for row in await database.read(_BY_CODE, {"code": code}):
            link = of_row(row._mapping)
            path = page_of(link.target, closed=bool(row.closed), nis_code=row.nis_code)
            return Destination(_visited(link), public_url + path)
        return None

    return Remembered(read, monotonic)


def _visited(link: Link) -> Subject:
    target = link.target
    return Subject(link.id, Kind(link.kind.value), target.city_id, target.merchant_id, target.campaign_id)


_BY_CODE = (
    select(
        share_link,
        known_city.c.nis_code,
        (known_merchant.c.closed_version > func.coalesce(known_merchant.c.setting_version, 0)).label(
            "closed"
        ),
    )
    .outerjoin(known_merchant, known_merchant.c.id == share_link.c.merchant_id)
    .outerjoin(known_city, known_city.c.id == share_link.c.city_id)
    .where(share_link.c.code == bindparam("code", type_=Text), share_link.c.withdrawn_at.is_(None))
)
