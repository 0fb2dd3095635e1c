"""Wrong codes of letters are counted where everything else is; a day's counts are no loss."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP TABLE claim_try")
    op.execute("DROP TABLE claim_salt")


def downgrade() -> None:
    op.execute("CREATE TABLE claim_salt (day date NOT NULL PRIMARY KEY, salt bytea NOT NULL)")
    op.execute("CREATE TABLE claim_try (day date, key bytea, wrong integer NOT NULL, PRIMARY KEY (day, key))")
