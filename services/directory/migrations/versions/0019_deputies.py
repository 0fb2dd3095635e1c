"""Cities name a deputy beside the responsible person; accounts of both, for their erasure."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    ALTER TABLE city
        ADD COLUMN responsible_person_id uuid,
        ADD COLUMN deputy_name text,
        ADD COLUMN deputy_role text,
        ADD COLUMN deputy_person_id uuid,
        ADD CHECK (responsible_person_id IS NULL OR responsible_name IS NOT NULL),
        ADD CHECK ((deputy_name IS NULL) = (deputy_role IS NULL)),
        ADD CHECK (deputy_person_id IS NULL OR deputy_name IS NOT NULL)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("names of deputies would be lost: restore a backup instead")
