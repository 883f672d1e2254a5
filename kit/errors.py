"""Errors that a caller can act on, each with an HTTP status, a stable code and a reason."""

from collections.abc import Mapping
from types import MappingProxyType


class RequestError(Exception):
    """A request that cannot be served as it is; the reason is safe to show to the caller.

    `retry_after`: the seconds after which it may be. `problems`: what is wrong with each field of a form, by field.
    """

    problems: Mapping[str, str] = MappingProxyType({})

    def __init__(self, status: int, code: str, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{status} {code}: {reason}")
        self.status = status
        self.code = code
        self.reason = reason
        self.retry_after = retry_after


class InvalidFields(RequestError):
    """Some fields of a form will not do (422)."""

    def __init__(self, code: str, problems: Mapping[str, str]) -> None:
        super().__init__(422, code, "；".join(problems.values()))
        self.problems = problems


class ServiceUnavailable(Exception):
    """Another process did not answer in time, or answered with a fault of its own."""


class ServiceRefused(Exception):
    """Another process understood the request and refused it (a 4xx); trying again will not help."""

    def __init__(self, service: str, status: int, code: str, reason: str) -> None:
        super().__init__(f"{service} refused ({status} {code}): {reason}")
        self.status = status
        self.code = code
        self.reason = reason
