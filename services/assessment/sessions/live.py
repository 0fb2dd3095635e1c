"""What the hall's screen shows while forms come in: how many, and from five on, how their scores lie.

**In steps of five.** Were the figures shown anew with each form, whoever sees one hand in could take the mean
before from the mean after and have that person's score. So what is shown is made of all forms at a moment,
kept, and made anew only once five more came: between two pictures lie five people at least. It is kept in the
database, because two processes, or a screen that is opened again, would otherwise show two pictures with one
person between them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from chassis.sse import OpenStreams
from services.assessment.assessments.tables import assessments
from services.assessment.sessions.tables import live_figures, sessions

STEP = 5
"""As few as reports show, too."""
TICK_SECONDS = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Picture:
    """All forms there were at a moment."""

    forms: int
    mean: int
    tenths: tuple[int, ...]
    """How many score 0–9, 10–19, … 90–100."""


@dataclass(frozen=True)
class Hall:
    """How things stand in a session."""

    forms: int
    picture: Picture | None


def picture_of(scores: Sequence[int]) -> Picture:
    """Of five scores at least; half a point of the mean is rounded up."""
    assert len(scores) >= STEP
    tenths = [0] * 10
    for score in scores:
        tenths[min(score // 10, 9)] += 1
    return Picture(len(scores), (2 * sum(scores) + len(scores)) // (2 * len(scores)), tuple(tenths))


class Watcher:
    """One open screen. One that is slow is shown how things stand and not what it missed."""

    def __init__(self, session_id: UUID, seen: int | None) -> None:
        self.session_id = session_id
        self._seen = seen
        self._newest: Hall | None = None
        self._changed = asyncio.Event()

    def show(self, hall: Hall) -> None:
        """Have this shown, where it is not what is shown already."""
        if hall == self._newest:
            return
        if self._newest is not None or hall.forms != self._seen:
            self._changed.set()
        self._newest = hall

    async def next(self, seconds: float) -> Hall | None:
        """How things stand, or None where nothing changes within `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
            self._changed.clear()
            return self._newest
        return None


class LiveHalls:
    """All open screens of this process. One query per tick, however many there are; none without any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watchers: defaultdict[UUID, list[Watcher]] = defaultdict(list)
        self._open = OpenStreams()
        self._polling: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, person: UUID, session_id: UUID, seen: int | None) -> Iterator[Watcher]:
        """A watcher that has `seen` so many forms. Raises Problem (429) where too many are open."""
        with self._open.one_more(person):
            watcher = Watcher(session_id, seen)
            self._watchers[session_id].append(watcher)
            if self._polling is None or self._polling.done():
                self._polling = asyncio.create_task(self._poll(), name="live halls")
            try:
                yield watcher
            finally:
                self._watchers[session_id].remove(watcher)
                if not self._watchers[session_id]:
                    del self._watchers[session_id]

    async def _poll(self) -> None:
        while self._watchers:
            try:
                halls = await look_at(self._database, list(self._watchers))
                for session_id, hall in halls.items():
                    for watcher in self._watchers.get(session_id, ()):
                        watcher.show(hall)
            except Exception as error:  # the database is away: screens keep what they show
                log.warning("live halls wait", error=type(error).__name__)
            await asyncio.sleep(TICK_SECONDS)


async def look_at(database: Database, session_ids: Sequence[UUID]) -> dict[UUID, Hall]:
    """How things stand in these sessions; pictures that are due are made."""
    halls = await _look(database, session_ids)
    due = [each for each, hall in halls.items() if hall.forms - _pictured(hall) >= STEP]
    for session_id in due:
        await _make_picture(database, session_id)
    return halls | await _look(database, due) if due else halls


def _pictured(hall: Hall) -> int:
    return hall.picture.forms if hall.picture else 0


async def _look(database: Database, session_ids: Sequence[UUID]) -> dict[UUID, Hall]:
    session = assessments.c.session_id
    counted = (
        select(session, func.count().label("forms")).where(session.in_(session_ids)).group_by(session)
    ).subquery()
    kept = live_figures.c
    query = select(
        counted.c.session_id, counted.c.forms, kept.forms.label("pictured"), kept.mean, kept.tenths
    ).outerjoin(live_figures, kept.session_id == counted.c.session_id)
    halls = dict.fromkeys(session_ids, Hall(0, None))
    for row in await database.read(query, {}):
        picture = Picture(row.pictured, row.mean, tuple(row.tenths)) if row.pictured else None
        halls[row.session_id] = Hall(row.forms, picture)
    return halls


async def _make_picture(database: Database, session_id: UUID) -> None:
    of_session = assessments.c.session_id == session_id
    async with database.transaction() as tx:
        scores = (await tx.execute(select(assessments.c.score).where(of_session))).scalars().all()
        if len(scores) < STEP:  # an erasure came in between
            return
        picture = picture_of(scores)
        # A form belongs to its shop's city, which may be another one.
        city_id = await tx.scalar(select(sessions.c.city_id).where(sessions.c.id == session_id))
        made = {"forms": picture.forms, "mean": picture.mean, "tenths": list(picture.tenths)}
        making = insert(live_figures).values(session_id=session_id, city_id=city_id, **made)
        # Of two processes that make one at once, the second finds that the first has.
        await tx.execute(
            making.on_conflict_do_update(
                index_elements=["session_id"],
                set_=made,
                where=making.excluded.forms >= live_figures.c.forms + STEP,
            )
        )
