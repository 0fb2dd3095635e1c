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


async def test_a_stream_that_differs_is_named_and_left_as_it_is(
    nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    await nats.delete_streams()
    client = await nats.connect()
    await create_streams(client.jetstream())
    smaller = replace(STREAMS["CAMPAIGNS"], max_bytes=1 << 20)
    monkeypatch.setattr(streams, "STREAMS", STREAMS | {"CAMPAIGNS": smaller})
    with pytest.raises(StreamDiffers, match=r"CAMPAIGNS\.max_bytes"):
        await create_streams(client.jetstream())
    unchanged = (await client.jetstream().stream_info("CAMPAIGNS")).config.max_bytes
    assert unchanged == STREAMS["CAMPAIGNS"].max_bytes
    await client.close()


@pytest.mark.parametrize("filters", [("assessment.>",), ("assessment.one.>", "assessment.other.>")])
async def test_a_durable_gets_the_filters_it_is_declared_with_and_stays_where_it_is(
    nats: Nats, monkeypatch: pytest.MonkeyPatch, filters: tuple[str, ...]
) -> None:
    await nats.delete_streams()
    client = await nats.connect()
    await create_streams(client.jetstream())
    jetstream, advice = client.jetstream(), DURABLES["notifications__advice"]
    await jetstream.publish("assessment.assessment-completed.v1.x.00", b"{}")
    subscription = await jetstream.pull_subscribe_bind(advice.name, advice.stream)
    for message in await subscription.fetch(1, timeout=5):
        await message.ack_sync()
    monkeypatch.setattr(streams, "DURABLES", DURABLES | {advice.name: replace(advice, filters=filters)})
    assert await create_streams(jetstream) == [f"{advice.name} (filter_subjects changed)"]
    assert await create_streams(jetstream) == []
    info = await jetstream.consumer_info(advice.stream, advice.name)
    assert (info.config.filter_subjects or [info.config.filter_subject]) == list(filters)
    assert info.ack_floor is not None
    assert info.ack_floor.stream_seq == 1
    await client.close()
