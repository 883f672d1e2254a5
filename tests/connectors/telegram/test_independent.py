"""Our channel against a Telegram of other people's making: the npm package telegram-test-api."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.telegram.channel import Telegram
from conversations.schemas import Reply, ReplyButton, TurnOutcome
from tests.fakes import ScriptedBot, ScriptedEvidence
from tests.node import require_packages
from tests.platforms.telegram import TOKEN
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parent / "converse.js"


async def test_a_customer_writes_is_answered_and_presses_a_button(database_url: str, bot: ScriptedBot) -> None:
    button = ReplyButton(title="测额度", payload="/check_quota")
    bot.script += [TurnOutcome(replies=[Reply(text="想办什么？", buttons=[button])])]
    node_path = require_packages("telegram-test-api@4.2.1") / "node_modules"
    node = await asyncio.create_subprocess_exec(
        *("node", str(SCRIPT), TOKEN, "您好"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "NODE_PATH": str(node_path)},
    )
    assert node.stdin
    assert node.stdout
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            seen = await talk(node.stdin, node.stdout, database_url, bot)
            assert await node.wait() == 0
    finally:
        if node.returncode is None:
            node.kill()
            await node.wait()
    assert seen == {"pressed": "测额度", "said": ["想办什么？\n\n✓ 测额度", "听到：测额度"]}
    assert bot.asked == [("您好", None), ("测额度", "/check_quota")]


async def talk(stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader, database_url: str, bot: ScriptedBot) -> Any:
    """Runs the gateway beside the script until the script has said what it saw."""
    settings = GatewaySettings.model_validate(
        {
            "database_url": database_url,
            "telegram": {
                "bot_token": TOKEN,
                "api_url": f"http://127.0.0.1:{int(await stdout.readline())}",
                "mode": "polling",
            },
        }
    )
    app = create_app(settings, bot=bot, evidence=ScriptedEvidence(), channels=[Telegram(settings.telegram)])
    async with app.router.lifespan_context(app):
        stdin.write(b"go\n")
        return json.loads(await stdout.readline())
