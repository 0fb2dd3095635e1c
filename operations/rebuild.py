"""`cococity rebuild audience`: fill the audience again from the bus, beside the live one, and switch."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from operations.deployer import DEFAULT_NATS, DEFAULT_SECRETS, NatsOption, SecretsOption, deployer
from operations.gateway_session import (
    DEFAULT_GATEWAY,
    CommandFailed,
    GatewayOption,
    Session,
    TokenOption,
    session,
)

REBUILDS = "/api/v1/audience/rebuilds"
POLL_SECONDS = 0.25
STALLED_SECONDS = 60.0

rebuilds = typer.Typer(no_args_is_help=True, help="Build a read model again from the events.")


def register(app: typer.Typer) -> None:
    app.add_typer(rebuilds, name="rebuild")


@rebuilds.callback()
def only_by_name() -> None:
    """Build a read model again from the events."""  # keeps `audience` a word of its own


@rebuilds.command()
def audience(
    *,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Give up the rebuild that is under way instead.")
    ] = False,
    nats: NatsOption = DEFAULT_NATS,
    secrets: SecretsOption = DEFAULT_SECRETS,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """Rebuild the merchants' audiences; people see the old figures until all is read, and nobody is mailed.

    Interrupted, it continues when it is run again.
    """
    with session(gateway, token) as opened:
        if give_up:
            opened.delete(REBUILDS)
            typer.echo("No rebuild is under way. The live audience is as it was.")
            return
        state = _begin(opened)
        if not state["from_the_start"]:
            asyncio.run(_send_to_the_start(nats, secrets, state["durable"]))
        _wait_until_read(opened)
        switched = opened.post(f"{REBUILDS}/switch")
    typer.echo(f"The audience is live from slot {switched['live']} (generation {switched['generation']}).")


def _begin(opened: Session) -> dict[str, Any]:
    """The rebuild that is under way, or a new one."""
    from uuid import uuid4

    if opened.get(REBUILDS)["rebuilding"] is None:
        opened.post(REBUILDS, headers={"Idempotency-Key": f"rebuild-{uuid4()}"})
    state: dict[str, Any] = opened.get(REBUILDS)
    return state


async def _send_to_the_start(url: str, secrets: Path, durable: str) -> None:
    from contracts.streams import DURABLES
    from operations.streams import recreate_durable

    async with deployer(url, secrets) as jetstream:
        await recreate_durable(jetstream, DURABLES[durable])


def _wait_until_read(opened: Session) -> None:
    """Return when the slot has read everything there is. Raises CommandFailed where it does not move."""
    from operations.terminal import counting

    with counting("events read") as progress:
        task = progress.add_task("rebuilding", total=None)
        most, last, since = 0, None, time.monotonic()
        while True:
            state = opened.get(REBUILDS)
            left = state["pending"] + state["behind"]
            most = max(most, left)
            progress.update(task, total=most, completed=most - left)
            if state["from_the_start"] and left == 0:
                return
            if left != last:
                last, since = left, time.monotonic()
            if time.monotonic() - since > STALLED_SECONDS:
                raise CommandFailed(
                    f"{left} events are left, and none was read for {STALLED_SECONDS:.0f} s.",
                    "Look with `cococity status`. Running this again continues; --give-up ends it.",
                )
            time.sleep(POLL_SECONDS)
