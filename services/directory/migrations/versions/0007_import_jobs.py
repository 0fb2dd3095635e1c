"""Imports that run by themselves."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE import_job (
        id           uuid NOT NULL PRIMARY KEY,
        city_id      uuid NOT NULL REFERENCES city (id),
        format       text NOT NULL,
        source       text NOT NULL,
        state        text NOT NULL CHECK (state IN ('receiving', 'running', 'done', 'failed')),
        dry_run      boolean NOT NULL,
        is_complete  boolean NOT NULL,
        options      jsonb NOT NULL,
        created_by   uuid NOT NULL,
        created_at   timestamptz NOT NULL,
        finished_at  timestamptz,
        rows_done    integer NOT NULL CHECK (rows_done >= 0),
        totals       jsonb NOT NULL,
        problem      text,
        held_until   timestamptz,
        CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'failed'))),
        CHECK ((problem IS NOT NULL) = (state = 'failed'))
    )
    """,
    "CREATE INDEX import_job_city_page ON import_job (city_id, id)",
    "CREATE INDEX import_job_waiting ON import_job (id) WHERE state = 'running'",
    """
    CREATE TABLE import_part (
        job_id   uuid NOT NULL REFERENCES import_job (id),
        number   integer NOT NULL CHECK (number >= 0),
        city_id  uuid NOT NULL,
        content  bytea NOT NULL,
        PRIMARY KEY (job_id, number)
    )
    """,
    # Files are compressed, or of no use compressed again.
    "ALTER TABLE import_part ALTER COLUMN content SET STORAGE EXTERNAL",
    """
    CREATE TABLE import_row (
        job_id       uuid NOT NULL REFERENCES import_job (id),
        number       integer NOT NULL,
        city_id      uuid NOT NULL,
        outcome      text NOT NULL,
        source_id    text,
        name         text,
        merchant_id  uuid,
        why          text,
        detail       text,
        notes        text[] NOT NULL,
        PRIMARY KEY (job_id, number)
    )
    """,
    "CREATE INDEX import_row_source_id ON import_row (job_id, source_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("imports under way would be lost: restore a backup instead")
