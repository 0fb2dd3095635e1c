"""One message that nobody can apply, so that an operator has something to look into.

As if a newer version of campaigns had told of a share with a field spelt otherwise. Only where the bus and
its secrets are at hand: in the system on one machine.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import nats

from contracts.streams import DEPLOYER, inbox_prefix


async def leave(city: str, merchant: str) -> bool:
    """Publish it; False where there is no bus to reach from here."""
    url, secrets = os.environ.get("COCOCITY_NATS_URL"), os.environ.get("COCOCITY_SECRETS")
    if not url or not secrets:
        return False
    client = await nats.connect(
        url,
        user=DEPLOYER,
        password=(Path(secrets) / f"nats_{DEPLOYER}").read_text().strip(),
        inbox_prefix=inbox_prefix(DEPLOYER),
    )
    try:
        subject = f"campaigns.ambassador-shared.v1.{city}.00"
        await client.jetstream().publish(subject, json.dumps(_message(city, merchant)).encode())
    finally:
        await client.close()
    return True


def _message(city: str, merchant: str) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "cococity/campaigns",
        "type": "campaigns.ambassador-shared.v1",
        "subject": merchant,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": {"city_id": city, "merchant_id": merchant, "chanel": "whatsapp"},
    }
