"""Keeps customers' sessions with us: in WeCom's state 1, in which only the API answers (分配客服会话, path/94669)."""

from collections import OrderedDict
from datetime import datetime, timedelta
from enum import IntEnum

from connectors.wecom_service.api import ServiceApi
from connectors.wecom_service.errcodes import SERVED_IN_WECOM, SESSION_ENDED, WECOM_SERVICE
from kit.clock import Clock
from kit.tencent import TencentError

HELD_FOR = timedelta(minutes=30)  # then it is asked for again: a session may end without our hearing of it
SESSIONS_MAX = 10_000


class ServiceState(IntEnum):
    """Who has a session: nobody yet, we, the queue of WeCom's own staff, one of them, or nobody any more."""

    NEW = 0
    OURS = 1
    QUEUED = 2
    STAFFED = 3
    ENDED = 4


class Sessions:
    """The sessions that this process knows to be ours, so that not every message asks.

    In state 0 and 1 the API may send; what is forgotten, or wrong, costs a question and never a message.
    """

    def __init__(self, api: ServiceApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._held: OrderedDict[str, datetime] = OrderedDict()

    async def hold(self, user_id: str) -> None:
        """Makes the session ours if nobody has it. TencentError when WeCom's staff have it, or it has ended."""
        now = self._clock()
        if self._held.get(user_id, now) > now:
            return
        try:
            await self._take(user_id)
        except TencentError as error:
            error.maybe_delivered = False  # no message was sent yet
            raise
        self._held[user_id] = now + HELD_FOR
        self._held.move_to_end(user_id)
        if len(self._held) > SESSIONS_MAX:
            self._held.popitem(last=False)

    def forget(self, user_id: str) -> None:
        """The session may have another state now."""
        self._held.pop(user_id, None)

    async def _take(self, user_id: str) -> None:
        match await self._api.fetch_state(user_id):
            case ServiceState.OURS:
                pass
            case ServiceState.NEW:
                await self._api.change_state(user_id, ServiceState.OURS)
            case ServiceState.QUEUED | ServiceState.STAFFED:
                raise TencentError(SERVED_IN_WECOM)
            case ServiceState.ENDED:
                raise TencentError(SESSION_ENDED)
            case _:
                raise TencentError(WECOM_SERVICE.not_understood)
