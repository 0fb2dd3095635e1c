"""The register of a city's initiatives: what others do, and sessions that were held."""

from alembic import op

from chassis.row_security import leave_open

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE initiative (
        id           uuid CONSTRAINT initiative_pkey PRIMARY KEY,
        city_id      uuid NOT NULL,
        title        text NOT NULL,
        organiser    text NOT NULL,
        starts_on    date NOT NULL,
        ends_on      date,
        link         text,
        responsible  text,
        version      integer NOT NULL,
        changed_at   timestamptz NOT NULL,
        CONSTRAINT initiative_lasts_check CHECK (ends_on IS NULL OR ends_on >= starts_on)
    )
    """,
    "CREATE INDEX initiative_by_city ON initiative (city_id, starts_on, id)",
    """
    CREATE TABLE known_session (
        id         uuid CONSTRAINT known_session_pkey PRIMARY KEY,
        city_id    uuid NOT NULL,
        kind       text NOT NULL,
        starts_at  timestamptz NOT NULL
    )
    """,
    "CREATE INDEX known_session_by_city ON known_session (city_id, starts_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("initiative", "known_session"):
        leave_open(op, "campaigns", table)


def downgrade() -> None:
    op.execute("DROP TABLE known_session")
    op.execute("DROP TABLE initiative")
