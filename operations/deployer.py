"""The bus with the deploy step's rights, for the few commands that send a consumer to another place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.gateway_session import NO_ANSWER, REFUSED, CommandFailed

if TYPE_CHECKING:
    from nats.js import JetStreamContext

NatsOption = Annotated[
    str,
    typer.Option("--nats", envvar="COCOCITY_NATS_URL", help="The bus. On one machine: gateway's port + 42."),
]
SecretsOption = Annotated[
    Path,
    typer.Option(envvar="COCOCITY_SECRETS", help="Folder with the deploy step's password, in `nats_deploy`."),
]
DEFAULT_NATS, DEFAULT_SECRETS = "nats://127.0.0.1:8122", Path("var/secrets")


@asynccontextmanager
async def deployer(url: str, secrets: Path) -> AsyncIterator[JetStreamContext]:
    """JetStream as the deploy user. CommandFailed where its password or the bus is missing."""
    import nats
    import nats.errors

    from contracts.streams import DEPLOYER, inbox_prefix

    password = _password(secrets / f"nats_{DEPLOYER}")
    try:
        client = await nats.connect(
            [each.strip() for each in url.split(",")],
            user=DEPLOYER,
            password=password,
            inbox_prefix=inbox_prefix(DEPLOYER),
            allow_reconnect=False,
            # nats-py tries a first connection sixty times, two seconds apart, unless it is told not to.
            max_reconnect_attempts=1,
            reconnect_time_wait=0.2,
            error_cb=_not_told_twice,
        )
        try:
            yield client.jetstream()
        finally:
            await client.close()
    except (OSError, nats.errors.Error) as error:
        if "authorization violation" in str(error).lower():
            raise CommandFailed(
                f"{url} refuses the password in {secrets}.",
                "It is of another installation: name this one's folder with --secrets or COCOCITY_SECRETS.",
                REFUSED,
            ) from error
        raise CommandFailed(
            f"{url}: {type(error).__name__} {error}",
            "Name the bus with --nats or COCOCITY_NATS_URL, then run this again: it continues.",
            NO_ANSWER,
        ) from error


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CommandFailed(
            f"{file}: {error.strerror}.",
            "Only the deploy step's NATS user may send a consumer to another place: name the folder of its "
            "password with --secrets or COCOCITY_SECRETS.",
            REFUSED,
        ) from error


async def _not_told_twice(_: Exception) -> None:
    """The client would log what is raised anyway."""
