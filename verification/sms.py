"""Ways to send a text message to a phone."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Protocol

from kit.http import ServiceClient
from verification.settings import SmsSettings

SMS_SECONDS = 3.0  # a customer waits for it


class Sms(Protocol):
    """Sends text messages."""

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """Sends a text once for each key; raises ServiceUnavailable or ServiceRefused."""
        ...


class HttpSms:
    """The bank's SMS gateway: POST /, with `phone` and `text`, a 2xx with a JSON object means that it was taken."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """See Sms.send."""
        await self._client.post("", {"phone": phone, "text": text}, dict[str, Any], idempotency_key=key)


class FileSms:
    """For the demo: a line of JSON for each text in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """See Sms.send."""
        await asyncio.to_thread(
            self._append, json.dumps({"phone": phone, "text": text, "key": key}, ensure_ascii=False)
        )

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def open_sms(settings: SmsSettings, environment: str) -> Sms | None:
    """The bank's SMS gateway, else the demo's file; None in production without one."""
    if settings.url:
        token = settings.token.get_secret_value()
        return HttpSms(ServiceClient("sms", settings.url, deadline=SMS_SECONDS, token=token))
    return FileSms(Path(settings.file)) if environment == "demo" else None
