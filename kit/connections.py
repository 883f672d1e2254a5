"""A server's connections: those that are slow to say what they want, or too many, are closed.

uvicorn waits without end for the head and the body of a request, and takes every connection. What has been asked for
may take as long as it wants: streams of events and sockets are left alone.
"""

import asyncio
import ipaddress
import resource
from asyncio import TimerHandle
from collections import Counter
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from kit.limits import group_address, is_loopback

FILES_LEFT = 100  # for databases, logs and connections of our own
RETRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """`exempt`: the proxies before us, whose addresses are not limited one by one, nor is this machine's own."""

    head_seconds: float = 10.0
    body_seconds: float = 30.0
    head_bytes: int = 32 * 1024
    connections: int = 4000
    per_address: int = 200
    exempt: str = ""
    exempts_loopback: bool = True

    def build_protocol(self) -> type[HttpToolsProtocol]:
        """The protocol that uvicorn is to speak (its setting `http`)."""
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        most = min(self.connections, files - FILES_LEFT) if files > FILES_LEFT else self.connections
        shared = {"limits": self, "connections_max": most, "by_address": Counter()}
        return type("LimitedProtocol", (LimitedProtocol,), shared)

    def is_exempt(self, address: str) -> bool:
        """Whether connections from an address are not counted by address."""
        if not address or (self.exempts_loopback and is_loopback(address)):
            return True
        return any(_includes(name.strip(), address) for name in self.exempt.split(","))


class LimitedProtocol(HttpToolsProtocol):
    """One connection; ConnectionLimits.build_protocol sets what all of a server share."""

    limits: ConnectionLimits
    connections_max: int
    by_address: Counter[str]

    _timer: TimerHandle | None = None
    _awaits_head = True
    _head_bytes = 0
    _counted = ""  # the address this connection counts for

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Takes the connection, or says that there are too many."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        group = "" if self.limits.is_exempt(address) else group_address(address)
        if len(self.connections) > self.connections_max or self.by_address[group] >= self.limits.per_address:
            self._refuse(503, "too many connections")
            return
        if group:
            self._counted = group
            self.by_address[group] += 1
        self._start_timer(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on; whoever begins a request has to finish its head in time."""
        if self.transport.is_closing():
            return
        if self._awaits_head:
            self._head_bytes += len(data)
            if self._timer is None:
                self._start_timer(self.limits.head_seconds)
        super().data_received(data)
        if self._awaits_head and self._head_bytes > self.limits.head_bytes:
            self._refuse(431, "the head of the request is too large")

    def on_headers_complete(self) -> None:
        """The body has a time of its own."""
        self._awaits_head = False
        self._start_timer(self.limits.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here: from now on it is ours to be slow."""
        self._stop_timer()
        self._awaits_head, self._head_bytes = True, 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leaves the connection to the socket's protocol."""
        self._release()
        super().handle_websocket_upgrade()

    def _expire(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self._awaits_head and is_answering:  # something came after the request, which is still being answered
            self._start_timer(self.limits.head_seconds)
        elif is_answering and self.cycle.response_started:
            self.transport.abort()
        else:
            self._refuse(408, "the request did not come in time")

    def _refuse(self, status: int, reason: str) -> None:
        if self.transport.is_closing():
            return
        body = f'{{"error":{{"code":"connection","reason":"{reason}"}}}}'.encode()
        head = (
            b"content-type: application/json\r\nconnection: close\r\n"
            b"retry-after: %d\r\ncontent-length: %d\r\n\r\n" % (RETRY_SECONDS, len(body))
        )
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._expire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release(self) -> None:
        self._stop_timer()
        if self._counted:
            self.by_address[self._counted] -= 1
            if not self.by_address[self._counted]:
                del self.by_address[self._counted]
            self._counted = ""


def _includes(name: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(name, strict=False)
    except ValueError:  # no address or network, but a name
        return name == address
