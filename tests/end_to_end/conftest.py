"""The whole house, started once: real Rasa, encoder, services and database, and platforms of our own around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
import uvicorn

from dev.stack import Stack, find_free_port
from tests.end_to_end.customer import Customer
from tests.platforms.telegram import FakeTelegram
from tests.platforms.wechat import WeChatPlatform


@contextmanager
def run_in_thread(app: Any) -> Iterator[str]:
    """The address of an application that runs beside the tests."""
    port = find_free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, ws="none"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def wechat() -> WeChatPlatform:
    return WeChatPlatform()


@pytest.fixture(scope="session")
def telegram() -> FakeTelegram:
    return FakeTelegram()


@pytest.fixture(scope="session")
def stack(wechat: WeChatPlatform, telegram: FakeTelegram) -> Iterator[Stack]:
    with run_in_thread(wechat.api) as wechat_url, run_in_thread(telegram.app) as telegram_url:
        settings = wechat.settings(wechat_url) | {
            "telegram_bot_token": telegram.token,
            "telegram_webhook_secret": telegram.secret,
            "telegram_api_url": telegram_url,
        }
        with Stack(**{f"XIAOHE_{name.upper()}": value for name, value in settings.items()}) as running:
            yield running


@pytest.fixture
def customer(stack: Stack) -> Iterator[Customer]:
    with Customer(stack.urls["gateway"]) as somebody:
        yield somebody
