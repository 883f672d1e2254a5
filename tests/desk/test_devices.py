"""Devices named from what browsers say of themselves."""

import pytest

from desk.devices import describe_device

APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{APPLE} Version/17.5 Mobile/15E148 Safari/604.1", "苹果手机 Safari"),
        (f"{APPLE} Mobile/15E148 MicroMessenger/8.0.49", "苹果手机 微信"),
        (f"Mozilla/5.0 (Linux; Android 14; 2211133C) {CHROME} Mobile Safari/537.36 wxwork/4.1", "安卓手机 企业微信"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/126.0", "Windows电脑 Edge"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {CHROME} Safari/537.36", "苹果电脑 Chrome"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Linux电脑 Firefox"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_device_is_named(user_agent: str, device: str) -> None:
    assert describe_device(user_agent) == device
