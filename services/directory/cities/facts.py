"""What a city's dated codes tell: the first that it joined, each later one that its commune merged."""

from datetime import date
from uuid import UUID

from contracts.directory.v1 import CityJoined, CommuneMerged


def named(
    city_id: UUID, version: int, nis_code: str, since: date, previous: str | None = None
) -> CityJoined | CommuneMerged:
    """The fact of one code; `previous` is the code before it, None for the first."""
    if previous is None:
        return CityJoined(city_id=city_id, nis_code=nis_code, version=version)
    return CommuneMerged(
        city_id=city_id, version=version, nis_code=nis_code, previous_nis_code=previous, merged_on=since
    )
