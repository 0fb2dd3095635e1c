"""Each contract of .importlinter is kept by the project, and fails when a forbidden import is written.

The forbidden imports are written into a copy of the real packages: a rule that looks at the wrong modules
would not see them.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / ".importlinter"

# contract → (module that gets an import, what it imports), each on its own enough to break the contract.
VIOLATIONS = {
    "services-are-independent": [
        ("services.campaigns.main", "services.directory.settings"),
        ("services.notifications.advice.first_step", "services.assessment.questionnaires.domain.scoring"),
    ],
    "domain-is-pure": [
        ("services.assessment.questionnaires.domain.scoring", "sqlalchemy"),
        ("services.campaigns.lifecycle.domain", "chassis.clock"),
        ("services.directory.merchants.domain", "os"),
        ("services.notifications.milestones.domain", "pydantic"),
    ],
    "use-cases-know-no-transport": [
        ("services.campaigns.contributions.use_cases.post", "fastapi"),
        ("services.campaigns.lifecycle.use_cases", "chassis.consumer"),
    ],
    "portal-owns-no-data": [
        ("services.portal.main", "sqlalchemy"),
        ("services.portal.main", "contracts.streams"),
    ],
    "chassis-imports-no-service": [
        ("chassis.relay", "services.campaigns.main"),
        ("chassis.settings", "operations.status"),
    ],
    "chassis-knows-no-event": [
        ("chassis.outbox", "contracts.campaigns.v1"),
        ("chassis.consumer", "contracts.catalogue"),
    ],
    "contracts-stand-alone": [
        ("contracts.envelope", "chassis.clock"),
        ("contracts.directory.v1", "pydantic"),
    ],
    "generation-stays-at-home": [("services.directory.republish", "contracts.generation.schemas")],
    "outsiders-import-no-service": [
        ("operations.status", "services.directory.main"),
        ("demo.town", "services.directory.settings"),
        ("deploy.one_machine.system", "services.portal.main"),
    ],
    "only-one-machine-imports-deploy": [
        ("services.portal.main", "deploy.one_machine.ports"),
        ("operations.status", "deploy.one_machine.ports"),
    ],
    "nothing-needs-tests": [("chassis.consumer", "tests.support.servers"), ("demo.town", "hypothesis")],
}
EACH = [(contract, *imports) for contract, both in VIOLATIONS.items() for imports in both]


def configuration() -> configparser.ConfigParser:
    parsed = configparser.ConfigParser()
    parsed.read_string(CONFIGURATION.read_text())
    return parsed


def names() -> dict[str, str]:
    """Contract → what lint-imports calls it."""
    return {
        section.removeprefix("importlinter:contract:"): configuration()[section]["name"]
        for section in configuration().sections()
        if section.startswith("importlinter:contract:")
    }


def lint(folder: Path, cache: Path) -> str:
    """What lint-imports says of the packages in `folder`."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    said = subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--cache-dir", str(cache)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "400", "PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Contracts: " in said.stdout, said.stdout + said.stderr
    return said.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy of the project in which every violation was committed."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copy(CONFIGURATION, folder)
    for package in configuration()["importlinter"]["root_packages"].split():
        for source in (ROOT / package).rglob("*.py"):
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    for _, module, imported in EACH:
        path = folder.joinpath(*module.split(".")).with_suffix(".py")
        with path.open("a") as file:
            file.write(f"\nimport {imported}\n")
    return lint(folder, tmp_path_factory.mktemp("cache"))


def told_of(contract: str, report: str) -> str:
    """The part of a report that details how a contract is broken; empty where it is not."""
    parts = re.split(r"^(.+)\n-{3,}\n", report.partition("Broken contracts")[2], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(names()[contract], "")


def test_the_project_keeps_every_contract(tmp_path: Path) -> None:
    report = lint(ROOT, tmp_path)
    assert "0 broken" in report, report


@pytest.mark.parametrize(("contract", "module", "imported"), EACH, ids=lambda value: value)
def test_a_forbidden_import_breaks_its_contract(
    contract: str, module: str, imported: str, report: str
) -> None:
    assert f"{names()[contract]} BROKEN" in report
    assert re.search(
        rf"^-? *{re.escape(module)} -> {re.escape(imported)} \(", told_of(contract, report), re.MULTILINE
    )


def test_every_contract_is_seen_to_fail() -> None:
    assert set(VIOLATIONS) == set(names())


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_every_contract_says_why_it_is_there(contract: str) -> None:
    before = CONFIGURATION.read_text().split(f"[importlinter:contract:{contract}]")[0]
    assert before.rstrip().splitlines()[-1].startswith("# ")
