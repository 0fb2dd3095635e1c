"""Imports that run by themselves: large files in parts, with progress, resumed after a death."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.clock import utc_now
from chassis.retention import enforce
from services.directory.imports.given import Row
from services.directory.imports.jobs import run, storage
from services.directory.imports.jobs.domain import FILE_KEPT_FOR, Job
from services.directory.imports.jobs.opening import rows_in
from services.directory.imports.jobs.run import Imports
from services.directory.retention import RULES
from tests.support.directory import DirectoryUnderTest, extract, feature
from tests.support.import_jobs import announced, imported, lines, numbered, shown, start, worked
from tests.support.register import register

SHEET = (
    "Identifiant;Enseigne;Catégorie;Rue;Numéro;Longitude;Latitude\n"
    "1;Boulangerie Rigaux;boulangerie;Grand-Rue;1;5,6412;49,7212\n"
    "2;Chez Léon;friterie;Grand-Rue;3;;\n"
    "2;Chez Léon bis;friterie;Grand-Rue;3;;\n"
    "3;;;;;500;49\n"
)


@pytest.fixture
async def habay(directory: DirectoryUnderTest) -> str:
    return await directory.city()


async def listed(directory: DirectoryUnderTest) -> list[tuple[Any, ...]]:
    """What every merchant is, without what chance or the clock gave it."""
    async with directory.database.connection() as connection:
        rows = await connection.execute(
            text(
                "SELECT source, source_id, version, name, kind, longitude, latitude"
                " FROM merchant ORDER BY 1, 2"
            )
        )
        return [tuple(row) for row in rows]


async def test_a_sheet_is_looked_into_started_and_reported_row_by_row(
    directory: DirectoryUnderTest, habay: str
) -> None:
    job = await announced(directory, habay, SHEET.encode("cp1252"))
    proposal = (await directory.call("GET", f"/imports/{job}/proposal", "otto")).json()
    assert (proposal["encoding"], proposal["delimiter"]) == ("cp1252", ";")
    assert proposal["mapping"]["name"] == 1
    assert proposal["sample"][0][1] == "Boulangerie Rigaux"

    await start(directory, job)
    await worked(directory)

    done = await shown(directory, job)
    assert (done["state"], done["rows_done"]) == ("done", 4)
    assert done["totals"] == {"listed": 2, "left_out": 2}
    report = await lines(directory, job)
    assert [(line["number"], line["outcome"], line["why"]) for line in report] == [
        (1, "listed", None),
        (2, "listed", None),
        (3, "left_out", "same_id_twice"),
        (4, "left_out", "invalid_place"),
    ]
    assert report[1]["notes"] == ["placed_in_the_middle"]
    assert [line["number"] for line in await lines(directory, job, outcome="left_out")] == [3, 4]
    shop = (await directory.client.get(f"/api/v1/merchants/{report[0]['merchant_id']}")).json()
    assert (shop["name"], shop["kind"], shop["source"]["name"]) == (
        "Boulangerie Rigaux",
        "shop=bakery",
        "csv:ucm",
    )
    async with directory.database.connection() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM import_part"))).scalar_one() == 0


async def test_a_sheet_without_coordinates_is_placed_by_addresses_known_from_elsewhere(
    directory: DirectoryUnderTest, habay: str
) -> None:
    known = feature("node/1", 5.71, 49.71, shop="bakery", addr_street="Grand Rue", addr_housenumber="3")
    await directory.imported(habay, extract(known))
    sheet = "id;nom;rue;no\n1;A;Grand-Rue;3\n2;B;GRAND-RUE;5\n3;C;Rue Neuve;1\n"
    job = (await imported(directory, habay, sheet.encode()))["id"]
    assert [line["notes"] for line in await lines(directory, job)] == [
        ["placed_at_its_address"],
        ["placed_in_its_street"],
        ["placed_in_the_middle"],
    ]


async def test_a_shop_outside_of_the_country_is_left_out_with_the_reason(
    directory: DirectoryUnderTest, habay: str
) -> None:
    sheet = "id;nom;longitude;latitude\n1;A;49,72;5,64\n2;B;0;0\n3;C;5,64;49,72\n"
    job = (await imported(directory, habay, sheet.encode()))["id"]
    report = await lines(directory, job)
    assert [line["why"] for line in report] == ["invalid_place", "invalid_place", None]
    assert "outside of Belgium" in report[0]["detail"]
    assert [row[1] for row in await listed(directory)] == ["3"]


async def test_importing_again_changes_nothing_and_a_change_is_one_update(
    directory: DirectoryUnderTest, habay: str
) -> None:
    await imported(directory, habay, SHEET.encode())
    before, events = await listed(directory), len(await directory.events())

    again = await imported(directory, habay, SHEET.encode())
    assert again["totals"] == {"unchanged": 2, "left_out": 2}
    assert (await listed(directory), len(await directory.events())) == (before, events)

    changed = await imported(directory, habay, SHEET.replace("Chez Léon;", "Chez Léa;", 1).encode())
    assert changed["totals"] == {"updated": 1, "unchanged": 1, "left_out": 2}
    assert len(await directory.events()) == events + 1


async def test_a_dry_run_reports_the_same_and_writes_no_merchant(
    directory: DirectoryUnderTest, habay: str
) -> None:
    dry = await imported(directory, habay, SHEET.encode(), dry_run=True)
    assert await listed(directory) == []
    assert len(await directory.events()) == 1  # that the city joined
    assert all(line["merchant_id"] is None for line in await lines(directory, dry["id"]))
    real = await imported(directory, habay, SHEET.encode())
    assert real["totals"] == dry["totals"]


async def test_a_dry_run_is_started_anew_for_real_once(directory: DirectoryUnderTest, habay: str) -> None:
    dry = await imported(directory, habay, SHEET.encode(), dry_run=True)
    job = str(dry["id"])
    await start(directory, job, dry_run=True)  # so it was started: nothing is to do
    assert (await shown(directory, job))["state"] == "done"

    await asyncio.gather(*(start(directory, job) for _ in range(3)))
    begun = await shown(directory, job)
    assert (begun["state"], begun["dry_run"], begun["rows_done"]) == ("running", False, 0)
    await worked(directory)

    done = await shown(directory, job)
    assert (done["state"], done["totals"]) == ("done", dry["totals"])
    assert len(await listed(directory)) == done["totals"]["listed"]
    await start(directory, job)
    assert (await shown(directory, job)) == done


async def test_a_dry_run_under_way_is_not_started_for_real(directory: DirectoryUnderTest, habay: str) -> None:
    job = await announced(directory, habay, SHEET.encode())
    await start(directory, job, dry_run=True)
    refused = await directory.call("POST", f"/imports/{job}/start", "otto", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:dry-run-under-way")


async def test_the_file_of_a_dry_run_is_kept_for_a_day(directory: DirectoryUnderTest, habay: str) -> None:
    job = str((await imported(directory, habay, SHEET.encode(), dry_run=True))["id"])
    for later in (FILE_KEPT_FOR / 2, FILE_KEPT_FOR * 1.1):
        await enforce(directory.database, RULES, utc_now() + later)
        answer = await directory.call("POST", f"/imports/{job}/start", "otto", json={"dry_run": True})
        assert answer.status_code == 202
    refused = await directory.call("POST", f"/imports/{job}/start", "otto", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cococity:problem:file-gone")


async def test_a_worker_late_at_a_dry_run_does_not_end_it_for_real(
    directory: DirectoryUnderTest, habay: str
) -> None:
    job = await announced(directory, habay, numbered(3))
    await start(directory, job, dry_run=True)
    async with directory.database.connection() as connection:
        dry = await storage.job_by_id(connection, UUID(job))
    assert dry is not None
    await worked(directory)
    await start(directory, job)

    await Imports(directory.database, utc_now).go_on(dry, asyncio.Event())

    assert (await shown(directory, job))["state"] == "running"


async def test_a_worker_that_reads_for_long_before_its_first_step_keeps_the_import(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch, habay: str
) -> None:
    for module in (run, storage):
        monkeypatch.setattr(module, "HELD_FOR", timedelta(seconds=1.5))
    reading, on = threading.Event(), threading.Event()

    def slowly(path: Path, job: Job) -> Iterator[Row]:
        reading.set()
        on.wait(30)
        yield from rows_in(path, job)

    monkeypatch.setattr(run, "rows_in", slowly)
    job = await announced(directory, habay, numbered(3))
    await start(directory, job)
    worker = asyncio.create_task(worked(directory))
    await asyncio.to_thread(reading.wait, 30)
    try:
        await asyncio.sleep(2)  # longer than it was claimed for
        async with directory.database.transaction() as tx:
            assert await storage.claim(tx, utc_now()) is None
    finally:
        on.set()
        await worker
    assert (await shown(directory, job))["totals"] == {"listed": 3}


async def test_columns_are_read_as_a_person_decided(directory: DirectoryUnderTest, habay: str) -> None:
    sheet = b"a,b,c\n1,Rigaux,Chez Paul\n"
    job = await announced(directory, habay, sheet)
    refused = await directory.call("POST", f"/imports/{job}/start", "otto", json={})
    assert (refused.status_code, refused.json()["field"]) == (422, "mapping")
    refused = await directory.call("POST", f"/imports/{job}/start", "otto", json={"mapping": {"name": 3}})
    assert (refused.status_code, refused.json()["field"]) == (422, "mapping")
    await start(directory, job, dry_run=True, mapping={"id": 0, "name": 2}, kind="shop=butcher")
    await worked(directory)
    await start(directory, job)  # for real, it is read as it was looked at
    await worked(directory)
    assert [(row[1], row[3], row[4]) for row in await listed(directory)] == [
        ("1", "Chez Paul", "shop=butcher")
    ]


class Killed(BaseException):
    """Nothing may catch it, as nothing catches SIGKILL."""


async def test_a_killed_import_goes_on_and_ends_as_an_undisturbed_one(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch, habay: str
) -> None:
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 10)
    content = numbered(55)
    await imported(directory, await directory.city("81001"), content)
    undisturbed = await listed(directory)

    job = await announced(directory, habay, content)
    await start(directory, job)
    for deaths in range(1, 4):
        await _die_in_step(directory, deaths)
        async with directory.database.transaction() as tx:  # its time to hold the import passes
            await storage.change(tx, UUID(job), held_until=None)
    assert 0 < (await shown(directory, job))["rows_done"] < 55
    await worked(directory)

    done = await shown(directory, job)
    assert (done["state"], done["rows_done"], done["totals"]) == ("done", 55, {"listed": 55})
    assert [line["number"] for line in await lines(directory, job, limit=100)] == list(range(1, 56))
    both = await listed(directory)
    assert sorted(both) == sorted(undisturbed * 2)
    assert len(await directory.events()) == 2 + 2 * 55


async def _die_in_step(directory: DirectoryUnderTest, step: int) -> None:
    """A worker dies within the transaction of its n-th step."""
    imports, taken = Imports(directory.database, utc_now), 0
    write_lines = storage.write_lines

    async def dying(*arguments: Any, **options: Any) -> None:
        nonlocal taken
        taken += 1
        await write_lines(*arguments, **options)
        if taken == step:
            raise Killed

    async with directory.database.transaction() as tx:
        job = await storage.claim(tx, utc_now())
    assert job is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(storage, "write_lines", dying)
        with pytest.raises(Killed):
            await imports.go_on(job, asyncio.Event())


async def test_two_workers_at_one_import_list_each_shop_once(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch, habay: str
) -> None:
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 7)
    job = await announced(directory, habay, numbered(60))
    await start(directory, job)
    async with directory.database.connection() as connection:
        found = await storage.job_by_id(connection, UUID(job))
    assert found is not None
    worker = Imports(directory.database, utc_now)

    await asyncio.gather(*(worker.go_on(found, asyncio.Event()) for _ in range(3)))

    await worked(directory)
    assert (await shown(directory, job))["totals"] == {"listed": 60}
    assert len(await listed(directory)) == 60


async def test_a_worker_that_finds_the_file_gone_leaves_the_import_to_who_ended_it(
    directory: DirectoryUnderTest, habay: str
) -> None:
    job = await announced(directory, habay, numbered(3))
    await start(directory, job)
    async with directory.database.connection() as connection:
        found = await storage.job_by_id(connection, UUID(job))
    assert found is not None
    worker, late = (Imports(directory.database, utc_now) for _ in range(2))

    await worker.go_on(found, asyncio.Event())
    await late.go_on(found, asyncio.Event())

    ended = await shown(directory, job)
    assert (ended["state"], ended["totals"]) == ("done", {"listed": 3})


async def test_an_import_that_waits_is_held_by_one_worker(directory: DirectoryUnderTest, habay: str) -> None:
    await start(directory, await announced(directory, habay, numbered(1)))

    async def claimed() -> object:
        async with directory.database.transaction() as tx:
            return await storage.claim(tx, utc_now())

    found = await asyncio.gather(*(claimed() for _ in range(4)))
    assert sum(each is not None for each in found) == 1


@pytest.mark.parametrize("content", [b"x" * 600_000, b"\n\n", b'id;name\n1;"' + b"x\n" * 200_000])
async def test_a_file_that_is_no_sheet_is_refused_before_it_starts(
    directory: DirectoryUnderTest, habay: str, content: bytes
) -> None:
    job = await announced(directory, habay, content)
    refused = await directory.call("POST", f"/imports/{job}/start", "otto", json={})
    assert (refused.status_code, refused.json()["field"]) == (422, "body"), refused.text


async def test_a_sheet_that_breaks_off_ends_as_failed_and_keeps_what_was_done(
    directory: DirectoryUnderTest, monkeypatch: pytest.MonkeyPatch, habay: str
) -> None:
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 50)
    done = await imported(directory, habay, numbered(120) + b'\n121;"' + b"x\n" * 200_000)
    assert (done["state"], done["rows_done"]) == ("failed", 100)
    assert "cannot be read" in done["problem"]
    assert len(await listed(directory)) == 100


async def test_parts_are_all_there_before_an_import_starts_and_none_comes_after(
    directory: DirectoryUnderTest, habay: str
) -> None:
    answer = await directory.call("POST", f"/cities/{habay}/import-jobs", "otto", json={"source": "ucm"})
    job = answer.json()["id"]
    for number in (0, 2):
        await directory.call("PUT", f"/imports/{job}/parts/{number}", "otto", content=b"id;name\n")
    assert (await directory.call("POST", f"/imports/{job}/start", "otto", json={})).status_code == 409
    await directory.call("PUT", f"/imports/{job}/parts/1", "otto", content=b"1;Chez Paul\n")
    await start(directory, job)
    late = await directory.call("PUT", f"/imports/{job}/parts/3", "otto", content=b"x")
    assert late.status_code == 409
    assert (await directory.call("PUT", f"/imports/{job}/parts/3", "otto", content=b"")).status_code == 422


async def test_imports_are_of_their_citys_officers_alone(directory: DirectoryUnderTest, habay: str) -> None:
    job = await announced(directory, habay, numbered(1))
    stranger = await directory.officer(await directory.city("81001"))
    for method, path in (
        ("POST", f"/cities/{habay}/import-jobs"),
        ("PUT", f"/imports/{job}/parts/0"),
        ("GET", f"/imports/{job}/proposal"),
        ("POST", f"/imports/{job}/start"),
        ("GET", f"/imports/{job}"),
        ("GET", f"/imports/{job}/rows"),
    ):
        body = {"content": b"x"} if method == "PUT" else {"json": {"source": "x"} if "jobs" in path else {}}
        options: dict[str, Any] = {} if method == "GET" else body
        assert (await directory.call(method, path, token=stranger, **options)).status_code == 403, path
        assert (await directory.call(method, path, **options)).status_code == 401, path


async def test_the_register_is_imported_for_the_communes_postcodes_with_its_shops_placed(
    directory: DirectoryUnderTest, habay: str
) -> None:
    known = feature("node/1", 5.71, 49.71, shop="bakery", addr_street="Grand-Rue", addr_housenumber="7")
    await directory.imported(habay, extract(known))
    job = await announced(directory, habay, register(), "register", form="kbo")
    await start(directory, job, is_complete=True)
    await worked(directory)

    done = await shown(directory, job)
    assert (done["state"], done["totals"]) == ("done", {"listed": 2, "left_out": 1})
    report = await lines(directory, job)
    assert report[0]["notes"] == ["placed_at_its_address"]
    assert report[1]["notes"] == ["natural_person", "name_missing", "placed_in_the_middle"]
    assert report[2]["why"] == "not_a_merchant"
    assert [row[:2] for row in await listed(directory)][:2] == [
        ("kbo:register", "2000000010"),
        ("kbo:register", "2000000020"),
    ]


async def test_what_is_no_register_ends_as_failed(directory: DirectoryUnderTest, habay: str) -> None:
    job = await announced(directory, habay, b"PK no zip", "register", form="kbo")
    await start(directory, job)
    await worked(directory)
    done = await shown(directory, job)
    assert (done["state"], done["rows_done"]) == ("failed", 0)
    assert "no ZIP" in done["problem"]
