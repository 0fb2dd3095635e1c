"""Who took which file of what."""

from sqlalchemy import Column, Date, DateTime, Index, Table, Text, Uuid

from services.campaigns.metadata import metadata

export = Table(
    "export",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid),  # none: of all that is done in the city
    Column("dataset", Text, nullable=False),
    Column("since", Date),
    Column("until", Date),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),  # none once they were erased, or after three years
    Index("export_by_city", "city_id", "id"),
)
