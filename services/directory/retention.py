"""How long the directory keeps what is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text, update

from chassis import limits
from chassis.database import Transaction
from chassis.retention import Rule, emptied, older
from services.directory.claims.tables import invitation as letter
from services.directory.corrections.tables import merchant_correction
from services.directory.erasures.domain import CONFIRMED_WITHIN
from services.directory.erasures.tables import erasure
from services.directory.factors.domain import CHALLENGE_FOR, SET_UP_WITHIN
from services.directory.factors.tables import authenticator, passkey_challenge
from services.directory.identity_providers.domain import LONGEST_SIGN_IN
from services.directory.identity_providers.tables import provider_sign_in
from services.directory.imports.jobs.domain import FILE_KEPT_FOR
from services.directory.imports.jobs.domain import State as Import
from services.directory.imports.jobs.tables import import_job, import_part, import_row
from services.directory.invitations.domain import FORGOTTEN_AFTER, State
from services.directory.invitations.tables import invitation
from services.directory.people import unused
from services.directory.people.unused import UNUSED_FOR
from services.directory.proposals.tables import merchant_proposal
from services.directory.sessions.domain import ENDED_KEPT, PARALLEL
from services.directory.sessions.tables import refresh_token
from services.directory.sign_in.domain import GOOD_FOR
from services.directory.sign_in.tables import sign_in_request

ANSWERED_KEPT = timedelta(days=400)
"""A year and a month: last year's are still there to compare with."""
FILES_KEPT = timedelta(days=7)
REPORTS_KEPT = timedelta(days=90)
FIGURES_KEPT = timedelta(days=30)
PROPOSALS_KEPT = timedelta(days=90)
CORRECTIONS_KEPT = timedelta(days=365)

_AT_ONCE = timedelta(0)


async def _salts(tx: Transaction, now: datetime, _most: int) -> int:
    late = update(refresh_token).where(refresh_token.c.replaced_at < now - PARALLEL)
    return (await tx.execute(late.where(refresh_token.c.salt.is_not(None)).values(salt=None))).rowcount


# The person is told when the last of their sessions was used, before it is forgotten: an account that nobody
# uses goes by that. What somebody else has locked waits for the next round, so that nobody waits for another.
_SESSIONS = text("""
    WITH past AS (
        SELECT session.id, session.person_id, session.used_at
          FROM session JOIN person ON person.id = session.person_id
         WHERE session.ended_at <= :before OR session.expires_at <= :before
         LIMIT :most
           FOR NO KEY UPDATE SKIP LOCKED
    ), noted AS (
        UPDATE person SET last_used_at = used.at
          FROM (SELECT person_id, max(used_at) AS at FROM past GROUP BY person_id) AS used
         WHERE person.id = used.person_id AND (last_used_at < used.at OR last_used_at IS NULL)
    )
    DELETE FROM session USING past WHERE session.id = past.id
""")


async def _sessions(tx: Transaction, now: datetime, most: int) -> int:
    """Those that were ended, and those that ended by themselves; their refresh tokens go with them."""
    return (await tx.execute(_SESSIONS, {"before": now - ENDED_KEPT, "most": most})).rowcount


