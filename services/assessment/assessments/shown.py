"""What callers are shown of an assessment, in their language."""

from datetime import datetime
from uuid import UUID

from chassis.http import Shown
from services.assessment.assessments.submission import Assessment
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.comparison import Comparison
from services.assessment.questionnaires.domain.definition import AnyQuestion, Bands, Questionnaire, band_of
from services.assessment.questionnaires.domain.questions import Answers, Choice
from services.assessment.questionnaires.domain.scoring import Outcome, assess
from services.assessment.questionnaires.shown import ShownText


class ShownBand(Shown):
    """What a score means, in words."""

    title: str
    text: str


class ShownDimension(ShownText):
    score: int
    band: ShownBand | None


class ShownAnswer(ShownText):
    """One answer and its effect: it brought `gained` of the `possible` points among the 100 of the whole."""

    dimension: str
    eu: str | None
    chosen: list[ShownText]
    number: int | None
    """What was answered on a scale or to a count, instead of chosen options."""
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
    corrected_by: UUID | None


class ShownOutcome(Shown):
    """What some answers come to, with the reasons."""

    questionnaire: str
    version: int
    language: str
    score: int
    band: ShownBand | None
    dimensions: list[ShownDimension]
    eu: list[ShownDimension]
    """The same answers by the EU's six dimensions; none where the questionnaire has no place there."""
    recommendations: list[ShownRecommendation]
    answers: list[ShownAnswer]
    unanswered: list[ShownText]
    """Questions that were shown and skipped: they count nowhere."""


class ShownAssessment(ShownOutcome):
    id: UUID
    merchant_id: UUID | None
    """None for a form of a session that no shop has taken as its own."""
    completed_at: datetime
    corrects: UUID | None
    corrected_by: UUID | None
    """The newer one, where its answers were put right since."""


class ShownChange(ShownText):
    before: int
    after: int
    change: int


class ShownComparison(Shown):
    """Two assessments by one measure: the rules of `questionnaire` and `version`."""

    questionnaire: str
    version: int
    language: str
    before: UUID
    after: UUID
    score_before: int
    score_after: int
    change: int
    dimensions: list[ShownChange]
    """Those that were scored both times."""
    over: list[ShownText] | None
    """The questions that both ask, where they answered two versions: scored over these alone. Else null."""


def summary(assessment: Assessment) -> AssessmentSummary:
    assert assessment.merchant_id is not None, "they are listed by merchant"
    return AssessmentSummary(
        id=assessment.id,
        merchant_id=assessment.merchant_id,
        questionnaire=assessment.questionnaire,
        version=assessment.questionnaire_version,
        completed_at=assessment.completed_at,
        score=assessment.score,
        first_step=next(iter(assessment.recommendations), None),
        corrected_by=assessment.corrected_by,
    )


def assessment_shown(assessment: Assessment, catalogue: Catalogue, language: str) -> ShownAssessment:
    """With texts, and the reasons derived again from the answers: the questionnaire is immutable."""
    known = catalogue.published(assessment.questionnaire, assessment.questionnaire_version)
    outcome = assessment.outcome or assess(known, assessment.answers)
    return ShownAssessment(
        **vars(_outcome_shown(known, assessment.answers, outcome, catalogue, language)),
        id=assessment.id,
        merchant_id=assessment.merchant_id,
        completed_at=assessment.completed_at,
        corrects=assessment.corrects,
        corrected_by=assessment.corrected_by,
    )


def comparison_shown(
    before: Assessment, after: Assessment, comparison: Comparison, language: str
) -> ShownComparison:
    by, old, new = comparison.by, comparison.before, comparison.after
    both = [each for each in by.dimensions if each.key in old.dimensions and each.key in new.dimensions]
    return ShownComparison(
        questionnaire=by.name,
        version=by.version,
        language=language,
        before=before.id,
        after=after.id,
        score_before=old.score,
        score_after=new.score,
        change=new.score - old.score,
        dimensions=[
            ShownChange(
                key=each.key,
                text=each.title.into(language),
                before=old.dimensions[each.key],
                after=new.dimensions[each.key],
                change=new.dimensions[each.key] - old.dimensions[each.key],
            )
            for each in both
        ],
        over=[
            ShownText(key=each.key, text=each.text.into(language))
            for each in by.questions
            if each.key in comparison.over
        ]
        or None,
    )


def outcome_shown(
    known: Questionnaire, answers: Answers, catalogue: Catalogue, language: str
) -> ShownOutcome:
    """What these answers, let through by `read_answers`, come to."""
    return _outcome_shown(known, answers, assess(known, answers), catalogue, language)


def _outcome_shown(
    known: Questionnaire, answers: Answers, outcome: Outcome, catalogue: Catalogue, language: str
) -> ShownOutcome:
    questions = {question.key: question for question in known.questions}
    return ShownOutcome(
        questionnaire=known.name,
        version=known.version,
        language=language,
        score=outcome.score,
        band=_band(known.bands, outcome.score, language),
        dimensions=_dimensions(known, outcome, language),
        eu=[
            ShownDimension(key=key, text=title.into(language), score=outcome.eu[key], band=None)
            for key, title in catalogue.eu.items()
            if key in outcome.eu
        ],
        recommendations=_recommendations(outcome, known, language),
        answers=_answers(answers, outcome, questions, language),
        unanswered=[
            ShownText(key=key, text=questions[key].text.into(language)) for key in outcome.unanswered
        ],
    )


def _dimensions(known: Questionnaire, outcome: Outcome, language: str) -> list[ShownDimension]:
    titles = {dimension.key: dimension for dimension in known.dimensions}
    return [
        ShownDimension(
            key=key,
            text=titles[key].title.into(language),
            score=score,
            band=_band(titles[key].bands, score, language),
        )
        for key, score in outcome.dimensions.items()
    ]


def _band(bands: Bands, score: int, language: str) -> ShownBand | None:
    band = band_of(bands, score)
    return ShownBand(title=band.title.into(language), text=band.text.into(language)) if band else None


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
    answers: Answers, outcome: Outcome, questions: dict[str, AnyQuestion], language: str
) -> list[ShownAnswer]:
    return [
        ShownAnswer(
            key=effect.question,
            text=questions[effect.question].text.into(language),
            dimension=questions[effect.question].dimension,
            eu=questions[effect.question].eu,
            chosen=_chosen(questions[effect.question], answers, language),
            number=number if isinstance(number := answers[effect.question], int) else None,
            points=effect.points,
            possible=effect.possible,
            gained=effect.gained,
        )
        for effect in outcome.effects
    ]


def _chosen(question: AnyQuestion, answers: Answers, language: str) -> list[ShownText]:
    given = answers[question.key]
    if not isinstance(question, Choice) or isinstance(given, int):
        return []
    return [
        ShownText(key=option.key, text=option.text.into(language))
        for option in question.options
        if option.key in given
    ]
