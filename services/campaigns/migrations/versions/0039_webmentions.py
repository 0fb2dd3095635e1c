"""Pages tell us that they mention a shop (W3C Webmention)."""

from alembic import op

from chassis.row_security import protect

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE webmention (
        id           uuid CONSTRAINT webmention_pkey PRIMARY KEY,
        city_id      uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        source       text NOT NULL,
        target       text NOT NULL,
        state        text NOT NULL,
        reason       text,
        post_id      uuid,
        received_at  timestamptz NOT NULL,
        due_at       timestamptz,
        looked_at    timestamptz,
        failures     integer NOT NULL,
        CONSTRAINT webmention_once UNIQUE (source, target),
        CONSTRAINT webmention_state_check CHECK (state IN ('waiting', 'shown', 'refused', 'gone')),
        CONSTRAINT webmention_shown_is_a_post_check CHECK (state <> 'shown' OR post_id IS NOT NULL)
    )
    """,
    "CREATE INDEX webmention_due ON webmention (due_at, id)",
    "CREATE INDEX webmention_by_city ON webmention (city_id, id)",
    "CREATE INDEX webmention_by_merchant ON webmention (merchant_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "webmention")


def downgrade() -> None:
    raise NotImplementedError("what was sent would be lost: restore a backup instead")
