"""`cococity simulate`: ambassadors post through the gateway, and every post is accounted for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    NEEDS_A_PERSON,
    NO_ANSWER,
    REFUSED,
    CommandFailed,
    GatewayOption,
    plain_errors,
)

if TYPE_CHECKING:
    from demo.simulator import Result, Simulator


def register(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    rate: Annotated[float, typer.Option(min=0.1, max=5_000, help="Posts per second.")] = 50,
    seconds: Annotated[float, typer.Option(min=0.1, help="For how long.")] = 20,
    ambassadors: Annotated[int, typer.Option(min=1, max=10_000, help="How many persons post.")] = 200,
    seed: Annotated[int | None, typer.Option(help="Repeats the choice of persons, merchants, posts.")] = None,
    gateway: GatewayOption = DEFAULT_GATEWAY,
) -> None:
    """Post reviews and shares as ambassadors of the demo; the last line is the account, as JSON.

    Exits with 1 where a contribution was lost, counted twice, or its fate stayed unknown.
    """
    from demo.simulator import Simulator

    with plain_errors():
        result = _run(Simulator(gateway, rate, seconds, seed, ambassadors=ambassadors))
        _tell_what_happened(result)
    typer.echo(json.dumps(result.line()))
    raise typer.Exit(0 if result.exact else NEEDS_A_PERSON)


def _run(simulator: Simulator) -> Result:
    import uvloop

    from demo.gateway import NoAnswer, Refused
    from demo.posts import TooFewAmbassadors
    from demo.simulator import NothingToPostTo
    from operations.terminal import counting

    with counting("posts answered") as progress:
        task = progress.add_task("signing in", total=simulator.count)

        def told(answered: int, phase: str) -> None:
            progress.update(task, completed=answered, description=phase)

        simulator.told = told
        try:
            return uvloop.run(simulator.run())
        except NothingToPostTo as nothing:
            raise CommandFailed(str(nothing), "Load the demo town: python -m demo.load", REFUSED) from nothing
        except TooFewAmbassadors as few:
            raise CommandFailed(str(few), "See `cococity simulate --help`.", REFUSED) from few
        except NoAnswer as silence:
            next_step = "Start it with `cococity up`, or name another address with --gateway."
            raise CommandFailed(f"No answer to {silence}.", next_step, NO_ANSWER) from silence
        except Refused as refused:
            next_step = "A simulation needs the demo's persons: COCOCITY_ENVIRONMENT=demo."
            raise CommandFailed(str(refused), next_step, REFUSED) from refused


def _tell_what_happened(result: Result) -> None:
    """What a reader of the numbers may want to know beside them."""
    if result.disturbances:
        what = ", ".join(f"{name} {count} times" for name, count in sorted(result.disturbances.items()))
        typer.echo(f"Asked again, with the same key, after: {what}", err=True)
    for reason in sorted(set(result.refused.values())):
        number = sum(each == reason for each in result.refused.values())
        typer.echo(f"Refused: {number} × {reason}", err=True)
    if result.unknown:
        typer.echo(f"{len(result.unknown)} posts were never answered: their fate is unknown.", err=True)
    for contribution in sorted(result.lost)[:20]:
        typer.echo(f"Lost: contribution {contribution} is in no audience", err=True)
