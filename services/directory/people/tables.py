"""Persons and what they may do. Names and addresses of persons lie here and nowhere else."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid

from services.directory.cities.tables import city, district
from services.directory.merchants.tables import merchant
from services.directory.metadata import metadata

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    # None for somebody who signed in and has not said yet what to be called.
    Column("display_name", Text),
    # In its one form (addresses.py): it is how a person is known.
    Column("email", Text, nullable=False, unique=True),
    Column("language", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # Which person of the demonstration this is; none for everybody else.
    Column("demo_name", Text, unique=True),
    # The last use of sessions that are forgotten since; later ones tell it themselves (unused.py).
    Column("last_used_at", DateTime(timezone=True)),
    # When the person was written that their account goes, unless they use it.
    Column("warned_at", DateTime(timezone=True)),
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey(person.c.id), nullable=False),
    Column("role", Text, nullable=False),
    Column("city_id", Uuid, ForeignKey(city.c.id)),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id)),
    Column("district_id", Uuid, ForeignKey(district.c.id)),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint(
        "person_id",
        "role",
        "city_id",
        "merchant_id",
        "district_id",
        name="role_grant_once",
        postgresql_nulls_not_distinct=True,
    ),
)
Index(
    "role_grant_merchant_id", role_grant.c.merchant_id, postgresql_where=role_grant.c.merchant_id.is_not(None)
)
