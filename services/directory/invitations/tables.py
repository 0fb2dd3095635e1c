"""Invitations to a role. An answered one keeps no address, and of a token only its hash is ever here."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from services.directory.cities.tables import city, district
from services.directory.merchants.tables import merchant
from services.directory.metadata import metadata

invitation = Table(
    "role_invitation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    Column("city_id", Uuid, ForeignKey(city.c.id)),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id)),
    Column("district_id", Uuid, ForeignKey(district.c.id)),
    # Persons are no foreign keys: an invitation outlives neither right nor reason by the row of its sender.
    # None sent that of the first operator.
    Column("invited_by", Uuid),
    # Who loses the role to whoever accepts; none where it is given in addition.
    Column("handed_over_by", Uuid),
    Column("email", Text),
    Column("language", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("accepted_by", Uuid),
)
# One address has one open invitation to one role.
Index(
    "role_invitation_once",
    *(
        invitation.c[name]
        for name in ("email", "role", "city_id", "merchant_id", "district_id", "handed_over_by")
    ),
    unique=True,
    postgresql_where=invitation.c.state == "open",
    postgresql_nulls_not_distinct=True,
)
Index("role_invitation_city_id", invitation.c.city_id, invitation.c.id)
Index("role_invitation_invited_by", invitation.c.invited_by, invitation.c.created_at)
