"""The service accounts whose messages are fetched, each leased to one process at a time."""

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update

from connectors.wecom_service.calls import Arrival
from connectors.wecom_service.tables import ServiceAccount
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.upserts import insert_into

TOKEN_LIFE = timedelta(minutes=9)  # WeCom takes it for ten
# Clocks differ, and a call may come late. Earlier messages are those of who answered before us.
LOOKBACK = timedelta(minutes=10)


class LeasedAccount(NamedTuple):
    """An account to fetch now; without a `token` WeCom limits how often."""

    open_kfid: str
    cursor: str
    token: str
    since: datetime
    synced_at: datetime
    lease: str


class ServiceAccounts:
    """How far each account's messages were fetched. One method, one transaction.

    What a process writes counts only while the lease, which each claim makes anew, is its own.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock = read_clock,
        *,
        lease_seconds: float = 15.0,
        sync_seconds: float = 120.0,  # between fetches that nobody called for: a call may get lost
    ) -> None:
        self._database = database
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._sync = timedelta(seconds=sync_seconds)

    async def note(self, arrival: Arrival) -> None:
        """Makes an account due; one that is fetched right now is due again afterwards."""
        now = self._clock()
        called = {"token": arrival.token, "called_at": now, "due_at": now}
        new = {"open_kfid": arrival.open_kfid, "cursor": "", "since": now - LOOKBACK, "synced_at": now}
        async with self._database.transaction() as session:
            insert = insert_into(session, ServiceAccount).values(new | called)
            await session.execute(insert.on_conflict_do_update(index_elements=["open_kfid"], set_=called))

    async def claim(self) -> LeasedAccount | None:
        """Leases the account that is due the longest; None if there is none."""
        now = self._clock()
        is_due = ServiceAccount.lease_until.is_(None) & (ServiceAccount.due_at <= now)
        query = select(ServiceAccount).where(or_(is_due, ServiceAccount.lease_until <= now))
        if not await self._database.fetch(query.with_only_columns(ServiceAccount.open_kfid).limit(1)):
            return None
        async with self._database.transaction() as session:
            oldest = query.order_by(ServiceAccount.due_at).limit(1).with_for_update(skip_locked=True)
            account = await session.scalar(oldest)
            if account is None:
                return None
            account.lease, account.lease_until = uuid.uuid4().hex, now + self._lease
            account.due_at = now + self._sync
            token = account.token if now - account.called_at < TOKEN_LIFE else ""
            return LeasedAccount(
                account.open_kfid, account.cursor, token, account.since, account.synced_at, account.lease
            )

    async def advance(self, account: LeasedAccount, cursor: str) -> LeasedAccount | None:
        """Notes that all before the cursor was taken, and renews the lease; None if it is another process's now."""
        is_ours = await self._change(account, cursor=cursor, lease_until=self._clock() + self._lease)
        return account._replace(cursor=cursor) if is_ours else None

    async def rewind(self, account: LeasedAccount) -> LeasedAccount | None:
        """Begins anew, as WeCom does not know the cursor: with what was sent since the last time all was fetched."""
        since = max(account.since, account.synced_at - LOOKBACK)
        is_ours = await self._change(account, cursor="", since=since)
        return account._replace(cursor="", since=since) if is_ours else None

    async def release(self, account: LeasedAccount) -> None:
        """All is fetched."""
        await self._change(account, lease=None, lease_until=None, synced_at=self._clock())

    async def postpone(self, account: LeasedAccount, seconds: float) -> None:
        """It could not be fetched; another try after the pause, or when the next call comes."""
        due_at = self._clock() + timedelta(seconds=seconds)
        await self._change(account, lease=None, lease_until=None, due_at=due_at)

    async def _change(self, account: LeasedAccount, **values: Any) -> bool:
        is_ours = ServiceAccount.open_kfid == account.open_kfid, ServiceAccount.lease == account.lease
        statement = update(ServiceAccount).where(*is_ours).values(values).returning(ServiceAccount.open_kfid)
        async with self._database.transaction() as session:
            return (await session.execute(statement)).first() is not None
