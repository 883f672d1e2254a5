"""Passwords are hashed, checked, and refused when they are easy to guess."""

import pytest

from desk import passwords
from desk.passwords import NOBODY, check_strength, hash_password, is_right_password, needs_rehash

SHORT = "密码至少要10个字符"
SIMPLE = "密码太简单，请不要用重复或连续的字符"


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
        ("correct horse", None),
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
        ("qwertyuiop7", None),
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str, reason: str | None) -> None:
    assert check_strength(password, "zhang.min.1") == reason
