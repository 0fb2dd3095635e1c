"""Joining: pledge, age, language, ties to shops, and an approval by an officer where it is asked for."""

from alembic import op

from chassis.row_security import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE campaign ADD COLUMN approval boolean NOT NULL DEFAULT false",
    "ALTER TABLE campaign ALTER COLUMN approval DROP DEFAULT",
    """
    ALTER TABLE enrolment
        ADD COLUMN pledge_version integer,
        ADD COLUMN adult boolean,
        ADD COLUMN language text,
        ADD COLUMN introduction text,
        ADD COLUMN approved_at timestamptz,
        ADD COLUMN refused_at timestamptz,
        ADD COLUMN refusal text,
        ADD COLUMN decided_by uuid
    """,
    # Nobody had to wait so far: everybody was told of when they joined.
    "UPDATE enrolment SET approved_at = enrolled_at",
    "DROP INDEX enrolment_by_time",
    "CREATE INDEX enrolment_by_time ON enrolment (approved_at)",
    "CREATE INDEX enrolment_approved ON enrolment (campaign_id) WHERE approved_at IS NOT NULL",
    """
    CREATE TABLE declared_tie (
        contributor_id  uuid NOT NULL,
        merchant_id     uuid NOT NULL,
        city_id         uuid NOT NULL,
        tie             text NOT NULL,
        declared_at     timestamptz NOT NULL,
        CONSTRAINT declared_tie_pkey PRIMARY KEY (contributor_id, merchant_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "declared_tie")


def downgrade() -> None:
    raise NotImplementedError(
        "what ambassadors promised and declared would be lost: restore a backup instead"
    )
