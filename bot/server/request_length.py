"""Ends requests with a negative Content-Length: Sanic 21.12 would read such a body for ever, and serve nobody else."""

from collections.abc import AsyncIterator

from sanic.http import Http

read_body = Http.__aiter__


def refuse_negative_lengths() -> None:
    """Replaces how Sanic reads bodies; such a request has none, and its connection is closed."""
    Http.__aiter__ = _read_body


async def _read_body(http: Http) -> AsyncIterator[bytes]:
    if (http.request_bytes_left or 0) < 0:
        http.request_body, http.keep_alive = None, False
        return
    async for part in read_body(http):
        yield part
