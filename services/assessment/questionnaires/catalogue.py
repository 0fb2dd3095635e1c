"""The published questionnaires, read and checked when the service starts.

A file that is not as it was published, or that could not be asked and scored, stops the start with an error
that names file and field: a merchant never meets a half-translated question.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import yaml

from services.assessment.questionnaires.domain.definition import FULL, LANGUAGES, Questionnaire, Text

FOLDER = Path(__file__).parent / "published"
CHECKSUMS = "published.sha256"
_KEY = re.compile(r"[a-z][a-z0-9-]*")


class BadQuestionnaire(ValueError):
    """Says which file, which field, and what is wrong with it."""


class Catalogue:
    """Every published version of every questionnaire."""

    def __init__(self, questionnaires: Iterable[Questionnaire]) -> None:
        self._versions = {(known.name, known.version): known for known in questionnaires}

    def latest(self) -> list[Questionnaire]:
        """The newest version of each, by name."""
        newest = {name: self._versions[name, version] for name, version in sorted(self._versions)}
        return list(newest.values())

    def find(self, name: str, version: int | None = None) -> Questionnaire | None:
        """That version, or the newest one; None where there is no such questionnaire."""
        if version is not None:
            return self._versions.get((name, version))
        return next((known for known in self.latest() if known.name == name), None)


def load(folder: Path = FOLDER) -> Catalogue:
    """All questionnaires in `folder`. Raises BadQuestionnaire."""
    published = _published(folder / CHECKSUMS)
    files = sorted(folder.glob("*.yaml"))
    for missing in sorted(published.keys() - {file.name for file in files}):
        raise BadQuestionnaire(f"{missing}: it was published, and is gone")
    return Catalogue(_read(file, published.get(file.name)) for file in files)


def _published(checksums: Path) -> dict[str, str]:
    """The format of sha256sum: `<checksum>  <file>` on each line."""
    lines = checksums.read_text(encoding="utf-8").splitlines()
    return {name: checksum for checksum, name in (line.split(maxsplit=1) for line in lines if line)}


def _read(file: Path, checksum: str | None) -> Questionnaire:
    body = file.read_bytes()
    if checksum is None:
        raise BadQuestionnaire(f"{file.name}: not published, its checksum is not in {CHECKSUMS}")
    if sha256(body).hexdigest() != checksum:
        raise BadQuestionnaire(f"{file.name}: changed after it was published; a change is a new version")
    questionnaire = parse(file.name, body)
    if file.name != f"{questionnaire.name}.v{questionnaire.version}.yaml":
        raise BadQuestionnaire(
            f"{file.name}: name: the file says {questionnaire.name} v{questionnaire.version}"
        )
    return questionnaire


def parse(file_name: str, body: bytes) -> Questionnaire:
    """The questionnaire in `body`, complete and consistent. Raises BadQuestionnaire."""
    try:
        raw = yaml.safe_load(body)
        questionnaire = msgspec.convert(raw, Questionnaire)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadQuestionnaire(f"{file_name}: {error}") from error
    unknown = next(_unknown(raw, msgspec.to_builtins(questionnaire), "$"), None)
    fault = f"{unknown}: unknown field" if unknown else next(_faults(questionnaire), None)
    if fault:
        raise BadQuestionnaire(f"{file_name}: {fault}")
    return questionnaire


def _unknown(raw: Any, understood: Any, path: str) -> Iterator[str]:
    """Fields the reader passed over: a typing error in an optional one would change the scoring unseen."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key not in understood:
                yield f"{path}.{key}"
            else:
                yield from _unknown(value, understood[key], f"{path}.{key}")
    elif isinstance(raw, list):
        for place, value in enumerate(raw):
            yield from _unknown(value, understood[place], f"{path}[{place}]")


def _faults(questionnaire: Questionnaire) -> Iterator[str]:
    yield from _empty_texts(questionnaire, "$")
    dimensions = {dimension.key for dimension in questionnaire.dimensions}
    recommended = {recommendation.key for recommendation in questionnaire.recommendations}
    yield from _bad_keys("$.dimensions", [dimension.key for dimension in questionnaire.dimensions])
    yield from _bad_keys("$.questions", [question.key for question in questionnaire.questions])
    yield from _bad_keys("$.recommendations", [known.key for known in questionnaire.recommendations])
    for place, recommendation in enumerate(questionnaire.recommendations):
        if recommendation.dimension not in dimensions:
            yield f"$.recommendations[{place}].dimension: no dimension {recommendation.dimension!r}"
    yield from _question_faults(questionnaire, dimensions, recommended)
    for unused in sorted(dimensions - {question.dimension for question in questionnaire.questions}):
        yield f"$.dimensions: {unused!r} has no question"
    for unused in sorted(recommended - _called_for(questionnaire)):
        yield f"$.recommendations: no answer calls for {unused!r}"


def _question_faults(
    questionnaire: Questionnaire, dimensions: set[str], recommended: set[str]
) -> Iterator[str]:
    earlier: dict[str, set[str]] = {}
    for place, question in enumerate(questionnaire.questions):
        path = f"$.questions[{place}]"
        keys = [option.key for option in question.options]
        yield from _bad_keys(f"{path}.options", keys)
        if question.dimension not in dimensions:
            yield f"{path}.dimension: no dimension {question.dimension!r}"
        if question.weight < 1:
            yield f"{path}.weight: {question.weight} is not positive"
        if any(not 0 <= option.points <= FULL for option in question.options):
            yield f"{path}.options: points lie between 0 and {FULL}"
        reachable = [option.points for option in question.options if not option.exclusive]
        best = sum(reachable) if question.kind == "multiple" else max(reachable, default=0)
        if best < FULL:
            yield f"{path}.options: the best answer brings {best} points, not {FULL}"
        for option in question.options:
            for key in {*option.recommends, *option.recommends_without} - recommended:
                yield f"{path}.options: {option.key!r} calls for {key!r}, which is no recommendation"
        condition = question.shown_if
        if condition and (
            not condition.any_of or not set(condition.any_of) <= earlier.get(condition.question, set())
        ):
            yield f"{path}.shown_if: names no earlier question, or an option it does not have"
        earlier[question.key] = set(keys)


def _called_for(questionnaire: Questionnaire) -> set[str]:
    options = [option for question in questionnaire.questions for option in question.options]
    return {key for option in options for key in (*option.recommends, *option.recommends_without)}


def _bad_keys(path: str, keys: list[str]) -> Iterator[str]:
    if not keys:
        yield f"{path}: empty"
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{path}: {key!r} is there {times} times"
        if not _KEY.fullmatch(key):
            yield f"{path}: {key!r} is not written in small letters, digits and hyphens"


def _empty_texts(part: Any, path: str) -> Iterator[str]:
    if isinstance(part, Text):
        yield from (f"{path}.{language}: empty" for language in LANGUAGES if not part.into(language).strip())
    elif isinstance(part, tuple):
        for place, item in enumerate(part):
            yield from _empty_texts(item, f"{path}[{place}]")
    elif hasattr(part, "__dataclass_fields__"):
        fields: Mapping[str, Any] = part.__dataclass_fields__
        for name in fields:
            yield from _empty_texts(getattr(part, name), f"{path}.{name}")
