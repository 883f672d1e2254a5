"""Finds out whose customer it is that waits: fills in what the pre-application says, and tells the account manager."""

import logging
from collections.abc import Iterable, Sequence

from sqlalchemy import update

from applications import repository as applications
from conversations.schemas import HandoffView
from conversations.tables import Customer, Handoff
from desk.assignment import AccountManager, find_manager
from desk.notifications import notifier
from desk.schemas import StaffView
from desk.wording import CHANNELS, REASONS
from kit.clock import Clock
from kit.database import Database

log = logging.getLogger(__name__)


class Owners:
    """Looks at each open handoff once in its life; another process may do the same, and nothing happens twice."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: set[str] = set()

    async def look_after(self, handoffs: Sequence[HandoffView], staff: Iterable[StaffView]) -> None:
        """A customer who belongs to nobody, or to somebody who left, gets the account manager of their place."""
        self._known &= {handoff.id for handoff in handoffs}
        news = [handoff for handoff in handoffs if handoff.id not in self._known]
        if not news:
            return
        managers = [
            AccountManager(member.id, member.login, member.name, member.branch, member.villages)
            for member in staff
            if member.role == "account_manager" and member.is_active
        ]
        for handoff in news:
            try:
                await self._look_after(handoff, managers)
            except Exception:  # tried again; the others are not to wait for it
                log.exception("nobody could be found to look after handoff %s", handoff.id)
                continue
            self._known.add(handoff.id)

    async def _look_after(self, handoff: HandoffView, managers: Sequence[AccountManager]) -> None:
        async with self._database.transaction() as session:
            handed_in = await applications.list_of_conversations(session, [handoff.conversation_id])
            region = handoff.region
            if handed_in:  # its form is over, and the bot's slots are empty again
                newest = handed_in[0]
                region = region or newest.region
                filled = {
                    "name": handoff.name or newest.name,
                    "product": handoff.product or newest.product,
                    "region": region,
                }
                await session.execute(update(Handoff).where(Handoff.id == handoff.id).values(**filled))
            is_looked_after = handoff.manager_id in {manager.staff_id for manager in managers}
            owner = handoff.manager_id if is_looked_after else find_manager(region, handoff.source, managers)
            if owner is None:
                return
            as_seen = Customer.id == handoff.customer_id, Customer.manager_id.is_not_distinct_from(handoff.manager_id)
            change = update(Customer).where(*as_seen).values(manager_id=owner).returning(Customer.id)
            if await session.scalar(change) is None:
                raise LookupError("the customer was given to somebody else just now")  # seen at the next look
            what = REASONS.get(handoff.reason, handoff.reason)
            text = f"您的客户在等人工\n{CHANNELS.get(handoff.channel, handoff.channel)}客户，{what}"
            key, path = f"handoff:{handoff.id}", f"/talks/{handoff.id}"
            await notifier.add(session, owner, key, text, path, now=self._clock())
