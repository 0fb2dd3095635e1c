"""No column that holds a person's id is forgotten by an erasure, or by what a person downloads."""

from __future__ import annotations

import importlib
import re

import pytest
from sqlalchemy import MetaData, Uuid

from chassis.personal_data import Holding
from contracts.streams import OWNERS
from tests.integration.test_schemas import declared_by

OF_A_PERSON = re.compile(r"(^|_)(person|actor|user|author|by|owner|reporter|moderator|officer)(_id)?$")
"""How columns are called that hold a person's id: `person_id`, `completed_by`."""


def holdings_of(service: str) -> tuple[Holding, ...]:
    module = importlib.import_module(f"services.{service}.personal_data")
    held: tuple[Holding, ...] = module.HOLDINGS
    return held


def columns_of_persons(metadata: MetaData) -> set[str]:
    return {
        str(column)
        for table in metadata.tables.values()
        for column in table.c
        if OF_A_PERSON.search(column.name) and isinstance(column.type, Uuid)
    }


@pytest.mark.parametrize("service", OWNERS)
def test_every_column_with_a_persons_id_belongs_to_a_holding(service: str) -> None:
    covered = {str(column) for holding in holdings_of(service) for column in holding.columns}
    forgotten = columns_of_persons(declared_by(service)) - covered
    assert not forgotten, (
        f"{sorted(forgotten)} may hold a person's id: say in services/{service}/personal_data.py what they"
        " see of it, and what an erasure does with it (CONTRIBUTING.md, “What is kept about a person”)"
    )


@pytest.mark.parametrize("service", OWNERS)
def test_holdings_have_names_of_their_own(service: str) -> None:
    names = [holding.name for holding in holdings_of(service)]
    assert len(set(names)) == len(names)


def test_the_search_for_such_columns_finds_some() -> None:
    assert {"role_grant.person_id", "audit_entry.actor_id"} <= columns_of_persons(declared_by("directory"))
    assert "assessments.completed_by" in columns_of_persons(declared_by("assessment"))
