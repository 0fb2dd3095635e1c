"""Events handed to a service's consumers as the bus would hand them, without a bus."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from chassis.clock import utc_now
from chassis.service import Service
from contracts.envelope import Event, Fact, encode
from contracts.streams import subject_of


@dataclass
class Delivery:
    """One message and what became of it."""

    data: bytes
    subject: str
    headers: dict[str, str] | None = None
    metadata: Any = field(
        default_factory=lambda: SimpleNamespace(
            num_delivered=1, timestamp=utc_now(), sequence=SimpleNamespace(stream=1, consumer=1)
        )
    )
    became: str = ""

    async def ack(self) -> None:
        self.became = "applied"

    async def nak(self, delay: float | None = None) -> None:
        self.became = "put off"

    async def term(self) -> None:
        self.became = "dead"


async def deliver(service: Service, *events: Event[Fact]) -> None:
    """Give each event to every consumer of the service that reads its type; each must apply it."""
    for event in events:
        kind = event.fact.TYPE.rsplit(".", 1)[0]
        readers = [
            each for each in service.consumers if any(f.startswith(kind) for f in each.durable.filters)
        ]
        assert readers, f"nobody in {service.name} reads {event.fact.TYPE}"
        for consumer in readers:
            delivery = Delivery(encode(event), subject_of(event))
            await consumer.handle([delivery])
            assert delivery.became == "applied", f"{consumer.durable.name}: {delivery.became}"
