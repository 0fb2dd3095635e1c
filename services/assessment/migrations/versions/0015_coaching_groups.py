"""Coaching groups of five at most, and when those who ask for a training have time."""

from alembic import op

from chassis.row_security import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE training_requests ADD COLUMN half_days varchar[] NOT NULL DEFAULT '{}'",
    """
    CREATE TABLE coaching_groups (
        id           uuid NOT NULL PRIMARY KEY,
        city_id      uuid NOT NULL,
        dimension    varchar NOT NULL,
        language     varchar NOT NULL,
        starts_at    timestamptz NOT NULL,
        ends_at      timestamptz NOT NULL,
        place        varchar NOT NULL,
        state        varchar NOT NULL,
        version      integer NOT NULL,
        changed_at   timestamptz NOT NULL,
        made_at      timestamptz NOT NULL,
        made_by      uuid,
        formed_at    timestamptz,
        formed_with  smallint,
        CONSTRAINT coaching_groups_last CHECK (starts_at < ends_at),
        CONSTRAINT coaching_groups_formed CHECK ((formed_at IS NULL) = (formed_with IS NULL))
    )
    """,
    "CREATE INDEX coaching_groups_by_city ON coaching_groups (city_id, id)",
    """
    CREATE TABLE coaching_seats (
        id           uuid NOT NULL PRIMARY KEY,
        group_id     uuid NOT NULL REFERENCES coaching_groups (id) ON DELETE CASCADE,
        city_id      uuid NOT NULL,
        request_id   uuid NOT NULL REFERENCES training_requests (id) ON DELETE CASCADE,
        merchant_id  uuid NOT NULL,
        line         integer NOT NULL,
        state        varchar NOT NULL,
        seat         smallint CONSTRAINT coaching_seats_five CHECK (seat BETWEEN 1 AND 5),
        offered_at   timestamptz,
        expires_at   timestamptz,
        taken_at     timestamptz,
        attended     boolean,
        CONSTRAINT coaching_seats_numbered CHECK ((seat IS NOT NULL) = (state IN ('offered', 'taken')))
    )
    """,
    "CREATE UNIQUE INDEX coaching_seats_numbers ON coaching_seats (group_id, seat)",
    "CREATE UNIQUE INDEX coaching_seats_once ON coaching_seats (group_id, request_id)"
    " WHERE state IN ('waiting', 'offered', 'taken')",
    "CREATE UNIQUE INDEX coaching_seats_one_taken ON coaching_seats (request_id) WHERE state = 'taken'",
    "CREATE INDEX coaching_seats_by_merchant ON coaching_seats (merchant_id)",
    "CREATE INDEX coaching_seats_by_request ON coaching_seats (request_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("coaching_groups", "coaching_seats"):
        protect(op, "assessment", table)


def downgrade() -> None:
    raise NotImplementedError("who has a seat in which group would be lost: restore a backup instead")
