"""Reviews are compared and screened before they are published; what asks for a look waits in a queue."""

from alembic import op

from chassis.row_security import protect

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE text_fingerprint (
        band             bigint NOT NULL,
        contribution_id  uuid NOT NULL,
        CONSTRAINT text_fingerprint_pkey PRIMARY KEY (band, contribution_id)
    )
    """,
    "CREATE INDEX text_fingerprint_by_contribution ON text_fingerprint (contribution_id)",
    """
    CREATE TABLE sighting (
        hash            bytea NOT NULL,
        seen_on         date NOT NULL,
        contributor_id  uuid NOT NULL,
        CONSTRAINT sighting_pkey PRIMARY KEY (hash, seen_on, contributor_id)
    )
    """,
    "CREATE INDEX sighting_by_day ON sighting (seen_on)",
    "CREATE INDEX sighting_by_contributor ON sighting (contributor_id)",
    """
    CREATE TABLE sighting_salt (
        began_on  date CONSTRAINT sighting_salt_pkey PRIMARY KEY,
        salt      bytea NOT NULL
    )
    """,
    """
    CREATE TABLE moderation_case (
        id               uuid CONSTRAINT moderation_case_pkey PRIMARY KEY,
        city_id          uuid NOT NULL,
        contribution_id  uuid NOT NULL
                         CONSTRAINT moderation_case_contribution_id_fkey REFERENCES contribution (id),
        reasons          text[] NOT NULL,
        opened_at        timestamptz NOT NULL,
        due_at           timestamptz NOT NULL,
        decided_at       timestamptz
    )
    """,
    "CREATE UNIQUE INDEX moderation_case_once ON moderation_case (contribution_id) WHERE decided_at IS NULL",
    "CREATE INDEX moderation_case_queue ON moderation_case (city_id, id) WHERE decided_at IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "moderation_case")


def downgrade() -> None:
    raise NotImplementedError("what waits for a decision would be forgotten: restore a backup instead")
