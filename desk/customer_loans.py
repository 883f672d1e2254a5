"""The loans that the bank's core knows of an account manager's customers, by the phones that they verified."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping

from conversations.customers import map_conversations
from core_banking.interface import CoreBanking, CoreLoan, find_loans
from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from verification.repository import list_verified

log = logging.getLogger(__name__)

WAIT_SECONDS = 1.5  # a page waits for it


class CustomerLoans:
    """`core` is None where there is none."""

    def __init__(self, core: CoreBanking | None, database: Database, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._core = core
        self._database = database
        self._wait_seconds = wait_seconds

    async def list_loans(self, customer_ids: Collection[str]) -> Mapping[str, list[CoreLoan]]:
        """The loans of each customer who has any, by id; of those for whom the core does not answer in time none."""
        if self._core is None:
            return {}
        owners = await self._find_owners(customer_ids)
        found: defaultdict[str, list[CoreLoan]] = defaultdict(list)
        try:
            async with asyncio.timeout(self._wait_seconds):
                async for each in find_loans(self._core, owners):
                    for customer_id in owners[each.phone]:
                        found[customer_id].append(each.loan)
        except (ServiceUnavailable, ServiceRefused, TimeoutError) as error:
            log.warning("the customers' loans are not to be had: %s", error)
        return found

    async def _find_owners(self, customer_ids: Collection[str]) -> Mapping[str, set[str]]:
        """Whose each phone is; several customers may have verified the same."""
        async with self._database.reading() as session:
            customers = await map_conversations(session, customer_ids)
            verified = await list_verified(session, customers)
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for conversation_id, phones in verified.items():
            for phone in phones:
                owners[phone].add(customers[conversation_id])
        return owners
