"""Videos, as links to where they lie."""

from alembic import op

from chassis.row_security import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE video (
            contribution_id  uuid CONSTRAINT video_pkey PRIMARY KEY
                             CONSTRAINT video_contribution_id_fkey REFERENCES contribution (id),
            platform         text NOT NULL,
            url              text NOT NULL,
            tie              text NOT NULL
        )
    """)
    op.execute("""
        CREATE UNIQUE INDEX video_once ON contribution (contributor_id, slot)
        WHERE kind = 'video' AND withdrawn_at IS NULL
    """)
    shown = "EXISTS (SELECT FROM contribution WHERE contribution.id = video.contribution_id)"
    protect(op, "campaigns", "video", shown)


def downgrade() -> None:
    raise NotImplementedError("videos would be lost: restore a backup instead")
