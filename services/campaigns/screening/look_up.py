"""All that the rules ask the database, and what later ones will ask for, in one round trip."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, BigInteger, Date, LargeBinary, Uuid, bindparam, text

from chassis.compiled import Compiled
from chassis.database import Transaction
from chassis.ids import lowest_at
from services.campaigns.contributions.domain import Kind
from services.campaigns.screening.domain import Earlier, Thresholds
from services.campaigns.screening.origin import Origin

_PER_BAND, _EARLIER = 5, 20
"""How many are looked at, the newest: what a text costs does not grow with how often it was copied."""

# What one declared is kept with what was made: only that is looked for.
_TIE = """
           CASE {0}.kind
             WHEN 'review' THEN (SELECT tie FROM review WHERE contribution_id = {0}.id)
             WHEN 'photo' THEN (SELECT tie FROM photo WHERE contribution_id = {0}.id)
             WHEN 'video' THEN (SELECT tie FROM video WHERE contribution_id = {0}.id) END"""
# Everything is counted up to its limit alone. What is remembered is not seen by the statement that does it.
#
# Each `(SELECT :value)` hides a value from the planner. It would else find each post's own plan a little
# cheaper than one for all, and make one for each post: to plan this takes longer than to execute it.
_around = text(f"""
    WITH known_text AS (
        INSERT INTO text_fingerprint (band, contribution_id)
        SELECT band, :self FROM unnest((SELECT :bands)) AS new (band)
        ON CONFLICT DO NOTHING),
    known_origin AS (
        INSERT INTO sighting (hash, seen_on, contributor_id)
        SELECT hash, :today, :contributor FROM unnest((SELECT :hashes)) AS new (hash) ORDER BY hash
        ON CONFLICT DO NOTHING)
    SELECT
      (SELECT count(*) FROM (
         SELECT FROM contribution
         WHERE merchant_id = (SELECT :merchant) AND kind = :kind AND id >= :burst_from
         LIMIT :burst_most) AS recent) AS of_merchant,
      ARRAY(SELECT DISTINCT (SELECT text FROM review WHERE review.contribution_id = found.contribution_id)
         FROM unnest((SELECT :bands)) AS wanted (band)
         CROSS JOIN LATERAL (
           SELECT contribution_id FROM text_fingerprint WHERE band = wanted.band AND contribution_id <> :self
           ORDER BY contribution_id DESC LIMIT {_PER_BAND}) AS found) AS alike,
      (SELECT count(DISTINCT contributor_id) FROM (
         SELECT contributor_id FROM sighting
         WHERE hash = (SELECT :device) AND seen_on >= :seen_from AND contributor_id <> :contributor) AS seen
      ) AS others_on_device,
      (SELECT count(DISTINCT contributor_id) FROM (
         SELECT contributor_id FROM sighting
         WHERE hash = (SELECT :network) AND seen_on >= :seen_from AND contributor_id <> :contributor) AS seen
      ) AS others_on_network,
      EXISTS (SELECT FROM sighting
         JOIN contribution USING (contributor_id)
         WHERE hash = (SELECT :device) AND contributor_id <> :contributor AND merchant_id = (SELECT :merchant)
           AND coalesce({_TIE.format("contribution")}, 'none') <> 'none') AS device_of_tied,
      (SELECT coalesce(json_agg(json_build_object(
           'kind', own.kind, 'merchant_id', merchant_id, 'posted_at', posted_at, 'standing', standing,
           'place', (SELECT json_build_object('longitude', longitude, 'latitude', latitude)
              FROM known_merchant WHERE id = own.merchant_id AND longitude IS NOT NULL),
           'tie', coalesce(CASE WHEN merchant_id = :merchant THEN {_TIE.format("own")} END, 'none')
           )), '[]')::text
         FROM (SELECT * FROM contribution
               WHERE contributor_id = (SELECT :contributor) AND kind IN ('review', 'photo', 'video')
                 AND id <> :self
               ORDER BY id DESC LIMIT {_EARLIER}) AS own) AS earlier
""").bindparams(  # noqa: S608  the numbers are ours
    bindparam("bands", type_=ARRAY(BigInteger)),
    bindparam("device", type_=LargeBinary),
    bindparam("network", type_=LargeBinary),
    bindparam("hashes", type_=ARRAY(LargeBinary)),
    bindparam("seen_from", type_=Date),
    bindparam("today", type_=Date),
    *(bindparam(name, type_=Uuid) for name in ("merchant", "self", "contributor", "burst_from")),
)
_AROUND = Compiled(_around)
_FORGET = text("DELETE FROM text_fingerprint WHERE contribution_id = ANY(:contributions)").bindparams(
    bindparam("contributions", type_=ARRAY(Uuid))
)


async def around(
    tx: Transaction,
    *,
    contribution_id: UUID,
    contributor_id: UUID,
    merchant_id: UUID,
    kind: Kind,
    bands: Sequence[int],
    origin: Origin,
    now: datetime,
    limits: Thresholds,
) -> dict[str, Any]:
    """What `Written` has of what others, and the author before, wrote; later ones are compared with this."""
    asked = {
        "self": contribution_id,
        "contributor": contributor_id,
        "merchant": merchant_id,
        "kind": kind.value,
        "bands": list(bands),
        "device": origin.device,
        "network": origin.network,
        "burst_from": lowest_at(now - timedelta(minutes=limits.burst_minutes)),
        "burst_most": limits.burst_reviews,
        "seen_from": now.date() - timedelta(days=1),
        "hashes": [each for each in (origin.device, origin.network) if each is not None],
        "today": now.date(),
    }
    found = dict((await _AROUND.rows(tx, asked))[0])
    found["earlier"] = msgspec.json.decode(found["earlier"], type=list[Earlier])
    return found


async def forget_texts(tx: Transaction, contributions: Collection[UUID]) -> None:
    """What a text is found by goes with the text."""
    await tx.execute(_FORGET, {"contributions": list(contributions)})
