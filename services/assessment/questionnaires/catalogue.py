"""The published questionnaires, read and checked when the service starts.

A file that is not as it was published, or that could not be asked and scored, stops the start with an error
that names file and field: a merchant never meets a half-translated question.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec.yaml

from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.faults import faults
from services.assessment.questionnaires.domain.mapping import Edition, Mapping, mapping_faults
from services.assessment.questionnaires.domain.questions import EuDimension, Text

FOLDER = Path(__file__).parent / "published"
CHECKSUMS = "published.sha256"
MAPPINGS = "mappings/"
EU = Path(__file__).parent / "eu.yaml"
T = TypeVar("T")


class BadQuestionnaire(ValueError):
    """Says which file, which field, and what is wrong with it."""


class Catalogue:
    """Every published version of every questionnaire, and which of them can be compared."""

    def __init__(self, questionnaires: Iterable[Questionnaire], mappings: Iterable[Mapping] = ()) -> None:
        self._versions = {(known.name, known.version): known for known in questionnaires}
        self._mappings = {frozenset((each.earlier, each.later)): each for each in mappings}
        self.eu = eu_dimensions()

    def latest(self) -> list[Questionnaire]:
        """The newest version of each, by name."""
        newest = {name: self._versions[name, version] for name, version in sorted(self._versions)}
        return list(newest.values())

    def every(self) -> list[Questionnaire]:
        """Every version that was ever published."""
        return list(self._versions.values())

    def published(self, name: str, version: int) -> Questionnaire:
        """That version, of something that was answered: a published one is never taken back."""
        return self._versions[name, version]

    def find(self, name: str, version: int | None = None) -> Questionnaire | None:
        """That version, or the newest one; None where there is no such questionnaire."""
        if version is not None:
            return self._versions.get((name, version))
        return next((known for known in self.latest() if known.name == name), None)

    def mapping(self, one: Questionnaire, other: Questionnaire) -> Mapping | None:
        """What is declared between two versions, in either direction."""
        editions = frozenset(Edition(each.name, each.version) for each in (one, other))
        return self._mappings.get(editions)

    def mappings_of(self, known: Questionnaire) -> list[Mapping]:
        """Every mapping that reaches this version, by the other one's name and version."""
        edition = Edition(known.name, known.version)
        found = [(ends - {edition}, each) for ends, each in self._mappings.items() if edition in ends]
        return [each for _, each in sorted(found, key=lambda both: min((e.name, e.version) for e in both[0]))]


def eu_dimensions() -> dict[EuDimension, Text]:
    """What the EU's dimensions are called."""
    return msgspec.yaml.decode(EU.read_bytes(), type=dict[EuDimension, Text])


def load(folder: Path = FOLDER) -> Catalogue:
    """All questionnaires in `folder`, and the mappings between them. Raises BadQuestionnaire."""
    published = _published(folder / CHECKSUMS)
    bodies = {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*.yaml"))
    }
    for missing in sorted(published.keys() - bodies.keys()):
        raise BadQuestionnaire(f"{missing}: it was published, and is gone")
    for name, body in bodies.items():
        _check_published(name, body, published.get(name))
    known = {name: _read(name, body) for name, body in bodies.items() if not name.startswith(MAPPINGS)}
    catalogue = Catalogue(known.values())
    mappings = [
        parse_mapping(name, body, catalogue) for name, body in bodies.items() if name.startswith(MAPPINGS)
    ]
    return Catalogue(known.values(), mappings)


def _published(checksums: Path) -> dict[str, str]:
    """The format of sha256sum: `<checksum>  <file>` on each line."""
    lines = checksums.read_text(encoding="utf-8").splitlines()
    return {name: checksum for checksum, name in (line.split(maxsplit=1) for line in lines if line)}


def _check_published(name: str, body: bytes, checksum: str | None) -> None:
    if checksum is None:
        raise BadQuestionnaire(f"{name}: not published, its checksum is not in {CHECKSUMS}")
    if sha256(body).hexdigest() != checksum:
        raise BadQuestionnaire(f"{name}: changed after it was published; a change is a new version")


def _read(name: str, body: bytes) -> Questionnaire:
    questionnaire = parse(name, body)
    if name != f"{questionnaire.name}.v{questionnaire.version}.yaml":
        raise BadQuestionnaire(f"{name}: name: the file says {questionnaire.name} v{questionnaire.version}")
    return questionnaire


def parse(file_name: str, body: bytes) -> Questionnaire:
    """The questionnaire in `body`, complete and consistent. Raises BadQuestionnaire."""
    questionnaire = _converted(file_name, body, Questionnaire)
    for fault in faults(questionnaire):
        raise BadQuestionnaire(f"{file_name}: {fault}")
    return questionnaire


def parse_mapping(file_name: str, body: bytes, catalogue: Catalogue) -> Mapping:
    """The mapping in `body`, between questionnaires of `catalogue`. Raises BadQuestionnaire."""
    mapping = _converted(file_name, body, Mapping)
    ends = [catalogue.find(each.name, each.version) for each in (mapping.earlier, mapping.later)]
    for end, field in zip(ends, ("earlier", "later"), strict=True):
        if end is None:
            raise BadQuestionnaire(f"{file_name}: $.{field}: no such questionnaire has been published")
    earlier, later = ends
    assert earlier is not None
    assert later is not None
    for fault in mapping_faults(mapping, earlier, later):
        raise BadQuestionnaire(f"{file_name}: {fault}")
    return mapping


def _converted(file_name: str, body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.yaml.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise BadQuestionnaire(f"{file_name}: {error}") from error
