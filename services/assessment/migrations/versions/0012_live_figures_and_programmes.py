"""What is shown of a session while forms come in; programmes of sessions over towns."""

from alembic import op

from chassis.row_security import leave_open

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE live_figures (
        session_id  uuid NOT NULL PRIMARY KEY REFERENCES sessions (id),
        city_id     uuid NOT NULL,
        forms       integer NOT NULL,
        mean        smallint NOT NULL,
        tenths      integer[] NOT NULL
    )
    """,
    """
    CREATE TABLE programmes (
        id         uuid NOT NULL PRIMARY KEY,
        name       text NOT NULL,
        starts_on  date NOT NULL,
        ends_on    date NOT NULL,
        version    integer NOT NULL,
        CONSTRAINT lasts CHECK (starts_on <= ends_on)
    )
    """,
    """
    CREATE TABLE programme_towns (
        programme_id  uuid NOT NULL REFERENCES programmes (id),
        city_id       uuid NOT NULL,
        planned       integer NOT NULL CONSTRAINT planned CHECK (planned >= 0),
        PRIMARY KEY (programme_id, city_id)
    )
    """,
    "CREATE INDEX programme_towns_by_city ON programme_towns (city_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    leave_open(op, "assessment", "programmes")
    leave_open(op, "assessment", "programme_towns")


def downgrade() -> None:
    raise NotImplementedError("programmes would be lost: restore a backup instead")
