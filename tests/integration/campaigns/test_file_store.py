"""The same store, in a folder and in a bucket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr, ValidationError

from services.campaigns.files.settings import FileSettings
from services.campaigns.files.store import Files


@pytest.fixture
async def bucket() -> AsyncIterator[str]:
    """As much of S3 as is used: objects by path, for requests that are signed with the key."""
    objects: dict[str, bytes] = {}

    async def handle(request: web.Request) -> web.Response:
        if "Credential=the-key/" not in request.headers.get("Authorization", ""):
            return web.Response(status=403)
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


def test_a_bucket_without_its_keys_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="COCOCITY_FILES_ACCESS_KEY"):
        FileSettings(files="s3://photos")
