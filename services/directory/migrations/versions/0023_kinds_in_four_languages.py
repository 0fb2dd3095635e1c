"""Merchants are found by the names of their kind in four languages: the texts that are searched, anew."""

from typing import Any
from uuid import UUID

from alembic import op
from sqlalchemy import Row, text

from services.directory.merchants.details import Details
from services.directory.search.text import search_text

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000
_PAGE = text("""
    SELECT id, kind, name, names, street, place, search_text FROM merchant
     WHERE id > :after ORDER BY id LIMIT :at_once
""")
_WRITE = text("UPDATE merchant SET search_text = :found WHERE id = :row_id")


def upgrade() -> None:
    connection, after = op.get_bind(), UUID(int=0)
    while rows := connection.execute(_PAGE, {"after": after, "at_once": _AT_ONCE}).all():
        texts = ((row.id, row.search_text, search_text(_details(row))) for row in rows)
        changed = [{"row_id": row_id, "found": new} for row_id, old, new in texts if new != old]
        if changed:
            connection.execute(_WRITE, changed)
        after = rows[-1].id


def _details(row: Row[Any]) -> Details:
    return Details(row.kind, 0, 0, name=row.name, names=row.names, street=row.street, place=row.place)


def downgrade() -> None:
    """Older code finds merchants by the new texts, too."""
