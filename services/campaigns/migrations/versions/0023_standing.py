"""Contributions are published, held or removed; every change is kept with its reasons."""

from alembic import op

from chassis.row_security import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_STANDING = "standing IN ('published', 'held', 'removed')"
# As in the migration "goals", of published ones alone.
_TALLY = """
    CREATE OR REPLACE FUNCTION tally_contributions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO campaign_tally AS tally (campaign_id, merchant_id, kind, part, city_id, counted)
            SELECT campaign_id, merchant_id, kind, get_byte(uuid_send(contributor_id), 15) & 15, city_id,
                   count(*)
            FROM after_it WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL AND standing = 'published'
            GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4
            ON CONFLICT (campaign_id, merchant_id, kind, part)
            DO UPDATE SET counted = tally.counted + excluded.counted;
        ELSE
            INSERT INTO campaign_tally AS tally (campaign_id, merchant_id, kind, part, city_id, counted)
            SELECT campaign_id, merchant_id, kind, part, city_id, sum(step) FROM (
                SELECT campaign_id, merchant_id, kind, get_byte(uuid_send(contributor_id), 15) & 15 AS part,
                       city_id, 1 AS step
                FROM after_it
                WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL AND standing = 'published'
                UNION ALL
                SELECT campaign_id, merchant_id, kind, get_byte(uuid_send(contributor_id), 15) & 15,
                       city_id, -1
                FROM before_it
                WHERE campaign_id IS NOT NULL AND withdrawn_at IS NULL AND standing = 'published'
            ) AS steps
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(step) <> 0 ORDER BY 1, 2, 3, 4
            ON CONFLICT (campaign_id, merchant_id, kind, part)
            DO UPDATE SET counted = tally.counted + excluded.counted;
        END IF;
        RETURN NULL;
    END $$
"""
_STATEMENTS = (
    "ALTER TABLE contribution ADD COLUMN standing text NOT NULL DEFAULT 'published'",
    "ALTER TABLE contribution ADD COLUMN standing_version integer NOT NULL DEFAULT 1",
    "ALTER TABLE contribution ADD COLUMN published_at timestamptz",
    "ALTER TABLE contribution ALTER COLUMN standing DROP DEFAULT",
    "ALTER TABLE contribution ALTER COLUMN standing_version DROP DEFAULT",
    # Nothing that is counted changes by it: the tally needs not add up all contributions and take them away.
    "ALTER TABLE contribution DISABLE TRIGGER tally_what_changes",
    "UPDATE contribution SET published_at = posted_at",
    "ALTER TABLE contribution ENABLE TRIGGER tally_what_changes",
    _TALLY,
    f"ALTER TABLE contribution ADD CONSTRAINT contribution_standing_check CHECK ({_STANDING})",
    """
    ALTER TABLE contribution ADD CONSTRAINT contribution_published_check
        CHECK (standing <> 'published' OR published_at IS NOT NULL)
    """,
    "DROP INDEX contribution_once",
    """
    CREATE UNIQUE INDEX contribution_once ON contribution (contributor_id, merchant_id, kind, slot)
    WHERE withdrawn_at IS NULL OR standing = 'removed'
    """,
    "DROP INDEX video_once",
    """
    CREATE UNIQUE INDEX video_once ON contribution (contributor_id, slot)
    WHERE kind = 'video' AND (withdrawn_at IS NULL OR standing = 'removed')
    """,
    """
    CREATE INDEX contribution_published_later ON contribution (published_at) WHERE published_at > posted_at
    """,
    f"""
    CREATE TABLE standing_change (
        contribution_id  uuid NOT NULL
                         CONSTRAINT standing_change_contribution_id_fkey REFERENCES contribution (id),
        version          integer NOT NULL,
        city_id          uuid NOT NULL,
        standing         text NOT NULL,
        reasons          text[] NOT NULL,
        statement        text NOT NULL,
        at               timestamptz NOT NULL,
        person_id        uuid,
        told             boolean NOT NULL,
        CONSTRAINT standing_change_pkey PRIMARY KEY (contribution_id, version),
        CONSTRAINT standing_change_standing_check CHECK ({_STANDING})
    )
    """,
    "CREATE INDEX standing_change_told ON standing_change (at) WHERE told",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "standing_change")


def downgrade() -> None:
    raise NotImplementedError("what was removed would be public again: restore a backup instead")
