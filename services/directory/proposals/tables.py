"""Shops that are proposed to be listed."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid

from services.directory.cities.tables import city
from services.directory.merchants.tables import merchant
from services.directory.metadata import metadata

# Of nobody: whoever proposes has no account. What is said of the shop is seen by its city's officers alone,
# and deleted once they decided: what a listed shop is called is in its own row, of others nothing is kept.
merchant_proposal = Table(
    "merchant_proposal",
    metadata,
    # Chosen by the service that brings it, so that bringing it twice is bringing it once.
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("name", Text),
    Column("street", Text),
    Column("house_number", Text),
    Column("postcode", Text),
    Column("kind", Text),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id)),
    Column("reason", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid),
    CheckConstraint(
        "(state = 'proposed') = (decided_at IS NULL)"
        " AND (state = 'accepted') = (merchant_id IS NOT NULL)"
        " AND (state = 'refused') = (reason IS NOT NULL)",
        name="merchant_proposal_decided",
    ),
)
Index(
    "merchant_proposal_city_page",
    merchant_proposal.c.city_id,
    merchant_proposal.c.state,
    merchant_proposal.c.id,
)
