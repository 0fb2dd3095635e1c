"""A second wall, in the database: what is read for somebody holds rows of their cities alone.

Who may see what is asked by the route (`chassis/access.py`). A query that forgets its WHERE passes there all
the same; so reads on behalf of a city run under a role of its own (`Database.scoped`), to which row-level
security shows the rows of the named cities, and nothing where none is named. The service's own role owns the
tables and is not held by the policies: writing is as quick as without them.
(PostgreSQL manual, "Row Security Policies".)
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from sqlalchemy import text

CITIES = "cococity.cities"
"""The setting of a transaction that names the cities, with commas between."""
IN_SCOPE = f"city_id = ANY (string_to_array(current_setting('{CITIES}', true), ',')::uuid[])"
"""Of a row with a city. Without the setting it is NULL: no row is shown."""
POLICY = "in_scope"

# One statement for both, so that scoping costs one round trip; each ends with the transaction.
ENTER = text(f"SELECT set_config('role', :role, true), set_config('{CITIES}', :cities, true)")


class Migration(Protocol):
    """Alembic's `op`, as far as it is needed here."""

    def execute(self, sqltext: str) -> None: ...


def scoped_role(service: str) -> str:
    """The role that reads for people; made by the deploy step, with no right but those given below."""
    return f"{service}_scoped"


def listed(cities: Collection[UUID]) -> str:
    """Cities as the setting takes them."""
    return ",".join(sorted(map(str, cities)))


def protect(op: Migration, service: str, table: str, shown: str = IN_SCOPE) -> None:
    """The scoped role reads the rows of `table` for which `shown` holds; it writes nothing."""
    role = scoped_role(service)
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f'CREATE POLICY {POLICY} ON {table} FOR SELECT TO "{role}" USING ({shown})')
    op.execute(f'GRANT SELECT ON {table} TO "{role}"')


def leave_open(op: Migration, service: str, table: str) -> None:
    """The scoped role reads all of `table`: it says nothing about a person."""
    op.execute(f'GRANT SELECT ON {table} TO "{scoped_role(service)}"')
