"""Templates of campaigns, read and checked when the service starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec.yaml
from msgspec import Struct

from chassis.languages import LANGUAGES
from services.campaigns.contributions.domain import BRUSSELS
from services.campaigns.evaluation.domain import GoIf
from services.campaigns.goals.domain import COUNTED, Goal
from services.campaigns.lifecycle.domain import InvalidPlan, Plan, Translation
from services.campaigns.policy.catalogue import rules
from services.campaigns.policy.domain import Ask, Words, refused

FILE = Path(__file__).with_name("templates.yaml")
_ANY_DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


class BadTemplate(ValueError):
    """Says which template is wrong, and why."""


class Template(Struct, frozen=True, forbid_unknown_fields=True):
    """What a draft begins with."""

    key: str
    days: int
    name: Words
    description: Words
    question: Words | None = None
    go_if: tuple[GoIf, ...] = ()
    goals: tuple[Goal, ...] = ()
    asks: tuple[Ask, ...] = ()

    def plan(self, languages: Sequence[str], starts_at: datetime) -> Plan:
        """In these languages, the first of which is the campaign's own; it ends at the hour it begins at.

        The hour is that of the clock on the wall, on whichever side of a change of clocks.
        """
        own, *others = languages
        ends_at = starts_at.astimezone(BRUSSELS) + timedelta(days=self.days)
        return Plan(
            name=self.name.into(own),
            description=self.description.into(own),
            languages=tuple(languages),
            translations=tuple(
                Translation(each, self.name.into(each), self.description.into(each)) for each in others
            ),
            starts_at=starts_at,
            ends_at=ends_at.astimezone(UTC),
            question=self.question.into(own) if self.question else None,
            go_if=self.go_if,
            goals=self.goals,
            asks=self.asks,
        )


@cache
def templates() -> dict[str, Template]:
    """By key, in the order of the file. Raises BadTemplate."""
    return read(FILE.read_bytes())


def read(body: bytes) -> dict[str, Template]:
    """Raises BadTemplate where a draft made of one could not be announced, or a key comes twice."""
    try:
        found = msgspec.yaml.decode(body, type=tuple[Template, ...])
    except msgspec.DecodeError as error:
        raise BadTemplate(str(error)) from error
    for each in found:
        _check(each)
    if len({each.key for each in found}) < len(found):
        raise BadTemplate("a key comes twice")
    return {each.key: each for each in found}


def _check(template: Template) -> None:
    for name, words in (("name", template.name), ("description", template.description)):
        if not all(map(str.strip, msgspec.structs.astuple(words))):
            raise BadTemplate(f"{template.key}: {name} lacks its words in a language")
    if template.question and not all(map(str.strip, msgspec.structs.astuple(template.question))):
        raise BadTemplate(f"{template.key}: question lacks its words in a language")
    if any(goal.figure not in COUNTED for goal in template.goals):
        raise BadTemplate(f"{template.key}: goals: is no goal")
    if (template.question is None) != (not template.go_if):
        raise BadTemplate(f"{template.key}: go_if: a question and a rule for going on belong together")
    plan = template.plan(LANGUAGES, _ANY_DAY)
    try:
        plan.check()
    except InvalidPlan as wrong:
        raise BadTemplate(f"{template.key}: {wrong.field}: {wrong.detail}") from wrong
    if places := refused(plan.judged(rules())):
        raise BadTemplate(f"{template.key}: asks.{places[0]}: the policy check refuses it")
