"""What callers are shown of a questionnaire, in their language."""

from chassis.http import Shown
from services.assessment.questionnaires.domain.definition import Condition, Question, Questionnaire


class ShownText(Shown):
    key: str
    text: str


class ShownCondition(Shown):
    """Show the question only where one of these options was chosen in that earlier question."""

    question: str
    any_of: list[str]


class ShownOption(ShownText):
    exclusive: bool
    """Chosen alone or not at all."""


class ShownQuestion(ShownText):
    dimension: str
    kind: str
    options: list[ShownOption]
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


def _question(question: Question, language: str) -> ShownQuestion:
    return ShownQuestion(
        key=question.key,
        text=question.text.into(language),
        dimension=question.dimension,
        kind=question.kind,
        options=[
            ShownOption(key=option.key, text=option.text.into(language), exclusive=option.exclusive)
            for option in question.options
        ],
        shown_if=_condition(question.shown_if),
    )


def _condition(condition: Condition | None) -> ShownCondition | None:
    if condition is None:
        return None
    return ShownCondition(question=condition.question, any_of=list(condition.any_of))
