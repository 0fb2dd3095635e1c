"""Whether a shop came to a training is told: since when it stands as it does, and for which time."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_COLUMNS = """
    ADD COLUMN attendance_version integer NOT NULL DEFAULT 0,
    ADD COLUMN attendance_noted_at timestamptz,
    ADD COLUMN attendance_began_at timestamptz
"""


def upgrade() -> None:
    # What was noted before this was not told; a replay of history tells it, as of the day of the training.
    for table in ("registrations", "coaching_seats"):
        op.execute(f"ALTER TABLE {table} {_COLUMNS}")
    op.execute(
        """
        UPDATE registrations SET attendance_version = 1, attendance_noted_at = sessions.ends_at,
            attendance_began_at = sessions.starts_at
        FROM sessions
        WHERE sessions.id = session_id AND sessions.kind = 'training' AND attended IS NOT NULL
        """
    )
    op.execute(
        """
        UPDATE coaching_seats SET attendance_version = 1, attendance_noted_at = coaching_groups.ends_at,
            attendance_began_at = coaching_groups.starts_at
        FROM coaching_groups WHERE coaching_groups.id = group_id AND attended IS NOT NULL
        """
    )
    for table in ("registrations", "coaching_seats"):
        op.execute(
            f"""
            ALTER TABLE {table} ADD CONSTRAINT attendance_told CHECK (
                (attendance_version = 0) = (attendance_noted_at IS NULL)
                AND (attendance_version = 0) = (attendance_began_at IS NULL)
                AND (attendance_version = 0 OR attended IS NOT NULL))
            """
        )


def downgrade() -> None:
    raise NotImplementedError("what was told could not be told again: restore a backup instead")
