"""The notification channel WeCom (企业微信): cards sent by the bank's own application."""

import hashlib
import re
from typing import Any

import httpx

from desk.notifications.errcodes import HOUR_FULL, MINUTE_FULL, NOT_LICENSED, NOT_VISIBLE, WECOM
from desk.notifications.settings import WeComSettings
from desk.tables import Staff
from kit.clock import Clock, read_clock
from kit.limits import RateLimit
from kit.tencent import TencentClient, TencentError
from kit.wecom import make_corp_credentials

SAME_FOR_SECONDS = 4 * 3600  # the longest WeCom allows; longer than our retries
TITLE_BYTES_MAX, DESCRIPTION_BYTES_MAX = 128, 512
# An id that matches is neither @all nor a list a|b.
_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


class WeCom:
    """Sends cards of one application; limits how many each member gets from this process."""

    name = "wecom"

    def __init__(
        self,
        settings: WeComSettings,
        *,
        per_minute: int = 30,  # WeCom silently drops messages above these limits
        per_hour: int = 1000,
        call_seconds: float = 5.0,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._agent_id = settings.agent_id
        self._client = TencentClient(
            WECOM,
            settings.api_url,
            make_corp_credentials(settings.corp_id, settings.secret.get_secret_value()),
            call_seconds=call_seconds,
            clock=clock,
            transport=transport,
        )
        self._minute = RateLimit(per_minute, 60, lambda: clock().timestamp())
        self._hour = RateLimit(per_hour, 3600, lambda: clock().timestamp())

    def can_reach(self, staff: Staff) -> bool:
        """Whether the member's WeCom id is known."""
        return bool(_MEMBER.fullmatch(staff.wecom_id))

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        """Sends a card; WeCom does not show the same notification twice within four hours. Raises SendError."""
        self._count(staff.wecom_id)
        answer = await self._client.post("/cgi-bin/message/send", self._build_card(staff.wecom_id, text, url, key))
        # There is only one receiver, so an invalid one is that one.
        if answer.get("invaliduser"):
            raise TencentError(NOT_VISIBLE)
        if answer.get("unlicenseduser"):
            raise TencentError(NOT_LICENSED)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    def _count(self, member: str) -> None:
        member = member.lower()  # WeCom ignores case
        if not self._minute.allow(member):
            raise TencentError(MINUTE_FULL)
        if not self._hour.allow(member):
            raise TencentError(HOUR_FULL)

    def _build_card(self, member: str, text: str, url: str, key: str) -> dict[str, Any]:
        headline, _, rest = text.translate({ord("<"): "＜", ord(">"): "＞"}).partition("\n")  # cards allow some HTML
        title = _cut(headline, TITLE_BYTES_MAX)
        if title != headline:
            rest = f"{headline} {rest}"
        # WeCom drops a request with the same content; two notifications may have the same text.
        mark = hashlib.sha256(key.encode()).hexdigest()[:16]
        return {
            "touser": member,
            "msgtype": "textcard",
            "agentid": self._agent_id,
            "textcard": {
                "title": title,
                "description": _cut(" ".join(rest.split()), DESCRIPTION_BYTES_MAX) or "点击查看详情",
                "url": f"{url}#{mark}",
                "btntxt": "查看",
            },
            "enable_duplicate_check": 1,
            "duplicate_check_interval": SAME_FOR_SECONDS,
        }


def _cut(text: str, bytes_max: int) -> str:
    if len(text.encode()) <= bytes_max:
        return text
    return text.encode()[: bytes_max - len("…".encode())].decode(errors="ignore") + "…"
