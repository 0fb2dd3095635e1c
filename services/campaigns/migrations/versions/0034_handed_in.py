"""Links to posts elsewhere that citizens hand in, reports of them, and where somebody was asked to write."""

from alembic import op

from chassis.row_security import protect

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE seen_post_change ADD COLUMN statement text NOT NULL DEFAULT ''",
    """
    CREATE TABLE hand_in (
        id              uuid CONSTRAINT hand_in_pkey PRIMARY KEY,
        city_id         uuid NOT NULL,
        post_id         uuid NOT NULL CONSTRAINT hand_in_post_id_fkey REFERENCES seen_post (id),
        contributor_id  uuid NOT NULL,
        url             text NOT NULL,
        handed_in_at    timestamptz NOT NULL,
        withdrawn_at    timestamptz
    )
    """,
    "CREATE INDEX hand_in_by_person ON hand_in (contributor_id, id)",
    "CREATE INDEX hand_in_by_post ON hand_in (post_id)",
    "CREATE UNIQUE INDEX hand_in_once ON hand_in (contributor_id, url) WHERE withdrawn_at IS NULL",
    """
    CREATE TABLE post_report (
        id              uuid CONSTRAINT post_report_pkey PRIMARY KEY,
        city_id         uuid NOT NULL,
        post_id         uuid NOT NULL CONSTRAINT post_report_post_id_fkey REFERENCES seen_post (id),
        ground          text NOT NULL,
        text            text,
        at              timestamptz NOT NULL,
        contributor_id  uuid,
        decided_at      timestamptz
    )
    """,
    "CREATE INDEX post_report_by_post ON post_report (post_id)",
    "CREATE INDEX post_report_waiting ON post_report (city_id, at, id) WHERE decided_at IS NULL",
    "CREATE UNIQUE INDEX post_report_once ON post_report (post_id, contributor_id) WHERE decided_at IS NULL",
    """
    CREATE TABLE suggestion (
        merchant_id     uuid NOT NULL,
        platform        text NOT NULL,
        week            date NOT NULL,
        place           smallint NOT NULL,
        city_id         uuid NOT NULL,
        contributor_id  uuid NOT NULL,
        CONSTRAINT suggestion_pkey PRIMARY KEY (merchant_id, platform, week, place),
        CONSTRAINT suggestion_once UNIQUE (contributor_id, week, merchant_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("hand_in", "post_report", "suggestion"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("who handed in what would be forgotten: restore a backup instead")
