"""What reports are made of: groups of five persons or more, and their sums."""

from alembic import op

from chassis.row_security import leave_open

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE report_blocks (
        id             uuid NOT NULL PRIMARY KEY,
        city_id        uuid NOT NULL,
        session_id     uuid,
        month          date NOT NULL,
        questionnaire  text NOT NULL,
        version        integer NOT NULL,
        bases          text[] NOT NULL,
        figures        jsonb NOT NULL
    )
    """,
    "CREATE INDEX report_blocks_by_session ON report_blocks (session_id)",
    "CREATE INDEX report_blocks_by_city"
    " ON report_blocks (city_id, questionnaire, version, month, session_id)",
    """
    CREATE TABLE report_members (
        assessment_id  uuid NOT NULL PRIMARY KEY,
        city_id        uuid NOT NULL,
        block_id       uuid NOT NULL REFERENCES report_blocks (id),
        shown_as       text NOT NULL,
        gone           boolean NOT NULL
    )
    """,
    "CREATE INDEX report_members_by_block ON report_members (block_id)",
    "CREATE INDEX report_members_gone ON report_members (block_id) WHERE gone",
    """
    CREATE TABLE report_figures (
        city_id     uuid NOT NULL,
        session_id  uuid,
        month       date NOT NULL,
        basis       text NOT NULL,
        figures     jsonb NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX report_figures_once"
    " ON report_figures (city_id, session_id, month, basis) NULLS NOT DISTINCT",
    """
    CREATE TABLE report_left_out (
        city_id        uuid NOT NULL,
        session_id     uuid,
        month          date NOT NULL,
        questionnaire  text NOT NULL,
        version        integer NOT NULL,
        closed         boolean NOT NULL,
        due            boolean NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX report_left_out_once"
    " ON report_left_out (city_id, session_id, month, questionnaire, version) NULLS NOT DISTINCT",
    "CREATE INDEX assessments_by_city_and_time ON assessments (city_id, completed_at)",
)
_READ = ("report_blocks", "report_figures", "report_left_out")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in _READ:
        leave_open(op, "assessment", table)


def downgrade() -> None:
    raise NotImplementedError("who was published together would be lost: restore a backup instead")
