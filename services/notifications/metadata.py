"""What the tables of this service are declared in."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
