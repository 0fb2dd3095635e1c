"""What groups are called in calendars, in four languages; a missing word stops the start."""

from pathlib import Path
from typing import get_args

import msgspec.yaml

from services.assessment.advice.domain.entries import Dimension
from services.assessment.questionnaires.domain.questions import Part, Text

FILE = Path(__file__).parent / "words.yaml"


class Words(Part, frozen=True):
    title: Text
    subject: dict[str, Text]

    def title_of(self, dimension: str, language: str) -> str:
        """What a group about this is called."""
        return self.title.into(language).replace("{subject}", self.subject[dimension].into(language))


def load(file: Path = FILE) -> Words:
    """The words of `file`. Raises ValueError, which names file and field."""
    try:
        words = msgspec.yaml.decode(file.read_bytes(), type=Words)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file.name}: {error}") from error
    if missing := sorted({*get_args(Dimension)} - {*words.subject}):
        raise ValueError(f"{file.name}: $.subject: no words for {missing[0]!r}")
    return words
