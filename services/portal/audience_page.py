"""The page that a shop's letter leads to: its audience so far, read by whoever holds the letter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import httpx

from services.portal.neighbours import Neighbours, Unanswered

_SECRET = re.compile(r"[A-Za-z0-9_-]{24}")


@dataclass(frozen=True)
class ShopAudience:
    """What the page says of a shop."""

    name: str
    rows: Sequence[tuple[str, int]]
    since: datetime | None
    as_of: datetime
    expires_at: datetime
    attribution: str | None


async def read(neighbours: Neighbours, secret: str) -> tuple[ShopAudience | None, int]:
    """The shop of that secret and the status of the page: 404 for none, 503 where nobody can tell."""
    if not _SECRET.fullmatch(secret):
        return None, 404
    try:
        told = await neighbours.get("directory", f"/api/v1/merchants/audience-pages/{secret}")
        since = told["since"]
        kind = str(told["kind"]).partition("=")[2].replace("_", " ")
        shop = ShopAudience(
            name=str(told["merchant_name"] or kind),
            rows=[(str(name), int(count)) for name, count in sorted(told["totals"].items())],
            since=datetime.combine(date.fromisoformat(since), time(12), UTC) if since else None,
            as_of=datetime.fromisoformat(told["as_of"]),
            expires_at=datetime.fromisoformat(told["expires_at"]),
            attribution=told["attribution"],
        )
    except Unanswered as error:
        cause = error.__cause__
        is_gone = isinstance(cause, httpx.HTTPStatusError) and cause.response.status_code == 404
        return None, 404 if is_gone else 503
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, 503
    return shop, 200
