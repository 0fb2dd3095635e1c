"""By which measure an assessment is counted: its own questionnaire and version, and each declared mapping.

Scores of two versions are never added as they stand. Where a mapping says which questions ask the same, each
assessment is scored anew over those of them that it answered, by the rules of the later version: that is a
basis of its own (decision 0020).
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from functools import lru_cache

from msgspec import Struct

from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.comparison import narrowed
from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.mapping import Edition, Mapping
from services.assessment.questionnaires.domain.questions import Answers
from services.assessment.questionnaires.domain.scoring import assess
from services.assessment.reports.domain.figures import Scored


class Basis(Struct, frozen=True):
    """A measure that a report has."""

    name: str
    by: Questionnaire
    """By whose rules it is scored."""
    editions: tuple[Edition, ...]
    """Whose answers count."""
    over: tuple[str, ...] = ()
    """Keys of the questions that both ask; empty for a whole questionnaire."""


def own_basis(known: Questionnaire) -> Basis:
    return Basis(f"{known.name}.v{known.version}", known, (Edition(known.name, known.version),))


def basis_over(mapping: Mapping, catalogue: Catalogue) -> Basis:
    """The common ground of two versions."""
    earlier, later = mapping.earlier, mapping.later
    by = catalogue.published(later.name, later.version)
    common = {same.later for same in mapping.questions}
    name = f"{earlier.name}.v{earlier.version}--{later.name}.v{later.version}"
    over = tuple(each.key for each in by.questions if each.key in common)
    return Basis(name, by, (earlier, later), over)


class Scorer:
    """Scores answers by every basis that reaches their questionnaire."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._reaching = {
            (known.name, known.version): [
                (mapping, basis_over(mapping, catalogue)) for mapping in catalogue.mappings_of(known)
            ]
            for known in catalogue.every()
        }
        by = {basis.name: basis.by for reaching in self._reaching.values() for _, basis in reaching}

        # Most people answer the same questions, and a region has a million of them.
        @lru_cache(maxsize=1_000)
        def ground(name: str, answered: frozenset[str]) -> Questionnaire:
            return narrowed(by[name], answered)

        self._ground = ground

    def scored(
        self, name: str, version: int, answers: Answers, score: int, dimensions: Dict[str, int]
    ) -> dict[str, Scored]:
        """`score` and `dimensions` are those of its own basis, as they were stored.

        A mapping is missing where none of its scored questions was answered.
        """
        found = {f"{name}.v{version}": Scored(score, dimensions)}
        for mapping, basis in self._reaching[name, version]:
            carried = mapping.carried(answers) if Edition(name, version) == mapping.earlier else answers
            ground = self._ground(basis.name, frozenset(basis.over).intersection(carried))
            if any(question.weight for question in ground.questions):
                outcome = assess(ground, carried)
                found[basis.name] = Scored(outcome.score, outcome.dimensions)
        return found