RULES = (
    Rule(
        "requests to sign in",
        "sign_in_request",
        GOOD_FOR,
        "they were made",
        "signing in by mail",
        older(sign_in_request.c.expires_at, _AT_ONCE),
    ),
    Rule(
        "sign-ins at a city's provider that are under way",
        "provider_sign_in",
        LONGEST_SIGN_IN,
        "they began",
        "signing in there",
        older(provider_sign_in.c.expires_at, _AT_ONCE),
    ),
    Rule(
        "sessions",
        "session",
        ENDED_KEPT,
        "they ended",
        "a person sees where they were signed in",
        _sessions,
    ),
    Rule(
        "salts of refresh tokens",
        "refresh_token",
        PARALLEL,
        "the token was replaced",
        "refreshes side by side get the same successor",
        _salts,
    ),
    Rule(
        "second factors that nobody confirmed",
        "authenticator",
        SET_UP_WITHIN,
        "they were set up",
        "setting them up",
        older(authenticator.c.set_up_at, SET_UP_WITHIN, authenticator.c.confirmed_at.is_(None)),
    ),
    *limits.RULES,
    Rule(
        "questions to a passkey",
        "passkey_challenge",
        CHALLENGE_FOR,
        "they were asked",
        "signing in by passkey",
        older(passkey_challenge.c.expires_at, _AT_ONCE),
    ),
    Rule(
        "invitations that nobody answered",
        "role_invitation",
        FORGOTTEN_AFTER,
        "they were over",
        "who invited sees what became of it",
        older(invitation.c.expires_at, FORGOTTEN_AFTER, invitation.c.state == State.OPEN.value),
    ),
    Rule(
        "invitations that were answered or withdrawn",
        "role_invitation",
        ANSWERED_KEPT,
        "they were",
        "who invited sees what became of it; the audit log remembers who gave which role",
        older(invitation.c.answered_at, ANSWERED_KEPT),
    ),
    Rule(
        "proposed shops that nobody decided about",
        "merchant_proposal",
        PROPOSALS_KEPT,
        "they were proposed",
        "the city's officers look it up; once they decided, its words go at once",
        older(merchant_proposal.c.proposed_at, PROPOSALS_KEPT, merchant_proposal.c.decided_at.is_(None)),
    ),
    Rule(
        "suggested corrections that nobody decided about",
        "merchant_correction",
        PROPOSALS_KEPT,
        "they were suggested",
        "the city's officers or the shop look it up",
        older(merchant_correction.c.suggested_at, PROPOSALS_KEPT, merchant_correction.c.decided_at.is_(None)),
    ),
    Rule(
        "who suggested a correction",
        "merchant_correction",
        CORRECTIONS_KEPT,
        "it was decided",
        "they read what became of it, and for what a campaign gave points",
        emptied(merchant_correction.c.person_id, merchant_correction.c.decided_at, CORRECTIONS_KEPT),
    ),
    Rule(
        "what was written to a suggested correction",
        "merchant_correction",
        CORRECTIONS_KEPT,
        "it was decided",
        "somebody who doubts the decision looks it up",
        emptied(merchant_correction.c.note, merchant_correction.c.decided_at, CORRECTIONS_KEPT),
    ),
    Rule(
        "files of imports that nobody started",
        "import_part",
        FILES_KEPT,
        "they were announced",
        "somebody who was interrupted goes on; the file of one that was read is deleted at once",
        older(
            import_job.c.created_at,
            FILES_KEPT,
            import_part.c.job_id == import_job.c.id,
            import_job.c.state == Import.RECEIVING.value,
            of=import_part,
        ),
    ),
    Rule(
        "files of dry runs that nobody started for real",
        "import_part",
        FILE_KEPT_FOR,
        "the dry run ended",
        "it is started for real without being sent again",
        older(
            import_job.c.finished_at,
            FILE_KEPT_FOR,
            import_part.c.job_id == import_job.c.id,
            import_job.c.dry_run,
            of=import_part,
        ),
    ),
    Rule(
        "what became of each row of an import",
        "import_row",
        REPORTS_KEPT,
        "it ended; its totals stay",
        "who imported looks into what was left out, and mends it",
        older(
            import_job.c.finished_at,
            REPORTS_KEPT,
            import_row.c.job_id == import_job.c.id,
            of=import_row,
        ),
    ),
    Rule(
        "figures of a shop that a letter told",
        "invitation",
        FIGURES_KEPT,
        "its code and page ended",
        "its page is shown, and it is printed again",
        emptied(letter.c.figures, letter.c.expires_at, FIGURES_KEPT),
    ),
    Rule(
        "wishes to be forgotten that nobody confirmed",
        "erasure",
        CONFIRMED_WITHIN,
        "they were made",
        "saying so a second time",
        older(erasure.c.requested_at, CONFIRMED_WITHIN, erasure.c.confirmed_at.is_(None)),
    ),
    Rule(
        "accounts that nobody uses",
        "person",
        UNUSED_FOR,
        "they were last used: signed in to, or a key used that the person made",
        "erased as if the person had asked; one mail warns 30 days before, and signing in keeps them. Who has"
        " a role, or is named by a city, is warned and kept: others rely on them, and operators are shown how"
        " many there are",
        unused.warn_and_erase,
        unused.count_kept,
    ),
)

_WITH_THE_PERSON = "until the person ends it or asks to be forgotten, or a reset of the factor"
_ACCOUNTABLE = "nobody takes another's shop; deleted or unnamed with the person"
KEPT = {
    "merchant_correction": "what changed a shop, and on what grounds; of nobody after a year",
    "person": "until the person asks to be forgotten; unused, with a role, until that ends",
    "consent": "what was agreed to can be shown as long as there is an account; those that ended too",
    "role_grant": "until it is withdrawn, laid down or handed over",
    "external_identity": _WITH_THE_PERSON,
    "authenticator": _WITH_THE_PERSON,
    "passkey": _WITH_THE_PERSON,
    "recovery_code": _WITH_THE_PERSON,
    "mail": "until it is sent, or what it holds is over: a link to sign in ten minutes, the warning that an"
    " account goes two weeks, others three days",
    "city": "public; who answers for it until another is named",
    "city_nis_code": "public",
    "district": "public",
    "former_outline": "districts are told again from it as they were; about nobody",
    "merchant": "so that no import lists a closed shop again",
    "merchant_version": "facts are told again from it",
    "objection": "without it the next import would list the shop again",
    "duplicate": "nobody is asked the same again; about shops alone",
    "closure": "nobody is asked the same again; about shops alone",
    "merchant_proposal": "which merchant came of which is told again from it; about nobody",
    "import_job": "the city's record of where its shops come from; who asked is an id alone",
    "api_key": "the audit log names keys by it; who made it is taken out with that person",
    "invitation_run": "the city's record of whom it wrote to",
    "invitation": "the code to object with is as good as the letter; its figures have a period",
    "claim": _ACCOUNTABLE,
    "claim_dispute": _ACCOUNTABLE,
    "audit_entry": "accountability: nothing in it can be changed or deleted",
    "erasure": "confirmed ones: after a restore everybody is told again",
    "erasure_part": "the same",
}
"""Tables, or what a rule leaves in them, without a period, and why."""
