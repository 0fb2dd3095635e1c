"""What campaigns knows about a person, how they see it, and what an erasure leaves of it.

Everything hangs on the pseudonym: once its row is gone, what stays (ratings, shares, enrolments) is of
nobody, and goes on counting. Texts go, because one may name its author, and pictures with their files;
links are withdrawn, because nobody passes them on any more.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, cut, deleted, kept, own_merchants, rows
from services.campaigns import thanks
from services.campaigns.answers import storage as answers
from services.campaigns.answers.tables import answer
from services.campaigns.connections import personal_data as connections
from services.campaigns.contributions.domain import Standing
from services.campaigns.contributions.tables import contribution, review, share
from services.campaigns.contributors import contributor, pseudonym_of
from services.campaigns.corrections import use_cases as corrections
from services.campaigns.edits.tables import review_version
from services.campaigns.elsewhere import personal_data as elsewhere
from services.campaigns.enrolments.tables import declared_tie, enrolment
from services.campaigns.exports import personal_data as exports
from services.campaigns.files.addresses import addresses
from services.campaigns.follows.tables import following
from services.campaigns.follows.use_cases import end
from services.campaigns.lifecycle.tables import campaign_change
from services.campaigns.links.tables import share_link
from services.campaigns.moderation import personal_data as moderation
from services.campaigns.moderation.cases import close_withdrawn
from services.campaigns.opt_outs.tables import opt_out
from services.campaigns.photos.reuse import take_back
from services.campaigns.photos.storage import drop_pictures
from services.campaigns.photos.tables import photo, picture
from services.campaigns.places.tables import known_merchant
from services.campaigns.points import personal_data as points
from services.campaigns.screening import personal_data as screening
from services.campaigns.screening.look_up import forget_texts
from services.campaigns.study import facts
from services.campaigns.study.tables import outcome_fact
from services.campaigns.videos.tables import video
from services.campaigns.visits.tables import visit_day
from services.campaigns.webhooks import personal_data as webhooks
from services.campaigns.webmentions import personal_data as webmentions


async def _show_contributions(connection: AsyncConnection, principal: Principal) -> Rows:
    shown = select(
        contribution.c.id,
        contribution.c.kind,
        contribution.c.merchant_id,
        contribution.c.city_id,
        contribution.c.campaign_id,
        contribution.c.posted_at,
        contribution.c.withdrawn_at,
        contribution.c.standing,
        review.c.rating,
        review.c.text,
        review.c.language,
        func.coalesce(review.c.tie, photo.c.tie, video.c.tie).label("tie"),
        share.c.channel,
        share.c.day,
        photo.c.licence,
        photo.c.people,
        photo.c.credit,
        photo.c.review_id,
        photo.c.reused_at,
        video.c.platform,
        video.c.url,
    )
    found = (
        shown.outerjoin(review, review.c.contribution_id == contribution.c.id)
        .outerjoin(share, share.c.contribution_id == contribution.c.id)
        .outerjoin(photo, photo.c.contribution_id == contribution.c.id)
        .outerjoin(video, video.c.contribution_id == contribution.c.id)
        .where(contribution.c.contributor_id.in_(_pseudonym(principal)))
        .order_by(contribution.c.id)
    )
    return await rows(connection, found)


async def _blank_texts(tx: Transaction, asked: Erasure) -> None:
    own = _contributions_of(asked)
    blank = update(review).where(review.c.contribution_id.in_(own)).values(text="", language=None)
    await tx.execute(blank)
    earlier = update(review_version).where(review_version.c.contribution_id.in_(own))
    await tx.execute(earlier.values(text="", language=None))
    await tx.execute(update(photo).where(photo.c.contribution_id.in_(own)).values(credit=None))
    # A video's address names whose channel it is on.
    await tx.execute(update(video).where(video.c.contribution_id.in_(own)).values(url=""))
    await forget_texts(tx, (await tx.scalars(own)).all())
    await _withdraw_held(tx, asked)


async def _show_versions(connection: AsyncConnection, principal: Principal) -> Rows:
    found = (
        select(review_version)
        .join(contribution, contribution.c.id == review_version.c.contribution_id)
        .where(contribution.c.contributor_id.in_(_pseudonym(principal)))
        .order_by(review_version.c.contribution_id, review_version.c.version)
    )
    return await rows(connection, found)


async def _show_answers(connection: AsyncConnection, principal: Principal) -> Rows:
    columns = answer.c.id, answer.c.merchant_id, answer.c.contribution_id, answer.c.text, answer.c.answered_at
    of = (answer.c.person_id == principal.person_id) | answer.c.merchant_id.in_(own_merchants(principal))
    return await rows(connection, select(*columns).where(of).order_by(answer.c.id))


async def _erase_answers(tx: Transaction, asked: Erasure) -> None:
    """What a shop that goes on said stays the shop's; of one that closes with its owner nothing does."""
    await tx.execute(update(answer).where(answer.c.person_id == asked.person_id).values(person_id=None))
    await answers.remove(tx, answer.c.merchant_id.in_(asked.closed_merchants), asked.at)


