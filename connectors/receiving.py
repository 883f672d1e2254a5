"""Receives a body that may be large, within a size and a time."""

import asyncio

from fastapi import Request

from connectors.wording import UPLOAD_TOO_SLOW
from documents.content import require_size
from kit.errors import RequestError

UPLOAD_SECONDS = 90.0  # 10 MB at 1 Mbit/s


async def receive_body(
    request: Request, bytes_max: int, *, keep: bool = True, seconds: float = UPLOAD_SECONDS
) -> bytes:
    """The body; nothing of it unless it is to be kept. RequestError 413 as soon as it is too large, 408, 422 if empty.

    What is not kept is received all the same: a browser that is answered before it has sent all sees a broken line.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit():
        require_size(int(length), bytes_max)
    received, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > bytes_max:
                    require_size(size, bytes_max)
                if keep:
                    received += chunk
    except TimeoutError:
        raise RequestError(408, "upload_too_slow", UPLOAD_TOO_SLOW) from None
    require_size(size, bytes_max)
    return bytes(received)
