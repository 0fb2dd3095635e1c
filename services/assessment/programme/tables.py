"""Programmes, and the towns of each. About nobody."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid

from services.assessment.metadata import metadata

programmes = Table(
    "programmes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("starts_on <= ends_on", name="lasts"),
)
programme_towns = Table(
    "programme_towns",
    metadata,
    Column("programme_id", Uuid, ForeignKey("programmes.id"), primary_key=True),
    Column("city_id", Uuid, primary_key=True),
    Column("planned", Integer, nullable=False),
    CheckConstraint("planned >= 0", name="planned"),
    Index("programme_towns_by_city", "city_id"),
)