async def _show_pictures(connection: AsyncConnection, principal: Principal) -> Rows:
    found = (
        select(picture.c.id, picture.c.contribution_id, picture.c.alt, picture.c.width, picture.c.height)
        .join(contribution, contribution.c.id == picture.c.contribution_id)
        .where(contribution.c.contributor_id.in_(_pseudonym(principal)))
        .order_by(picture.c.contribution_id, picture.c.position)
    )
    return [{**row, **addresses(row["id"])} for row in await rows(connection, found)]


async def _drop_pictures(tx: Transaction, asked: Erasure) -> None:
    gone = (await tx.execute(_contributions_of(asked))).scalars().all()
    await drop_pictures(tx, gone, asked.at)
    await take_back(tx, gone, asked.at)


def _contributions_of(asked: Erasure) -> Select[Any]:
    return (
        select(contribution.c.id)
        .join(contributor, contributor.c.contributor_id == contribution.c.contributor_id)
        .where(contributor.c.person_id == asked.person_id)
    )


async def _show_follows(connection: AsyncConnection, principal: Principal) -> Rows:
    columns = following.c.merchant_id, following.c.followed_at, following.c.unfollowed_at
    of = following.c.contributor_id.in_(_pseudonym(principal))
    return await rows(connection, select(*columns).where(of).order_by(following.c.id))


async def _end_follows(tx: Transaction, asked: Erasure) -> None:
    """Nobody follows any more; shops see that they are fewer, and not who left."""
    await end(tx, following.c.contributor_id.in_(_pseudonym_of(asked)), asked.at)


async def _withdraw_held(tx: Transaction, asked: Erasure) -> None:
    """What was not public yet will not be: without its text nobody could decide about it."""
    held = (
        update(contribution)
        .where(
            contribution.c.contributor_id.in_(pseudonym_of(asked.person_id)),
            contribution.c.standing == Standing.HELD.value,
            contribution.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=asked.at)
        .returning(contribution.c.id)
    )
    await close_withdrawn(tx, (await tx.scalars(held)).all(), asked.at)


async def _show_enrolments(connection: AsyncConnection, principal: Principal) -> Rows:
    hidden = {enrolment.c.contributor_id.name, enrolment.c.decided_by.name}
    found = (
        select(*(column for column in enrolment.c if column.name not in hidden))
        .where(enrolment.c.contributor_id.in_(_pseudonym(principal)))
        .order_by(enrolment.c.enrolled_at)
    )
    return await rows(connection, found)


async def _blank_enrolments(tx: Transaction, asked: Erasure) -> None:
    """What counts stays; what was said, and to somebody, goes."""
    of_theirs = enrolment.c.contributor_id.in_(_pseudonym_of(asked))
    gone = {"introduction": None, "refusal": None, "language": None, "adult": None}
    await tx.execute(update(enrolment).where(of_theirs).values(gone))


async def _show_ties(connection: AsyncConnection, principal: Principal) -> Rows:
    found = select(declared_tie.c.merchant_id, declared_tie.c.tie, declared_tie.c.declared_at)
    own = declared_tie.c.contributor_id.in_(_pseudonym(principal))
    return await rows(connection, found.where(own).order_by(declared_tie.c.merchant_id))


async def _erase_ties(tx: Transaction, asked: Erasure) -> None:
    await tx.execute(delete(declared_tie).where(declared_tie.c.contributor_id.in_(_pseudonym_of(asked))))


async def _show_links(connection: AsyncConnection, principal: Principal) -> Rows:
    found = (
        select(
            share_link.c.code,
            share_link.c.city_id,
            share_link.c.merchant_id,
            share_link.c.campaign_id,
            share_link.c.made_at,
            share_link.c.withdrawn_at,
        )
        .where(share_link.c.contributor_id.in_(_pseudonym(principal)))
        .order_by(share_link.c.id)
    )
    return await rows(connection, found)


