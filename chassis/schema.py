"""The tables every service's database has beside its own: outbox, inbox, dead letters, idempotency.

Created by each service's first migration, so that a service still owns its whole schema. A later change
is a new function (`alter_to_v3`) called from a new migration; those there are stay as they were released.
"""

from __future__ import annotations

from typing import Protocol


class Executes(Protocol):
    """Alembic's `op`, as far as it is needed here."""

    def execute(self, sqltext: str) -> None: ...


_V1 = (
    # Partitioned by the week of the id (a UUIDv7 begins with its time), so that old rows go by dropping
    # a partition. Republished facts carry their original, older ids: the default partition takes those.
    """
    CREATE TABLE outbox (
        id            uuid PRIMARY KEY,
        subject       text NOT NULL,
        body          bytea NOT NULL,
        traceparent   text,
        replayed      boolean NOT NULL DEFAULT false,
        published_at  timestamptz
    ) PARTITION BY RANGE (id)
    """,
    # What relays look for, fresh events before replayed ones.
    "CREATE INDEX outbox_unpublished ON outbox (replayed, id) WHERE published_at IS NULL",
    "CREATE TABLE outbox_default PARTITION OF outbox DEFAULT",
    """
    CREATE TABLE inbox (
        event_id  uuid NOT NULL,
        consumer  text NOT NULL,
        PRIMARY KEY (event_id, consumer)
    ) PARTITION BY RANGE (event_id)
    """,
    "CREATE TABLE inbox_default PARTITION OF inbox DEFAULT",
    """
    CREATE TABLE dead_letter (
        id               uuid PRIMARY KEY,
        consumer         text NOT NULL,
        subject          text NOT NULL,
        stream_sequence  bigint NOT NULL,
        stored_at        timestamptz NOT NULL,
        event_id         uuid,
        headers          jsonb NOT NULL,
        body             bytea NOT NULL,
        error            text NOT NULL,
        attempts         integer NOT NULL,
        trace_id         text,
        died_at          timestamptz NOT NULL DEFAULT now(),
        state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'redriven', 'discarded')),
        decided_at       timestamptz,
        decided_by       text,
        CHECK ((state = 'open') = (decided_at IS NULL)),
        -- A message that is redelivered before it could be terminated is still one dead letter; the time
        -- it was stored tells it from one of a stream that was deleted and counts from 1 again.
        UNIQUE (consumer, stream_sequence, stored_at)
    )
    """,
    "CREATE INDEX dead_letter_open ON dead_letter (id) WHERE state = 'open'",
    """
    CREATE TABLE idempotency (
        principal   text NOT NULL,
        route       text NOT NULL,
        key         text NOT NULL,
        body_hash   bytea NOT NULL,
        status      integer,
        body        jsonb,
        headers     jsonb,
        created_at  timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (principal, route, key)
    )
    """,
    "CREATE INDEX idempotency_age ON idempotency (created_at)",
    # A row here means: this consumer stands still until an operator resumes it.
    """
    CREATE TABLE consumer_pause (
        consumer   text PRIMARY KEY,
        reason     text NOT NULL,
        paused_at  timestamptz NOT NULL DEFAULT now()
    )
    """,
)


def create_v1(op: Executes) -> None:
    """Create the chassis tables of a service. `op` is Alembic's."""
    for statement in _V1:
        op.execute(statement)


_V2 = (
    # Persons who are to be forgotten here, so that nothing that comes late brings them back. The id means
    # nothing any more: no other row anywhere holds it.
    """
    CREATE TABLE erased_person (
        person_id   uuid PRIMARY KEY,
        erasure_id  uuid NOT NULL UNIQUE,
        erased_at   timestamptz NOT NULL
    )
    """,
    # Each statement in a volatile function sees what was committed before it began: whoever waited here for
    # an erasure sees it.
    """
    CREATE FUNCTION may_still_write(principal text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        IF strpos(principal, ':') > 0 THEN -- a service or a key
            RETURN true;
        END IF;
        PERFORM pg_advisory_xact_lock_shared(hashtextextended(principal, 0));
        RETURN NOT EXISTS (SELECT 1 FROM erased_person WHERE person_id = CAST(principal AS uuid));
    END
    $$
    """,
)


def alter_to_v2(op: Executes) -> None:
    """Add what an erasure needs: who was erased, and a way to tell them apart before they write again."""
    for statement in _V2:
        op.execute(statement)


_V3 = (
    # Shops whose messages are still to be taken out of the service's stream; NULL where there are none.
    "ALTER TABLE erased_person ADD COLUMN on_bus uuid[]",
    "CREATE INDEX erased_person_on_bus ON erased_person (person_id) WHERE on_bus IS NOT NULL",
    # What was deleted because its time was over: by rule and day, so that it stays small.
    """
    CREATE TABLE retention_done (
        rule     text NOT NULL,
        day      date NOT NULL,
        rows     bigint NOT NULL,
        last_at  timestamptz NOT NULL,
        PRIMARY KEY (rule, day)
    )
    """,
)


def alter_to_v3(op: Executes) -> None:
    """Add whose messages an erasure has not found yet, and what was deleted because its time was over."""
    for statement in _V3:
        op.execute(statement)


_V4 = (
    # A row for each rule that failed when it was last tried.
    """
    CREATE TABLE retention_failure (
        rule     text NOT NULL PRIMARY KEY,
        since    timestamptz NOT NULL,
        last_at  timestamptz NOT NULL,
        error    text NOT NULL
    )
    """,
)


def alter_to_v4(op: Executes) -> None:
    """Add which rules of retention fail."""
    for statement in _V4:
        op.execute(statement)


_LIMITS = (
    """
    CREATE TABLE limit_salt (
        day   date NOT NULL PRIMARY KEY,
        salt  bytea NOT NULL
    )
    """,
    # The address or network as an HMAC under the salt of its day: with the salt gone, it is nobody's.
    """
    CREATE TABLE limit_count (
        what      text NOT NULL,
        who       bytea NOT NULL,
        began_at  timestamptz NOT NULL,
        count     integer NOT NULL,
        PRIMARY KEY (what, who, began_at)
    )
    """,
)


def create_limits(op: Executes) -> None:
    """Create what `chassis/limits.py` counts in, for a service that has limits."""
    for statement in _LIMITS:
        op.execute(statement)
