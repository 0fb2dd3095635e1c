"""What services say they read is what contracts/durables.json holds, for deploys and for permissions."""

from __future__ import annotations

import importlib
from typing import get_type_hints

import pytest

from contracts.campaigns.v1 import AmbassadorShared, CampaignStarted
from contracts.directory.v1 import MerchantListed
from contracts.streams import DURABLES, OWNERS, Durable, durable_for


def declared_by(service: str) -> dict[str, Durable]:
    main = importlib.import_module(f"services.{service}.main")
    settings = get_type_hints(main.build)["settings"](database_url="postgresql://nobody@127.0.0.1:1/nothing")
    return {each.durable.name: each.durable for each in main.build(settings).consumers}


@pytest.mark.parametrize("service", OWNERS)
def test_they_are_the_committed_ones(service: str) -> None:
    committed = {name: each for name, each in DURABLES.items() if each.service == service}
    assert declared_by(service) == committed, "run `make contracts` and commit what it writes"


def test_a_durable_lets_through_what_its_consumer_understands() -> None:
    made = durable_for("notifications__test", (CampaignStarted, AmbassadorShared))
    assert made.stream == "CAMPAIGNS"
    assert made.filters == ("campaigns.ambassador-shared.>", "campaigns.campaign-started.>")


@pytest.mark.parametrize("types", [(), (CampaignStarted, MerchantListed)])
def test_a_durable_reads_one_owner(types: tuple[type[CampaignStarted], ...]) -> None:
    with pytest.raises(ValueError, match="would read events of"):
        durable_for("notifications__test", types)
