"""How long campaigns keeps what is over."""

from datetime import datetime, timedelta

from sqlalchemy import text

from chassis import limits
from chassis.database import Transaction
from chassis.retention import Rule, emptied, of_older_things, older
from services.campaigns.connections.tables import connection_request
from services.campaigns.connections.use_cases import REQUEST_FOR
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere.tables import noted_count_version, seen_post_change
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.exports.tables import export
from services.campaigns.handed_in.tables import post_report, suggestion
from services.campaigns.initiatives.tables import initiative
from services.campaigns.lifecycle.tables import campaign, campaign_change
from services.campaigns.moderation.tables import moderation_case, report
from services.campaigns.points.tables import leaderboard_name
from services.campaigns.profiles.tables import merchant_profile
from services.campaigns.screening import fingerprint, origin
from services.campaigns.screening.tables import sighting, sighting_salt, text_fingerprint
from services.campaigns.study.tables import outcome_fact
from services.campaigns.webhooks import queue as webhook_queue
from services.campaigns.webhooks.tables import webhook_message
from services.campaigns.webmentions.tables import webmention

NAMED_FOR = timedelta(days=3 * 365)
"""A city accounts for a year's campaigns in the year after, and may be asked in the one after that."""
TELLING_APART = timedelta(days=1)
"""Visits of the last minutes of a day are written down when it is over."""


async def _forget_sketches(tx: Transaction, now: datetime, most: int) -> int:
    before = brussels_day(now - TELLING_APART)
    return (await tx.execute(_FORGET_SKETCHES, {"before": before, "rows": most})).rowcount


async def _forget_salts(tx: Transaction, now: datetime, _most: int) -> int:
    """By whole days, in one statement."""
    return (await tx.execute(_FORGET_SALTS, {"before": brussels_day(now - TELLING_APART)})).rowcount


async def _forget_visits(tx: Transaction, now: datetime, most: int) -> int:
    return (
        await tx.execute(_FORGET_VISITS, {"before": brussels_day(now - NAMED_FOR), "rows": most})
    ).rowcount


_FORGET_SKETCHES = text("""
    UPDATE visit_day SET sketch = NULL WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM visit_day WHERE day < :before AND sketch IS NOT NULL
        LIMIT :rows FOR UPDATE SKIP LOCKED))
""")
_FORGET_SALTS = text("DELETE FROM visit_salt WHERE day < :before")
_FORGET_VISITS = text("""
    DELETE FROM visit_day WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM visit_day WHERE day < :before LIMIT :rows FOR UPDATE SKIP LOCKED))
""")
_ONE_DAY = "visitors are told apart for one day and one thing alone"

UNDECIDED_FOR = timedelta(days=90)
"""Whoever was not answered by then need not be remembered by what they said of themselves."""
REPORTS_FOR = timedelta(days=365)
"""Two times six months: an appeal at the last moment is decided with what was said at first."""
SUGGESTED_FOR = timedelta(weeks=14)
"""Twelve weeks' rest (`suggestions/pacing.yaml`), and some days over."""
MENTIONED_FOR = timedelta(days=30)
LISTED_FOR = timedelta(days=90)
"""So long a town still talks of its campaign."""

