"""`python -m connectors telegram …` as operators use it."""

import asyncio
from typing import Any

import pytest

from connectors.settings import GatewaySettings
from connectors.telegram.command import USAGE, run
from tests.connectors.telegram.conftest import MakeSettings
from tests.platforms.telegram import SECRET, TOKEN, FakeTelegram
from tests.platforms.telegram_faults import refuses, says

PUBLIC = {"public_url": "https://chat.bank.example/"}


@pytest.fixture
async def run_command(make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command; what it returns and prints, which never holds a secret."""

    async def run_it(command: str, **values: Any) -> tuple[int | str, str]:
        result = await asyncio.to_thread(run, command.split(), make_settings(**(PUBLIC | values)))
        printed = capsys.readouterr().out
        assert TOKEN not in f"{printed}{result}"
        assert SECRET not in f"{printed}{result}"
        return result, printed

    return run_it


async def test_the_webhook_is_set_and_the_commands_are_named(run_command: Any, platform: FakeTelegram) -> None:
    done = await run_command("set-webhook")
    assert done == (0, "Telegram sends updates to https://chat.bank.example/telegram\n")
    assert platform.webhook == {
        "url": "https://chat.bank.example/telegram",
        "secret_token": SECRET,
        "allowed_updates": ["message", "callback_query"],
        "max_connections": "20",
    }
    assert [(c["command"], c["description"]) for c in platform.commands] == [
        ("start", "开始对话"),
        ("human", "转人工"),
        ("help", "帮助"),
    ]


async def test_the_webhook_is_shown_and_deleted(run_command: Any, platform: FakeTelegram) -> None:
    await run_command("set-webhook")
    platform.write(7, "您好")
    platform.webhook |= {"last_error_date": 1_790_000_000, "last_error_message": "Connection refused"}
    assert await run_command("show-webhook") == (
        0,
        "url: https://chat.bank.example/telegram\n"
        "updates waiting: 1\n"
        "last error: 2026-09-21 14:13:20 UTC, Connection refused\n",
    )
    assert await run_command("delete-webhook") == (0, "Telegram sends no updates; they wait there for 24 hours\n")
    assert await run_command("show-webhook") == ("no webhook is set", "url: none\nupdates waiting: 1\n")


@pytest.mark.parametrize(
    ("command", "values", "said"),
    [
        ("", {}, USAGE),
        ("set-webhook now", {}, USAGE),
        ("fly", {}, USAGE),
        ("set-webhook", {"telegram": {"bot_token": ""}}, "XIAOHE_TELEGRAM_BOT_TOKEN is not set"),
        ("set-webhook", {"public_url": ""}, "XIAOHE_PUBLIC_URL must be"),
        ("set-webhook", {"public_url": "http://chat.bank.example"}, "XIAOHE_PUBLIC_URL must be"),
        ("set-webhook", {"telegram": {"webhook_secret": "has spaces"}}, "XIAOHE_TELEGRAM_WEBHOOK_SECRET must be"),
        ("set-webhook", {"telegram": {"mode": "polling"}}, "XIAOHE_TELEGRAM_MODE is polling"),
    ],
)
async def test_what_cannot_work_is_said_before_telegram_is_asked(
    command: str, values: dict[str, Any], said: str, run_command: Any, platform: FakeTelegram
) -> None:
    result, printed = await run_command(command, **values)
    assert (str(result).startswith(said), printed, platform.calls) == (True, "", [])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refuses(401, "Unauthorized"), "Telegram did not do it: Unauthorized"),
        (refuses(400, "Bad Request: bad webhook: port"), "Telegram did not do it: Bad webhook: port"),
        (says(502, "<h1>Bad Gateway</h1>"), "Telegram did not do it: no answer of the Bot API, status 502"),
    ],
)
async def test_a_refusal_is_a_failure(fault: Any, said: str, run_command: Any, platform: FakeTelegram) -> None:
    platform.fail("setWebhook", fault)
    assert await run_command("set-webhook") == (said, "")


def test_an_unset_token_needs_no_telegram() -> None:
    assert run(["show-webhook"], GatewaySettings()) == "XIAOHE_TELEGRAM_BOT_TOKEN is not set"
