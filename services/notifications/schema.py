"""All tables of this service: importing this fills the metadata that Alembic compares with."""

from services.notifications.advice import tables as _advice  # noqa: F401
from services.notifications.audience import slots as _audience  # noqa: F401
from services.notifications.delivery import tables as _delivery  # noqa: F401
from services.notifications.feed import tables as _feed  # noqa: F401
from services.notifications.merchants import tables as _merchants  # noqa: F401
from services.notifications.metadata import metadata
from services.notifications.milestones import tables as _milestones  # noqa: F401

__all__ = ["metadata"]
