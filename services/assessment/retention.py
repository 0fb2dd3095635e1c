"""How long the assessment keeps what is over."""

from datetime import timedelta

from chassis import limits
from chassis.retention import Rule, emptied, older
from services.assessment.assessments.tables import assessments
from services.assessment.drafts.tables import drafts
from services.assessment.drafts.use_cases import KEPT as DRAFTS_KEPT

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
    Rule(
        "answers that were not handed in",
        "drafts",
        DRAFTS_KEPT,
        "they were saved",
        "going on with them later, without an account",
        older(drafts.c.saved_at, DRAFTS_KEPT),
    ),
    *limits.RULES,
)
KEPT = {
    "assessments": "later ones are compared with it; deleted with a shop that is closed with its owner",
    "merchants": "what the directory says of the shop: which there are; about nobody",
}
"""Tables, or what a rule leaves in them, without a period, and why."""
