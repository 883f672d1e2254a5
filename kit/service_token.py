"""Lets only processes of ours call a route."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header

from kit.errors import RequestError
from kit.security import is_same_secret, read_bearer


def require_service(token: str) -> Callable[..., Awaitable[None]]:
    """A dependency of routes: RequestError 401 unless the caller's bearer token is this one."""

    async def check(authorization: Annotated[str | None, Header()] = None) -> None:
        if not is_same_secret(read_bearer(authorization), token):
            raise RequestError(401, "unauthorised", "a service token is needed")

    return check
