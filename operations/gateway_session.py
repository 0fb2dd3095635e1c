"""What every command that talks to a running system shares: its options, a signed-in session, plain errors.

Exit codes: 0 done · 1 done, and something needs a person · 2 wrong use · 3 no answer · 4 refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import httpx

NEEDS_A_PERSON, NO_ANSWER, REFUSED = 1, 3, 4
DEMO_OPERATOR = "otto"

GatewayOption = Annotated[
    str, typer.Option("--gateway", envvar="COCOCITY_GATEWAY", help="Address of the gateway.")
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="COCOCITY_TOKEN",
        show_envvar=True,
        help="An operator's token. In a demo, the demo's operator is signed in without one.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
DEFAULT_GATEWAY = "http://127.0.0.1:8080"


class Service(StrEnum):
    """Those with a database, an outbox and consumers of their own."""

    directory = "directory"
    assessment = "assessment"
    campaigns = "campaigns"
    notifications = "notifications"


class CommandFailed(Exception):
    """Ends a command: what is wrong, what to do next, and the exit code."""

    def __init__(self, what: str, next_step: str, code: int = NEEDS_A_PERSON) -> None:
        super().__init__(what)
        self.next_step = next_step
        self.code = code


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn CommandFailed into two lines on standard error and an exit code."""
    try:
        yield
    except CommandFailed as failed:
        typer.secho(str(failed), fg=typer.colors.RED, err=True)
        typer.echo(failed.next_step, err=True)
        raise typer.Exit(failed.code) from None


@contextmanager
def session(gateway: str, token: str | None) -> Iterator[Session]:
    """A session with an operator's token; errors inside become plain lines."""
    with plain_errors():
        opened = Session(gateway, token)
        try:
            yield opened
        finally:
            opened.close()


class Session:
    """HTTP to the gateway as one person. Raises CommandFailed for whatever goes wrong."""

    def __init__(self, gateway: str, token: str | None, demo_person: str = DEMO_OPERATOR) -> None:
        import httpx

        self.gateway = gateway.rstrip("/")
        self._given = token
        self._demo_person = demo_person
        self._token: str | None = token
        self._client = httpx.Client(base_url=self.gateway, timeout=httpx.Timeout(30), trust_env=False)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **asked: Any) -> Any:
        """The body of a GET's answer."""
        wanted = {name: value for name, value in asked.items() if value is not None}
        return self._decided(self.ask("GET", path, params=wanted))

    def post(self, path: str, **request: Any) -> Any:
        """The body of a POST's answer; None where there is none."""
        return self._decided(self.ask("POST", path, **request))

    def put(self, path: str, **request: Any) -> Any:
        """The body of a PUT's answer; None where there is none."""
        return self._decided(self.ask("PUT", path, **request))

    def delete(self, path: str) -> Any:
        """The body of a DELETE's answer; None where there is none."""
        return self._decided(self.ask("DELETE", path))

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer, whatever it decides, as the signed-in person."""
        headers = request.pop("headers", {})
        answer = self._send(method, path, headers=headers | self._signed(), **request)
        if answer.status_code == 401 and self._given is None:
            self._token = None  # a demo's token lasts a quarter of an hour; a rebuild may take longer
            answer = self._send(method, path, headers=headers | self._signed(), **request)
        return answer

    def ask_anonymously(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer, whatever it decides, to nobody in particular."""
        return self._send(method, path, **request)

    def lines(self, path: str, **asked: Any) -> Iterator[Any]:
        """The JSON lines that a POST streams, as they come."""
        import httpx
        import msgspec

        wanted = {name: value for name, value in asked.items() if value is not None}
        try:
            with self._client.stream(
                "POST", path, params=wanted, headers=self._signed(), timeout=None
            ) as answer:
                if not answer.is_success:
                    answer.read()
                    self._decided(answer)
                for line in answer.iter_lines():
                    if line:
                        yield msgspec.json.decode(line)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def all_items(self, path: str, **asked: Any) -> Iterator[Any]:
        """Every item of a list that is paged by `after`."""
        after = None
        while True:
            page = self.get(path, after=after, **asked)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def demo_token(self, person: str) -> str:
        """A token of a person of the demo. Raises CommandFailed where there is no demo, or no such person."""
        answer = self._send("POST", "/api/v1/tokens/demo", json={"person": person})
        if answer.status_code in (404, 422):
            detail = problem_detail(answer)
            raise CommandFailed(
                f"No token for {person}: {detail}",
                "Persons of the demo exist in a demo alone (COCOCITY_ENVIRONMENT=demo): claire, marc, nele, "
                "dieter, anna, otto, sophie, tom, lea, ambassador-1 … ambassador-10000. "
                "Elsewhere sign in, and pass your token with --token or COCOCITY_TOKEN.",
                REFUSED,
            )
        return str(self._decided(answer)["token"])

    def _signed(self) -> dict[str, str]:
        if self._token is None:
            self._token = self.demo_token(self._demo_person)
        return {"Authorization": f"Bearer {self._token}"}

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        import httpx

        try:
            return self._client.request(method, path, **request)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> CommandFailed:
        return CommandFailed(
            f"{self.gateway} does not answer ({type(error).__name__}).",
            "Start it with `cococity up`, or name another address with --gateway or COCOCITY_GATEWAY.",
            NO_ANSWER,
        )

    def _decided(self, answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json() if answer.content else None
        what = f"{answer.request.method} {answer.request.url.path}: {problem_detail(answer)}"
        if answer.status_code in (401, 403):
            raise CommandFailed(what, "Pass an operator's token with --token or COCOCITY_TOKEN.", REFUSED)
        if answer.status_code in (429, 502, 503, 504):
            raise CommandFailed(what, "Look with `cococity status`, and try again shortly.", NO_ANSWER)
        raise CommandFailed(what, "Nothing was changed by this request.", REFUSED)


def problem_detail(answer: httpx.Response) -> str:
    """What a problem document says, or what can be said of any other answer."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the answer was {answer.status_code}"


def wait_until_published(opened: Session, service: Service, told: Any, stalled_after: float = 60) -> None:
    """Return when the service's outbox is empty; `told` is called with what is left. Raises CommandFailed."""
    fewest, since = None, time.monotonic()
    while True:
        left = opened.get(f"/api/v1/operations/{service}/status")["outbox"]["unpublished"]
        told(left)
        if left == 0:
            return
        if fewest is None or left < fewest:
            fewest, since = left, time.monotonic()
        if time.monotonic() - since > stalled_after:
            raise CommandFailed(
                f"{left} events of {service} wait, and none was published for {stalled_after:.0f} s.",
                "They are safe in the outbox. Look with `cococity status` whether NATS and the workers run.",
            )
        time.sleep(0.2)
