"""Where codes lead, as this process last read it: a redirect waits for the database once per link.

What was read holds for FRESH_SECONDS, so that a link that was withdrawn, or whose shop closed, is noticed by
every process soon after. Where the database does not answer, what was read before goes on holding.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Text, bindparam, func, select

from chassis.database import Database, is_infrastructure_error
from services.campaigns.links.domain import Link, page_of
from services.campaigns.links.storage import of_row
from services.campaigns.links.tables import share_link
from services.campaigns.places.tables import known_city, known_merchant

MOST = 50_000
"""Links that a process remembers: some 30 MB. Those that were not followed for longest are forgotten."""
FRESH_SECONDS = 5.0
PATIENCE_SECONDS = 0.3
"""How long whoever follows a known link is kept waiting for newer news of it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Destination:
    """A link that holds, and the address it leads to."""

    link: Link
    address: str


class Destinations:
    """The links of one process. `monotonic` counts seconds."""

    def __init__(
        self, database: Database, public_url: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._public_url = public_url
        self._monotonic = monotonic
        self._known: OrderedDict[str, tuple[Destination, float]] = OrderedDict()

    async def of(self, code: str) -> Destination | None:
        """Where a code leads; None where it leads nowhere.

        Raises what the database raises, for a link that was not followed here before.
        """
        known = self._known.get(code)
        if known is None:
            return self._remember(code, await self._read(code))
        destination, read_at = known
        self._known.move_to_end(code)
        if self._monotonic() - read_at <= FRESH_SECONDS:
            return destination
        self._remember(code, destination)  # others that come meanwhile, and a failure, are served with it
        try:
            return self._remember(code, await asyncio.wait_for(self._read(code), PATIENCE_SECONDS))
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.warning("a link leads where it led before", error=type(error).__name__)
            return destination

    def forget(self, code: str) -> None:
        """It has changed: read it again."""
        self._known.pop(code, None)

    def _remember(self, code: str, destination: Destination | None) -> Destination | None:
        if destination is None:
            self._known.pop(code, None)  # not kept: a flood of wrong codes would push the good ones out
            return None
        self._known[code] = (destination, self._monotonic())
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return destination

    async def _read(self, code: str) -> Destination | None:
        for row in await self._database.read(_BY_CODE, {"code": code}):
            link = of_row(row._mapping)
            path = page_of(link.target, closed=bool(row.closed), nis_code=row.nis_code)
            return Destination(link, self._public_url + path)
        return None


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
