"""The deploy step creates what the contracts declare, and alters nothing behind anybody's back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.streams import DURABLES, STREAMS
from operations import streams
from operations.streams import StreamDiffers, create_streams
from tests.support.servers import Nats


async def test_a_second_deploy_creates_nothing(nats: Nats) -> None:
    await nats.delete_streams()
    client = await nats.connect()
    assert set(await create_streams(client.jetstream())) == {*STREAMS, *DURABLES}
    assert await create_streams(client.jetstream()) == []
    await client.close()


@pytest.mark.parametrize("what", ["stream", "durable"])
async def test_what_differs_is_named_and_left_as_it_is(
    nats: Nats, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    await nats.delete_streams()
    client = await nats.connect()
    await create_streams(client.jetstream())
    if what == "stream":
        bigger = replace(STREAMS["CAMPAIGNS"], max_bytes=1 << 20)
        monkeypatch.setattr(streams, "STREAMS", STREAMS | {"CAMPAIGNS": bigger})
    else:
        other = replace(DURABLES["notifications__advice"], filters=("assessment.assessment-completed.>",))
        monkeypatch.setattr(streams, "DURABLES", DURABLES | {other.name: other})
    with pytest.raises(StreamDiffers, match=r"CAMPAIGNS\.max_bytes|notifications__advice\.filter_subjects"):
        await create_streams(client.jetstream())
    await client.close()
