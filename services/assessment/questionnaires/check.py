"""python -m services.assessment.questionnaires.check [FILES | --schema]

Says by file and field what is wrong with the files, published or still being written; without any, looks at
those that are published, checksums included. `--schema` prints the JSON Schema of the format, for editors.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from services.assessment.questionnaires.catalogue import BadQuestionnaire, load, parse
from services.assessment.questionnaires.domain.definition import Questionnaire


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where all are good, 1 where one is not; wrong use ends with 2."""
    parser = argparse.ArgumentParser(
        "python -m services.assessment.questionnaires.check", description=__doc__
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--schema", action="store_true", help="print the format, and check nothing")
    said = parser.parse_args(arguments)
    if said.schema:
        sys.stdout.write(schema())
        return 0
    faults = [*_faults_of(said.files)] if said.files else [*_faults_of_published()]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def schema() -> str:
    """JSON Schema (2020-12) of a questionnaire, made of the types that read it."""
    made = msgspec.json.schema(Questionnaire)
    titled = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A questionnaire", **made}
    return json.dumps(titled, indent=2, ensure_ascii=False) + "\n"


def _faults_of(files: Sequence[Path]) -> list[str]:
    faults = []
    for file in files:
        try:
            parse(file.name, file.read_bytes())
        except OSError as error:
            faults.append(f"{file}: {error.strerror}")
        except BadQuestionnaire as bad:
            faults.append(str(bad))
    return faults


def _faults_of_published() -> list[str]:
    try:
        load()
    except BadQuestionnaire as bad:
        return [str(bad)]
    return []


if __name__ == "__main__":
    sys.exit(main())
