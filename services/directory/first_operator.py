"""python -m services.directory.first_operator MAIL [--language fr]: invite whoever operates this first.

Roles are given by whoever has one, so the first is given from the server: by whoever can run this with the
directory's settings, who could write into its database, too. The mail leaves with the directory's worker.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from chassis.clock import utc_now
from chassis.database import Database
from chassis.problems import Problem
from chassis.settings import load
from services.directory.invitations.domain import GOOD_FOR
from services.directory.invitations.use_cases import invite_first_operator
from services.directory.languages import LANGUAGES
from services.directory.people.addresses import normal
from services.directory.settings import DirectorySettings


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the mail waits to be sent, 1 where there is an operator; wrong use ends with 2."""
    parser = argparse.ArgumentParser("python -m services.directory.first_operator", description=__doc__)
    parser.add_argument("mail", type=_address, help="where the invitation goes")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the mail")
    said = parser.parse_args(arguments)
    try:
        asyncio.run(_invite(load(DirectorySettings), said.mail, said.language))
    except Problem as refused:
        sys.stderr.write(f"{refused.detail}\n")
        return 1
    sys.stdout.write(f"{said.mail} is invited to operate this, for {GOOD_FOR.days} days.\n")
    return 0


async def _invite(settings: DirectorySettings, email: str, language: str) -> None:
    database = Database(settings)
    host = urlsplit(settings.public_url).hostname or settings.public_url
    try:
        async with database.transaction() as tx:
            await invite_first_operator(tx, email, language, on_behalf_of=host, at=utc_now())
    finally:
        await database.engine.dispose()


def _address(text: str) -> str:
    try:
        return normal(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


if __name__ == "__main__":
    sys.exit(main())