RULES = (
    Rule("salts of visitors", "visit_salt", TELLING_APART, "the day was over", _ONE_DAY, _forget_salts),
    Rule("sketches of visitors", "visit_day", TELLING_APART, "the day was over", _ONE_DAY, _forget_sketches),
    Rule(
        "visits by day",
        "visit_day",
        NAMED_FOR,
        "that day",
        "a campaign is compared with the same time of the years before",
        _forget_visits,
    ),
    Rule(
        "who planned, started or ended a campaign",
        "campaign_change",
        NAMED_FOR,
        "they did",
        "the city's officers answer for it",
        emptied(campaign_change.c.person_id, campaign_change.c.at, NAMED_FOR),
    ),
    Rule(
        "who took a file of what is done in a city",
        "export",
        NAMED_FOR,
        "they took it",
        "the city answers for what it gave away",
        emptied(export.c.person_id, export.c.at, NAMED_FOR),
    ),
    Rule(
        "names on a campaign's leaderboard",
        "leaderboard_name",
        LISTED_FOR,
        "the campaign ended",
        "the winners are talked of for some weeks; the points stay, under no name",
        older(
            campaign.c.ended_at,
            LISTED_FOR,
            leaderboard_name.c.campaign_id == campaign.c.id,
            of=leaderboard_name,
        ),
    ),
    Rule(
        "what somebody who asked to join said of themselves, without a decision",
        "enrolment",
        UNDECIDED_FOR,
        "they asked",
        "for the officer who decides; with the decision it is deleted at once",
        emptied(enrolment.c.introduction, enrolment.c.enrolled_at, UNDECIDED_FOR),
    ),
    Rule(
        "who is responsible for an initiative in the register",
        "initiative",
        NAMED_FOR,
        "it was last changed",
        "the register goes on; whom to ask is known for as long as somebody would",
        emptied(initiative.c.responsible, initiative.c.changed_at, NAMED_FOR),
    ),
    Rule(
        "which officer decided who joins",
        "enrolment",
        NAMED_FOR,
        "they asked",
        "the city's officers answer for it",
        emptied(enrolment.c.decided_by, enrolment.c.enrolled_at, NAMED_FOR),
    ),
    Rule(
        "who stated a shop's profile elsewhere",
        "merchant_profile",
        NAMED_FOR,
        "somebody last looked at it",
        "whoever stated it can be asked about it",
        emptied(merchant_profile.c.person_id, merchant_profile.c.checked_at, NAMED_FOR),
    ),
    Rule(
        "what was written to report a post elsewhere",
        "post_report",
        REPORTS_FOR,
        "it was reported",
        "it may be asked about as long as other reports",
        emptied(post_report.c.text, post_report.c.at, REPORTS_FOR),
    ),
    Rule(
        "which shops somebody was suggested to write about elsewhere",
        "suggestion",
        SUGGESTED_FOR,
        "the week began",
        "nobody hears of the same shop twice in twelve weeks",
        older(suggestion.c.week, SUGGESTED_FOR),
    ),
    Rule(
        "which officer took down what was seen elsewhere",
        "seen_post_change",
        NAMED_FOR,
        "they did",
        "the city's officers answer for it",
        emptied(seen_post_change.c.person_id, seen_post_change.c.at, NAMED_FOR),
    ),
    Rule(
        "who noted a count of a shop elsewhere",
        "noted_count_version",
        NAMED_FOR,
        "they did",
        "whoever noted it can be asked about it",
        emptied(noted_count_version.c.person_id, noted_count_version.c.at, NAMED_FOR),
    ),
    Rule(
        "pages that do not mention a shop, or no more",
        "webmention",
        MENTIONED_FOR,
        "they were sent",
        "officers see what came of it",
        older(webmention.c.received_at, MENTIONED_FOR, webmention.c.state.in_(["refused", "gone"])),
    ),
    Rule(
        "requests to connect an account elsewhere",
        "connection_request",
        REQUEST_FOR,
        "they were made",
        "somebody is on their way through the platform",
        older(connection_request.c.asked_at, REQUEST_FOR),
    ),
    Rule(
        "what happened to a shop, for studies",
        "outcome_fact",
        NAMED_FOR,
        "it happened",
        "a campaign lasts a year at most, and is compared with the year before and the year from its start",
        older(outcome_fact.c.day, NAMED_FOR),
    ),
    Rule(
        "from which device and network somebody wrote, as hashes",
        "sighting",
        origin.KEPT,
        "it was seen",
        "one device or network of many people is noticed",
        older(sighting.c.seen_on, origin.KEPT),
    ),
    Rule(
        "salts of these hashes",
        "sighting_salt",
        2 * origin.KEPT,
        "the first of its 30 days",
        "hashes of the same 30 days can be compared",
        older(sighting_salt.c.began_on, 2 * origin.KEPT),
    ),
    Rule(
        "numbers by which a text's copies are found",
        "text_fingerprint",
        fingerprint.KEPT,
        "the text was posted",
        "copies of it are found; gone earlier where the text is withdrawn, changed or erased",
        of_older_things(text_fingerprint.c.contribution_id, fingerprint.KEPT),
    ),
    Rule(
        "what reporters wrote",
        "report",
        REPORTS_FOR,
        "they reported",
        "it can be appealed against for six months, and be held against the decision",
        emptied(report.c.text, report.c.at, REPORTS_FOR),
    ),
    Rule(
        "what was written to appeal",
        "moderation_case",
        REPORTS_FOR,
        "they appealed",
        "the same",
        emptied(moderation_case.c.appeal_text, moderation_case.c.opened_at, REPORTS_FOR),
    ),
    Rule(
        "what cities' own systems were told",
        "webhook_message",
        webhook_queue.KEPT,
        "it happened",
        "what did not arrive is sent again",
        older(webhook_message.c.at, webhook_queue.KEPT),
    ),
    *limits.RULES,
)
_COUNTS = "a shop's audience stays what it was; of nobody once the pseudonym is deleted"
_POINTS = "an account shows what it is made of; of nobody once the pseudonym is deleted"
_PLACES = "what the directory says of places, as long as it does; about nobody"
_WITH_THE_MESSAGE = "with the message: a month"
KEPT = {
    "webhook_endpoint": "until the city removes it; the officer who registered it until erased",
    "webhook_delivery": _WITH_THE_MESSAGE,
    "webhook_attempt": _WITH_THE_MESSAGE,
    "contributor": "one review for each person, and their own to withdraw; deleted with the person",
    "contribution": _COUNTS,
    "review": "until it is withdrawn: then its text goes at once",
    "review_version": "with the review: its texts go when that is withdrawn",
    "answer": "until the shop removes it, or the review is withdrawn: then its text goes at once",
    "share": _COUNTS,
    "photo": "until it is withdrawn: then its author's name goes at once",
    "video": "until it is withdrawn: then its address goes at once",
    "picture": "until it is withdrawn or its author erased: it goes at once, its files within a minute",
    "stored_file": "as long as a picture shows it; a quarter of an hour where none does",
    "standing_change": "why it is public or not; the officer who decided answers for it, until erased",
    "enrolment": _COUNTS,
    "following": _COUNTS,
    "share_link": "a code that hangs somewhere is never given again; of nobody once the pseudonym is deleted",
    "moderation_case": "what was decided in which case; names an officer for a quarter of an hour",
    "moderation_decision": "a city answers for its decisions; the officer who decided until erased",
    "report": "which decisions were asked for; of nobody once the pseudonym is deleted",
    "moderation_deputy": "until another city is named; about nobody",
    "moderation_wait": "the city's record of how long its decisions took; about nobody",
    "deed": _POINTS,
    "ambassador_week": _POINTS,
    "correction_receipt": _POINTS,
    "point_entry": _POINTS,
    "point_balance": _POINTS,
    "campaign_game": "whether badges and a leaderboard are on; about nobody",
    "export": "that a file was taken, and of what; about nobody once it does not say by whom",
    "open_data_month": "what was published stays published; about nobody",
    "campaign": "the city's record; about nobody",
    "campaign_change": "the same, without who did it",
    "initiative": "a city's public register, without who was responsible; officers take entries out",
    "known_session": "which sessions were held; about nobody",
    "campaign_city": "the cities' record; about nobody",
    "declared_tie": "so that no shop is praised by its own; deleted with the person",
    "dashboard_step": "until it is added up: a second",
    "dashboard_day": _COUNTS,
    "dashboard_shop": _COUNTS,
    "dashboard_ambassador": _COUNTS,
    "dashboard_active": _COUNTS,
    "goal_reached": "the city's record; about nobody",
    "study_plan": "the city's record; about nobody",
    "study_member": "the same: which shops were compared; deleted with a shop that is erased",
    "erased_merchant": "so that nothing that comes late brings the shop's figures back",
    "opt_out": "as long as the shop wishes; deleted when it takes part again, and with a shop that is erased",
    "hand_in": "one hand-in for each person and post; of nobody once the pseudonym is deleted",
    "post_report": "which decisions were asked for; of nobody once the pseudonym is deleted",
    "merchant_profile": "until somebody takes it out; deleted with a shop that is erased",
    "seen_post": "its address alone once it is shown no more; deleted with a shop that is erased",
    "seen_post_change": "since when it is shown, or is not; the same",
    "noted_count": "a series is read over years; deleted with a shop that is erased",
    "noted_count_version": "what was noted before it was corrected; the same",
    "connection": "until the shop takes it back, is erased or closes; its token is deleted then",
    "webmention": "as long as the page mentions the shop; deleted with a shop that is erased",
    "watched_source": "until an officer removes it; about nobody",
    "watched_item": "as long as its source shows it and is watched: addresses of what is shown",
    "known_city": _PLACES,
    "known_district": _PLACES,
    "known_merchant": _PLACES,
}
"""Tables, or what a rule leaves in them, without a period, and why."""
