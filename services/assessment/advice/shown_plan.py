"""What callers are shown of a merchant's plan and of the tools for it, in their language."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from chassis.http import Shown
from services.assessment.advice.catalogue import Catalogue
from services.assessment.advice.domain.choice import FIRST, because, in_order, that_fit
from services.assessment.advice.domain.entries import Tool
from services.assessment.advice.domain.plan import WEEKS, Candidate, Means, Plan
from services.assessment.advice.shown import ShownTool, tool_shown
from services.assessment.advice.words import AdviceWords
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.scoring import Advice
from services.assessment.questionnaires.shown import ShownText


class FittingTool(Shown):
    tool: ShownTool
    because: list[ShownText]
    """The questions whose answers led to it."""


class FittingTools(Shown):
    first: list[FittingTool]
    """The three to look at."""
    others: list[FittingTool]
    """All others that answer a need, in the same order."""
    order: str
    """The rule of the order, in words."""


class ShownAction(Shown):
    """One action of a plan, or one that is left for later."""

    key: str
    title: str
    why: str
    dimension: str
    because: list[ShownText]
    """The questions whose answers call for it."""
    gain: int
    """Points more, as if it alone were done."""
    hours: float
    euros: int
    monday: str
    """What to do first, in less than an hour."""
    tool: ShownText | None
    """In use already; else the first of `/tools`, in the reader's language if there is one."""
    trainings: list[ShownText]


class PlannedAction(ShownAction):
    score_after: int
    """As if it and all before it were done."""
    first_week: int
    last_week: int


class PutOff(ShownAction):
    reason: ShownText


class ShownPlan(Shown):
    assessment_id: UUID
    language: str
    score: int
    score_after: int
    """As if all actions were done."""
    as_if_done: str
    """What the points mean, and where hours and euros come from."""
    order: str
    """The rule of the order, in words."""
    weeks: int
    hours_per_week: int
    budget: int | None
    hours: float
    euros: int
    actions: list[PlannedAction]
    later: list[PutOff]


class PlanInWords:
    """Puts a plan into a reader's language."""

    def __init__(
        self, questionnaire: Questionnaire, catalogue: Catalogue, words: AdviceWords, language: str
    ) -> None:
        self._questionnaire = questionnaire
        self._catalogue = catalogue
        self._words = words
        self._language = language

    def tools(self, advice: Sequence[Advice], today: date) -> FittingTools:
        fitting = [
            FittingTool(
                tool=tool_shown(tool, self._words, self._language, today),
                because=self._questions(because(tool, advice)),
            )
            for tool in that_fit(self._catalogue.tools.values(), advice)
        ]
        order = self._words.fit_order.into(self._language)
        return FittingTools(first=fitting[:FIRST], others=fitting[FIRST:], order=order)

    def plan(self, assessment_id: UUID, plan: Plan, means: Means, uses: Sequence[str]) -> ShownPlan:
        return ShownPlan(
            assessment_id=assessment_id,
            language=self._language,
            score=plan.score,
            score_after=plan.score_after,
            as_if_done=self._words.as_if_done.into(self._language),
            order=self._words.plan_order.into(self._language),
            weeks=WEEKS,
            hours_per_week=means.hours_per_week,
            budget=means.budget,
            hours=plan.hours,
            euros=plan.euros,
            actions=[
                PlannedAction(
                    **dict(self._action(step.candidate, uses)),
                    score_after=step.score_after,
                    first_week=step.first_week,
                    last_week=step.last_week,
                )
                for step in plan.steps
            ],
            later=[
                PutOff(
                    **dict(self._action(each.candidate, uses)),
                    reason=ShownText(
                        key=each.reason, text=self._words.reason[each.reason].into(self._language)
                    ),
                )
                for each in plan.later
            ],
        )

    def _action(self, candidate: Candidate, uses: Sequence[str]) -> ShownAction:
        step = self._questionnaire.recommendation(candidate.key)
        tool = self._tool(candidate.key, uses)
        return ShownAction(
            key=candidate.key,
            title=step.title.into(self._language),
            why=step.why.into(self._language),
            dimension=step.dimension,
            because=self._questions(candidate.because),
            gain=candidate.gain,
            hours=candidate.hours,
            euros=candidate.euros,
            monday=candidate.action.monday.into(self._language),
            tool=ShownText(key=tool.key, text=tool.name) if tool else None,
            trainings=[
                ShownText(key=each.key, text=each.title.into(self._language))
                for each in self._catalogue.trainings.values()
                if candidate.key in each.needs
            ],
        )

    def _tool(self, need: str, uses: Sequence[str]) -> Tool | None:
        answering = in_order(tool for tool in self._catalogue.tools.values() if need in tool.needs)
        in_use = [tool for tool in answering if tool.key in uses]
        readable = [tool for tool in answering if self._language in tool.languages]
        return next(iter((*in_use, *readable, *answering)), None)

    def _questions(self, keys: Iterable[str]) -> list[ShownText]:
        asked = [question for key in keys if (question := self._questionnaire.question(key))]
        return [ShownText(key=each.key, text=each.text.into(self._language)) for each in asked]
