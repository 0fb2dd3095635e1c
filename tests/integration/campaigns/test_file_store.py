"""The same store, in a folder and in a bucket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr, ValidationError

from services.campaigns.files import store
from services.campaigns.files.settings import FileSettings
from services.campaigns.files.store import Files, NoSuchStore
from tests.support.servers import free_port

_REST = '<LastModified>2026-11-26T12:00:00.000Z</LastModified><ETag>"1"</ETag><Size>1</Size>'


@pytest.fixture
async def bucket() -> AsyncIterator[str]:
    """As much of S3 as is used: objects by path, for requests that are signed with the key."""
    objects: dict[str, bytes] = {}

    async def handle(request: web.Request) -> web.Response:
        if "Credential=the-key/" not in request.headers.get("Authorization", ""):
            return web.Response(status=403)
        if not request.path.startswith("/photos"):
            return web.Response(status=404, text="<Error><Code>NoSuchBucket</Code></Error>")
        if "list-type" in request.query:
            listed = "".join(f"<Contents><Key>{key[8:]}</Key>{_REST}</Contents>" for key in objects)
            return web.Response(
                text=f"<ListBucketResult>{listed}<IsTruncated>false</IsTruncated></ListBucketResult>",
                content_type="application/xml",
            )
        if request.method == "PUT":
            objects[request.path] = await request.read()
            return web.Response(headers={"ETag": '"1"'})
        if request.method == "POST" and "delete" in request.query:
            keys = re.findall("<Key>([^<]*)</Key>", await request.text())
            for key in keys:
                objects.pop(f"/photos/{key}", None)
            done = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return web.Response(text=f"<DeleteResult>{done}</DeleteResult>", content_type="application/xml")
        if request.path not in objects:
            return web.Response(status=404)
        headers = {"ETag": '"1"', "Last-Modified": "Thu, 26 Nov 2026 12:00:00 GMT"}
        return web.Response(body=objects[request.path], headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def settings(files: str, endpoint: str = "", key: str = "the-key") -> FileSettings:
    return FileSettings(
        files=files,
        files_endpoint=endpoint,
        files_region="eu-west-1",
        files_access_key=SecretStr(key),
        files_secret_key=SecretStr("the-secret"),
    )


@pytest.mark.parametrize("where", ["folder", "bucket"])
async def test_a_file_is_written_whole_read_and_deleted_once(where: str, bucket: str, tmp_path: Path) -> None:
    at = settings(str(tmp_path / "new")) if where == "folder" else settings("s3://photos/town", bucket)
    files = Files(at)
    await files.put("pictures/1/large.webp", b"one")
    await files.put("pictures/1/large.webp", b"two")
    assert await files.get("pictures/1/large.webp") == b"two"
    for _ in range(2):
        await files.delete("pictures/1/large.webp", "pictures/1/small.webp")
    with pytest.raises(FileNotFoundError):
        await files.get("pictures/1/large.webp")


async def test_a_bucket_that_refuses_is_an_error_and_not_a_missing_file(bucket: str) -> None:
    files = Files(settings("s3://photos/town", bucket, key="another"))
    with pytest.raises(Exception, match="403") as refused:
        await files.put("a", b"")
    assert not isinstance(refused.value, FileNotFoundError)
    assert "the-secret" not in str(refused.value)


async def test_a_bucket_that_is_not_there_is_told_at_the_start_and_hides_no_file(bucket: str) -> None:
    right, wrong = [Files(settings(f"s3://{name}/town", bucket)) for name in ("photos", "fotos")]
    await right.put("a", b"one")
    await right.check()
    for step in (wrong.check(), wrong.delete("a")):
        with pytest.raises(NoSuchStore, match="COCOCITY_FILES=s3://fotos/town"):
            await step
    assert await right.get("a") == b"one"


async def test_a_store_that_is_away_at_the_start_keeps_no_process_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CHECK_SECONDS", 0.2)
    await Files(settings("s3://photos", f"http://127.0.0.1:{free_port()}")).check()
    await Files(settings(str(tmp_path / "new"))).check()
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        await Files(settings(str(tmp_path / "file" / "below"))).check()


def test_a_bucket_without_its_keys_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="COCOCITY_FILES_ACCESS_KEY"):
        FileSettings(files="s3://photos")
