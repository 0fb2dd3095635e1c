"""How long the assessment keeps what is over."""

from datetime import timedelta

from chassis.retention import Rule, emptied
from services.assessment.assessments.tables import assessments

NAMED_FOR = timedelta(days=3 * 365)
"""Somebody who doubts an assessment has noticed by then: the next one is compared with it."""

RULES = (
    Rule(
        "who handed an assessment in",
        "assessments",
        NAMED_FOR,
        "it was handed in",
        "the owner or consultant answers for what was said",
        emptied(assessments.c.completed_by, assessments.c.completed_at, NAMED_FOR),
    ),
)
KEPT = {
    "assessments": "later ones are compared with it; deleted with a shop that is closed with its owner",
    "merchants": "what the directory says of the shop: which there are; about nobody",
}
"""Tables, or what a rule leaves in them, without a period, and why."""
