"""Merchants are searched by trigrams of their folded text, and by their place."""

from uuid import UUID

from alembic import op
from sqlalchemy import text

from services.directory.merchants.details import Details
from services.directory.search.text import search_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000
_PAGE = text("""
    SELECT id, kind, name, street, place FROM merchant WHERE id > :after ORDER BY id LIMIT :at_once
""")
_WRITE = text("UPDATE merchant SET search_text = :found WHERE id = :row_id")
_INDEXES = (
    # Both are trusted: a database's owner may create them. `btree_gin` puts the city into the same index.
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    """
    CREATE INDEX merchant_search ON merchant USING gin (city_id, search_text gin_trgm_ops)
        WHERE NOT closed
    """,
    "CREATE INDEX merchant_point ON merchant USING gist (point(longitude, latitude)) WHERE NOT closed",
)


def upgrade() -> None:
    op.execute("ALTER TABLE merchant ADD COLUMN search_text text NOT NULL DEFAULT ''")
    _fill()
    for statement in _INDEXES:
        op.execute(statement)


def _fill() -> None:
    connection, after = op.get_bind(), UUID(int=0)
    while rows := connection.execute(_PAGE, {"after": after, "at_once": _AT_ONCE}).all():
        found = [
            {"row_id": row.id, "found": search_text(_details(row.kind, row.name, row.street, row.place))}
            for row in rows
        ]
        connection.execute(_WRITE, found)
        after = rows[-1].id


def _details(kind: str, name: str | None, street: str | None, place: str | None) -> Details:
    return Details(kind=kind, longitude=0, latitude=0, name=name, street=street, place=place)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
