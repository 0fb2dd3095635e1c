"""Merchants in full (names by language, contacts, numbers, languages), delisting, and objections by code."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Defaults stay: a process of the version before goes on inserting without the new columns during a deploy.
_STATEMENTS = (
    """
    ALTER TABLE merchant
        ADD COLUMN names jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN email text,
        ADD COLUMN profiles jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN languages text[] NOT NULL DEFAULT '{}',
        ADD COLUMN enterprise_number text CHECK (enterprise_number ~ '^[01][0-9]{9}$'),
        ADD COLUMN establishment_number text CHECK (establishment_number ~ '^[2-8][0-9]{9}$'),
        ADD COLUMN delisted boolean NOT NULL DEFAULT false,
        ADD COLUMN checked_on date NOT NULL DEFAULT current_date
    """,
    # What is known of them was last said when they last changed.
    """
    UPDATE merchant
       SET checked_on = latest.day
      FROM (SELECT merchant_id, max(at)::date AS day FROM merchant_version GROUP BY merchant_id) AS latest
     WHERE latest.merchant_id = merchant.id
    """,
    """
    CREATE INDEX merchant_establishment_number ON merchant (establishment_number)
        WHERE establishment_number IS NOT NULL
    """,
    "ALTER TABLE merchant_version DROP CONSTRAINT merchant_version_change_check",
    """
    ALTER TABLE merchant_version ADD CONSTRAINT merchant_version_change_check
        CHECK (change IN ('listed', 'updated', 'claimed', 'closed', 'delisted', 'relisted'))
    """,
    # None in letters of before: they print no code to object with.
    "ALTER TABLE invitation ADD COLUMN objection_digest bytea UNIQUE",
    """
    CREATE TABLE objection (
        merchant_id  uuid NOT NULL PRIMARY KEY REFERENCES merchant (id),
        city_id      uuid NOT NULL,
        at           timestamptz NOT NULL,
        name_hashes  bytea[] NOT NULL,
        number_hash  bytea
    )
    """,
    "CREATE INDEX objection_city_id ON objection (city_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("who objected would be listed again: restore a backup instead")
