"""The thresholds of this process: of `domain.Thresholds`, unless `COCOCITY_SCREENING_…` says otherwise."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from pydantic import Field, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import PREFIX
from services.campaigns.screening.domain import Thresholds


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}SCREENING_", env_ignore_empty=True)


_kinds = get_type_hints(Thresholds)
_given: dict[str, Any] = {
    each.name: (_kinds[each.name], Field(each.default, gt=0)) for each in fields(Thresholds)
}
_Settings = create_model("_Settings", __base__=_Environment, **_given)


@cache
def thresholds() -> Thresholds:
    """Raises ValidationError for what is no positive number."""
    return Thresholds(**_Settings().model_dump())
