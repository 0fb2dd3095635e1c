"""What second factors' secrets are sealed with: keys of their own file, replaced one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from chassis.ids import new_id
from chassis.sealing import Unsealable
from services.directory.factors.sealing import NoFactorKeys, seal_from_file


def test_a_new_key_on_the_first_line_seals_and_former_ones_still_open(tmp_path: Path) -> None:
    path, person = tmp_path / "factor_keys", new_id()
    sealed = seal_from_file(path, may_create=True).seal("SECRET", person)
    assert path.stat().st_mode & 0o777 == 0o600
    former = path.read_text()
    new = Fernet.generate_key().decode()
    path.write_text(f"{new}\n{former}")
    seal = seal_from_file(path, may_create=False)
    assert seal.open(sealed, person) == "SECRET"
    again = seal.seal("SECRET", person)
    path.write_text(new)
    assert seal_from_file(path, may_create=False).open(again, person) == "SECRET"
    with pytest.raises(Unsealable):
        seal_from_file(path, may_create=False).open(sealed, person)


def test_a_secret_opens_for_its_person_alone(tmp_path: Path) -> None:
    seal = seal_from_file(tmp_path / "factor_keys", may_create=True)
    with pytest.raises(Unsealable):
        seal.open(seal.seal("SECRET", new_id()), new_id())


@pytest.mark.parametrize("content", [None, "", "no key", "é"])
def test_keys_that_are_missing_or_none_are_told_by_their_path(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "factor_keys"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NoFactorKeys, match="factor_keys"):
        seal_from_file(path, may_create=False)
    with pytest.raises(NoFactorKeys, match="FACTOR_KEYS_FILE"):
        seal_from_file(None, may_create=True)
