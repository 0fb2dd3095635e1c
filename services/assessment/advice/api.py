"""Tools and trainings over HTTP, for everybody."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.access import PUBLIC
from chassis.http import Listing, Now, Token
from chassis.languages import ReadersLanguage
from chassis.problems import invalid, not_found
from services.assessment.advice.catalogue import Catalogue
from services.assessment.advice.domain.choice import in_order
from services.assessment.advice.domain.entries import Cost, Dimension
from services.assessment.advice.shown import (
    Comparison,
    ShownTool,
    ShownTools,
    ShownTraining,
    compared,
    tool_shown,
    training_shown,
)
from services.assessment.advice.words import AdviceWords

Compared = Annotated[list[Token], Query(min_length=2, max_length=4, description="Keys of the tools.")]
TAGS = ["questionnaires"]
"""What a city's system may read of them, it may read of what they lead to."""


def router(catalogue: Catalogue, words: AdviceWords) -> APIRouter:
    """The routes, over this catalogue."""
    routes = APIRouter(prefix="/api/v1", dependencies=[PUBLIC], tags=[*TAGS])
    _add_tools(routes, catalogue, words)
    _add_trainings(routes, catalogue, words)
    return routes


def _add_tools(routes: APIRouter, catalogue: Catalogue, words: AdviceWords) -> None:
    @routes.get("/tools")
    async def list_tools(
        language: ReadersLanguage,
        clock: Now,
        dimension: Dimension | None = None,
        need: Token | None = None,
        cost: Cost | None = None,
    ) -> ShownTools:
        """Tools of a dimension, for a need (the key of a recommendation), of a cost; free ones first."""
        found = [
            tool_shown(tool, words, language, clock().date())
            for tool in in_order(catalogue.tools.values())
            if dimension in {None, tool.dimension}
            and cost in {None, tool.cost}
            and (need is None or need in tool.needs)
        ]
        return ShownTools(items=found, order=words.tool_order.into(language))

    @routes.get("/tools/comparison")
    async def compare_tools(tool: Compared, language: ReadersLanguage, clock: Now) -> Comparison:
        """Two to four tools side by side, field by field."""
        wanted = list(dict.fromkeys(tool))
        if len(wanted) < len(tool):
            raise invalid("tool", "names one of them twice")
        for key in wanted:
            if key not in catalogue.tools:
                raise invalid("tool", f"{key} is no tool of the catalogue")
        found = [tool_shown(catalogue.tools[key], words, language, clock().date()) for key in wanted]
        return compared(found, words, language)

    @routes.get("/tools/{key}")
    async def show_tool(key: str, language: ReadersLanguage, clock: Now) -> ShownTool:
        """One tool: what it is good for and what not, for whom, its cost, where data are kept."""
        if key not in catalogue.tools:
            raise not_found("tool")
        return tool_shown(catalogue.tools[key], words, language, clock().date())


def _add_trainings(routes: APIRouter, catalogue: Catalogue, words: AdviceWords) -> None:
    @routes.get("/trainings")
    async def list_trainings(
        language: ReadersLanguage, dimension: Dimension | None = None, need: Token | None = None
    ) -> Listing[ShownTraining]:
        """Trainings of a dimension, or for a need (the key of a recommendation)."""
        found = [
            training_shown(training, words, language)
            for training in catalogue.trainings.values()
            if dimension in {None, training.dimension} and (need is None or need in training.needs)
        ]
        return Listing(items=found)

    @routes.get("/trainings/{key}")
    async def show_training(key: str, language: ReadersLanguage) -> ShownTraining:
        """One training: what it is about, and the dimension that it moves."""
        if key not in catalogue.trainings:
            raise not_found("training")
        return training_shown(catalogue.trainings[key], words, language)
