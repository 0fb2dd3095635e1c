"""`cococity status`: the whole system at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    session,
)

if TYPE_CHECKING:
    from rich.table import Table


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(
    gateway: GatewayOption = DEFAULT_GATEWAY, token: TokenOption = None, as_json: JsonOption = False
) -> None:
    """Services, outboxes, consumers and dead letters. Exits with 1 where something needs a person."""
    with session(gateway, token) as opened:
        found = look(opened)
    if as_json:
        import json

        typer.echo(json.dumps(found))
    else:
        _show(found)
    raise typer.Exit(0 if found["well"] else NEEDS_A_PERSON)


def look(opened: Session) -> dict[str, Any]:
    """What every service says of itself, and whether all is well."""
    readiness = _readiness(opened)
    services = [_service(opened, name) for name in Service]
    _mark_the_free_slot(opened, services)
    well = readiness["ready"] and all(each["well"] for each in services)
    return {"well": well, "ready": readiness["ready"], "readiness": readiness["detail"], "services": services}


def _readiness(opened: Session) -> dict[str, Any]:
    answer = opened.ask_anonymously("GET", "/readyz")
    try:
        detail = answer.json()
    except ValueError:
        detail = {}
    return {"ready": answer.status_code == 200, "detail": detail}


def _service(opened: Session, name: Service) -> dict[str, Any]:
    try:
        found = opened.get(f"/api/v1/operations/{name}/status")
    except CommandFailed as failed:
        if failed.code == REFUSED:
            raise
        return {"service": name.value, "answers": False, "well": False, "why": str(failed)}
    paused = any(consumer["paused"] for consumer in found["consumers"])
    well = not paused and found["dead_letters"]["open"] == 0
    return {"answers": True, "well": well, **found}


def _mark_the_free_slot(opened: Session, services: list[dict[str, Any]]) -> None:
    """Of the audience's two consumers one rests between rebuilds: its lag is no backlog."""
    try:
        state = opened.get("/api/v1/audience/rebuilds")
    except CommandFailed:
        return
    awake = {f"notifications__audience_{state[name]}" for name in ("live", "rebuilding")}
    for service in services:
        for each in service.get("consumers", ()):
            each["rests"] = (
                each["consumer"].startswith("notifications__audience_") and each["consumer"] not in awake
            )


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console()
    console.print(_services_table(found))
    console.print(_consumers_table(found))
    if not found["ready"]:
        console.print(f"[red]Not ready.[/] {_reason(found['readiness'])}", highlight=False)
    for line in _advice(found):
        console.print(line, highlight=False)


def _services_table(found: dict[str, Any]) -> Table:
    from rich.table import Table

    table = Table(title="Services", title_justify="left")
    for name in ("service", "state"):
        table.add_column(name)
    for name in ("waiting in outbox", "oldest", "dead letters"):
        table.add_column(name, justify="right")
    for each in found["services"]:
        if not each["answers"]:
            table.add_row(each["service"], "[red]does not answer[/]", "", "", "")
            continue
        outbox, dead = each["outbox"], each["dead_letters"]["open"]
        table.add_row(
            each["service"],
            "[green]answers[/]",
            f"{outbox['unpublished']:,}",
            f"{outbox['oldest_seconds']:.1f} s" if outbox["unpublished"] else "–",
            f"[red]{dead:,}[/]" if dead else "0",
        )
    return table


def _consumers_table(found: dict[str, Any]) -> Table:
    from rich.table import Table

    table = Table(title="Consumers", title_justify="left")
    table.add_column("consumer", no_wrap=True)
    for name in ("lag", "under way", "redelivered"):
        table.add_column(name, justify="right")
    table.add_column("state")
    for service in found["services"]:
        for each in service.get("consumers", ()):
            counts = (each["pending"], each["under_way"], each["redelivered"])
            shown = ("?" if count is None else f"{count:,}" for count in counts)
            state = f"[red]paused:[/] {each['paused']}" if each["paused"] else _state(each)
            table.add_row(each["consumer"], *shown, state)
    return table


def _state(consumer: dict[str, Any]) -> str:
    if consumer.get("rests"):
        return "[dim]rests[/]"
    return "not connected" if consumer["pending"] is None else "[green]runs[/]"


def _reason(detail: Any) -> str:
    """The parts that are not ready, out of whatever /readyz answered."""
    import json

    return json.dumps(detail) if detail else "The gateway has no portal behind it that would say why."


def _advice(found: dict[str, Any]) -> list[str]:
    lines = []
    for each in found["services"]:
        if each.get("dead_letters", {}).get("open"):
            lines.append(f"Look into them: cococity dead-letters list --service {each['service']}")
        lines += [
            f"Once its cause is gone: cococity consumers resume {consumer['consumer']}"
            for consumer in each.get("consumers", ())
            if consumer["paused"]
        ]
    return lines
