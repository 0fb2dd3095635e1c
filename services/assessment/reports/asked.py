"""What a report is asked for by: cities or a session, months, a questionnaire; and who may have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from msgspec.structs import replace

from chassis.access import Access, may
from chassis.database import Database
from chassis.http import SmallInt, Token
from chassis.identity import Role
from chassis.problems import conflict, invalid
from services.assessment.programme import storage as programmes
from services.assessment.programme.domain import Programme
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.reports.bases import Basis, basis_over, own_basis
from services.assessment.reports.read import Scope
from services.assessment.sessions import storage as sessions

MayReport = Annotated[Access, may(Role.consultant, Role.city_officer, Role.operator)]
FORM = "session-form"
MOST_CITIES = 600
"""More than Belgium has communes."""
Months = tuple[date | None, date | None]
Month = Annotated[str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


@dataclass(frozen=True)
class Measure:
    """By which questionnaire it is counted, as it was asked."""

    questionnaire: str | None
    version: int | None
    along_with: str | None

    def basis(self, catalogue: Catalogue, name: str | None, version: int | None) -> Basis:
        """By which measure; `name` and `version` where nothing else is asked.

        Raises Problem: 422 for an unknown questionnaire; 409 where no mapping is declared.
        """
        wanted = self.questionnaire or name or FORM
        known = catalogue.find(wanted, self.version if self.questionnaire or self.version else version)
        if known is None:
            field = "version" if catalogue.find(wanted) else "questionnaire"
            raise invalid(field, "no such questionnaire has been published")
        if self.along_with is None:
            return own_basis(known)
        other_name, _, other_version = self.along_with.rpartition(".v")
        other = catalogue.find(other_name, int(other_version)) if other_version.isdecimal() else None
        if other is None:
            raise invalid("along_with", "is no questionnaire and version, such as full-assessment.v1")
        mapping = catalogue.mapping(known, other)
        if mapping is None:
            detail = (
                "Nobody has declared which questions of the two ask the same: their scores do not add up."
            )
            raise conflict("not-comparable", detail)
        return basis_over(mapping, catalogue)


@dataclass(frozen=True)
class Asked:
    """As it was asked."""

    cities: tuple[UUID, ...]
    session: UUID | None
    programme: UUID | None
    first: date | None
    last: date | None
    measure: Measure

    async def scope(self, who: Access, database: Database) -> tuple[Scope, str | None, int | None]:
        """Where, with the session's own questionnaire and version where it is of one.

        Raises Problem: 422 without cities, a session or a programme, or with two of them; 404 for an unknown
        session or programme; 403 where the caller has no role in one of the cities.
        """
        if [bool(self.cities), self.session is not None, self.programme is not None].count(True) != 1:
            raise invalid("city", "name one city or more, or else a session, or else a programme")
        edition: tuple[str | None, int | None] = None, None
        scope = Scope(self.cities, None, self.first, self.last)
        async with database.connection() as connection:
            if self.session is not None:
                session = await sessions.find(connection, self.session)
                scope = replace(scope, cities=(session.city_id,), session_id=session.id)
                edition = session.questionnaire, session.questionnaire_version
            if self.programme is not None:
                scope = self._within(await programmes.find(connection, self.programme), scope)
        for city in scope.cities:
            who.within(city_id=city)
        return scope, *edition

    def _within(self, programme: Programme, scope: Scope) -> Scope:
        """The whole months that it touches, or those that are asked for."""
        return replace(
            scope,
            cities=tuple(sorted(programme.planned)),
            programme_id=programme.id,
            first=self.first or programme.starts_on.replace(day=1),
            last=self.last or programme.ends_on.replace(day=1),
        )


async def _months(first_month: Month = None, last_month: Month = None) -> Months:
    first, last = _day(first_month), _day(last_month)
    if first and last and last < first:
        raise invalid("last_month", "is before the first one")
    return first, last


async def _measure(
    questionnaire: Annotated[
        Token | None, Query(description="The session's own, or the session form, without one.")
    ] = None,
    version: Annotated[SmallInt | None, Query(description="The newest without one.")] = None,
    along_with: Annotated[
        Token | None,
        Query(description="Count another version, too, over the questions declared to ask the same: name.vN"),
    ] = None,
) -> Measure:
    return Measure(questionnaire, version, along_with)


async def _asked(
    months: Annotated[Months, Depends(_months)],
    measure: Annotated[Measure, Depends(_measure)],
    city: Annotated[list[UUID] | None, Query(max_length=MOST_CITIES, description="One or more.")] = None,
    session: Annotated[UUID | None, Query(description="A session, instead of cities.")] = None,
    programme: Annotated[
        UUID | None, Query(description="A programme's cities and months, instead of cities.")
    ] = None,
) -> Asked:
    return Asked(tuple(dict.fromkeys(city or ())), session, programme, *months, measure)


def _day(month: str | None) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


AskedReport = Annotated[Asked, Depends(_asked)]
