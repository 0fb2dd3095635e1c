"""Questionnaires of any shape, and answers to them, for properties that hold for all."""

from typing import Any, get_args

from hypothesis import strategies as st

from services.assessment.questionnaires.domain.definition import (
    AnyQuestion,
    Dimension,
    Questionnaire,
    Recommendation,
)
from services.assessment.questionnaires.domain.numbers import Band, Number, Scale
from services.assessment.questionnaires.domain.questions import (
    Answers,
    Choice,
    Condition,
    EuDimension,
    Given,
    MultipleChoice,
    Option,
    SingleChoice,
    Text,
)

WORDS = Text(fr="oui", nl="ja", de="ja", en="yes")
DIMENSIONS = ("visibility", "security", "skills")
EU = get_args(EuDimension)
STEPS = ("claim", "mend", "learn")
SPANS = (1, 2, 4, 5, 10)
"""Steps over which 100 points are spread evenly."""


@st.composite
def choices(draw: st.DrawFn, several: bool, asked: dict[str, Any]) -> AnyQuestion:
    points = [*draw(st.lists(st.integers(0, 100), min_size=1, max_size=3)), 100]
    called_for = tuple(draw(st.lists(st.sampled_from(STEPS), max_size=2, unique=True)))
    options = tuple(
        Option(key=f"o{place}", text=WORDS, points=value, recommends=called_for if value < 50 else ())
        for place, value in enumerate(points)
    )
    if not several:
        return SingleChoice(options=options, **asked)
    none_of_these = Option(key="none", text=WORDS, points=0, exclusive=True)
    return MultipleChoice(options=(*options, none_of_these), **asked)


@st.composite
def scales(draw: st.DrawFn, asked: dict[str, Any]) -> Scale:
    lowest = draw(st.integers(-3, 3))
    return Scale(
        low=WORDS,
        high=WORDS,
        lowest=lowest,
        highest=lowest + draw(st.sampled_from(SPANS)),
        recommends=("learn",),
        recommends_at_most=lowest,
        **asked,
    )


@st.composite
def numbers(draw: st.DrawFn, asked: dict[str, Any]) -> Number:
    starts = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=4)))
    points = [*draw(st.lists(st.integers(0, 99), min_size=len(starts) - 1, max_size=len(starts) - 1)), 100]
    return Number(
        lowest=starts[0],
        highest=starts[-1] + 10,
        unit=WORDS,
        bands=tuple(Band(at_least=start, points=worth) for start, worth in zip(starts, points, strict=True)),
        **asked,
    )


@st.composite
def conditions(draw: st.DrawFn, earlier: AnyQuestion) -> Condition:
    if isinstance(earlier, Choice):
        return Condition(question=earlier.key, any_of=(draw(st.sampled_from(earlier.options)).key,))
    bound = draw(st.integers(*earlier.bounds()))
    if draw(st.booleans()):
        return Condition(question=earlier.key, at_least=bound)
    return Condition(question=earlier.key, at_most=bound)


@st.composite
def questions(draw: st.DrawFn, key: str, earlier: list[AnyQuestion]) -> AnyQuestion:
    conditional = draw(st.booleans()) if earlier else False
    asked: dict[str, Any] = {
        "key": key,
        "dimension": draw(st.sampled_from(DIMENSIONS)),
        "eu": draw(st.sampled_from(EU)),
        "weight": draw(st.integers(0 if earlier else 1, 5)),
        "text": WORDS,
        "shown_if": draw(conditions(draw(st.sampled_from(earlier)))) if conditional else None,
    }
    kind = draw(st.sampled_from(("single", "multiple", "scale", "number")))
    if kind == "scale":
        return draw(scales(asked))
    if kind == "number":
        return draw(numbers(asked))
    return draw(choices(kind == "multiple", asked))


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    asked: list[AnyQuestion] = []
    for place in range(draw(st.integers(1, 7))):
        asked.append(draw(questions(f"q{place}", asked)))
    return Questionnaire(
        name="any",
        version=1,
        title=WORDS,
        introduction=WORDS,
        dimensions=tuple(Dimension(key, WORDS) for key in DIMENSIONS),
        questions=tuple(asked),
        recommendations=tuple(
            Recommendation(key, "skills", draw(st.sampled_from((1, 2, 3))), WORDS, WORDS) for key in STEPS
        ),
    )


def answers_to_one(question: AnyQuestion) -> st.SearchStrategy[Given]:
    """Any allowed answer."""
    if not isinstance(question, Choice):
        return st.integers(*question.bounds())
    open_options = [option.key for option in question.options if not option.exclusive]
    most = len(open_options) if isinstance(question, MultipleChoice) else 1
    return st.frozensets(st.sampled_from(open_options), min_size=1, max_size=most)


@st.composite
def answers_to(draw: st.DrawFn, questionnaire: Questionnaire) -> Answers:
    """Any allowed answers, to questions that are shown and to hidden ones; none is left out."""
    return {question.key: draw(answers_to_one(question)) for question in questionnaire.questions}
