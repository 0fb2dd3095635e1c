"""A tenth of the merchants, by lot, with a search index of their own: words of very many need no more."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE INDEX merchant_search_by_lot ON merchant USING gin (city_id, search_text gin_trgm_ops)
         WHERE NOT closed AND get_byte(uuid_send(id), 15) < 26
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX merchant_search_by_lot")
