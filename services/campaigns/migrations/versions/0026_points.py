"""What ambassadors earn is booked line by line; who wants to is listed under a name of their choice."""

from alembic import op

from chassis.row_security import protect

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE point_entry (
        id              uuid CONSTRAINT point_entry_pkey PRIMARY KEY,
        city_id         uuid NOT NULL,
        campaign_id     uuid NOT NULL,
        contributor_id  uuid NOT NULL,
        cause           uuid NOT NULL,
        action          text NOT NULL,
        points          smallint NOT NULL,
        why             text NOT NULL,
        at              timestamptz NOT NULL,
        CONSTRAINT point_entry_why_check CHECK (why IN ('earned', 'taken-back', 'restored')),
        CONSTRAINT point_entry_points_check CHECK (points <> 0 AND (points < 0) = (why = 'taken-back'))
    )
    """,
    "CREATE INDEX point_entry_of_ambassador ON point_entry (campaign_id, contributor_id, id)",
    """
    CREATE TABLE point_balance (
        campaign_id     uuid NOT NULL CONSTRAINT point_balance_campaign_id_fkey REFERENCES campaign (id),
        contributor_id  uuid NOT NULL,
        city_id         uuid NOT NULL,
        points          integer NOT NULL CONSTRAINT point_balance_points_check CHECK (points >= 0),
        CONSTRAINT point_balance_pkey PRIMARY KEY (campaign_id, contributor_id)
    )
    """,
    """
    CREATE TABLE leaderboard_name (
        id              uuid CONSTRAINT leaderboard_name_pkey PRIMARY KEY,
        campaign_id     uuid NOT NULL CONSTRAINT leaderboard_name_campaign_id_fkey REFERENCES campaign (id),
        city_id         uuid NOT NULL,
        contributor_id  uuid NOT NULL,
        name            text NOT NULL,
        listed_at       timestamptz NOT NULL,
        removed_at      timestamptz
    )
    """,
    "CREATE UNIQUE INDEX leaderboard_name_once ON leaderboard_name (campaign_id, lower(name))",
    """
    CREATE UNIQUE INDEX leaderboard_name_of_ambassador
        ON leaderboard_name (campaign_id, contributor_id)
    """,
    """
    CREATE TABLE campaign_game (
        campaign_id  uuid CONSTRAINT campaign_game_pkey PRIMARY KEY
                     CONSTRAINT campaign_game_campaign_id_fkey REFERENCES campaign (id),
        city_id      uuid NOT NULL,
        badges       boolean NOT NULL,
        leaderboard  boolean NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("point_entry", "point_balance", "leaderboard_name", "campaign_game"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("what ambassadors earned would be lost: restore a backup instead")
