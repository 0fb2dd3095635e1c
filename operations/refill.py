"""`cococity replay` and `cococity republish`: fill a stream again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    CommandFailed,
    GatewayOption,
    Service,
    Session,
    TokenOption,
    session,
    wait_until_published,
)

OwnerOption = Annotated[Service, typer.Option(help="Whose stream is filled.")]


def register(app: typer.Typer) -> None:
    app.command()(replay)
    app.command()(republish)


def replay(
    service: OwnerOption,
    since: Annotated[
        datetime | None, typer.Option(help="Only what was recorded from this time on (UTC).")
    ] = None,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """Publish once more what the outbox still holds (30 days); consumers apply what they have not seen."""
    with session(gateway, token) as opened:
        path = f"/api/v1/operations/{service}/replay"
        queued = opened.lines(path, since=since.isoformat() if since else None)
        total = _refill(opened, service, queued)
    typer.echo(f"{total:,} events of {service} were published again.")


def republish(
    service: OwnerOption, gateway: GatewayOption = DEFAULT_GATEWAY, token: TokenOption = None
) -> None:
    """Publish every fact of the service's own tables once more, with the original ids and times."""
    with session(gateway, token) as opened:
        total = _refill(opened, service, opened.lines(f"/api/v1/operations/{service}/republish"))
    typer.echo(f"{total:,} events of {service} were published again.")


def _refill(opened: Session, service: Service, queued: Iterable[Any]) -> int:
    """Follow what is queued, then what is published; returns how many events."""
    from operations.terminal import counting

    total, done = 0, False
    with counting("events") as progress:
        task = progress.add_task("queued", total=None)
        for line in queued:
            total, done = line["queued"], line.get("done", False)
            progress.update(task, completed=total)
        if not done:
            raise CommandFailed(
                f"The answer broke off after {total:,} events.",
                "What is queued will be published. Run the command again for the rest: nothing counts twice.",
            )
        # The outbox may hold fresh events too, so what is left can be more than what was queued here.
        progress.reset(task, description="published", total=total)
        wait_until_published(
            opened, service, lambda left: progress.update(task, completed=max(0, total - left))
        )
    return total
