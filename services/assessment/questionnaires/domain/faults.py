"""What is wrong with a questionnaire that has the right form: it could not be asked, or not be scored."""

from collections import Counter
from collections.abc import Iterable, Iterator

from services.assessment.questionnaires.domain.definition import AnyQuestion, Bands, Questionnaire
from services.assessment.questionnaires.domain.questions import FULL


def faults(questionnaire: Questionnaire) -> Iterator[str]:
    """`<field>: <what is wrong>`, with the field as a path from `$`."""
    dimensions = {dimension.key for dimension in questionnaire.dimensions}
    recommended = {recommendation.key for recommendation in questionnaire.recommendations}
    yield from _repeated("$.dimensions", (each.key for each in questionnaire.dimensions))
    yield from _repeated("$.questions", (each.key for each in questionnaire.questions))
    yield from _repeated("$.recommendations", (each.key for each in questionnaire.recommendations))
    yield from _of_bands("$.bands", questionnaire.bands)
    for place, dimension in enumerate(questionnaire.dimensions):
        yield from _of_bands(f"$.dimensions[{place}].bands", dimension.bands)
    for place, recommendation in enumerate(questionnaire.recommendations):
        if recommendation.dimension not in dimensions:
            yield f"$.recommendations[{place}].dimension: no dimension {recommendation.dimension!r}"
    yield from _of_questions(questionnaire.questions, dimensions, recommended)
    yield from _of_the_whole(questionnaire, dimensions, recommended)


def _of_questions(
    questions: Iterable[AnyQuestion], dimensions: set[str], recommended: set[str]
) -> Iterator[str]:
    earlier: dict[str, AnyQuestion] = {}
    for place, question in enumerate(questions):
        path = f"$.questions[{place}]"
        yield from (f"{path}.{fault}" for fault in question.faults())
        if question.dimension not in dimensions:
            yield f"{path}.dimension: no dimension {question.dimension!r}"
        if question.weight and question.best() < FULL:
            yield f"{path}: the best answer brings {question.best()} points, not {FULL}"
        for key in sorted(question.recommends_ever() - recommended):
            yield f"{path}: calls for {key!r}, which is no recommendation"
        condition = question.shown_if
        if condition and not (
            condition.question in earlier and earlier[condition.question].can_be(condition)
        ):
            yield f"{path}.shown_if: names no earlier question, or an answer it cannot have"
        earlier[question.key] = question


def _of_the_whole(questionnaire: Questionnaire, dimensions: set[str], recommended: set[str]) -> Iterator[str]:
    scored = [question for question in questionnaire.questions if question.weight]
    if all(question.shown_if for question in scored):
        yield "$.questions: none that counts is asked of everybody"
    for unused in sorted(dimensions - {question.dimension for question in scored}):
        yield f"$.dimensions: {unused!r} has no question"
    called_for = {key for question in questionnaire.questions for key in question.recommends_ever()}
    for unused in sorted(recommended - called_for):
        yield f"$.recommendations: no answer calls for {unused!r}"
    if any(question.eu for question in scored):
        for question in scored:
            if not question.eu:
                yield f"$.questions: {question.key!r} has no place among the EU's dimensions (eu)"


def _of_bands(path: str, bands: Bands) -> Iterator[str]:
    starts = [band.at_least for band in bands]
    if starts and (starts[0] != 0 or starts != sorted({*starts})):
        yield f"{path}: the first begins at 0, each other above the one before"


def _repeated(path: str, keys: Iterable[str]) -> Iterator[str]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{path}: {key!r} is there {times} times"
