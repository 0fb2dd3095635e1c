"""python -m services.assessment.advice.check [--schema {tool,training,action}]

Says by file and field what is wrong with the catalogue of tools, trainings and actions, and its words.
`--schema` prints the JSON Schema of an entry, for editors.
"""

import argparse
import json
import sys
from collections.abc import Sequence

import msgspec

from services.assessment.advice import catalogue, words
from services.assessment.advice.domain.actions import Action
from services.assessment.advice.domain.entries import Tool, Training
from services.assessment.questionnaires.catalogue import load as questionnaires

KINDS: dict[str, type[Tool] | type[Training] | type[Action]] = {
    "tool": Tool,
    "training": Training,
    "action": Action,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where all is good, 1 where something is not; wrong use ends with 2."""
    parser = argparse.ArgumentParser("python -m services.assessment.advice.check", description=__doc__)
    parser.add_argument("--schema", choices=[*KINDS], help="print the format, and check nothing")
    said = parser.parse_args(arguments)
    if said.schema:
        sys.stdout.write(schema(said.schema))
        return 0
    try:
        words.load()
        catalogue.load(questionnaires())
    except ValueError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


def schema(kind: str) -> str:
    """JSON Schema (2020-12) of an entry, made of the types that read it."""
    made = msgspec.json.schema(KINDS[kind])
    titled = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"A {kind}", **made}
    return json.dumps(titled, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
