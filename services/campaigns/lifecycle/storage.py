"""Campaigns from and to their tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, select, update

from chassis.database import Transaction
from chassis.problems import not_found
from services.campaigns.evaluation.domain import Evaluation, GoIf
from services.campaigns.goals.domain import Goal
from services.campaigns.lifecycle.domain import Campaign, Plan, State, Translation, differing
from services.campaigns.lifecycle.tables import campaign, campaign_change
from services.campaigns.policy.domain import Ask, Judgement


async def find(tx: Transaction, campaign_id: UUID, *, to_change: bool = False) -> Campaign:
    """The campaign; locked until the end of the transaction where it is to be changed.

    Raises the problem 404.
    """
    query = select(campaign).where(campaign.c.id == campaign_id)
    row = (await tx.execute(query.with_for_update() if to_change else query)).mappings().first()
    if row is None:
        raise not_found("campaign")
    return of_row(row)


async def add(tx: Transaction, new: Campaign, by: UUID, at: datetime) -> None:
    """Store a campaign for the first time."""
    await tx.execute(insert(campaign).values(id=new.id, city_id=new.city_id, **_columns(new)))
    await _note(tx, new, by, at, {})


async def save(
    tx: Transaction, before: Campaign, changed: Campaign, by: UUID | None, at: datetime
) -> dict[str, object]:
    """Store a new version of a campaign that `find` has locked; `by` is none where the clock moved it.

    Tells what changed in its plan, as it is kept.
    """
    await tx.execute(update(campaign).where(campaign.c.id == changed.id).values(**_columns(changed)))
    changes: dict[str, object] = {
        name: {"before": getattr(before.plan, name), "after": getattr(changed.plan, name)}
        for name in differing(before.plan, changed.plan)
    }
    await _note(tx, changed, by, at, changes)
    return changes


def of_row(row: Mapping[Any, Any]) -> Campaign:
    """The campaign in a row of its table."""
    plan = Plan(
        name=row["name"],
        description=row["description"],
        languages=tuple(row["languages"]),
        translations=msgspec.convert(row["translations"], tuple[Translation, ...]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        district_ids=tuple(row["district_ids"]),
        kinds=tuple(row["kinds"]),
        merchant_ids=tuple(row["merchant_ids"]),
        question=row["question"],
        go_if=msgspec.convert(row["go_if"], tuple[GoIf, ...]),
        goals=msgspec.convert(row["goals"], tuple[Goal, ...]),
        approval=row["approval"],
        asks=msgspec.convert(row["asks"], tuple[Ask, ...]),
        legal_ground=row["legal_ground"],
    )
    return Campaign(
        id=row["id"],
        city_id=row["city_id"],
        plan=plan,
        state=State(row["state"]),
        version=row["version"],
        policy=msgspec.convert(row["policy"], tuple[Judgement, ...] | None),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        evaluation=msgspec.convert(row["evaluation"], Evaluation | None),
    )


def _columns(of: Campaign) -> dict[str, object]:
    return {
        "name": of.plan.name,
        "description": of.plan.description,
        "languages": list(of.plan.languages),
        "translations": msgspec.to_builtins(of.plan.translations),
        "starts_at": of.plan.starts_at,
        "ends_at": of.plan.ends_at,
        "district_ids": list(of.plan.district_ids),
        "kinds": list(of.plan.kinds),
        "merchant_ids": list(of.plan.merchant_ids),
        "question": of.plan.question,
        "go_if": msgspec.to_builtins(of.plan.go_if),
        "goals": msgspec.to_builtins(of.plan.goals),
        "approval": of.plan.approval,
        "asks": msgspec.to_builtins(of.plan.asks),
        "legal_ground": of.plan.legal_ground,
        "policy": msgspec.to_builtins(of.policy),
        "state": of.state.value,
        "version": of.version,
        "started_at": of.started_at,
        "ended_at": of.ended_at,
        "evaluation": msgspec.to_builtins(of.evaluation),
    }


async def _note(
    tx: Transaction, of: Campaign, by: UUID | None, at: datetime, changes: Mapping[str, object]
) -> None:
    await tx.execute(
        insert(campaign_change).values(
            campaign_id=of.id,
            version=of.version,
            state=of.state.value,
            at=at,
            person_id=by,
            changes=msgspec.to_builtins(changes),
            ends_at=of.plan.ends_at,
        )
    )
