"""One service's database: its engine, its transactions, and which errors are the infrastructure's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import JSON, Executable, Table, event, exc, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis import crash_points, row_security
from chassis.bell import OutboxBell

if TYPE_CHECKING:
    from chassis.settings import ServiceSettings

Transaction = AsyncConnection
BeforeWriting = Callable[[AsyncConnection], Awaitable[None]]
"""What a transaction begins with. Raises where nothing may be written."""
RECORDED = "cococity.recorded"
"""Key in a connection's info, set while its open transaction has recorded events."""
_AFTER_COMMIT = "cococity.after_commit"
LONGEST_TRANSACTION = "60s"
"""After that the server ends it, whoever it waits for."""
LONGEST_STATEMENT = 30.0
"""Seconds that our side waits for one answer of the server."""
_FIRST_WITH_TRANSACTION_TIMEOUT = (17,)

_INFRASTRUCTURE_CLASSES = {
    "08",  # connection
    "28",  # signing in: a password that is being changed
    "53",  # out of memory, disk or connections
    "57",  # cancelled, shut down, crashed
    "58",  # the server's own input and output
}
_INFRASTRUCTURE_STATES = {
    "3D000",  # no such database: being restored
    "25006",  # read only: a standby that has not taken over yet
    "25P03",  # idle in transaction for too long
    "25P04",  # a transaction of more than LONGEST_TRANSACTION
    "40001",  # serialisation failure
    "40P01",  # deadlock
    "55P03",  # lock not available
}
_INFRASTRUCTURE_NAMES = {
    "InvalidCachedStatementError",  # a migration changed the tables under a prepared statement
}


class Database:
    """Engine and transactions of one service.

    Commits are what the outbox bell listens to: a transaction that recorded events rings it after its
    commit, never within (a NOTIFY inside a transaction serialises all commits of the server).
    """

    def __init__(
        self, settings: ServiceSettings, *, longest_statement: float | None = LONGEST_STATEMENT
    ) -> None:
        """`longest_statement` is None for a process that sums up whole tables and that nobody waits for."""
        self.engine: AsyncEngine = create_async_engine(
            settings.sqlalchemy_url(),
            pool_size=settings.pool_size,
            max_overflow=0,
            hide_parameters=True,  # what people wrote does not belong in logs
            pool_timeout=5,
            connect_args={
                "timeout": 5,
                "command_timeout": longest_statement,
                "server_settings": {
                    "application_name": settings.service_name,
                    # How long a process that stands still keeps others from the rows it has locked.
                    "idle_in_transaction_session_timeout": "20000",
                    "jit": "off",
                    "timezone": "UTC",
                },
            },
        )
        event.listen(self.engine.sync_engine, "connect", _limit_transactions)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._scoped_role = row_security.scoped_role(settings.service_name)
        self.bell = OutboxBell(self.engine)
        self._before_writing: BeforeWriting | None = None

    def asking(self, before_writing: BeforeWriting) -> Database:
        """The same database; each of its transactions begins with `before_writing`."""
        asking = copy(self)
        asking._before_writing = before_writing
        return asking

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Everything done with the connection is committed together, or not at all.

        Raises what the body raises, after rolling back.
        """
        async with self.engine.connect() as connection:
            connection.info.pop(RECORDED, None)
            connection.info.pop(_AFTER_COMMIT, None)
            async with connection.begin():
                if self._before_writing is not None:
                    await self._before_writing(connection)
                yield connection
                if connection.info.get(RECORDED):
                    crash_points.reached(crash_points.BEFORE_COMMIT)
            if connection.info.pop(RECORDED, False):
                crash_points.reached(crash_points.AFTER_COMMIT)
                self.bell.ring()
            for action in connection.info.pop(_AFTER_COMMIT, ()):
                action()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """For reading: whatever is done with it is rolled back."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def scoped(self, cities: Collection[UUID] | None) -> AsyncIterator[AsyncConnection]:
        """For reading on somebody's behalf: only rows of these cities are there, whatever is asked for.

        None is for who may see every city (`Access.cities` says it), and the same as `connection`. One
        round trip more than that; see `chassis/row_security.py` for what it guards.
        """
        async with self.engine.connect() as connection:
            if cities is not None:
                scope = {"role": self._scoped_role, "cities": row_security.listed(cities)}
                await connection.execute(row_security.ENTER, scope)
            yield connection

    async def read(self, query: Executable, values: Mapping[str, object]) -> Sequence[Any]:
        """All rows of one query by itself: one round trip, where `connection` takes three."""
        async with self._autocommit.connect() as connection:
            return (await connection.execute(query, values)).all()

    async def close(self) -> None:
        """Close all connections."""
        await self.bell.close()
        await self.engine.dispose()


