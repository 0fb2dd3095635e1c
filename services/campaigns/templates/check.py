"""python -m services.campaigns.templates.check: says what is wrong with templates.yaml."""

import sys

from services.campaigns.templates.catalogue import FILE, BadTemplate, templates


def main() -> int:
    """0 where all are good, 1 where one is not."""
    try:
        templates()
    except BadTemplate as bad:
        sys.stderr.write(f"{FILE.name}: {bad}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
