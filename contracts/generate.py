"""Writes contracts/schemas/ and contracts/asyncapi.yaml from the models: `python -m contracts.generate`.

With `--check` nothing is written: exits with 1 and says what to run where a file is not up to date. Both
exit with 2 where a released schema or example would change in a way that readers cannot follow.
"""

from __future__ import annotations

import argparse
import sys

from contracts.catalogue import ALL
from contracts.generation.files import COMMAND, Artefacts, Broken

_WAY_OUT = """
What is released is read for ever. Give an added field a default; for any other change add a new type
(`….v2`) beside the old one."""


def main(arguments: list[str] | None = None, artefacts: Artefacts | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Generate contracts/schemas and asyncapi.yaml."
    )
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    check = parser.parse_args(arguments).check
    artefacts = artefacts or Artefacts(ALL)
    try:
        changed = artefacts.stale() if check else artefacts.write()
    except Broken as error:
        sys.stderr.write(f"{error}\n{_WAY_OUT}\n")
        return 2
    if check and changed:
        names = ", ".join(changed)
        sys.stderr.write(
            f"Not up to date in contracts/: {names}\nRun `{COMMAND}` and commit what it writes.\n"
        )
        return 1
    sys.stdout.write("".join(f"contracts/{name}\n" for name in changed if not check))
    return 0


if __name__ == "__main__":
    sys.exit(main())
