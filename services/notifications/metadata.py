"""What the tables of this service are declared in; schema.py has them all."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
