"""Goals with progress: a tally that a trigger keeps, and an index by which a campaign's facts are found."""

from alembic import op

from chassis.row_security import leave_open, protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Rows are locked in the order of their key, so that statements that move many tallies wait for each other
# instead of deadlocking. Contributions that stay as counted as they were move nothing.
_TALLY = """
    CREATE FUNCTION tally_contributions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO campaign_tally AS tally (campaign_id, merchant_id, kind, part, city_id, counted)
            SELECT campaign_id, merchant_id, kind, get_byte(uuid_send(contributor_id), 15) & 15, city_id,
                   count(*)
            FROM after_it WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL
            GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4
            ON CONFLICT (campaign_id, merchant_id, kind, part)
            DO UPDATE SET counted = tally.counted + excluded.counted;
        ELSE
            INSERT INTO campaign_tally AS tally (campaign_id, merchant_id, kind, part, city_id, counted)
            SELECT campaign_id, merchant_id, kind, part, city_id, sum(step) FROM (
                SELECT campaign_id, merchant_id, kind, get_byte(uuid_send(contributor_id), 15) & 15 AS part,
                       city_id, 1 AS step
                FROM after_it WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL
                UNION ALL
                SELECT campaign_id, merchant_id, kind, get_byte(uuid_send(contributor_id), 15) & 15,
                       city_id, -1
                FROM before_it WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL
            ) AS steps
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(step) <> 0 ORDER BY 1, 2, 3, 4
            ON CONFLICT (campaign_id, merchant_id, kind, part)
            DO UPDATE SET counted = tally.counted + excluded.counted;
        END IF;
        RETURN NULL;
    END $$
"""
_STATEMENTS = (
    "ALTER TABLE campaign ADD COLUMN goals jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE campaign ALTER COLUMN goals DROP DEFAULT",
    """
    CREATE TABLE campaign_tally (
        campaign_id  uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        kind         text NOT NULL,
        part         smallint NOT NULL,
        city_id      uuid NOT NULL,
        counted      integer NOT NULL,
        CONSTRAINT campaign_tally_pkey PRIMARY KEY (campaign_id, merchant_id, kind, part)
    )
    """,
    """
    CREATE TABLE goal_reached (
        id           uuid CONSTRAINT goal_reached_pkey PRIMARY KEY,
        city_id      uuid NOT NULL,
        campaign_id  uuid NOT NULL CONSTRAINT goal_reached_campaign_id_fkey REFERENCES campaign (id),
        figure       text NOT NULL,
        target       integer NOT NULL,
        reached_at   timestamptz NOT NULL,
        CONSTRAINT goal_reached_campaign_id_figure_target_key UNIQUE (campaign_id, figure, target)
    )
    """,
    "CREATE INDEX goal_reached_by_time ON goal_reached (reached_at)",
    # Nothing is contributed between the count and the trigger.
    "LOCK TABLE contribution IN SHARE ROW EXCLUSIVE MODE",
    """
    INSERT INTO campaign_tally (campaign_id, merchant_id, kind, part, city_id, counted)
    SELECT campaign_id, merchant_id, kind, (get_byte(uuid_send(contributor_id), 15) & 15), city_id, count(*)
    FROM contribution WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL
    GROUP BY 1, 2, 3, 4, 5
    """,
    _TALLY,
    """
    CREATE TRIGGER tally_what_is_posted AFTER INSERT ON contribution
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION tally_contributions()
    """,
    """
    CREATE TRIGGER tally_what_changes AFTER UPDATE ON contribution
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION tally_contributions()
    """,
    """
    CREATE INDEX contribution_by_campaign ON contribution (campaign_id, kind, merchant_id, contributor_id)
    WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "campaign_tally")
    leave_open(op, "campaigns", "goal_reached")


def downgrade() -> None:
    raise NotImplementedError("what cities set out to reach would be lost: restore a backup instead")
