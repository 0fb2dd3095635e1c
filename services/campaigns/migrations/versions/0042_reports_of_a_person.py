"""One's own reports are found by who one is, and what was reported by what it is."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX report_by_contributor ON report (contributor_id, id)")
    op.execute("CREATE INDEX report_by_contribution ON report (contribution_id)")


def downgrade() -> None:
    op.execute("DROP INDEX report_by_contributor")
    op.execute("DROP INDEX report_by_contribution")
