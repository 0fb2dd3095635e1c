"""Mails before they are sent: a notification as its mail would show it, and a mail that tries the way out."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.access import Access, may
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Role
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.problems import not_found
from chassis.smtp import RefusedForGood, RefusedForNow, SmtpRelay, Unreachable
from services.notifications.feed import reading
from services.notifications.feed.api import RUNS, AcceptLanguage, language_for
from services.notifications.mails.notice import notice
from services.notifications.mails.writer import MailWriter

Runs = Annotated[Access, RUNS]
Operator = Annotated[Access, may(Role.operator)]
SAMPLE = {"kind": "review", "threshold": 5}


class MailShown(Shown):
    """A mail as it would be sent now. Its links do not end anything: nobody's secret is in them."""

    subject: str
    text: str
    html: str


class TestMail(Body):
    """Where a mail that says nothing new goes."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]
    language: Literal["fr", "nl", "de", "en"] = "en"


class Tried(Shown):
    """`taken`: the relay has it. `refused`: not this one, for `detail`. `away`: it takes none from us."""

    outcome: Literal["taken", "refused", "away"]
    detail: str | None = None


def router(writer: MailWriter, relay: SmtpRelay) -> APIRouter:
    """The routes, with what mails are written and sent by."""
    routes = APIRouter(prefix="/api/v1/notifications", tags=["mails"])

    @routes.get("/{notification_id}/mail", responses=problems(404))
    async def show_mail(
        *,
        notification_id: UUID,
        who: Runs,
        database: Db,
        now: Now,
        response: Response,
        accept_language: AcceptLanguage = None,
    ) -> MailShown:
        """A notification of one's own shop as its mail shows it, in the language asked for."""
        async with database.connection() as connection:
            entry = await reading.find(connection, notification_id)
        if entry is None or not who.has(city_id=None, merchant_id=entry.recipient.merchant_id):
            raise not_found("notification")
        language = await language_for(database, entry.recipient, accept_language, response)
        content = notice(entry.id, entry.kind, entry.data, language, name="", token=None, now=now())
        return MailShown(subject=content.title, text=writer.text(content), html=writer.html(content))

    @routes.post("/test-mails")
    async def try_mail(asked: TestMail, _who: Operator, now: Now) -> Tried:
        """Send a mail now, past every queue, and say what the relay answered (operator)."""
        content = notice(new_id(), "milestone", SAMPLE, asked.language, name="", token=None, now=now())
        try:
            await relay.send(writer.compose(content, asked.email))
        except Unreachable as error:
            return Tried(outcome="away", detail=str(error))
        except RefusedForNow as refused:
            return Tried(outcome="refused", detail=str(refused))
        except RefusedForGood as refused:
            return Tried(outcome="refused", detail=refused.reason)
        finally:
            await relay.close()
        return Tried(outcome="taken")

    return routes
