"""The published questionnaires, read and checked when the service starts.

A file that is not as it was published, or that could not be asked and scored, stops the start with an error
that names file and field: a merchant never meets a half-translated question.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
import yaml

from services.assessment.questionnaires.domain.definition import Questionnaire
from services.assessment.questionnaires.domain.faults import faults
from services.assessment.questionnaires.domain.questions import EuDimension, Text

FOLDER = Path(__file__).parent / "published"
CHECKSUMS = "published.sha256"
EU = Path(__file__).parent / "eu.yaml"


class BadQuestionnaire(ValueError):
    """Says which file, which field, and what is wrong with it."""


class Catalogue:
    """Every published version of every questionnaire."""

    def __init__(self, questionnaires: Iterable[Questionnaire]) -> None:
        self._versions = {(known.name, known.version): known for known in questionnaires}
        self.eu = eu_dimensions()

    def latest(self) -> list[Questionnaire]:
        """The newest version of each, by name."""
        newest = {name: self._versions[name, version] for name, version in sorted(self._versions)}
        return list(newest.values())

    def published(self, name: str, version: int) -> Questionnaire:
        """That version, of something that was answered: a published one is never taken back."""
        return self._versions[name, version]

    def find(self, name: str, version: int | None = None) -> Questionnaire | None:
        """That version, or the newest one; None where there is no such questionnaire."""
        if version is not None:
            return self._versions.get((name, version))
        return next((known for known in self.latest() if known.name == name), None)


def eu_dimensions() -> dict[EuDimension, Text]:
    """What the EU's dimensions are called."""
    return msgspec.convert(yaml.safe_load(EU.read_bytes()), dict[EuDimension, Text])


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
        questionnaire = msgspec.convert(yaml.safe_load(body), Questionnaire)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadQuestionnaire(f"{file_name}: {error}") from error
    for fault in faults(questionnaire):
        raise BadQuestionnaire(f"{file_name}: {fault}")
    return questionnaire
