"""Where this service declares its tables."""

from sqlalchemy import MetaData

metadata = MetaData()
