"""Officers decide, readers report, and both sides appeal once."""

from alembic import op

from chassis import schema
from chassis.row_security import leave_open, protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    ALTER TABLE moderation_case
        ADD COLUMN taken_by uuid,
        ADD COLUMN taken_until timestamptz,
        ADD COLUMN appeal_of uuid,
        ADD COLUMN appellant text,
        ADD COLUMN appeal_text text,
        ADD CONSTRAINT moderation_case_taken_check CHECK ((taken_by IS NULL) = (taken_until IS NULL)),
        ADD CONSTRAINT moderation_case_appeal_check CHECK ((appeal_of IS NULL) = (appellant IS NULL)),
        ADD CONSTRAINT moderation_case_appellant_check CHECK (appellant IN ('author', 'reporter'))
    """,
    """
    CREATE UNIQUE INDEX moderation_case_appeal_once ON moderation_case (contribution_id, appellant)
    WHERE appellant IS NOT NULL
    """,
    """
    CREATE TABLE moderation_decision (
        id               uuid CONSTRAINT moderation_decision_pkey PRIMARY KEY,
        case_id          uuid NOT NULL CONSTRAINT moderation_decision_case_id_key UNIQUE
                         CONSTRAINT moderation_decision_case_id_fkey REFERENCES moderation_case (id),
        city_id          uuid NOT NULL,
        contribution_id  uuid NOT NULL
                         CONSTRAINT moderation_decision_contribution_id_fkey REFERENCES contribution (id),
        outcome          text NOT NULL,
        ground           text NOT NULL,
        statement        text NOT NULL,
        at               timestamptz NOT NULL,
        person_id        uuid,
        CONSTRAINT moderation_decision_outcome_check CHECK (outcome IN ('published', 'removed'))
    )
    """,
    "CREATE INDEX moderation_decision_by_contribution ON moderation_decision (contribution_id, id)",
    "CREATE INDEX moderation_decision_by_time ON moderation_decision (at)",
    """
    CREATE TABLE report (
        id               uuid CONSTRAINT report_pkey PRIMARY KEY,
        case_id          uuid NOT NULL CONSTRAINT report_case_id_fkey REFERENCES moderation_case (id),
        city_id          uuid NOT NULL,
        contribution_id  uuid NOT NULL CONSTRAINT report_contribution_id_fkey REFERENCES contribution (id),
        ground           text NOT NULL,
        text             text,
        at               timestamptz NOT NULL,
        contributor_id   uuid,
        secret_hash      bytea,
        CONSTRAINT report_whose_check CHECK (num_nonnulls(contributor_id, secret_hash) = 1)
    )
    """,
    "CREATE INDEX report_by_case ON report (case_id)",
    "CREATE UNIQUE INDEX report_once ON report (case_id, contributor_id)",
    """
    CREATE TABLE moderation_deputy (
        city_id         uuid CONSTRAINT moderation_deputy_pkey PRIMARY KEY,
        deputy_city_id  uuid NOT NULL,
        CONSTRAINT moderation_deputy_elsewhere_check CHECK (city_id <> deputy_city_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    schema.create_limits(op)
    for table in ("moderation_decision", "report"):
        protect(op, "campaigns", table)
    leave_open(op, "campaigns", "moderation_deputy")


def downgrade() -> None:
    raise NotImplementedError("what was decided would be forgotten: restore a backup instead")