def _limit_transactions(connection: Any, _record: object) -> None:
    # A process that stands still between two messages of one statement (parsed, not yet executed) is not
    # "idle in transaction" to the server: only this setting ends it. PostgreSQL 16 does not have it.
    async def limit(driver: Any) -> None:
        if driver.get_server_version() >= _FIRST_WITH_TRANSACTION_TIMEOUT:
            await driver.execute(f"SET transaction_timeout = '{LONGEST_TRANSACTION}'")

    connection.run_async(limit)


async def without_time_limit(connection: AsyncConnection) -> None:
    """Let the open transaction take as long as it needs: one that reads everything there is.

    Each of its statements has `longest_statement` all the same.
    """
    await connection.execute(_NO_LIMIT)


_NO_LIMIT = text("""
    SELECT set_config('transaction_timeout', '0', true)
    WHERE current_setting('server_version_num')::integer >= 170000
""")


def after_commit(tx: Transaction, action: Callable[[], None]) -> None:
    """Call `action` once `tx` is committed, and never where it is rolled back.

    A process that is killed in between does not call it: for courtesies only. It must not wait or raise.
    """
    tx.info.setdefault(_AFTER_COMMIT, []).append(action)


async def copy_rows(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, by COPY: a third of what INSERT takes for thousands.

    Raises what the driver raises, which `is_infrastructure_error` knows: there is no SQLAlchemy in between.
    """
    if not rows:
        return
    columns = list(rows[0])
    as_json = {name for name in columns if isinstance(table.c[name].type, JSON)}

    def value(row: Mapping[str, Any], name: str) -> Any:
        given = row[name]
        return msgspec.json.encode(given).decode() if name in as_json and given is not None else given

    records = [[value(row, name) for name in columns] for row in rows]
    driver = (await tx.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_records_to_table(table.name, records=records, columns=columns)


def is_infrastructure_error(error: BaseException) -> bool:
    """Whether trying the same again later can help: the fault lies in the machines, not in the data.

    Infrastructure errors are retried for ever and never dead-lettered (rule 6 of the design).
    Source of the codes: PostgreSQL manual, appendix A.
    """
    if isinstance(error, exc.DBAPIError):
        if error.connection_invalidated or type(error.orig).__name__ in _INFRASTRUCTURE_NAMES:
            return True
        state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
        if state is None:
            return isinstance(error, exc.InterfaceError) or (
                error.orig is not None and is_infrastructure_error(error.orig)
            )
        return _is_infrastructure_state(state)
    if isinstance(error, asyncpg.PostgresError):
        return _is_infrastructure_state(error.sqlstate or "")
    if isinstance(error, asyncpg.InterfaceError):
        return True
    if isinstance(error, exc.TimeoutError | asyncio.TimeoutError | OSError | EOFError):
        return True
    cause = error.__cause__
    return is_infrastructure_error(cause) if cause is not None else False


def _is_infrastructure_state(state: str) -> bool:
    return state[:2] in _INFRASTRUCTURE_CLASSES or state in _INFRASTRUCTURE_STATES
