"""One access token for all processes, kept in the database and fetched anew by one of them at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from connectors.wechat.api import FreshToken
from connectors.wechat.errcodes import NO_ANSWER, PlatformError
from connectors.wechat.tables import WeChatAccessToken
from kit.clock import Clock
from kit.database import Database

REFRESH_BEFORE = timedelta(minutes=5)  # so long both tokens are good, the old and the new
CLAIM = timedelta(seconds=10)  # longer than a call: after it the fetching process is gone
LOOK_SECONDS, LOOKS_MAX = 0.1, 60

Result = TypeVar("Result")


class AccessTokens:
    """Hands out the token of one account."""

    def __init__(
        self, database: Database, app_id: str, fetch: Callable[[], Awaitable[FreshToken]], clock: Clock
    ) -> None:
        self._database = database
        self._app_id = app_id
        self._fetch = fetch
        self._clock = clock

    async def use(self, call: Callable[[str], Awaitable[Result]]) -> Result:
        """Makes a call with the token, once more with a new one when it proves bad. Raises PlatformError."""
        token = await self.get()
        try:
            return await call(token)
        except PlatformError as error:
            if error.meaning.kind != "token":
                raise
        await self.invalidate(token)
        return await call(await self.get())

    async def get(self) -> str:
        """A good token. Raises PlatformError when none can be had within some seconds."""
        for _ in range(LOOKS_MAX):
            token = await self._read()
            if token:
                return token
            if await self._claim():
                return await self._refresh()
            await asyncio.sleep(LOOK_SECONDS)
        raise PlatformError(NO_ANSWER)

    async def invalidate(self, token: str) -> None:
        """Forgets a token that proved bad, unless another has already taken its place."""
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
