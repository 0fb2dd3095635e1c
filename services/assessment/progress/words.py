"""What progress over many shops is shown with, in four languages; a missing text stops the start."""

from pathlib import Path

import msgspec.yaml

from services.assessment.questionnaires.domain.questions import Part, Text

FILE = Path(__file__).with_name("words.yaml")


class ProgressWords(Part, frozen=True):
    caution: Text
    not_enough: Text
    everybody: Text


def load(file: Path = FILE) -> ProgressWords:
    """Raises ValueError, which names file and field."""
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=ProgressWords)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file.name}: {error}") from error
