"""Alembic's way in; the chassis knows the rest."""

from chassis.migrations import run_environment

run_environment()
