"""What an image runs finds there what it imports: each has the packages of its own lock alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_IMPORTED = """
import importlib.util, re, sys
from importlib.metadata import packages_distributions
locked = set(sys.argv[1].split(","))
owners = packages_distributions()

class Image:
    def find_spec(self, name, path=None, target=None):
        of = {re.sub(r"[-_.]+", "-", each).lower() for each in owners.get(name, ())}
        if of and not of & locked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Image())
for number, path in enumerate(sys.argv[2:]):
    if path.endswith(".py"):  # migrations: their names begin with digits
        spec = importlib.util.spec_from_file_location(f"migration_{number}", path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    else:
        importlib.import_module(path)
"""


def _modules(folder: str) -> list[str]:
    """Every module there but migrations, which the operations' image runs."""
    files = sorted((ROOT / folder).rglob("*.py"))
    named = [path.relative_to(ROOT) for path in files if path.name not in {"__init__.py", "__main__.py"}]
    return [".".join(path.with_suffix("").parts) for path in named if "migrations" not in path.parts]


def _migrations() -> list[str]:
    return [str(path) for path in sorted(ROOT.glob("services/*/migrations/versions/*.py"))]


SERVICES = ("directory", "assessment", "campaigns", "notifications", "portal")
IMAGES = {
    **{name: _modules(f"services/{name}") for name in SERVICES},
    "operations": ["operations.deploy", "operations.__main__", "deploy.containers.prepare", *_migrations()],
    "demo": ["demo.load", "deploy.one_machine.mail_catcher"],
}
"""By the name of its lock, as docker-compose.yml starts it."""


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_has_the_packages_that_its_programs_import(image: str) -> None:
    lock = (ROOT / "requirements" / f"{image}.txt").read_text()
    locked = ["cococity", *re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)]
    command = [sys.executable, "-c", _IMPORTED, ",".join(locked), *IMAGES[image]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
