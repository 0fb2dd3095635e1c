"""Visits by ambassadors' links among a merchant's figures: the sums they are made of, for each slot."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for slot in ("blue", "green"):
        op.execute(f"""
            CREATE TABLE audience_visits_{slot} (
                merchant_id  uuid NOT NULL,
                count_id     uuid NOT NULL,
                city_id      uuid NOT NULL,
                day          date NOT NULL,
                visits       bigint NOT NULL,
                version      integer NOT NULL,
                PRIMARY KEY (merchant_id, count_id)
            )
        """)


def downgrade() -> None:
    for slot in ("blue", "green"):
        op.execute(f"DROP TABLE audience_visits_{slot}")
