"""Alembic's way in; the chassis knows the rest."""

from chassis.migrations import run_environment
from services.directory.cities import tables as _cities  # noqa: F401  fills the metadata
from services.directory.merchants import tables as _merchants  # noqa: F401
from services.directory.metadata import metadata
from services.directory.people import tables as _people  # noqa: F401

run_environment(metadata)
