"""The audit log: only ever added to."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE audit_entry (
        id          uuid NOT NULL PRIMARY KEY,
        at          timestamptz NOT NULL,
        city_id     uuid REFERENCES city (id),
        action      text NOT NULL CHECK (action ~ '^[a-z_]{1,50}$'),
        actor_id    uuid,
        subject_id  uuid NOT NULL,
        details     jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object')
    )
    """,
    "CREATE INDEX audit_entry_city_page ON audit_entry (city_id, id)",
    # A REVOKE would not do: the service's user owns the table, and an owner may grant itself anything back.
    """
    CREATE FUNCTION refuse_to_change_the_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER audit_entry_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit_log()
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what was done would be forgotten: restore a backup instead")
