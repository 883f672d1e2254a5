"""What the WeChat tests share: the platform, and an account's settings."""

import pytest

from connectors.wechat.settings import WeChatSettings
from tests.fakes import FixedClock
from tests.platforms.wechat import WeChatPlatform


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def platform(clock: FixedClock) -> WeChatPlatform:
    return WeChatPlatform(clock=clock)


@pytest.fixture
def settings(platform: WeChatPlatform) -> WeChatSettings:
    return WeChatSettings(**platform.settings())
