"""Reads what a study needs, and answers."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct
from sqlalchemy import Date, Integer, Select, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.contributions.domain import BRUSSELS, brussels_day
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.evaluation.domain import Figure
from services.campaigns.evaluation.figures import figures_of
from services.campaigns.follows.tables import following
from services.campaigns.lifecycle.domain import Campaign
from services.campaigns.study import elsewhere, plans
from services.campaigns.study.beside import Beside, campaigns_beside
from services.campaigns.study.domain.answer import Answer, Panel, Verdict, answered
from services.campaigns.study.domain.funnel import Passed, funnel
from services.campaigns.study.domain.outcomes import Fact, Outcome, solicited
from services.campaigns.study.domain.plan import StudyPlan
from services.campaigns.study.tables import outcome_fact, study_member
from services.campaigns.visits.domain import Kind
from services.campaigns.visits.tables import visit_day

_VISITS = {Outcome.PAGE_VISIT: Kind.PAGE, Outcome.QR_VISIT: Kind.SHOP}
"""Visits that every listed shop can have."""


class Report(Struct, frozen=True):
    """Whether a campaign worked, as of now."""

    campaign_id: UUID
    city_id: UUID
    name: str
    began: date | None
    ended: bool
    plan: StudyPlan | None
    weeks_over: int
    """Of those from the start on."""
    answers: list[Answer]
    """In the order of the plan: the first is the answer. None without a plan fixed beforehand."""
    done: dict[Figure, int]
    """What the campaign itself asks for and brings about: reported, and no effect."""
    funnel: list[Passed]
    beside: list[Beside]
    """Other campaigns in the time looked at, with shops of these groups."""


async def report_of(connection: AsyncConnection, campaign: Campaign, now: datetime) -> Report:
    """What can be said of a campaign at this moment."""
    plan = await plans.find(connection, campaign.id)
    began = brussels_day(campaign.started_at) if campaign.started_at else None
    over, answers, beside = 0, list[Answer](), list[Beside]()
    if plan and began:
        over = _weeks_over(plan, began, brussels_day(now))
        members = await plans.members(connection, campaign.id)
        asked = solicited(plan.outcomes, campaign.plan.asks)
        beside = await campaigns_beside(connection, campaign, members, plan.first_day(began), plan.end(began))
        for outcome in plan.outcomes if members else ():
            panel = await _panel(connection, campaign.id, outcome, plan, began)
            answer = await asyncio.to_thread(
                answered, outcome, plan, panel, over, solicited=outcome.value in asked
            )
            answers.append(answer)
    return Report(
        campaign.id, campaign.city_id, campaign.plan.name, began, campaign.ended_at is not None, plan, over,
        answers, await figures_of(connection, campaign.id), await _funnel(connection, campaign), beside,
    )  # fmt: skip


def verdict_of(report: Report) -> Verdict:
    """That of the first outcome."""
    return report.answers[0].verdict if report.answers else Verdict.NOT_FIXED


def _weeks_over(plan: StudyPlan, began: date, today: date) -> int:
    if plan.is_over(began, today):
        return plan.weeks_after
    return min((today - began).days // 7, plan.weeks_after - 1)


async def _panel(
    connection: AsyncConnection, campaign_id: UUID, outcome: Outcome, plan: StudyPlan, began: date
) -> Panel:
    members, first = await plans.members(connection, campaign_id), plan.first_day(began)
    if outcome is Outcome.REVIEWS_ELSEWHERE:
        read = await elsewhere.read_before(connection, members, first)
        members = {merchant: of for merchant, of in members.items() if merchant in read}
    place = {merchant: row for row, merchant in enumerate(members)}
    counts = np.zeros((len(members), plan.weeks_before + plan.weeks_after))
    of = _counted(outcome).subquery()
    week = cast(func.div(of.c.day - literal(first), 7), Integer)
    query = (
        select(of.c.merchant_id, week.label("week"), func.sum(of.c.counted).label("counted"))
        .join(study_member, study_member.c.merchant_id == of.c.merchant_id)
        .where(study_member.c.campaign_id == campaign_id, of.c.day >= first, of.c.day < plan.end(began))
        .group_by(of.c.merchant_id, week)
    )
    for row in await connection.execute(query):
        if row.merchant_id in place:
            counts[place[row.merchant_id], row.week] = row.counted
    treated = np.array([is_in for is_in, _ in members.values()], dtype=np.bool_)
    return Panel(counts, treated, [unit for _, unit in members.values()])


def _counted(outcome: Outcome) -> Select[Any]:
    """Shop, day and count. What this service counts itself is read where it is counted."""
    if outcome in _VISITS:
        visits = select(visit_day.c.merchant_id, visit_day.c.day, visit_day.c.visitors.label("counted"))
        return visits.where(visit_day.c.kind == _VISITS[outcome].value)
    if outcome is Outcome.FOLLOW:
        known = following.c
        at_first = cast(func.timezone(BRUSSELS.key, func.min(known.followed_at)), Date)
        firsts = select(known.merchant_id, at_first.label("day"), literal(1).label("counted"))
        return firsts.group_by(known.merchant_id, known.contributor_id)
    if outcome is Outcome.REVIEWS_ELSEWHERE:
        return elsewhere.rises()
    told = select(outcome_fact.c.merchant_id, outcome_fact.c.day, outcome_fact.c.counted)
    return told.where(outcome_fact.c.kind == outcome.value)


async def _funnel(connection: AsyncConnection, campaign: Campaign) -> list[Passed]:
    if campaign.started_at is None:
        return funnel({}, ())
    known = contribution.c
    of_it = (known.campaign_id == campaign.id) & is_public
    first = select(known.merchant_id, func.min(known.posted_at).label("at")).where(of_it)
    rows = await connection.execute(first.group_by(known.merchant_id))
    reached = {row.merchant_id: brussels_day(row.at) for row in rows}
    happened = select(outcome_fact.c.merchant_id, outcome_fact.c.kind, outcome_fact.c.day).where(
        outcome_fact.c.counted > 0,
        outcome_fact.c.merchant_id.in_(select(known.merchant_id).where(of_it)),
        outcome_fact.c.day >= brussels_day(campaign.started_at),
    )
    facts = await connection.execute(happened)
    return funnel(reached, [(row.merchant_id, Fact(row.kind), row.day) for row in facts])
