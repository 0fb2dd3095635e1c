"""The tables are the truth: every fact can be told again as it was."""

from services.directory.main import HISTORY
from tests.support.claims import invite
from tests.support.directory import DirectoryUnderTest, extract, feature, square


async def test_every_fact_is_told_again_with_its_own_id_and_time(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    shops = [
        feature("node/1", 5.645, 49.725, name="Rigaux", shop="bakery"),
        feature("node/2", 5.123456789, 49.1),
    ]
    ids = [each["merchant_id"] for each in (await directory.imported(city, extract(*shops)))["items"]]
    district = {"name": "Centre", "polygon": square(5.64, 49.72)}
    await directory.call("POST", f"/cities/{city}/districts", "claire", json=district)
    claim = {"person_id": await directory.person_id("marc")}
    await directory.call("POST", f"/merchants/{ids[0]}/claim", "claire", json=claim)
    code = {"code": await invite(directory, ids[0])}
    for _ in range(2):  # asked again, it is the same dispute
        disputed = await directory.call("POST", f"/merchants/{ids[0]}/claim", "nele", json=code)
        assert disputed.status_code == 202, disputed.text
    shops[0]["properties"]["shop"] = "pastry"
    await directory.imported(city, extract(*shops))
    await directory.call("POST", f"/merchants/{ids[1]}/close", "claire")

    async with directory.database.connection() as connection:
        told = [event async for event in HISTORY(connection)]

    recorded = await directory.events()
    assert len(recorded) == 9
    assert {event.id: event for event in told} == {event.id: event for event in recorded}
    assert [event.time for event in told] == sorted(event.time for event in recorded)


async def test_an_operator_queues_every_fact_again(directory: DirectoryUnderTest) -> None:
    city = await directory.city()
    await directory.imported(city, extract(feature("node/1"), feature("node/2")))
    before = await directory.events()

    answer = await directory.call("POST", "/operations/directory/republish", "otto")

    assert answer.status_code == 200
    assert '"queued": 3, "done": true' in answer.text
    assert await directory.events() == before
    assert (await directory.call("POST", "/operations/directory/republish", "claire")).status_code == 403
