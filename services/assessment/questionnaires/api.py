"""The published questionnaires over HTTP, for everybody."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.access import PUBLIC
from chassis.http import Listing, SmallInt
from chassis.languages import ReadersLanguage
from chassis.problems import not_found
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.questions import LANGUAGES
from services.assessment.questionnaires.shown import (
    QuestionnaireSummary,
    ShownQuestionnaire,
    questionnaire_shown,
)


def router(catalogue: Catalogue) -> APIRouter:
    """The routes, over these published questionnaires."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/questionnaires", tags=["questionnaires"], dependencies=[PUBLIC])
    async def list_questionnaires(language: ReadersLanguage) -> Listing[QuestionnaireSummary]:
        """The newest version of each questionnaire."""
        items = [
            QuestionnaireSummary(
                name=known.name,
                version=known.version,
                title=known.title.into(language),
                introduction=known.introduction.into(language),
                questions=len(known.questions),
                languages=list(LANGUAGES),
            )
            for known in catalogue.latest()
        ]
        return Listing(items=items)

    @routes.get("/questionnaires/{name}", tags=["questionnaires"], dependencies=[PUBLIC])
    async def show_questionnaire(
        name: str, language: ReadersLanguage, version: Annotated[SmallInt | None, Query(ge=1)] = None
    ) -> ShownQuestionnaire:
        """Its questions, in the newest version unless another is asked for."""
        known = catalogue.find(name, version)
        if known is None:
            raise not_found("questionnaire")
        return questionnaire_shown(known, language)

    return routes
