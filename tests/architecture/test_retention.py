"""docs/privacy.md shows the periods that the jobs enforce."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from chassis import maintenance
from chassis.retention import Rule
from contracts.streams import OWNERS

PRIVACY = Path(__file__).parents[2] / "docs" / "privacy.md"
SERVICES = tuple(OWNERS)


def rules() -> Iterator[tuple[str, Rule]]:
    yield from (("every service", rule) for rule in maintenance.RULES)
    for service in SERVICES:
        module = importlib.import_module(f"services.{service}.retention")
        yield from ((service, rule) for rule in module.RULES)


def in_words(kept: timedelta) -> str:
    for unit, seconds in (
        ("year", 31_536_000),
        ("day", 86_400),
        ("hour", 3_600),
        ("minute", 60),
        ("second", 1),
    ):
        count, rest = divmod(int(kept.total_seconds()), seconds)
        if count and not rest:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "not longer"


def table() -> str:
    rows = [
        f"| {where} | {rule.name} | {in_words(rule.kept)} | {rule.since} | {rule.why} |"
        for where, rule in rules()
    ]
    return "\n".join(["| where | what | kept | after | why |", "| --- | --- | --- | --- | --- |", *rows, ""])


def kept() -> str:
    mine = [("every service", maintenance.KEPT)]
    theirs = [
        (service, importlib.import_module(f"services.{service}.retention").KEPT) for service in SERVICES
    ]
    rows = [
        f"| {where} | {', '.join(f'`{each}`' for each in tables)} | {why} |"
        for where, reasons in (*mine, *theirs)
        for why, tables in by_reason(reasons).items()
    ]
    return "\n".join(["| where | tables | until when, or why |", "| --- | --- | --- |", *rows, ""])


def by_reason(kept: Mapping[str, str]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for name, why in kept.items():
        tables.setdefault(why, []).append(name)
    return tables


def shown(mark: str) -> str:
    after = PRIVACY.read_text(encoding="utf-8").partition(f"<!-- {mark}: begin -->\n")[2]
    return after.partition(f"<!-- {mark}: end -->")[0]


def test_the_periods_in_the_document_are_those_that_are_enforced() -> None:
    assert shown("retention") == table(), f"write between the marks of {PRIVACY.name}:\n\n{table()}"


def test_what_has_no_period_is_in_the_document_with_its_reason() -> None:
    assert shown("kept") == kept(), f"write between the marks of {PRIVACY.name}:\n\n{kept()}"


def test_no_two_rules_of_a_service_are_counted_as_one() -> None:
    for service in SERVICES:
        names = [rule.name for where, rule in rules() if where in (service, "every service")]
        assert len(set(names)) == len(names)


def test_a_period_is_said_in_its_largest_whole_unit() -> None:
    said = [
        in_words(timedelta(**each))
        for each in ({"days": 1_095}, {"days": 30}, {"hours": 24}, {"minutes": 10}, {"seconds": 30})
    ]
    assert said == ["3 years", "30 days", "1 day", "10 minutes", "30 seconds"]
