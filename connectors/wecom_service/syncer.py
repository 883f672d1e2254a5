"""Fetches the messages of the service accounts: when a call came, and now and then in case one got lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from connectors.wecom_service.accounts import LeasedAccount, ServiceAccounts
from connectors.wecom_service.api import Page, ServiceApi
from connectors.wecom_service.errcodes import BAD_CURSOR_ERRCODE, STALE_TOKEN_ERRCODE, WECOM_SERVICE
from connectors.wecom_service.parse import ParseError, Received, parse_message
from kit.background import Tasks, repeat
from kit.clock import Clock, read_clock
from kit.tencent import TencentError

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
GIVEN_UP_SECONDS = 600.0  # until an account that WeCom does not know is asked for again

Take = Callable[[Received], Awaitable[None]]


class Syncer:
    """Fetches one process's share of the accounts while `run` runs.

    A page's cursor is kept once all of it was taken. Whatever ends a process before, the page is fetched again, and
    its messages are known by their ids.
    """

    def __init__(
        self,
        api: ServiceApi,
        accounts: ServiceAccounts,
        take: Take,
        *,
        clock: Clock = read_clock,
        poll_seconds: float = 1.0,
        page_size: int = 100,
    ) -> None:
        """`take` records what was received, or raises; then the page is fetched again."""
        self._api = api
        self._accounts = accounts
        self._take = take
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._page_size = page_size
        self._wake = asyncio.Event()
        self._tasks = Tasks()

    async def run(self) -> None:
        """Fetches what is due; when cancelled it finishes what it has begun."""
        try:
            await repeat(self._sync_due, seconds=self._poll_seconds, wake=self._wake)
        finally:
            await self._tasks.finish()

    def wake(self) -> None:
        """Something is due now."""
        self._wake.set()

    async def _sync_due(self) -> None:
        while account := await self._accounts.claim():
            self._tasks.start(self._sync(account))

    async def _sync(self, account: LeasedAccount) -> None:
        try:
            await self._fetch_all(account)
        except TencentError as error:
            log.warning("messages of a service account were not fetched: %s", error)
            pause = GIVEN_UP_SECONDS if error.kind == "permanent" else RETRY_SECONDS
            await self._accounts.postpone(account, max(pause, error.retry_after_seconds))
        except Exception:
            await self._accounts.postpone(account, RETRY_SECONDS)
            raise
        finally:
            self._wake.set()  # a call may have come meanwhile

    async def _fetch_all(self, account: LeasedAccount) -> None:
        leased: LeasedAccount | None = account
        while leased is not None:
            account = leased
            try:
                page = await self._fetch(account)
            except TencentError as error:
                if error.errcode != BAD_CURSOR_ERRCODE or not account.cursor:
                    raise
                log.error("WeCom does not know the cursor of a service account; fetching the last three days again")
                leased = await self._accounts.rewind(account)
                continue
            for content in page.messages:
                await self._take_one(content, account)
            leased = await self._accounts.advance(account, page.cursor)
            if not page.has_more:
                await self._accounts.release(account)
                return
            if page.cursor == account.cursor:
                raise TencentError(WECOM_SERVICE.not_understood)  # it would never end

    async def _fetch(self, account: LeasedAccount) -> Page:
        try:
            return await self._api.sync(account.open_kfid, account.cursor, account.token, self._page_size)
        except TencentError as error:
            if error.errcode != STALE_TOKEN_ERRCODE or not account.token:
                raise
        return await self._api.sync(account.open_kfid, account.cursor, "", self._page_size)

    async def _take_one(self, content: object, account: LeasedAccount) -> None:
        try:
            received = parse_message(content, self._clock())
        except ParseError as error:  # fetching it again would not help, and would hold up all others
            log.error("skipped a message of a service account: %s", error)
            return
        if received and received.sent_at >= account.since:
            await self._take(received)
