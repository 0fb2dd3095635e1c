"""Questionnaires of any shape, and answers to them, for properties that hold for all."""

from typing import Literal

from hypothesis import strategies as st

from services.assessment.questionnaires.domain.definition import (
    Answers,
    Condition,
    Dimension,
    Option,
    Question,
    Questionnaire,
    Recommendation,
    Text,
)

WORDS = Text(fr="oui", nl="ja", de="ja", en="yes")
DIMENSIONS = ("visibility", "security", "skills")
STEPS = ("claim", "mend", "learn")


@st.composite
def questions(draw: st.DrawFn, key: str, earlier: list[Question]) -> Question:
    kind: Literal["single", "multiple"] = "multiple" if draw(st.booleans()) else "single"
    points = [*draw(st.lists(st.integers(0, 100), min_size=1, max_size=3)), 100]
    called_for = draw(st.lists(st.sampled_from(STEPS), max_size=2, unique=True))
    options = [
        Option(key=f"o{place}", text=WORDS, points=value, recommends=tuple(called_for) if value < 50 else ())
        for place, value in enumerate(points)
    ]
    if kind == "multiple":
        options.append(Option(key="none", text=WORDS, points=0, exclusive=True))
    condition = None
    conditional = draw(st.booleans())
    if earlier and conditional:
        parent = draw(st.sampled_from(earlier))
        wanted = draw(st.sampled_from(parent.options))
        condition = Condition(question=parent.key, any_of=(wanted.key,))
    return Question(
        key=key,
        dimension=draw(st.sampled_from(DIMENSIONS)),
        kind=kind,
        weight=draw(st.integers(1, 5)),
        text=WORDS,
        options=tuple(options),
        shown_if=condition,
    )


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    asked: list[Question] = []
    for place in range(draw(st.integers(1, 7))):
        question: Question = draw(questions(f"q{place}", asked))
        asked.append(question)
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


@st.composite
def answers_to(draw: st.DrawFn, questionnaire: Questionnaire) -> Answers:
    """Any allowed answers, to questions that are shown and to hidden ones; none is left out."""
    given: dict[str, frozenset[str]] = {}
    for question in questionnaire.questions:
        open_options = [option.key for option in question.options if not option.exclusive]
        most = 1 if question.kind == "single" else len(open_options)
        given[question.key] = frozenset(
            draw(st.lists(st.sampled_from(open_options), min_size=1, max_size=most, unique=True))
        )
    return given
