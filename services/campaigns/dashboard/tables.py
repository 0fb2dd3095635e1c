"""What a city sees, added up: by day, by shop, and how many were active. Rebuilt from the facts at any time.

Triggers on `contribution`, `following` and `visit_day` (migration "dashboard") append a step for whatever
makes a fact count, or no longer, in the transaction that does it; a worker adds the steps up
(`counting.py`). A scope is a city with all that is done in it, or a campaign in all of its cities.
"""

from sqlalchemy import BigInteger, Column, Date, Table, Text, Uuid

from services.campaigns.metadata import metadata

dashboard_step = Table(
    "dashboard_step",
    metadata,
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid),
    Column("merchant_id", Uuid),
    Column("contributor_id", Uuid),  # of what makes somebody an active ambassador
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),  # of the posting, in Brussels
    Column("step", BigInteger, nullable=False),
)

dashboard_day = Table(
    "dashboard_day",
    metadata,
    Column("scope_id", Uuid, primary_key=True),
    Column("city_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("counted", BigInteger, nullable=False),
)

dashboard_shop = Table(
    "dashboard_shop",
    metadata,
    Column("scope_id", Uuid, primary_key=True),
    Column("merchant_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("counted", BigInteger, nullable=False),
)

# Of whom what counts, so that each is counted once among the active of a week, and of all weeks (EVER).
dashboard_ambassador = Table(
    "dashboard_ambassador",
    metadata,
    Column("scope_id", Uuid, primary_key=True),
    Column("contributor_id", Uuid, primary_key=True),
    Column("week", Date, primary_key=True),  # its Monday
    Column("counted", BigInteger, nullable=False),
)

dashboard_active = Table(
    "dashboard_active",
    metadata,
    Column("scope_id", Uuid, primary_key=True),
    Column("week", Date, primary_key=True),
    Column("ambassadors", BigInteger, nullable=False),
)
