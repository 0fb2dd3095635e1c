"""Alembic's way in; the chassis knows the rest."""

from chassis.migrations import run_environment
from services.notifications.schema import metadata

run_environment(metadata)
