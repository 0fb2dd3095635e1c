"""`cococity dead-letters` and `cococity consumers`: what could not be applied, and what stands still."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    NEEDS_A_PERSON,
    REFUSED,
    CommandFailed,
    GatewayOption,
    JsonOption,
    Service,
    Session,
    TokenOption,
    problem_detail,
    session,
)

ServiceOption = Annotated[Service | None, typer.Option(help="Of this service only; all without.")]
LetterArgument = Annotated[str | None, typer.Argument(metavar="ID", help="Id of one dead letter.")]

letters = typer.Typer(
    no_args_is_help=True, help="Messages that could not be applied: look, redrive, discard."
)
consumers = typer.Typer(no_args_is_help=True, help="Consumers that stand still.")


def register(app: typer.Typer) -> None:
    app.add_typer(letters, name="dead-letters")
    app.add_typer(consumers, name="consumers")


@letters.command("list")
def list_letters(
    service: ServiceOption = None,
    state: Annotated[str, typer.Option(help="open, redriven or discarded.")] = "open",
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Dead letters in the order they died."""
    with session(gateway, token) as opened:
        found = list(_found(opened, service, state))
    if as_json:
        typer.echo(json.dumps(found))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Dead letters ({state})", title_justify="left")
    for name in ("id", "consumer", "died", "tries", "error"):
        table.add_column(name, no_wrap=name == "id", overflow="fold")
    for each in found:
        died = str(each["died_at"])[:19]
        table.add_row(each["id"], each["consumer"], died, str(each["attempts"]), _first_line(each["error"]))
    Console().print(table if found else f"No dead letters are {state}.")


@letters.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="ID")],
    service: ServiceOption = None,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """One dead letter with its headers and its body, as JSON."""
    with session(gateway, token) as opened:
        _, found = _look_up(opened, letter, service)
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@letters.command()
def redrive(
    letter: LetterArgument = None,
    every: Annotated[bool, typer.Option("--all", help="All open ones.")] = False,
    service: ServiceOption = None,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """Apply them after all, each once. Exits with 1 where some failed again; those stay open."""
    with session(gateway, token) as opened:
        chosen = _chosen(opened, letter, every, service)
        failures = list(_each(opened, chosen, "redrive", "Redriving"))
        _conclude("redriven", len(chosen), failures)


@letters.command()
def discard(
    letter: LetterArgument = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All open ones.")] = False,
    service: ServiceOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """Give them up for good. They stay readable for 90 days."""
    with session(gateway, token) as opened:
        chosen = _chosen(opened, letter, every, service)
        if chosen and not yes:
            typer.confirm(
                f"Give up {len(chosen)} dead letter(s)? What they say will have no effect", abort=True
            )
        failures = list(_each(opened, chosen, "discard", "Discarding"))
        _conclude("discarded", len(chosen), failures)


@consumers.command()
def resume(
    consumer: Annotated[str, typer.Argument(help="Its name, as `cococity status` shows it.")],
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """Let a paused consumer work again."""
    service = consumer.partition("__")[0]
    with session(gateway, token) as opened:
        if service not in Service.__members__:
            raise CommandFailed(
                f"{consumer} is no consumer.", "`cococity status` lists them: <service>__<purpose>.", REFUSED
            )
        answer = opened.post(f"/api/v1/operations/{service}/consumers/{consumer}/resume")
    typer.echo(f"{consumer} {'works again.' if answer['resumed'] else 'was not paused.'}")


def _found(opened: Session, service: Service | None, state: str) -> Iterator[dict[str, Any]]:
    for each in [service] if service else Service:
        for item in opened.all_items(f"/api/v1/operations/{each}/dead-letters", state=state):
            yield {"service": each.value, **item}


def _look_up(opened: Session, letter: str, service: Service | None) -> tuple[Service, dict[str, Any]]:
    """The letter and whose it is: ids are unique among services, so that nobody has to know."""
    for each in [service] if service else Service:
        answer = opened.ask("GET", f"/api/v1/operations/{each}/dead-letters/{letter}")
        if answer.is_success:
            return each, answer.json()
        if answer.status_code not in (404, 422):
            raise CommandFailed(f"{each}: {problem_detail(answer)}", "Look with `cococity status`.", REFUSED)
    raise CommandFailed(
        f"There is no dead letter {letter}.",
        "`cococity dead-letters list` shows those that are open.",
        REFUSED,
    )


def _chosen(
    opened: Session, letter: str | None, every: bool, service: Service | None
) -> list[tuple[str, str]]:
    """Service and id of what is to be decided about."""
    if every == (letter is not None):
        raise typer.BadParameter("Name one dead letter by its id, or all open ones with --all.")
    if letter is not None:
        return [(_look_up(opened, letter, service)[0].value, letter)]
    return [(each["service"], each["id"]) for each in _found(opened, service, "open")]


def _each(opened: Session, chosen: Iterable[tuple[str, str]], decision: str, title: str) -> Iterator[str]:
    """Decide one after the other, with a progress bar; yields a line for each that was refused."""
    from rich.progress import track

    from operations.terminal import messages

    for service, letter in track(list(chosen), title, console=messages(), transient=True):
        answer = opened.ask("POST", f"/api/v1/operations/{service}/dead-letters/{letter}/{decision}")
        if not answer.is_success:
            yield f"{letter}: {problem_detail(answer)}"
        elif decision == "redrive" and not answer.json()["redriven"]:
            yield f"{letter}: it was {answer.json()['state']} before"


def _conclude(done: str, total: int, failures: list[str]) -> None:
    typer.echo(f"{total - len(failures)} of {total} {done}.")
    for line in failures:
        typer.echo(line, err=True)
    if failures:
        raise typer.Exit(NEEDS_A_PERSON)


def _first_line(error: str) -> str:
    return error.splitlines()[0][:200] if error else ""
