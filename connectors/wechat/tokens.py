"""The access token shared by all processes, kept in the database and refreshed by one of them at a time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from connectors.wechat.errcodes import WECHAT
from connectors.wechat.tables import WeChatAccessToken
from kit.clock import Clock
from kit.database import Database
from kit.tencent import REFRESH_BEFORE, FetchToken, TencentError

CLAIM = timedelta(seconds=10)  # longer than a call: after it the refreshing process is taken for dead


class SharedTokens:
    """A TokenStore of one account for all processes. For REFRESH_BEFORE both tokens are good, the old and the new."""

    def __init__(
        self,
        database: Database,
        app_id: str,
        fetch: FetchToken,
        clock: Clock,
        *,
        poll_seconds: float = 0.1,
        polls_max: int = 60,
    ) -> None:
        self._database = database
        self._app_id = app_id
        self._fetch = fetch
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._polls_max = polls_max

    async def get(self, bad: str = "") -> str:
        """See TokenStore.get; it is waited for some seconds while another process fetches it."""
        if bad:
            await self._invalidate(bad)
        for _ in range(self._polls_max):
            token = await self._read()
            if token:
                return token
            if await self._claim():
                return await self._refresh()
            await asyncio.sleep(self._poll_seconds)
        raise TencentError(WECHAT.no_answer)

    async def _invalidate(self, token: str) -> None:
        """Drops a token that proved invalid, unless it was already replaced."""
        this = (WeChatAccessToken.app_id == self._app_id) & (WeChatAccessToken.token == token)
        async with self._database.transaction() as session:
            await session.execute(update(WeChatAccessToken).where(this).values(token="", expires_at=self._clock()))

    async def _read(self) -> str | None:
        async with self._database.reading() as session:
            row = await session.get(WeChatAccessToken, self._app_id)
        now = self._clock()
        if row is None or row.expires_at <= now or (_is_ending(row, now) and not _is_claimed(row, now)):
            return None
        return row.token

    async def _claim(self) -> bool:
        now = self._clock()
        try:
            async with self._database.transaction() as session:
                row = await session.get(WeChatAccessToken, self._app_id, with_for_update=True)
                if row is None:
                    row = WeChatAccessToken(app_id=self._app_id, token="", expires_at=now)
                    session.add(row)
                elif _is_claimed(row, now) or not _is_ending(row, now):
                    return False
                row.refreshing_until = now + CLAIM
        except IntegrityError:  # another process made the row in the same moment
            return False
        return True

    async def _refresh(self) -> str:
        change: dict[str, Any] = {"refreshing_until": None}
        try:
            fresh = await self._fetch()
            expires_at = self._clock() + timedelta(seconds=fresh.seconds)
            change |= {"token": fresh.token, "expires_at": expires_at}
            return fresh.token
        finally:
            async with self._database.transaction() as session:
                this = WeChatAccessToken.app_id == self._app_id
                await session.execute(update(WeChatAccessToken).where(this).values(change))


def _is_ending(row: WeChatAccessToken, now: datetime) -> bool:
    return row.expires_at <= now + REFRESH_BEFORE


def _is_claimed(row: WeChatAccessToken, now: datetime) -> bool:
    return row.refreshing_until is not None and row.refreshing_until > now
