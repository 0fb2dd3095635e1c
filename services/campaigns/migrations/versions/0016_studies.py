"""Whether a campaign worked: its analysis plan, whom it compares, and what is counted of shops."""

from alembic import op

from chassis.row_security import protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE study_plan (
        campaign_id              uuid CONSTRAINT study_plan_pkey PRIMARY KEY
                                 CONSTRAINT study_plan_campaign_id_fkey REFERENCES campaign (id),
        city_id                  uuid NOT NULL,
        outcomes                 text[] NOT NULL,
        comparison_district_ids  uuid[] NOT NULL,
        weeks_before             integer NOT NULL,
        weeks_after              integer NOT NULL,
        least_merchants          integer NOT NULL,
        least_counted            integer NOT NULL,
        worth_percent            integer NOT NULL,
        version                  integer NOT NULL
    )
    """,
    """
    CREATE TABLE study_member (
        campaign_id  uuid NOT NULL CONSTRAINT study_member_campaign_id_fkey REFERENCES campaign (id),
        merchant_id  uuid NOT NULL,
        city_id      uuid NOT NULL,
        treated      boolean NOT NULL,
        unit         text NOT NULL,
        CONSTRAINT study_member_pkey PRIMARY KEY (campaign_id, merchant_id)
    )
    """,
    "CREATE INDEX study_member_by_merchant ON study_member (merchant_id)",
    """
    CREATE TABLE outcome_fact (
        kind         text NOT NULL,
        thing_id     uuid NOT NULL,
        day          date NOT NULL,
        city_id      uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        counted      integer NOT NULL,
        CONSTRAINT outcome_fact_pkey PRIMARY KEY (kind, thing_id, day),
        CONSTRAINT outcome_fact_kind_check
            CHECK (kind IN ('claim', 'assessment', 'training-request', 'told'))
    )
    """,
    "CREATE INDEX outcome_fact_by_merchant ON outcome_fact (merchant_id, kind, day)",
    "CREATE INDEX outcome_fact_by_day ON outcome_fact (day)",
    "CREATE TABLE erased_merchant (merchant_id uuid CONSTRAINT erased_merchant_pkey PRIMARY KEY)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("study_plan", "study_member", "outcome_fact"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("plans that were fixed beforehand would be lost: restore a backup instead")
