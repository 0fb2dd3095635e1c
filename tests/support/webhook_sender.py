"""One round of webhooks in a process of its own, to be killed: `python -m tests.support.webhook_sender`."""

from __future__ import annotations

import asyncio

from chassis.clock import utc_now
from chassis.database import Database
from chassis.settings import load
from services.campaigns.main import CampaignsSettings
from tests.support.webhook_receiver import sending


async def main() -> None:
    """Send what is due, by the settings of the environment."""
    settings = load(CampaignsSettings)
    seal = settings.webhook_seal()
    assert seal is not None
    async with sending(Database(settings), seal, utc_now) as sender:
        await sender.send_due()


if __name__ == "__main__":
    asyncio.run(main())
