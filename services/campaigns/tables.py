"""Every table of this service, for migrations."""

from services.campaigns import contributors
from services.campaigns.contributions import tables as contributions
from services.campaigns.enrolments import tables as enrolments
from services.campaigns.lifecycle import tables as lifecycle
from services.campaigns.places import tables as places
from services.campaigns.schema import metadata

__all__ = ["contributions", "contributors", "enrolments", "lifecycle", "metadata", "places"]
