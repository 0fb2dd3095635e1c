"""What people say is wrong in the directory, until somebody decides."""

from alembic import op

from chassis.row_security import protect

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE merchant_correction (
        id            uuid NOT NULL PRIMARY KEY,
        receipt_id    uuid NOT NULL,
        city_id       uuid NOT NULL REFERENCES city (id),
        merchant_id   uuid NOT NULL REFERENCES merchant (id),
        person_id     uuid,
        field         text NOT NULL,
        suggested     jsonb NOT NULL,
        seen          jsonb NOT NULL,
        duplicate_of  uuid REFERENCES merchant (id),
        note          text,
        suggested_at  timestamptz NOT NULL,
        state         text NOT NULL,
        reason        text,
        decided_at    timestamptz,
        decided_by    uuid,
        reverted_at   timestamptz,
        CONSTRAINT merchant_correction_field CHECK (field IN
            ('name', 'address', 'opening_hours', 'website', 'phone', 'moved', 'closed', 'duplicate')),
        CONSTRAINT merchant_correction_decided CHECK (
            (state = 'open') = (decided_at IS NULL)
            AND (state = 'refused') = (reason IS NOT NULL)
            AND (state = 'reverted') = (reverted_at IS NOT NULL)),
        CONSTRAINT merchant_correction_duplicate CHECK (duplicate_of IS NULL OR field = 'duplicate')
    )
    """,
    "CREATE INDEX merchant_correction_city_page ON merchant_correction (city_id, state, id)",
    "CREATE INDEX merchant_correction_of_merchant ON merchant_correction (merchant_id, state, id)",
    "CREATE INDEX merchant_correction_of_person ON merchant_correction (person_id, id)",
    """
    CREATE UNIQUE INDEX merchant_correction_once ON merchant_correction (person_id, merchant_id, field)
        WHERE state = 'open'
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "directory", "merchant_correction")


def downgrade() -> None:
    raise NotImplementedError("what people suggested would be lost: restore a backup instead")
