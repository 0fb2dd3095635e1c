"""What exports know about a person: which files they took."""

from chassis.personal_data import cut
from services.campaigns.exports.tables import export

HOLDINGS = (
    cut(
        "files taken of what is done in a city",
        export.c.person_id,
        export.c.dataset,
        export.c.city_id,
        export.c.campaign_id,
        export.c.at,
    ),
)
