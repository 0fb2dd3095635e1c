"""Districts are redrawn and removed: outlines they had, the version of the present one, names free again."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STATEMENTS = (
    # The default stays: a process of the version before draws districts, and redraws none.
    "ALTER TABLE district ADD COLUMN drawn_version integer NOT NULL DEFAULT 1",
    "ALTER TABLE district ADD COLUMN removed_at timestamptz",
    "ALTER TABLE district DROP CONSTRAINT district_city_id_name_key",
    "CREATE UNIQUE INDEX district_name ON district (city_id, name) WHERE removed_at IS NULL",
    """
    CREATE TABLE former_outline (
        district_id  uuid NOT NULL REFERENCES district (id),
        version      integer NOT NULL,
        city_id      uuid NOT NULL,
        drawn_at     timestamptz NOT NULL,
        polygon      jsonb NOT NULL,
        PRIMARY KEY (district_id, version)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("outlines that were told would be lost: restore a backup instead")
