"""Campaigns as they are written and read over HTTP."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from pydantic import Field, StringConstraints

from chassis.http import Body, LongText, Moment, ShortText, Shown
from services.campaigns.evaluation.domain import Figure, GoIf, Verdict
from services.campaigns.goals.domain import COUNTED, Goal
from services.campaigns.lifecycle.domain import Campaign, Plan, State, Translation
from services.campaigns.policy.catalogue import rules
from services.campaigns.policy.domain import Ask
from services.campaigns.policy.shown import AskBody, JudgementShown, judgement_shown

Language = Literal["fr", "nl", "de", "en"]
KindOfMerchant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_:-]{1,50}=[^\s\x00=]{1,100}$")]
CountedFigure = Literal["reviews", "photos", "videos", "shares", "ambassadors", "merchants-reached"]
Languages = Annotated[list[Language], Field(min_length=1, max_length=4)]
Districts = Annotated[
    list[UUID], Field(max_length=200, description="Where it runs; none: in the whole city.")
]
Kinds = Annotated[
    list[KindOfMerchant],
    Field(max_length=200, description="Which kinds of merchants it is for (`shop=bakery`); none: all."),
]

ChosenMerchants = Annotated[
    list[UUID],
    Field(max_length=1_000, description="Chosen merchants among those; none: all. Each can opt out."),
]


class Texts(Body):
    """A campaign's texts in one language."""

    name: ShortText
    description: LongText = ""


Translations = Annotated[
    dict[Language, Texts],
    Field(
        max_length=4, description="Into others of its languages; the first is that of name and description."
    ),
]


class GoIfBody(Body):
    """One condition of going on."""

    figure: Figure
    at_least: Annotated[int, Field(ge=1, le=1_000_000)]


class GoalBody(Body):
    """So many of something that is counted."""

    figure: CountedFigure
    target: Annotated[int, Field(ge=1, le=1_000_000)]


class EvaluationShown(Shown):
    """What a campaign came to, and what its city concludes."""

    at: datetime
    figures: dict[Figure, int]
    verdict: Verdict
    """By the rule alone that was set beforehand."""
    conclusion: str


GoesOnIf = Annotated[
    list[GoIfBody],
    Field(max_length=len(Figure), description="When the city of a pilot goes on: all of these must hold."),
]
Goals = Annotated[
    list[GoalBody],
    Field(max_length=len(COUNTED), description="What the campaign sets out to reach: counts, never stars."),
]
Approval = Annotated[bool, Field(description="Whether an officer decides who becomes an ambassador.")]
Asks = Annotated[
    list[AskBody],
    Field(max_length=50, description="What citizens are asked for, each thing once; none: nothing special."),
]
LegalGround = Annotated[LongText, Field(description="What the city rests a draw of lots on.")]


class CampaignDraft(Body):
    """A campaign as its city plans it."""

    city_id: UUID
    name: ShortText
    description: LongText = ""
    languages: Languages = Field(["fr"])
    translations: Translations = Field({})
    starts_at: Moment
    ends_at: Moment
    district_ids: Districts = Field([])
    kinds: Kinds = Field([])
    merchant_ids: ChosenMerchants = Field([])
    question: LongText | None = Field(None, description="What a pilot is to find out.")
    go_if: GoesOnIf = Field([])
    goals: Goals = Field([])
    approval: Approval = False
    asks: Asks = Field([])
    legal_ground: LegalGround | None = None

    def plan(self) -> Plan:
        """What was written, each language, district, kind and merchant once."""
        return Plan(**_fields(self.model_dump(exclude={"city_id"})))


class CampaignRevision(Body):
    """What is to change; what is left out or null stays. An empty text takes a question or ground away."""

    name: ShortText | None = None
    description: LongText | None = None
    languages: Languages | None = None
    translations: Translations | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    district_ids: Districts | None = None
    kinds: Kinds | None = None
    merchant_ids: ChosenMerchants | None = None
    question: LongText | None = None
    go_if: GoesOnIf | None = None
    goals: Goals | None = None
    approval: Approval | None = None
    asks: Asks | None = None
    legal_ground: LegalGround | None = None

    def applied_to(self, plan: Plan) -> Plan:
        """The plan with the changes."""
        return replace(plan, **_fields(self.model_dump(exclude_none=True)))


class Concluding(Body):
    """What the city concludes."""

    conclusion: Annotated[LongText, StringConstraints(min_length=1)]


class CampaignShown(Shown):
    """A campaign as it is read."""

    id: UUID
    city_id: UUID
    name: str
    """In the reader's language where there is a translation into it, else in the campaign's own."""
    description: str
    languages: list[str]
    texts: dict[str, Texts]
    """In every language there is; the campaign's own is the first of `languages`."""
    starts_at: datetime
    ends_at: datetime
    district_ids: list[UUID]
    kinds: list[str]
    merchant_ids: list[UUID]
    question: str | None
    go_if: list[GoIfBody]
    goals: list[GoalBody]
    approval: bool
    legal_ground: str | None
    policy: list[JudgementShown]
    """What is asked for, and what the policy check says of it: of a draft now, else as it was announced."""
    state: State
    version: int
    started_at: datetime | None
    ended_at: datetime | None
    evaluation: EvaluationShown | None


def shown(campaign: Campaign, language: str) -> dict[str, Any]:
    """The members of `CampaignShown`."""
    plan = {
        name: value for name, value in vars(campaign.plan).items() if name not in {"asks", "translations"}
    }
    texts = campaign.plan.texts()
    plan["name"], plan["description"] = texts.get(language, (campaign.plan.name, campaign.plan.description))
    judgements = campaign.plan.judged(rules()) if campaign.policy is None else campaign.policy
    return {
        "id": campaign.id,
        "city_id": campaign.city_id,
        **plan,
        "texts": {each: {"name": name, "description": said} for each, (name, said) in texts.items()},
        "go_if": msgspec.to_builtins(campaign.plan.go_if),
        "goals": msgspec.to_builtins(campaign.plan.goals),
        "policy": [judgement_shown(each, language).model_dump(mode="json") for each in judgements],
        "state": campaign.state,
        "version": campaign.version,
        "started_at": campaign.started_at,
        "ended_at": campaign.ended_at,
        "evaluation": msgspec.to_builtins(campaign.evaluation),
    }


def _fields(written: dict[str, Any]) -> dict[str, Any]:
    for several in ("languages", "district_ids", "kinds", "merchant_ids"):
        if several in written:
            written[several] = tuple(dict.fromkeys(written[several]))
    for text in {"question", "legal_ground"} & written.keys():
        written[text] = written[text] or None
    if "translations" in written:
        written["translations"] = tuple(
            Translation(language, **texts) for language, texts in sorted(written["translations"].items())
        )
    if "go_if" in written:
        written["go_if"] = tuple(GoIf(**each) for each in written["go_if"])
    if "goals" in written:
        written["goals"] = tuple(Goal(Figure(each["figure"]), each["target"]) for each in written["goals"])
    if "asks" in written:
        written["asks"] = tuple(Ask(**ask) for ask in written["asks"])
    return written
