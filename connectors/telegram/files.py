"""Fetches what customers sent to the bot: asks the Bot API where a file is, and downloads it."""

import asyncio

import httpx
from telegram.error import BadRequest, TelegramError

from connectors.telegram.bot import Bot
from connectors.wording import MEDIA_GONE
from documents.content import require_size
from kit.errors import RequestError, ServiceUnavailable
from kit.http import make_ssl_context

DOWNLOAD_SECONDS = 20.0
CONNECT_SECONDS = 5.0


def create_client() -> httpx.AsyncClient:
    """The client of downloads: python-telegram-bot's takes them into memory whatever their size."""
    return httpx.AsyncClient(
        verify=make_ssl_context(), timeout=httpx.Timeout(DOWNLOAD_SECONDS, connect=CONNECT_SECONDS)
    )


async def fetch_file(
    bot: Bot, client: httpx.AsyncClient, file_id: str, bytes_max: int, *, seconds: float = DOWNLOAD_SECONDS
) -> bytes:
    """The bytes of a file. ServiceUnavailable, RequestError 410 or 413.

    The file's URL carries the bot's token: no error repeats it.
    """
    try:
        async with asyncio.timeout(seconds):
            file = await bot.get_file(file_id)
            require_size(file.file_size or 1, bytes_max)
            return await _download(client, file.file_path or "", bytes_max)
    except BadRequest:
        raise RequestError(410, "media_gone", MEDIA_GONE) from None
    except (TelegramError, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceUnavailable(f"Telegram gave no file ({type(error).__name__})") from None


async def _download(client: httpx.AsyncClient, url: str, bytes_max: int) -> bytes:
    content = bytearray()
    async with client.stream("GET", url) as response:
        if response.status_code != 200:
            raise ServiceUnavailable(f"Telegram gave no file (status {response.status_code})")
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > bytes_max:
                require_size(len(content), bytes_max)
    return bytes(content)
