"""One message followed by its id from the gateway's log into that of another process."""

import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.bot_client import RasaBot
from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from kit.http import ServiceClient
from kit.logging import MaskingFormatter
from kit.web import create_web_app
from tests.connectors.conftest import open_session
from tests.vaults import VAULT

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class RecordingHandler(logging.Handler):
    """Keeps the lines as a process writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(MaskingFormatter("%(name)s [request] %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


async def test_one_id_leads_through_the_logs_of_both_processes(
    database_url: str, run_server: Callable[[FastAPI], AbstractAsyncContextManager[str]]
) -> None:
    rasa = create_web_app("rasa", checks={})

    @rasa.post("/turns")
    async def take_turn(body: dict[str, Any]) -> dict[str, Any]:
        logging.getLogger("rasa.turns").info("thinking")
        return {"messages": [{"text": "您好"}]}

    handler, root = RecordingHandler(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    try:
        async with run_server(rasa) as url:
            client = ServiceClient("rasa", url, deadline=5.0)
            gateway = create_app(GatewaySettings(database_url=database_url), bot=RasaBot(client, VAULT))
            async with (
                gateway.router.lifespan_context(gateway),
                httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://gateway") as browser,
            ):
                browser.headers["Authorization"] = await open_session(browser)
                for _ in range(2):
                    sent = {"message_id": str(uuid.uuid4()), "text": "在吗，我的电话是13800001234"}
                    assert (await browser.post("/webchat/messages", json=sent)).status_code == 200
            await client.close()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    ours = [line for line in handler.lines if line.startswith(("rasa.", "kit.web ", "connectors.message_worker "))]
    ids = list(dict.fromkeys(line.partition("[")[2].partition("]")[0] for line in ours))
    assert len(ids) == 2
    assert len({one.partition("/")[0] for one in ids}) == 1
    for one in ids:
        lines = [line.replace(f" [{one}] ", ": ") for line in ours if f"[{one}]" in line]
        assert lines[0] == "rasa.turns: thinking"
        assert lines[1].startswith("kit.web: POST /turns: 200, ")
        assert lines[2] == "connectors.message_worker: replies: 1, handoff: no"
    assert "13800001234" not in "\n".join(handler.lines)
