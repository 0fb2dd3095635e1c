"""How long the assessment keeps what is over."""

from datetime import timedelta

from chassis import limits
from chassis.retention import Rule, emptied, older
from services.assessment.assessments import attaching
from services.assessment.assessments.tables import assessments, form_secrets
from services.assessment.coaching.tables import coaching_groups
from services.assessment.drafts.tables import drafts
from services.assessment.drafts.use_cases import KEPT as DRAFTS_KEPT
from services.assessment.requests.tables import training_requests
from services.assessment.sessions import registrations as registering
from services.assessment.sessions.tables import registrations, sessions

NAMED_FOR = timedelta(days=3 * 365)
"""Somebody who doubts an assessment has noticed by then: the next one is compared with it."""
CODE_KEPT = timedelta(days=1)
"""A consultant still looks at yesterday's session; then another may have its code."""

REQUEST_FOR = timedelta(days=2 * 365)
"""Who was not called by then is asked anew: nobody remembers an older consent."""

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
    Rule(
        "secrets to give a form to a shop with",
        "form_secrets",
        attaching.KEPT,
        "the form was handed in",
        "somebody who has no account yet claims their shop; used ones go at once",
        older(form_secrets.c.made_at, attaching.KEPT),
    ),
    Rule(
        "join codes",
        "sessions",
        CODE_KEPT,
        "the session ended",
        "people in the room find its form; another session may have the code",
        emptied(sessions.c.join_code, sessions.c.ends_at, CODE_KEPT),
    ),
    Rule(
        "a request for a training or a visit, with the consent",
        "training_requests",
        REQUEST_FOR,
        "it was made",
        "somebody may still call; asked for again, it is a new one",
        older(training_requests.c.requested_at, REQUEST_FOR),
    ),
    Rule(
        "registrations for sessions",
        "registrations",
        registering.KEPT,
        "the session ended",
        "seats, and who came; last year's are invited to what follows",
        older(
            sessions.c.ends_at,
            registering.KEPT,
            registrations.c.session_id == sessions.c.id,
            of=registrations,
        ),
    ),
    Rule(
        "coaching groups, with who had a seat in them",
        "coaching_groups",
        REQUEST_FOR,
        "they ended",
        "as long as what was asked for",
        older(coaching_groups.c.ends_at, REQUEST_FOR),
    ),
    *limits.RULES,
)
REPORTED = "sums over five persons or more; about nobody"
KEPT = {
    "assessments": "later ones are compared with it; deleted with a shop that is closed with its owner",
    "sessions": "the city's record; about nobody",
    "declared_done": "later assessments are compared with it; deleted with its assessment",
    "reassessments_due": "each reminder is told once, for ever; deleted with its assessment",
    "report_blocks": REPORTED,
    "report_figures": REPORTED,
    "progress_blocks": REPORTED,
    "report_left_out": "which sessions and months are in no report; about nobody",
    "progress_members": "which assessments are added up already; about nobody once they are erased",
    "report_members": "which assessments are in a group; an erased one leaves it with four others",
    "programmes": "the city's record; about nobody",
    "programme_towns": "the city's record; about nobody",
    "live_figures": "of five forms at least, and made anew with five more: so while it is kept; about nobody",
    "merchants": "what the directory says of the shop: which there are; about nobody",
    "coaching_seats": "with the group, or with the request",
    "draft_proposals": "with the draft it belongs to",
    "merchant_places": "what the directory says of the shop: where it is",
    "cities": "which take part; about nobody",
    "listed_kinds": "what the directory says of the shop: of which kind; about nobody",
}
"""Tables, or what a rule leaves in them, without a period, and why."""
