"""Sessions that were held, as the assessment tells of them: a part of what a city did."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.assessment.v1 import SessionHeld
from contracts.envelope import Fact
from services.campaigns.initiatives.tables import known_session


async def learn(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
    """Keep the sessions among `events`: each is told of once, and never changes afterwards."""
    rows = {
        fact.session_id: {
            "id": fact.session_id,
            "city_id": fact.city_id,
            "kind": fact.kind,
            "starts_at": fact.starts_at,
        }
        for fact in (event.fact for event in events)
        if isinstance(fact, SessionHeld)
    }
    if rows:
        sessions = [rows[each] for each in sorted(rows)]
        await tx.execute(insert(known_session).values(sessions).on_conflict_do_nothing())


def sessions() -> Consumer:
    """Its inbox may forget: a session that is known stays as it is."""
    return Consumer("campaigns__sessions", (SessionHeld,), learn, horizon=None)
