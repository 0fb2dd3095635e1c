"""Shows open pages a merchant's audience as it grows: the sums as they are now, not the steps between.

Whoever counts says for whom, after the commit; then the figures are read once, however many watch. A page
that was away misses nothing, because what it gets first is how things stand.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID

import structlog
from sqlalchemy import text

from chassis import sse
from chassis.bell import Broadcast
from chassis.clock import Clock
from chassis.database import Database
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import StateWatch
from services.notifications.contributions.domain import local_day

CHANNEL = "audience"
BUNDLE_SECONDS = 0.02
LOOK_SECONDS = 5.0
"""How late a page learns what nobody said: a broadcast that was lost, a rebuilt audience, a new day."""
BACK_OFF_SECONDS = 1.0

Figures = dict[str, dict[str, int]]
"""`totals` and `today`, each by kind; of today only what is not zero."""

log = structlog.get_logger(__name__)


class Watcher:
    """One open page. One that is slow is shown the newest figures and not those it missed."""

    def __init__(self, merchant: UUID) -> None:
        self.merchant_id = merchant
        self._newest: Figures | None = None
        self._shown: Figures | None = None
        self._changed = asyncio.Event()

    def show(self, figures: Figures) -> None:
        """Have these sent, where they are not what was sent last."""
        self._newest = figures
        if figures != self._shown:
            self._changed.set()

    async def next(self, seconds: float) -> bytes | None:
        """The newest figures as an event, or None where nothing changes within `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
            self._changed.clear()
            self._shown = self._newest
            return sse.encoded("audience", {"merchant_id": self.merchant_id, **(self._newest or {})})
        return None


class LiveAudiences:
    """All open pages of this process, fed by its own consumers and by those of other processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._state = StateWatch(database)
        self._open = sse.OpenStreams()
        self._watchers: defaultdict[UUID, list[Watcher]] = defaultdict(list)
        self._due: set[UUID] = set()
        self._wake = asyncio.Event()
        self._others = Broadcast(database.engine, CHANNEL, self._heard, bundle_seconds=BUNDLE_SECONDS)
        self._following: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, person: UUID, merchant: UUID) -> Iterator[Watcher]:
        """A watcher, who is shown how things stand at once. Raises Problem (429) where too many are open."""
        with self._open.one_more(person):
            watcher = Watcher(merchant)
            self._watchers[merchant].append(watcher)
            self._look_at([merchant])
            if self._following is None or self._following.done():
                self._following = asyncio.create_task(self._follow(), name="live audiences")
            try:
                yield watcher
            finally:
                self._watchers[merchant].remove(watcher)
                if not self._watchers[merchant]:
                    del self._watchers[merchant]

    def changed(self, merchants: Collection[UUID]) -> None:
        """Their figures were committed. Returns at once."""
        self._look_at(merchants)
        self._others.say([str(merchant) for merchant in merchants])

    def _heard(self, keys: frozenset[str] | None) -> None:
        self._look_at(list(self._watchers) if keys is None else [UUID(key) for key in keys])

    def _look_at(self, merchants: Iterable[UUID]) -> None:
        self._due.update(merchant for merchant in merchants if merchant in self._watchers)
        if self._due:
            self._wake.set()

    async def _follow(self) -> None:
        stop = asyncio.Event()
        listening = asyncio.create_task(self._others.listen(stop))
        try:
            while self._watchers:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
                self._wake.clear()
                due, self._due = self._due or set(self._watchers), set()
                try:
                    await self._show(list(due))
                except Exception as error:  # the database is away: pages keep what they show
                    log.warning("live audiences wait", error=type(error).__name__)
                    self._due |= due
                    await asyncio.sleep(BACK_OFF_SECONDS)
        finally:
            stop.set()
            await listening

    async def _show(self, merchants: Sequence[UUID]) -> None:
        live = (await self._state.current()).live
        found: dict[UUID, Figures] = {merchant: {"totals": {}, "today": {}} for merchant in merchants}
        values = {"merchants": merchants, "today": local_day(self._clock())}
        for merchant, kind, total, today in await self._database.read(_FIGURES[live], values):
            found[merchant]["totals"][kind] = total
            if today:
                found[merchant]["today"][kind] = today
        for merchant, figures in found.items():
            for watcher in self._watchers.get(merchant, ()):
                watcher.show(figures)

    async def close(self) -> None:
        """Stop following."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        await self._others.close()


_FIGURES = {
    slot: text(f"""
        SELECT merchant_id, kind, sum(count), coalesce(sum(count) FILTER (WHERE day = :today), 0)
        FROM {slot.days} WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND count > 0
        GROUP BY merchant_id, kind ORDER BY merchant_id, kind
    """)  # noqa: S608  the names are ours
    for slot in Slot
}
