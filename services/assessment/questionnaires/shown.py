"""What callers are shown of a questionnaire, in their language."""

from chassis.http import Shown
from services.assessment.questionnaires.domain.definition import AnyQuestion, Questionnaire
from services.assessment.questionnaires.domain.numbers import Number, Scale
from services.assessment.questionnaires.domain.questions import Choice, Condition


class ShownText(Shown):
    key: str
    text: str


class ShownCondition(Shown):
    """Show the question only where, in that earlier one, one of these options was chosen, or the number lies
    within these bounds."""

    question: str
    any_of: list[str]
    at_least: int | None
    at_most: int | None


class ShownOption(ShownText):
    exclusive: bool
    """Chosen alone or not at all."""


class ShownRange(Shown):
    """A whole number is answered. A scale has words at both ends, a count has its unit."""

    lowest: int
    highest: int
    low: str | None
    high: str | None
    unit: str | None


class ShownQuestion(ShownText):
    dimension: str
    eu: str | None
    kind: str
    options: list[ShownOption]
    range: ShownRange | None
    scored: bool
    shown_if: ShownCondition | None


class ShownQuestionnaire(Shown):
    """What a form needs. Points and weights are told afterwards, so that nobody answers for the score."""

    name: str
    version: int
    language: str
    title: str
    introduction: str
    dimensions: list[ShownText]
    questions: list[ShownQuestion]


class QuestionnaireSummary(Shown):
    name: str
    version: int
    title: str
    introduction: str
    questions: int
    languages: list[str]


def questionnaire_shown(known: Questionnaire, language: str) -> ShownQuestionnaire:
    return ShownQuestionnaire(
        name=known.name,
        version=known.version,
        language=language,
        title=known.title.into(language),
        introduction=known.introduction.into(language),
        dimensions=[ShownText(key=each.key, text=each.title.into(language)) for each in known.dimensions],
        questions=[_question(question, language) for question in known.questions],
    )


def _question(question: AnyQuestion, language: str) -> ShownQuestion:
    return ShownQuestion(
        key=question.key,
        text=question.text.into(language),
        dimension=question.dimension,
        eu=question.eu,
        kind=question.kind,
        options=_options(question, language),
        range=_range(question, language),
        scored=question.weight > 0,
        shown_if=_condition(question.shown_if),
    )


def _options(question: AnyQuestion, language: str) -> list[ShownOption]:
    options = question.options if isinstance(question, Choice) else ()
    return [
        ShownOption(key=option.key, text=option.text.into(language), exclusive=option.exclusive)
        for option in options
    ]


def _range(question: AnyQuestion, language: str) -> ShownRange | None:
    if not isinstance(question, Scale | Number):
        return None
    lowest, highest = question.bounds()
    scale = question if isinstance(question, Scale) else None
    return ShownRange(
        lowest=lowest,
        highest=highest,
        low=scale.low.into(language) if scale else None,
        high=scale.high.into(language) if scale else None,
        unit=question.unit.into(language) if isinstance(question, Number) else None,
    )


def _condition(condition: Condition | None) -> ShownCondition | None:
    if condition is None:
        return None
    return ShownCondition(
        question=condition.question,
        any_of=list(condition.any_of),
        at_least=condition.at_least,
        at_most=condition.at_most,
    )
