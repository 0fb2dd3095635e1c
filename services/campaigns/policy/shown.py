"""Asks as they are written, and judgements as they are read."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from chassis.http import Body, Shown
from chassis.problems import Problem, conflict
from services.campaigns.policy.domain import Action, Ask, Judgement, Platform, Reward, Rule, Verdict, refused


class AskBody(Body):
    """One thing that citizens are asked for."""

    platform: Platform
    action: Action
    reward: Reward = Reward.NONE
    least_stars: Annotated[
        int | None, Field(ge=1, le=5, description="A rating that is hoped for. The policy check refuses it.")
    ] = None
    only_satisfied: Annotated[
        bool, Field(description="Ask those alone who are known to be content. The policy check refuses it.")
    ] = False


class SourceShown(Shown):
    title: str
    address: str | None


class RuleShown(Shown):
    """A rule that decided."""

    key: str
    text: str
    """Why; of a disclosure, what readers are told beside what was contributed."""
    sources: list[SourceShown]


class JudgementShown(Shown):
    """Something that is asked for, and what the policy check says of it."""

    platform: Platform
    action: Action
    reward: Reward
    least_stars: int | None
    only_satisfied: bool
    verdict: Verdict
    rules: list[RuleShown]
    """Those that decided. None: no rule speaks of it, which refuses it."""


def judgement_shown(judgement: Judgement, language: str) -> JudgementShown:
    ask: Ask = judgement.ask
    return JudgementShown(
        platform=ask.platform,
        action=ask.action,
        reward=ask.reward,
        least_stars=ask.least_stars,
        only_satisfied=ask.only_satisfied,
        verdict=judgement.verdict,
        rules=[rule_shown(rule, language) for rule in judgement.rules],
    )


def rule_shown(rule: Rule, language: str) -> RuleShown:
    return RuleShown(
        key=rule.key,
        text=rule.text.into(language),
        sources=[SourceShown(title=each.title, address=each.address) for each in rule.sources],
    )


def policy_refused(judgements: Sequence[Judgement]) -> Problem:
    """The problem that says which asks are refused, and by which rules."""
    places = refused(judgements)
    asks = [
        {"field": f"asks.{place}", "rules": [rule.key for rule in judgements[place].rules]}
        for place in places
    ]
    detail = " ".join(rule.text.en for place in places for rule in judgements[place].rules)
    return conflict(
        "policy-refuses", detail or "No rule speaks of it.", field=f"asks.{places[0]}", refused=asks
    )
