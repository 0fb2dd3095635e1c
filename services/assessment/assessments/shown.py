"""What callers are shown of an assessment, in their language."""

from datetime import datetime
from uuid import UUID

from chassis.http import Shown
from services.assessment.assessments.submission import Assessment
from services.assessment.questionnaires.domain.definition import Question, Questionnaire
from services.assessment.questionnaires.domain.scoring import Outcome, assess
from services.assessment.questionnaires.shown import ShownText


class ShownDimension(ShownText):
    score: int


class ShownAnswer(ShownText):
    """One answer and its effect: it brought `gained` of the `possible` points among the 100 of the whole."""

    dimension: str
    chosen: list[ShownText]
    points: int
    possible: float
    gained: float


class ShownRecommendation(Shown):
    key: str
    dimension: str
    priority: int
    title: str
    why: str
    because: list[str]
    """Keys of the questions whose answers call for it."""


class AssessmentSummary(Shown):
    id: UUID
    merchant_id: UUID
    questionnaire: str
    version: int
    completed_at: datetime
    score: int
    first_step: str | None


class ShownAssessment(Shown):
    id: UUID
    merchant_id: UUID
    questionnaire: str
    version: int
    completed_at: datetime
    language: str
    score: int
    dimensions: list[ShownDimension]
    recommendations: list[ShownRecommendation]
    answers: list[ShownAnswer]
    unanswered: list[ShownText]
    """Questions that were shown and skipped: they count nowhere."""


def summary(assessment: Assessment) -> AssessmentSummary:
    return AssessmentSummary(
        id=assessment.id,
        merchant_id=assessment.merchant_id,
        questionnaire=assessment.questionnaire,
        version=assessment.questionnaire_version,
        completed_at=assessment.completed_at,
        score=assessment.score,
        first_step=next(iter(assessment.recommendations), None),
    )


def assessment_shown(assessment: Assessment, known: Questionnaire, language: str) -> ShownAssessment:
    """With texts, and the reasons derived again from the answers: the questionnaire is immutable."""
    outcome = assess(known, assessment.answers)
    questions = {question.key: question for question in known.questions}
    return ShownAssessment(
        id=assessment.id,
        merchant_id=assessment.merchant_id,
        questionnaire=assessment.questionnaire,
        version=assessment.questionnaire_version,
        completed_at=assessment.completed_at,
        language=language,
        score=assessment.score,
        dimensions=[
            ShownDimension(
                key=each.key, text=each.title.into(language), score=assessment.dimensions[each.key]
            )
            for each in known.dimensions
            if each.key in assessment.dimensions
        ],
        recommendations=_recommendations(outcome, known, language),
        answers=_answers(assessment, outcome, questions, language),
        unanswered=[
            ShownText(key=key, text=questions[key].text.into(language)) for key in outcome.unanswered
        ],
    )


def _recommendations(outcome: Outcome, known: Questionnaire, language: str) -> list[ShownRecommendation]:
    steps = [(advice, known.recommendation(advice.key)) for advice in outcome.advice]
    return [
        ShownRecommendation(
            key=step.key,
            dimension=step.dimension,
            priority=step.priority,
            title=step.title.into(language),
            why=step.why.into(language),
            because=list(advice.because),
        )
        for advice, step in steps
    ]


def _answers(
    assessment: Assessment, outcome: Outcome, questions: dict[str, Question], language: str
) -> list[ShownAnswer]:
    return [
        ShownAnswer(
            key=effect.question,
            text=questions[effect.question].text.into(language),
            dimension=questions[effect.question].dimension,
            chosen=[
                ShownText(key=option.key, text=option.text.into(language))
                for option in questions[effect.question].options
                if option.key in assessment.answers[effect.question]
            ],
            points=effect.points,
            possible=effect.possible,
            gained=effect.gained,
        )
        for effect in outcome.effects
    ]
