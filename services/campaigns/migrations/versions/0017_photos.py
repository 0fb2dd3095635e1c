"""Photos, their pictures, and what lies in the store."""

from alembic import op

from chassis.row_security import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE stored_file (
        id       uuid CONSTRAINT stored_file_pkey PRIMARY KEY,
        city_id  uuid NOT NULL,
        made_at  timestamptz NOT NULL,
        due_at   timestamptz
    )
    """,
    "CREATE INDEX stored_file_due ON stored_file (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE photo (
        contribution_id  uuid CONSTRAINT photo_pkey PRIMARY KEY
                         CONSTRAINT photo_contribution_id_fkey REFERENCES contribution (id),
        licence          text NOT NULL,
        people           text NOT NULL,
        tie              text NOT NULL,
        credit           text,
        review_id        uuid CONSTRAINT photo_review_id_fkey REFERENCES review (contribution_id),
        CONSTRAINT photo_people_agreed_check CHECK (people <> 'not-asked')
    )
    """,
    "CREATE INDEX photo_by_review ON photo (review_id) WHERE review_id IS NOT NULL",
    """
    CREATE TABLE picture (
        id               uuid CONSTRAINT picture_pkey PRIMARY KEY
                         CONSTRAINT picture_id_fkey REFERENCES stored_file (id),
        contribution_id  uuid NOT NULL
                         CONSTRAINT picture_contribution_id_fkey REFERENCES photo (contribution_id),
        position         smallint NOT NULL,
        alt              text NOT NULL,
        width            smallint NOT NULL,
        height           smallint NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX picture_of_photo ON picture (contribution_id, position)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "stored_file")
    for table in ("photo", "picture"):
        shown = f"EXISTS (SELECT FROM contribution WHERE contribution.id = {table}.contribution_id)"
        protect(op, "campaigns", table, shown)


def downgrade() -> None:
    raise NotImplementedError("photos would be lost: restore a backup instead")
