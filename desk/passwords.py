"""Passwords of staff: hashed with argon2id off the event loop, and refused when too easy to guess."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

LENGTH_MIN = 10
LENGTH_MAX = 128
DISTINCT_MIN = 4  # fewer distinct characters are a pattern: aaaaaaaaaa, 1212121212
# Argon2id by default; some 50 ms and 64 MB a password. A hash names its own parameters.
HASHER = PasswordHasher()
# Nobody's hash, so that an unknown login takes as long as a known one. It has HASHER's parameters, as a test checks.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$big26y0jFoxM83O+1a7iOg$QMQyh2bt2omlU7f2EDVA9MrJt33IIsZGLilxbP7y6wE"
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


async def hash_password(password: str) -> str:
    """What is stored of a password (97 characters)."""
    return await asyncio.to_thread(HASHER.hash, password)


async def is_right_password(password: str, password_hash: str | None) -> bool:
    """Whether a password matches the hash; None (an unknown login) is wrong after the same time."""
    is_right = await asyncio.to_thread(_verify, password, password_hash or NOBODY)
    return is_right and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than we use now."""
    return HASHER.check_needs_rehash(password_hash)


def check_strength(password: str, login: str) -> str | None:
    """Why a password is too easy to guess, in Chinese; None if it is good enough."""
    if len(password) < LENGTH_MIN:
        return f"密码至少要{LENGTH_MIN}个字符"
    if len(password) > LENGTH_MAX:
        return f"密码最多{LENGTH_MAX}个字符"
    plain = password.lower()
    if plain == login.lower():
        return "密码不能和账号一样"
    if len(set(plain)) < DISTINCT_MIN or any(plain in row * 2 or plain[::-1] in row * 2 for row in _ROWS):
        return "密码太简单，请不要用重复或连续的字符"
    return None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
