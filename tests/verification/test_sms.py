"""Both ways to send a text keep the same promise."""

import json
import stat
from pathlib import Path

import httpx
import pytest

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from verification.sms import FileSms, HttpSms


class Gateway:
    """A bank's SMS gateway that takes each key once."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, str]] = {}
        self.failures: list[httpx.Response | Exception] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, str(request.url)) == ("POST", "https://sms.bank.example/send")
        assert request.headers["Authorization"] == "Bearer let-me-in"
        self.taken.setdefault(request.headers["Idempotency-Key"], json.loads(request.content))
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        return httpx.Response(200, json={"ok": True})


def open_client(gateway: Gateway) -> ServiceClient:
    return ServiceClient(
        "sms", "https://sms.bank.example/send", deadline=60, token="let-me-in", transport=httpx.MockTransport(gateway)
    )


@pytest.mark.parametrize("failures", [[], [httpx.ReadError("gone")], [httpx.Response(503)]])
async def test_a_text_is_sent_once_though_it_is_tried_again(failures: list[httpx.Response | Exception]) -> None:
    gateway = Gateway()
    gateway.failures = list(failures)
    client = open_client(gateway)
    await HttpSms(client).send("13812345678", "验证码123456", key="key-1")
    assert gateway.taken == {"key-1": {"phone": "13812345678", "text": "验证码123456"}}
    await client.close()


@pytest.mark.parametrize(
    ("failures", "error"),
    [
        ([httpx.Response(503), httpx.Response(503)], ServiceUnavailable),
        ([httpx.Response(402, json={"error": {"code": "no_credit", "reason": "pay"}})], ServiceRefused),
    ],
)
async def test_what_was_not_sent_is_told(failures: list[httpx.Response | Exception], error: type[Exception]) -> None:
    gateway = Gateway()
    gateway.failures = list(failures)
    client = open_client(gateway)
    with pytest.raises(error):
        await HttpSms(client).send("13812345678", "验证码123456", key="key-1")
    await client.close()


async def test_the_demos_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "sms.jsonl"
    await FileSms(path).send("13812345678", "验证码123456", key="a")
    await FileSms(path).send("13900000001", "验证码654321", key="b")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(line["phone"], line["text"]) for line in lines] == [
        ("13812345678", "验证码123456"),
        ("13900000001", "验证码654321"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
