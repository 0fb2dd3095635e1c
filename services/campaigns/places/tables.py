"""What is known of the directory's cities, districts and merchants, from its events alone."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.campaigns.metadata import metadata

known_city = Table(
    "known_city",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("nis_code", Text, nullable=False),
)

known_district = Table(
    "known_district",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("polygon", JSONB, nullable=False),
    Column("removed", Boolean, nullable=False),
)

# Without a setting it is only known to have closed: that news overtook the listing.
known_merchant = Table(
    "known_merchant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("setting_version", BigInteger),
    Column("kind", Text),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("district_ids", ARRAY(Uuid)),
    Column("closed_version", BigInteger),
    # Campaigns, or its city for all of them; kept by `opt_outs`, which is its source. Here, because every
    # post holds this row.
    Column("opted_out_of", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    CheckConstraint(
        "num_nulls(setting_version, kind, longitude, latitude, district_ids) IN (0, 5)",
        name="setting_is_whole",
    ),
    CheckConstraint("num_nonnulls(setting_version, closed_version) > 0", name="something_is_known"),
    Index("known_merchant_by_city", "city_id", "id"),
)
