"""Lists by page: opaque cursors, and where the next page is, in the body and as a `Link` (RFC 8288)."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from fastapi import Depends, Query, Request, Response

from chassis.problems import Problem

LARGEST_PAGE = 100
DEFAULT_PAGE = 25
_LONGEST_CURSOR = 1_000
# What PostgreSQL's bigint holds.
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1

T = TypeVar("T")


def encode_cursor(place: Any) -> str:
    """`place` (what msgspec can write: a tuple of ids, times, numbers) as an opaque string."""
    return urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def decode_cursor(cursor: str, place: type[T]) -> T:
    """The place a cursor names, checked against its type, such as `tuple[datetime, UUID]`.

    Raises a 400 Problem that names the field: cursors come back as they were given, or not at all.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = msgspec.json.decode(urlsafe_b64decode(padded), type=place)
        if not _can_be_asked_for(found):
            raise ValueError("no list has such a place")
        return found
    except (UnicodeError, binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        detail = "This is not a cursor of this list. Begin again without one."
        raise Problem(400, "bad-cursor", "Not a cursor", detail, field="cursor") from None


def _can_be_asked_for(place: Any) -> bool:
    """Whether a database can compare with it: a forged cursor would be an error of ours otherwise."""
    match place:
        case tuple():
            return all(map(_can_be_asked_for, place))
        case int():
            return _SMALLEST <= place <= _LARGEST
        case str():
            return "\0" not in place
        case datetime():  # within every zone
            return place.tzinfo is not None and MINYEAR < place.year < MAXYEAR
        case _:
            return True


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is asked for."""

    limit: int
    cursor: str | None

    def after(self, place: type[T]) -> T | None:
        """Where the page begins (behind that place), or None for the first."""
        return None if self.cursor is None else decode_cursor(self.cursor, place)


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")] = DEFAULT_PAGE,
    cursor: Annotated[
        str | None, Query(max_length=_LONGEST_CURSOR, description="`next` of the page before.")
    ] = None,
) -> PageRequest:
    return PageRequest(limit, cursor)


Paging = Annotated[PageRequest, Depends(_page_request)]
"""The page a client asks for: query parameters `limit` (1–100) and `cursor`."""


def page(
    request: Request,
    response: Response,
    rows: Sequence[T],
    limit: int,
    key: Callable[[T], Any],
    *,
    read_to: Any = None,
) -> dict[str, Any]:
    """`{"items": …, "next": …}` of rows read with `limit + 1`, and the Link header of the next page.

    `key` gives the place of a row, as `PageRequest.after` wants it back; `read_to` the place up to which was
    looked where the page is short, or empty, though more may follow. The link has no host: the client knows
    by which name it reached us, a service behind the gateway does not.
    """
    shown = rows[:limit]
    place = key(shown[-1]) if len(rows) > limit else read_to
    if place is None:
        return {"items": shown, "next": None}
    cursor = encode_cursor(place)
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    response.headers["Link"] = f'<{request.url.path}?{urlencode([*others, ("cursor", cursor)])}>; rel="next"'
    return {"items": shown, "next": cursor}
