"""The policy for everybody to read: what may be asked for, where and for what reward, and why."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.access import PUBLIC
from chassis.http import Shown
from chassis.languages import ReadersLanguage
from services.campaigns.policy.catalogue import rules
from services.campaigns.policy.domain import every_ask, judge
from services.campaigns.policy.shown import JudgementShown, RuleShown, judgement_shown, rule_shown

router = APIRouter(prefix="/api/v1/campaign-policy", tags=["campaigns"])


class PolicyShown(Shown):
    """Everything that can be asked for, judged, and the rules behind it."""

    judgements: list[JudgementShown]
    rules: list[RuleShown]


@router.get("", dependencies=[PUBLIC])
async def show_policy(
    language: ReadersLanguage,
    legal_ground: Annotated[
        bool, Query(description="Judge as if the city had stated a legal ground for a draw.")
    ] = False,
) -> PolicyShown:
    """What becomes of every platform, action and reward, aiming at no stars and asking everybody."""
    ground = "stated" if legal_ground else None
    return PolicyShown(
        judgements=[judgement_shown(judge(rules(), ask, ground), language) for ask in every_ask()],
        rules=[rule_shown(rule, language) for rule in rules()],
    )
