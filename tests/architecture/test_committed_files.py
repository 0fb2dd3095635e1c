"""What must not be in any committed file, whatever its kind."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "var", "build", "node_modules", "__pycache__"}
# Written in parts, or this file would offend.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
]
HOSTS = re.compile("|".join(rf"(?<![\w-]){re.escape(host)}(?![\w-])" for host in REGISTRIES).encode())


def committed() -> list[Path]:
    """The files git knows or would take; in an export without git, all that are not made by running."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]
    return [
        p for p in ROOT.rglob("*") if p.is_file() and not NOT_OURS.intersection(p.relative_to(ROOT).parts)
    ]


def offences(path: Path) -> list[str]:
    """Lines that name the host of a package registry: which one is used is a setting of the machine."""
    lines = path.read_bytes().splitlines()
    return [f"{path}:{number}" for number, line in enumerate(lines, 1) if HOSTS.search(line)]


def test_no_committed_file_names_a_package_registry() -> None:
    files = committed()
    assert len(files) > 100
    assert not [offence for path in files for offence in offences(path)]


@pytest.mark.parametrize("host", REGISTRIES)
def test_the_name_of_a_registry_is_seen(host: str, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"--index-url https://{host}/simple\nfastapi==1\nhttps://files.{host}/x.whl\n")
    assert len(offences(lock)) == 2


def test_an_ordinary_address_is_none(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("https://example.org https://www.openstreetmap.org mycrates.io-like")
    assert not offences(page)


def test_each_decision_has_a_number_of_its_own_which_its_title_says() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == [*range(1, len(pages) + 1)]
    for page, number in zip(pages, numbers, strict=True):
        title = page.read_text(encoding="utf-8").split("\n", 1)[0]
        assert re.match(rf"# 0*{number}[.:]", title), f"{page.name}: {title}"
