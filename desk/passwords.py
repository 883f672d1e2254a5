"""Passwords of staff: hashed with argon2id in a small pool of threads, and refused when too easy to guess."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from zxcvbn import zxcvbn

from kit.errors import RequestError

LENGTH_MIN = 10
LENGTH_MAX = 128
GUESSABLE_MAX = 2  # zxcvbn's score, 0 to 4: below 10^8 guesses
# Words of the bank, in characters, pinyin and initials, which its staff are tempted to use and strangers to try.
OURS = (
    *("青禾", "小禾", "农村商业", "农商", "银行", "信用社", "农信", "客服", "工作台"),
    *("qinghe", "xiaohe", "nongcun", "shangye", "nongshang", "nongxin", "yinhang", "kefu", "bank", "desk"),
    *("qhnsyh", "qhnsh", "qhns", "nsyh", "qhyh"),
)
_WORD_MIN = 2  # of login and name: one letter is in every password
# As people write letters of a word they think nobody guesses; a character for a character.
_LOOKALIKES = str.maketrans("@4013$5!8", "aaoiessib")
_READ_MAX = 72  # zxcvbn takes long over more characters, and gains nothing
# Argon2id by default; some 50 ms and 64 MB a password. A hash names its own parameters.
HASHER = PasswordHasher()
# Nobody's hash, so that an unknown login takes as long as a known one. It has HASHER's parameters, as a test checks.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$big26y0jFoxM83O+1a7iOg$QMQyh2bt2omlU7f2EDVA9MrJt33IIsZGLilxbP7y6wE"
# Each check takes 64 MB: a crowd at the door must not take the memory, nor the processors of those who work.
WORKERS, WAITING_MAX = 2, 40
_POOL = ThreadPoolExecutor(WORKERS, "password")
_waiting = 0
T = TypeVar("T")


async def hash_password(password: str) -> str:
    """What is stored of a password (97 characters)."""
    return await _run(HASHER.hash, password)


async def is_right_password(password: str, password_hash: str | None) -> bool:
    """Whether a password matches the hash; None (an unknown login) is wrong after the same time."""
    is_right = await _run(_verify, password, password_hash or NOBODY)
    return is_right and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than we use now."""
    return HASHER.check_needs_rehash(password_hash)


async def _run(work: Callable[..., T], *arguments: str) -> T:
    """Runs in the pool; RequestError 429 if too many wait already."""
    global _waiting
    if _waiting >= WAITING_MAX:
        raise RequestError(429, "too_busy", "登录的人太多，请过几秒再试")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_POOL, work, *arguments)
    finally:
        _waiting -= 1


def check_strength(password: str, login: str, name: str = "") -> str | None:
    """Why a password is too easy to guess, in Chinese; None if it is good enough."""
    if len(password) < LENGTH_MIN:
        return f"密码至少要{LENGTH_MIN}个字符"
    if len(password) > LENGTH_MAX:
        return f"密码最多{LENGTH_MAX}个字符"
    if password.lower() == login.lower():
        return "密码不能和账号一样"
    own = take_out_words(password, [*OURS, login, name])[:_READ_MAX]
    is_weak = not own or zxcvbn(own)["score"] <= GUESSABLE_MAX
    return "密码太容易猜到，请不要用常见的词、键盘上相邻的键、年份或行名" if is_weak else None


def take_out_words(password: str, words: Sequence[str]) -> str:
    """What is left of a password without these words, long ones first: all that its owner thought of.

    zxcvbn alone counts a word that it does not find in its lists as hard to guess, and 行名 in pinyin as two of them.
    """
    read = password.lower().translate(_LOOKALIKES)
    if len(read) != len(password):  # a letter whose small one is two characters
        read = password.translate(_LOOKALIKES)
    for word in sorted({each.lower().translate(_LOOKALIKES) for each in words}, key=len, reverse=True):
        while len(word) >= _WORD_MIN and (at := read.find(word)) >= 0:
            read = read[:at] + read[at + len(word) :]
            password = password[:at] + password[at + len(word) :]
    return password


def _verify(password: str, password_hash: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
