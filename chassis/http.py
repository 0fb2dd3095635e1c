"""What routes are written with: dependencies, request bodies, and the types of what clients send.

Clients send anything: NUL characters, lone surrogates, numbers beyond 64 bits, dates of the year 1. The
types here refuse what the database would choke on, so that it is 422 and never 500.
"""

import asyncio
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from chassis.clock import Clock, whole_milliseconds
from chassis.database import Database, Transaction
from chassis.dated import dated
from chassis.identity import Principal
from chassis.settings import Environment
from chassis.writing import refuse_the_erased

_LINE_BREAKS = frozenset("\n\t")
# Not Cn (unassigned): characters that this Python does not know yet are next year's emoji.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co"})
# Embeddings, overrides and isolates make a name read differently from what it is.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Body(BaseModel):
    """A request body. Fields it does not know are refused: a misspelt option must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


UNSET: Any = Field(default_factory=lambda: None, validate_default=False)
"""For a field of a body that may be missing, but not null."""


class Shown(BaseModel):
    """A response body. What a handler computed is sent as it is."""

    model_config = ConfigDict(frozen=True)


T = TypeVar("T")


class Listing(Shown, Generic[T]):
    """One page of a list; `next` is the cursor of the page that follows, or null."""

    items: list[T]
    next: str | None = None


def _clean(value: Any) -> Any:
    """Strip, bring to one form (NFC), and refuse what no keyboard makes."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    for character in text:
        if _is_refused(character):
            raise ValueError(f"holds a character that is not text (U+{ord(character):04X})")
    return text


def _is_refused(character: str) -> bool:
    if character in _DIRECTION_CONTROLS:
        return True
    return unicodedata.category(character) in _REFUSED_CATEGORIES and character not in _LINE_BREAKS


def _one_line(value: Any) -> Any:
    if isinstance(value, str) and not _LINE_BREAKS.isdisjoint(value.strip()):
        raise ValueError("holds a line break or a tab")
    return value


ShortText = Annotated[
    str, BeforeValidator(_clean), BeforeValidator(_one_line), StringConstraints(min_length=1, max_length=200)
]
"""One line of 1–200 characters: names, titles."""
LongText = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=4000)]
"""Up to 4,000 characters, with line breaks."""
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:=-]{0,99}$")]
"""An identifier of ours or of somebody else's system."""
SmallInt = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""What PostgreSQL's integer holds."""
BigInt = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""What PostgreSQL's bigint holds."""


def _within_reason(at: datetime) -> datetime:
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("is not between the years 1900 and 2200")
    return whole_milliseconds(at)


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]
"""A time with its zone; comes out in UTC, in whole milliseconds."""


async def _database(request: Request) -> Database:
    database: Database = request.app.state.service.database

    async def ask(tx: Transaction) -> None:
        principal: Principal | None = getattr(request.state, "principal", None)
        if principal is not None and principal.is_person:
            await refuse_the_erased(tx, principal.subject)

    return database.asking(ask)


async def _clock(request: Request) -> Clock:
    service = request.app.state.service
    clock: Clock = service.clock
    return dated(request, clock) if service.settings.environment is Environment.demo else clock


async def _stopping(request: Request) -> asyncio.Event:
    stopping: asyncio.Event = request.app.state.stopping
    return stopping


Db = Annotated[Database, Depends(_database)]
"""The service's database. What a request writes in a person's name is refused once they are erased."""
Now = Annotated[Clock, Depends(_clock)]
"""The service's clock: call it for the time."""
Stopping = Annotated[asyncio.Event, Depends(_stopping)]
"""Set when the process was told to end: streams that would go on for ever watch it."""
