"""`cococity rewind`: a service reads its streams again from a time on, after its database was restored.

What the restored database has already applied, its inbox knows; the rest is applied now.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.deployer import DEFAULT_NATS, DEFAULT_SECRETS, NatsOption, SecretsOption, deployer
from operations.gateway_session import Service, plain_errors

if TYPE_CHECKING:
    from nats.js import JetStreamContext

MARGIN = timedelta(minutes=10)
"""Read from a little before the backup: clocks differ, and what is known already does no harm."""


def register(app: typer.Typer) -> None:
    app.command("rewind")(rewind_service)


def rewind_service(
    service: Annotated[Service, typer.Argument(help="Whose database was restored.")],
    since: Annotated[datetime, typer.Option(help="When the backup was taken (UTC).")],
    nats: NatsOption = DEFAULT_NATS,
    secrets: SecretsOption = DEFAULT_SECRETS,
) -> None:
    """Read the streams again from a backup's time on. Stop the service's workers first, start them after.

    Nothing takes effect twice: what the restored database knows already is passed over.
    """
    with plain_errors():
        names = asyncio.run(_rewind(nats, secrets, service.value, _in_utc(since)))
    start = _in_utc(since) - MARGIN
    for name in names:
        typer.echo(f"{name} reads again from {start:%Y-%m-%d %H:%M:%S} UTC on.")


async def rewind(jetstream: JetStreamContext, service: str, since: datetime) -> list[str]:
    """Every durable of `service` delivers again what came after `since` (less MARGIN); returns their names.

    Stop its workers first, start them after.
    """
    from contracts.streams import DURABLES
    from operations.streams import recreate_durable

    durables = [durable for durable in DURABLES.values() if durable.service == service]
    for durable in durables:
        await recreate_durable(jetstream, durable, since - MARGIN)
    return [durable.name for durable in durables]


async def _rewind(url: str, secrets: Path, service: str, since: datetime) -> list[str]:
    async with deployer(url, secrets) as jetstream:
        return await rewind(jetstream, service, since)


def _in_utc(at: datetime) -> datetime:
    """A time without a zone is meant as UTC, as everywhere on this command line."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
