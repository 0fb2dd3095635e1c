"""Run by the deploy step; see chassis.migrations."""

from chassis.migrations import run_environment
from services.campaigns.tables import metadata

run_environment(metadata)
