"""Reviews are edited, with what they said before; shops answer them."""

from alembic import op

from chassis.row_security import protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE review ADD COLUMN version smallint NOT NULL DEFAULT 1",
    "ALTER TABLE review ADD COLUMN edited_at timestamptz",
    """
    CREATE TABLE review_version (
        contribution_id  uuid NOT NULL CONSTRAINT review_version_contribution_id_fkey
                         REFERENCES review (contribution_id),
        version          smallint NOT NULL,
        rating           smallint NOT NULL,
        text             text NOT NULL,
        language         text,
        written_at       timestamptz NOT NULL,
        CONSTRAINT review_version_pkey PRIMARY KEY (contribution_id, version),
        CONSTRAINT review_version_rating_check CHECK (rating BETWEEN 1 AND 5)
    )
    """,
    "CREATE INDEX review_version_by_time ON review_version (written_at)",
    """
    CREATE TABLE answer (
        id               uuid CONSTRAINT answer_pkey PRIMARY KEY,
        city_id          uuid NOT NULL,
        merchant_id      uuid NOT NULL,
        contribution_id  uuid NOT NULL CONSTRAINT answer_contribution_id_fkey
                         REFERENCES review (contribution_id),
        person_id        uuid,
        text             text NOT NULL,
        version          smallint NOT NULL,
        answered_at      timestamptz NOT NULL,
        edited_at        timestamptz,
        removed_at       timestamptz,
        CONSTRAINT answer_removed_is_empty_check CHECK (removed_at IS NULL OR text = '')
    )
    """,
    "CREATE INDEX answer_by_person ON answer (person_id)",
    "CREATE INDEX answer_by_merchant ON answer (merchant_id)",
    "CREATE UNIQUE INDEX answer_once ON answer (contribution_id) WHERE removed_at IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    shown = "EXISTS (SELECT FROM contribution WHERE contribution.id = review_version.contribution_id)"
    protect(op, "campaigns", "review_version", shown)
    protect(op, "campaigns", "answer")


def downgrade() -> None:
    raise NotImplementedError("what reviews said, and answers, would be lost: restore a backup instead")
