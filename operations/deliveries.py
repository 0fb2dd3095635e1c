"""`cococity deliveries`: what became of mails and other messages, and those that never arrived sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from operations.gateway_session import (
    DEFAULT_GATEWAY,
    REFUSED,
    CommandFailed,
    GatewayOption,
    JsonOption,
    Session,
    TokenOption,
    problem_detail,
    session,
)

PATH = "/api/v1/notifications/deliveries"
AT_ONCE = 200
"""Sent again by one request; the bar moves on with each."""
LOCAL = ZoneInfo("Europe/Brussels")
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]

deliveries = typer.Typer(no_args_is_help=True, help="Mails and other messages: look, and send again.")

Since = Annotated[
    datetime | None, typer.Option(formats=TIMES, help="From then on, by Belgian clocks without a zone.")
]
Until = Annotated[datetime | None, typer.Option(formats=TIMES, help="And before then.")]


def register(app: typer.Typer) -> None:
    app.add_typer(deliveries, name="deliveries")


@deliveries.command("list")
def list_deliveries(
    *,
    state: Annotated[
        str | None,
        typer.Option(help="pending, sending, failed_for_now, sent, failed_for_good or suppressed."),
    ] = "failed_for_good",
    channel: Annotated[str | None, typer.Option(help="Such as mail.")] = None,
    kind: Annotated[str | None, typer.Option(help="With news of that kind.")] = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="Of every state.")] = False,
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """What became of messages, the newest first. No address is kept, nor shown."""
    asked = {"state": None if every else state, "channel": channel, "kind": kind}
    with session(gateway, token) as opened:
        found = list(islice(_found(opened, PATH, **asked, since=_moment(since), until=_moment(until)), most))
    if as_json:
        typer.echo(json.dumps(found))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Messages", title_justify="left")
    for name in ("id", "to", "channel", "about", "state", "why", "tries", "ended or due"):
        table.add_column(name, no_wrap=name == "id", overflow="fold")
    for each in found:
        moment = str(each["finished_at"] or each["due_at"])[:19]
        table.add_row(
            each["id"],
            f"{each['recipient_kind']} {each['recipient_id']}",
            each["channel"],
            ", ".join(each["kinds"]),
            each["state"],
            each["reason"] or "",
            str(each["attempts"]),
            moment,
        )
    Console().print(table if found else "There are no such messages.")


@deliveries.command()
def show(
    message: Annotated[str, typer.Argument(metavar="ID")],
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """One message with its news and the rules that decided about each, as JSON."""
    with session(gateway, token) as opened:
        answer = opened.ask("GET", f"{PATH}/{message}")
        if answer.status_code in (404, 422):
            raise CommandFailed(
                f"There is no message {message}.", "`cococity deliveries list --all` shows them.", REFUSED
            )
        if not answer.is_success:
            raise CommandFailed(problem_detail(answer), "Look with `cococity status`.", REFUSED)
    typer.echo(json.dumps(answer.json(), indent=2, ensure_ascii=False))


@deliveries.command()
def replay(
    message: Annotated[str | None, typer.Argument(metavar="ID", help="Id of one message.")] = None,
    *,
    since: Since = None,
    until: Until = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many, and send none.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
) -> None:
    """Send again what never arrived: one, or those that ended in a span of time, with the same Message-ID.

    What was read meanwhile, or is not wanted any more, is left out. Who did it is kept.
    """
    if (message is None) == (since is None) or (since is None) != (until is None):
        raise typer.BadParameter("Name one message by its id, or a span with --since and --until.")
    asked: dict[str, Any] = {"delivery_id": message}
    if message is None:
        asked = {"since": _moment(since), "until": _moment(until)}
    with session(gateway, token) as opened:
        total = int(opened.post(f"{PATH}/replay", json=asked | {"dry_run": True})["found"])
        if dry_run or not total:
            typer.echo(f"{total} never arrived, and would be sent again." if total else "Nothing to send.")
            return
        if not yes:
            typer.confirm(f"Send {total} message(s) again?", abort=True)
        done = _again(opened, asked, total)
    typer.echo(f"{done} of {total} are sent again. Look with `cococity deliveries list --state pending`.")


@deliveries.command()
def replays(
    *,
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    gateway: GatewayOption = DEFAULT_GATEWAY,
    token: TokenOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who had which messages sent again, the newest first."""
    with session(gateway, token) as opened:
        found = list(islice(_found(opened, f"{PATH}/replays"), most))
    if as_json:
        typer.echo(json.dumps(found))
        return
    for each in found:
        what = each["delivery_id"] or f"from {each['since']} until {each['until']}"
        typer.echo(f"{each['at']}  {each['by_person'] or 'somebody erased'}  {each['deliveries']}  {what}")
    if not found:
        typer.echo("Nobody had anything sent again.")


def _again(opened: Session, asked: dict[str, Any], total: int) -> int:
    """Part by part, with a bar; what fails anew meanwhile is not taken up twice."""
    from operations.terminal import counting

    done = 0
    with counting("messages") as progress:
        bar = progress.add_task("Sending again", total=total)
        while done < total:
            part = {"most": min(AT_ONCE, total - done)}
            replayed = int(opened.post(f"{PATH}/replay", json=asked | part)["replayed"])
            if not replayed:
                break
            done += replayed
            progress.update(bar, completed=done)
    return done


def _found(opened: Session, path: str, **asked: Any) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = opened.get(path, cursor=cursor, limit=100, **asked)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def _moment(told: datetime | None) -> str | None:
    if told is None:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=LOCAL)).isoformat()
