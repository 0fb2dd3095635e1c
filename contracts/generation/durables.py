"""Writes contracts/durables.json: `make contracts` hands us, a line each, what the services say they read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FILE = Path(__file__).parent.parent / "durables.json"


def main() -> int:
    """Merge the lines of standard input; 1 where two services claim the same name."""
    declared: dict[str, list[str]] = {}
    for line in sys.stdin:
        said = json.loads(line)
        if twice := declared.keys() & said.keys():
            sys.stderr.write(f"Two services claim {', '.join(sorted(twice))}\n")
            return 1
        declared |= said
    FILE.write_text(json.dumps(dict(sorted(declared.items())), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