async def _withdraw_links(tx: Transaction, asked: Erasure) -> None:
    own = select(contributor.c.contributor_id).where(contributor.c.person_id == asked.person_id)
    holding = share_link.c.contributor_id.in_(own) & share_link.c.withdrawn_at.is_(None)
    await tx.execute(update(share_link).where(holding).values(withdrawn_at=asked.at))


async def _show_corrections(connection: AsyncConnection, principal: Principal) -> Rows:
    return await rows(connection, corrections.of_contributor(_pseudonym(principal)))


async def _show_opt_outs(connection: AsyncConnection, principal: Principal) -> Rows:
    shown = select(opt_out.c.merchant_id, opt_out.c.campaign_id, opt_out.c.opted_out_at)
    own = opt_out.c.merchant_id.in_(own_merchants(principal))
    return await rows(connection, shown.where(own).order_by(opt_out.c.id))


async def _erase_opt_outs(tx: Transaction, asked: Erasure) -> None:
    """Nothing can be posted to a shop that is closed: nobody has to know any more what it wished."""
    gone = asked.closed_merchants
    await tx.execute(delete(opt_out).where(opt_out.c.merchant_id.in_(gone)))
    await tx.execute(update(known_merchant).where(known_merchant.c.id.in_(gone)).values(opted_out_of=[]))


async def _show_visits(connection: AsyncConnection, principal: Principal) -> Rows:
    found = (
        select(
            visit_day.c.merchant_id,
            visit_day.c.day,
            visit_day.c.kind,
            visit_day.c.visits,
            visit_day.c.visitors,
        )
        .where(visit_day.c.merchant_id.in_(own_merchants(principal)))
        .order_by(visit_day.c.merchant_id, visit_day.c.day, visit_day.c.kind)
    )
    return await rows(connection, found)


async def _delete_visits(tx: Transaction, asked: Erasure) -> None:
    """Of shops that are closed with their owner: figures about them are about that person."""
    await tx.execute(delete(visit_day).where(visit_day.c.merchant_id.in_(asked.closed_merchants)))


def _pseudonym_of(asked: Erasure) -> Select[tuple[UUID]]:
    return pseudonym_of(asked.person_id)


async def _show_facts(connection: AsyncConnection, principal: Principal) -> Rows:
    known = outcome_fact.c
    shown = select(known.merchant_id, known.kind, known.day, known.counted)
    own = known.merchant_id.in_(own_merchants(principal))
    return await rows(connection, shown.where(own).order_by(known.day, known.kind, known.thing_id))


async def _forget_facts(tx: Transaction, asked: Erasure) -> None:
    """Figures of a shop are personal data where its owner trades alone."""
    if asked.closed_merchants:
        await facts.forget(tx, asked.closed_merchants)


def _pseudonym(principal: Principal) -> Select[tuple[UUID]]:
    return pseudonym_of(principal.person_id)


HOLDINGS = (
    Holding("contributions", (), _show_contributions, _blank_texts),
    Holding("enrolments", (), _show_enrolments, _blank_enrolments),
    Holding("ties to shops", (), _show_ties, _erase_ties),
    cut(
        "decisions on who joins",
        enrolment.c.decided_by,
        enrolment.c.campaign_id,
        enrolment.c.approved_at,
        enrolment.c.refused_at,
    ),
    Holding("versions of reviews", (), _show_versions, kept),
    Holding("answers to reviews", (answer.c.person_id,), _show_answers, _erase_answers),
    Holding("pictures", (), _show_pictures, _drop_pictures),
    Holding("follows", (), _show_follows, _end_follows),
    Holding("share links", (), _show_links, _withdraw_links),
    Holding("corrections handed in", (), _show_corrections, kept),
    Holding("shops that opted out of campaigns", (), _show_opt_outs, _erase_opt_outs),
    Holding("visits of own shops", (), _show_visits, _delete_visits),
    Holding("what happened to their shops, for studies", (), _show_facts, _forget_facts),
    cut(
        "campaigns planned, started or ended",
        campaign_change.c.person_id,
        campaign_change.c.campaign_id,
        campaign_change.c.state,
        campaign_change.c.at,
    ),
    *exports.HOLDINGS,
    *moderation.HOLDINGS,
    *elsewhere.HOLDINGS,
    *connections.HOLDINGS,
    *webmentions.HOLDINGS,
    *points.HOLDINGS,
    thanks.HOLDING,
    *webhooks.HOLDINGS,
    screening.SIGHTINGS,
    deleted("pseudonym", contributor.c.person_id, contributor.c.contributor_id),
)
"""In the order in which they are erased: the pseudonym, by which the others are found, comes last."""
