"""A mail server with faults on demand; what it takes, it keeps."""

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """Listens on a free port of this machine while `listening`.

    `faults` are answers in place of the proper one, each given once, by command (`MAIL`, `RCPT`, `DATA`, `.` for the
    mail itself); `hang` gives none. With `accounts` a client has to sign in.
    """

    accounts: dict[str, str] = field(default_factory=dict)
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)  # from whom, to whom
    commands: list[str] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._faults: dict[str, deque[str]] = {}

    def fail(self, command: str, answer: str, times: int = 1) -> None:
        """The next such commands are answered so, `451 later` for example."""
        self._faults.setdefault(command, deque()).extend([answer] * times)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["MailServer"]:
        """Takes connections within the block; all are closed after it."""
        talks: set[asyncio.Task[None]] = set()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            talks.add(task)
            try:
                await _Talk(self, reader, writer).run()
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in talks:
                task.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    def take_fault(self, command: str) -> str | None:
        """The answer to give in place of the proper one."""
        waiting = self._faults.get(command)
        return waiting.popleft() if waiting else None


class _Talk:
    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._is_safe = server.tls is not None
        self._is_known = not server.accounts
        self._sender = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        await self._say("220 mail.bank.example ESMTP")
        while line := (await self._reader.readline()).decode(errors="replace").strip():
            command, _, argument = line.partition(" ")
            self._server.commands.append(command.upper())
            if command.upper() == "QUIT":
                await self._say("221 bye")
                return
            await self._answer(command.upper(), argument)

    async def _answer(self, command: str, argument: str) -> None:
        if fault := self._server.take_fault(command):
            await self._say(fault)
        elif command == "EHLO":
            await self._say_abilities()
        elif command == "STARTTLS":
            await self._say("220 go ahead")
            await self._writer.start_tls(self._server.starttls)  # type: ignore[arg-type]
            self._is_safe = True
        elif command == "AUTH":
            await self._sign_in(argument)
        elif not self._is_known:
            await self._say("530 authentication required")
        elif command == "MAIL":
            self._sender, self._recipients = _read_address(argument), []
            await self._say("250 ok")
        elif command == "RCPT":
            self._recipients.append(_read_address(argument))
            await self._say("250 ok")
        elif command == "DATA":
            await self._take_mail()
        else:
            await self._say("502 unknown")

    async def _say_abilities(self) -> None:
        abilities = ["mail.bank.example"]
        if self._server.starttls and not self._is_safe:
            abilities.append("STARTTLS")
        if self._server.accounts:
            abilities.append("AUTH PLAIN")
        for ability in abilities[:-1]:
            await self._say(f"250-{ability}")
        await self._say(f"250 {abilities[-1]}")

    async def _sign_in(self, argument: str) -> None:
        _, user, password = base64.b64decode(argument.partition(" ")[2]).decode().split("\0")
        self._is_known = self._server.accounts.get(user) == password
        await self._say("235 ok" if self._is_known else "535 wrong user or password")

    async def _take_mail(self) -> None:
        await self._say("354 go on")
        content = await self._reader.readuntil(b"\r\n.\r\n")
        if fault := self._server.take_fault("."):
            await self._say(fault)
            return
        self._server.envelopes.append((self._sender, self._recipients))
        mail = message_from_bytes(content[:-3].replace(b"\r\n..", b"\r\n."), policy=policy.default)
        self._server.mails.append(mail)
        await self._say("250 taken")

    async def _say(self, answer: str) -> None:
        if answer == "hang":
            await asyncio.sleep(3600)
        self._writer.write(f"{answer}\r\n".encode())
        await self._writer.drain()


def _read_address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]
