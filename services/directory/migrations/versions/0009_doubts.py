"""Merchants that may be one, and merchants that may be gone."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE duplicate (
        id          uuid NOT NULL PRIMARY KEY,
        city_id     uuid NOT NULL REFERENCES city (id),
        first_id    uuid NOT NULL REFERENCES merchant (id),
        second_id   uuid NOT NULL REFERENCES merchant (id),
        likeness    double precision NOT NULL,
        metres      double precision NOT NULL,
        state       text NOT NULL CHECK (state IN ('proposed', 'merged', 'kept_apart')),
        found_at    timestamptz NOT NULL,
        decided_at  timestamptz,
        UNIQUE (first_id, second_id),
        CHECK (first_id < second_id),
        CHECK ((decided_at IS NULL) = (state = 'proposed'))
    )
    """,
    "CREATE INDEX duplicate_city_page ON duplicate (city_id, id)",
    """
    CREATE TABLE closure (
        id           uuid NOT NULL PRIMARY KEY,
        city_id      uuid NOT NULL REFERENCES city (id),
        merchant_id  uuid NOT NULL UNIQUE REFERENCES merchant (id),
        state        text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'kept')),
        found_at     timestamptz NOT NULL,
        decided_at   timestamptz,
        CHECK ((decided_at IS NULL) = (state = 'proposed'))
    )
    """,
    "CREATE INDEX closure_city_page ON closure (city_id, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what people decided would be forgotten: restore a backup instead")
