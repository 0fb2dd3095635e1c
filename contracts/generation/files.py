"""The committed artefacts as files: what each should hold, and which of them a run may change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from contracts.envelope import Fact
from contracts.generation import asyncapi
from contracts.generation.compatibility import breaks
from contracts.generation.schemas import schemas

CONTRACTS = Path(__file__).parent.parent
COMMAND = "python -m contracts.generate"


class Broken(Exception):
    """Something released would change. Holds a line for each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Artefacts:
    """Schemas, examples and the AsyncAPI document of one set of facts, in one folder."""

    facts: dict[str, type[Fact]]
    folder: Path = CONTRACTS

    @property
    def examples(self) -> Path:
        return self.folder / "schemas" / "examples"

    @property
    def _sums(self) -> Path:
        return self.examples / "SHA256SUMS"

    def released_schemas(self) -> dict[str, dict[str, Any]]:
        """The committed schemas by wire type."""
        files = sorted((self.folder / "schemas").glob("*.json"))
        return {file.stem: json.loads(file.read_text()) for file in files}

    def stale(self) -> list[str]:
        """Names of the files that do not hold what they should. Raises Broken as `expected` does."""
        return [
            str(path.relative_to(self.folder))
            for path, text in self.expected().items()
            if not path.exists() or path.read_text() != text
        ]

    def write(self) -> list[str]:
        """Bring the files up to date; returns the names of those that changed. Raises Broken."""
        changed = self.stale()
        for path, text in self.expected().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return changed

    def expected(self) -> dict[Path, str]:
        """What each generated file should hold.

        Raises Broken where a schema breaks with the released one, or a released example was changed.
        """
        today = schemas(self.facts)
        broken = breaks(self.released_schemas(), today) + self._broken_examples()
        if broken:
            raise Broken(broken)
        expected = {
            self.folder / "schemas" / f"{wire_type}.json": _as_json(schema)
            for wire_type, schema in today.items()
        }
        expected[self.folder / "asyncapi.yaml"] = _as_yaml(asyncapi.document(self.facts))
        expected[self._sums] = "".join(f"{digest}  {name}\n" for name, digest in self._digests().items())
        return expected

    def _digests(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.examples)): sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.examples.glob("*/*.json"))
        }

    def _broken_examples(self) -> list[str]:
        if not self._sums.exists():
            return []
        today = self._digests()
        released = [line.split("  ", 1) for line in self._sums.read_text().splitlines()]
        return [
            f"examples/{name}: {'changed' if name in today else 'gone'}; what was released stays as it was"
            for digest, name in released
            if today.get(name) != digest
        ]


def _as_json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class _Plain(yaml.SafeDumper):
    """YAML without anchors: every part reads by itself."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is the library's
        return True


def _as_yaml(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
