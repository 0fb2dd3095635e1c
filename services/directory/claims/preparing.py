"""The job that prepares letters: figures, and the digests of their secrets, some fifty shops at a time.

Each step is one transaction that also moves the run's progress, so a job that is killed goes on where it
was, and two of them never do a shop twice. The secrets themselves are made when the letters are printed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select, update

from chassis.clock import Clock
from chassis.database import Database, Transaction, is_infrastructure_error
from services.directory.claims import codes, runs
from services.directory.claims.audience import Audience, Figures, Unreachable
from services.directory.claims.domain import VALID_FOR
from services.directory.claims.runs import State
from services.directory.claims.tables import invitation, invitation_run

AT_ONCE = 50
POLL_SECONDS = 1.0
RETRY_SECONDS = 5.0
GIVES_UP_AFTER = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Preparing:
    """Any number of these may run side by side."""

    def __init__(
        self, database: Database, audience: Audience, key: Callable[[], bytes], clock: Clock
    ) -> None:
        self._database = database
        self._audience = audience
        self._key = key
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Prepare what is asked for until `stop`."""
        while not stop.is_set():
            try:
                pause = 0.0 if await self.step() else POLL_SECONDS
            except Unreachable as error:
                log.warning("letters wait for their figures", detail=str(error))
                pause = RETRY_SECONDS
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def step(self) -> bool:
        """Prepare the next shops of the oldest run; whether there were any. Raises Unreachable."""
        found = await self._next()
        if found is None:
            return False
        run_id, papers = found
        try:
            figures = await self._audience.of([shop for _, shop in papers])
            async with self._database.transaction() as tx:
                await self._prepare(tx, run_id, papers, figures)
        except Unreachable:
            await self._note_trouble(run_id)
            raise
        except Exception as error:
            if is_infrastructure_error(error):
                raise
            log.error("letters cannot be prepared", run_id=str(run_id), exc_info=error)
            await self._end(run_id, "An error of the programme; it has been logged.")
        return True

    async def _next(self) -> tuple[UUID, list[tuple[UUID, UUID]]] | None:
        oldest = (
            select(invitation_run.c.id)
            .where(invitation_run.c.state.in_(runs.UNFINISHED))
            .order_by(invitation_run.c.id)
            .limit(1)
        )
        papers = (
            select(invitation.c.run_id, invitation.c.id, invitation.c.merchant_id)
            .where(invitation.c.run_id == oldest.scalar_subquery(), runs.is_unprepared())
            .order_by(invitation.c.id)
            .limit(AT_ONCE)
        )
        rows = await self._database.read(papers, {})
        return (rows[0].run_id, [(row.id, row.merchant_id) for row in rows]) if rows else None

    async def _prepare(
        self,
        tx: Transaction,
        run_id: UUID,
        papers: Sequence[tuple[UUID, UUID]],
        figures: Mapping[UUID, Figures],
    ) -> None:
        locked = select(invitation_run.c.state).where(invitation_run.c.id == run_id).with_for_update()
        if (await tx.execute(locked)).scalar_one() not in runs.UNFINISHED:
            return  # revoked meanwhile
        ids = [paper for paper, _ in papers]
        left = select(invitation.c.id).where(invitation.c.id.in_(ids), runs.is_unprepared())
        still = set((await tx.execute(left.order_by(invitation.c.id).with_for_update())).scalars())
        shops = {shop for paper, shop in papers if paper in still}
        may = await runs.eligible_among(tx, shops)
        at = self._clock()
        await _withdraw_earlier(tx, may, at)
        left_in = still & {paper for paper, shop in papers if shop in may}
        ready = [self._ready(paper, shop, figures[shop], at) for paper, shop in papers if paper in left_in]
        if ready:
            await tx.execute(_READY, ready)
        leaving = update(invitation).where(invitation.c.id.in_(still - left_in))
        await tx.execute(leaving.values(left_out="closed, claimed or objecting"))
        await _progress(tx, run_id, at)

    def _ready(self, paper: UUID, shop: UUID, figures: Figures, at: datetime) -> dict[str, Any]:
        key = self._key()
        return {
            "paper": paper,
            "at": at,
            "until": at + VALID_FOR,
            "told": figures.as_json(),
            "code": codes.code_digest(shop, codes.claim_code(key, paper)),
            "page": codes.page_digest(codes.page_secret(key, paper)),
            "objection": codes.objection_digest(codes.objection_code(key, paper)),
        }

    async def _note_trouble(self, run_id: UUID) -> None:
        found = select(invitation_run.c.asked_at).where(invitation_run.c.id == run_id)
        ((asked_at,),) = await self._database.read(found, {})
        if self._clock() - asked_at > GIVES_UP_AFTER:
            await self._end(run_id, "The audience could not be asked for within an hour.")
            return
        async with self._database.transaction() as tx:
            noting = update(invitation_run).where(invitation_run.c.id == run_id)
            await tx.execute(noting.values(trouble="The audience cannot be asked for just now."))

    async def _end(self, run_id: UUID, trouble: str) -> None:
        """Failed: what is prepared stays, the rest is free for another run."""
        at = self._clock()
        async with self._database.transaction() as tx:
            ending = update(invitation_run).where(
                invitation_run.c.id == run_id, invitation_run.c.state.in_(runs.UNFINISHED)
            )
            await tx.execute(ending.values(state=State.FAILED.value, trouble=trouble, finished_at=at))
            leaving = update(invitation).where(invitation.c.run_id == run_id, runs.is_unprepared())
            await tx.execute(leaving.values(left_out="the run failed"))


_READY = (
    update(invitation)
    .where(invitation.c.id == bindparam("paper"))
    .values(
        prepared_at=bindparam("at"),
        expires_at=bindparam("until"),
        figures=bindparam("told"),
        code_digest=bindparam("code"),
        page_digest=bindparam("page"),
        objection_digest=bindparam("objection"),
    )
)


async def _withdraw_earlier(tx: Transaction, shops: set[UUID], at: datetime) -> None:
    """A shop that is written to again has one live code: the new one."""
    live = invitation.c.code_digest.is_not(None) & invitation.c.revoked_at.is_(None)
    earlier = update(invitation).where(
        invitation.c.merchant_id.in_(shops), live, invitation.c.used_at.is_(None)
    )
    await tx.execute(earlier.values(revoked_at=at))


async def _progress(tx: Transaction, run_id: UUID, at: datetime) -> None:
    waiting = select(func.count()).where(invitation.c.run_id == run_id, runs.is_unprepared())
    left = (await tx.execute(waiting)).scalar_one()
    state = State.RUNNING if left else State.DONE
    values = {"state": state.value, "trouble": None, "finished_at": None if left else at}
    moving = update(invitation_run).where(invitation_run.c.id == run_id)
    await tx.execute(moving.values(done=invitation_run.c.total - left, **values))
