"""How long campaigns keeps what is over."""

from datetime import timedelta

from chassis.retention import Rule, emptied
from services.campaigns.lifecycle.tables import campaign_change

NAMED_FOR = timedelta(days=3 * 365)
"""A city accounts for a year's campaigns in the year after, and may be asked in the one after that."""

RULES = (
    Rule(
        "who planned, started or ended a campaign",
        "campaign_change",
        NAMED_FOR,
        "they did",
        "the city's officers answer for it",
        emptied(campaign_change.c.person_id, campaign_change.c.at, NAMED_FOR),
    ),
)
_COUNTS = "a shop's audience stays what it was; of nobody once the pseudonym is deleted"
_PLACES = "what the directory says of places, as long as it does; about nobody"
KEPT = {
    "contributor": "one review for each person, and their own to withdraw; deleted with the person",
    "contribution": _COUNTS,
    "review": "until it is withdrawn: then its text goes at once",
    "share": _COUNTS,
    "enrolment": _COUNTS,
    "share_link": "a code that hangs somewhere is never given again; of nobody once the pseudonym is deleted",
    "campaign": "the city's record; about nobody",
    "campaign_change": "the same, without who did it",
    "campaign_tally": _COUNTS,
    "goal_reached": "the city's record; about nobody",
    "opt_out": "as long as the shop wishes; deleted when it takes part again, and with a shop that is erased",
    "known_city": _PLACES,
    "known_district": _PLACES,
    "known_merchant": _PLACES,
}
"""Tables, or what a rule leaves in them, without a period, and why."""
