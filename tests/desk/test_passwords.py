"""Passwords are hashed, checked, and refused when they are easy to guess."""

import asyncio
import threading
import time

import pytest

from desk import passwords
from desk.passwords import NOBODY, check_strength, hash_password, is_right_password, needs_rehash
from kit.errors import RequestError

SHORT = "密码至少要10个字符"
SIMPLE = "密码太容易猜到，请不要用常见的词、键盘上相邻的键、年份或行名"


async def test_only_the_right_password_is_right() -> None:
    stored = await hash_password("柳河镇的桥-1987")
    assert stored.startswith("$argon2id$")
    assert "1987" not in stored
    assert len(stored) <= 128
    assert await is_right_password("柳河镇的桥-1987", stored)
    assert not await is_right_password("柳河镇的桥-1988", stored)
    assert not await is_right_password("柳河镇的桥-1987", "no hash at all")


async def test_nobodys_password_takes_the_same_work_and_is_always_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not needs_rehash(NOBODY)
    checked: list[str] = []

    class AgreeingHasher:
        def verify(self, password_hash: str, password: str) -> bool:
            checked.append(password_hash)
            return True

    monkeypatch.setattr(passwords, "HASHER", AgreeingHasher())
    assert not await is_right_password("anything", None)
    assert checked == [NOBODY]


@pytest.mark.usefixtures("cheap_hashes")
async def test_a_hash_made_with_less_effort_is_to_be_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = await hash_password("柳河镇的桥-1987")
    assert not needs_rehash(stored)
    monkeypatch.undo()
    assert needs_rehash(stored)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", SHORT),
        ("Ab3-柳河镇xy", SHORT),
        ("Ab3-柳河镇xyz", None),
        ("correct horse battery", None),
        ("x" * 129, "密码最多128个字符"),
        ("Zhang.Min.1", "密码不能和账号一样"),
        ("aaaaaaaaaa", SIMPLE),
        ("1212121212", SIMPLE),
        ("0123456789", SIMPLE),
        ("1234567890", SIMPLE),
        ("9876543210", SIMPLE),
        ("abcdefghij", SIMPLE),
        ("ZYXWVUTSRQ", SIMPLE),
        ("qwertyuiop", SIMPLE),
        ("qwertyuiop7", SIMPLE),
        ("12345678abcd", SIMPLE),
        ("1qaz2wsx3edc", SIMPLE),
        ("Password2026", SIMPLE),
        ("P@ssw0rd123", SIMPLE),
        ("qinghe2026", SIMPLE),
        ("Xiaohe@2026", SIMPLE),
        ("nongshang123", SIMPLE),
        ("zhangmin1988", SIMPLE),
        ("青禾农商银行2026", SIMPLE),
        ("三棵柿子树下早上9点见", None),
        ("xiaohe-bank-1", SIMPLE),
        ("qinghe-nongshang-2026", SIMPLE),
        ("QingHeBank@2026", SIMPLE),
        ("Q1ngHe8@nk-2026", SIMPLE),
        ("我爱青禾农商银行一二三", SIMPLE),
        ("qhnsyh2026!", SIMPLE),
        ("zhangmin-zhang.min.1-2026", SIMPLE),
        ("Ab3-青禾柳河镇xyz", None),
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str, reason: str | None) -> None:
    assert check_strength(password, "zhang.min.1", "zhangmin") == reason


async def test_a_crowd_at_the_door_is_turned_away_before_it_takes_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = most = 0
    lock = threading.Lock()

    class SlowHasher:
        def verify(self, password_hash: str, password: str) -> bool:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.01)
            with lock:
                at_once -= 1
            return True

    monkeypatch.setattr(passwords, "HASHER", SlowHasher())
    checks = [is_right_password("anything", "hash") for _ in range(60)]
    outcomes = await asyncio.gather(*checks, return_exceptions=True)
    refused = [error for error in outcomes if isinstance(error, RequestError)]
    assert most == passwords.WORKERS
    assert (outcomes.count(True), len(refused)) == (passwords.WAITING_MAX, 60 - passwords.WAITING_MAX)
    assert {error.status for error in refused} == {429}
    assert await is_right_password("anything", "hash")
