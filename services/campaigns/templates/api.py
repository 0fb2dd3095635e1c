"""Templates over HTTP: everybody reads them, officers begin a draft from one."""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Moment, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.preconditions import etag
from chassis.problems import not_found
from services.campaigns.lifecycle import use_cases
from services.campaigns.lifecycle.forms import CampaignShown, GoalBody, GoIfBody, Languages, shown
from services.campaigns.templates.catalogue import Template, templates

router = APIRouter(prefix="/api/v1/campaign-templates", tags=["campaigns"])


class TemplateShown(Shown):
    """What a draft can begin with."""

    key: str
    name: str
    description: str
    days: int
    question: str | None
    """Of a pilot."""
    go_if: list[GoIfBody]
    goals: list[GoalBody]


class FromTemplate(Body):
    """Whose draft it is, and when the campaign begins."""

    city_id: UUID
    starts_at: Moment
    languages: Languages = Field(["fr"], description="Its texts are in these; the first is its own.")


@router.get("", dependencies=[PUBLIC])
async def browse(language: ReadersLanguage) -> list[TemplateShown]:
    """All templates."""
    return [_shown(each, language) for each in templates().values()]


@router.post("/{key}/drafts", status_code=201, response_model=CampaignShown)
async def draft(
    key: str,
    body: FromTemplate,
    *,
    who: Annotated[Access, may(Role.city_officer)],
    attempt: Attempt,
    now: Now,
    language: ReadersLanguage,
) -> Response:
    """Begin a campaign as the template has it; everything in the draft can be changed."""
    who.within(city_id=body.city_id)
    template = templates().get(key)
    if template is None:
        raise not_found("template")
    plan = template.plan(tuple(dict.fromkeys(body.languages)), body.starts_at)

    async def work(tx: Transaction) -> Answer:
        new = await use_cases.draft(tx, body.city_id, plan, by=who.person_id, now=now())
        headers = {"Location": f"/api/v1/campaigns/{new.id}", "ETag": etag(new.version)}
        return Answer(201, shown(new, language), headers | {"Content-Language": language})

    return await attempt.once(work)


def _shown(template: Template, language: str) -> TemplateShown:
    return TemplateShown(
        key=template.key,
        name=template.name.into(language),
        description=template.description.into(language),
        days=template.days,
        question=template.question.into(language) if template.question else None,
        go_if=[GoIfBody(figure=each.figure, at_least=each.at_least) for each in template.go_if],
        goals=[GoalBody(**msgspec.to_builtins(each)) for each in template.goals],
    )
