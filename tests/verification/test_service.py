"""Codes: what they are worth, how many are sent, and what becomes of them."""

import asyncio
import re
from collections.abc import Callable

import pytest

from conversations.service import Conversations
from kit.database import Database
from kit.errors import ServiceUnavailable
from tests.fakes import FixedClock
from tests.vaults import VAULT
from verification.repository import list_same_customer
from verification.service import TRIES_MAX, Verification

PHONE = "13812345678"


class RecordingSms:
    """Keeps what was sent; `is_away`: nothing can be."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.is_away = False

    async def send(self, phone: str, text: str, *, key: str) -> None:
        if self.is_away:
            raise ServiceUnavailable("sms: away")
        self.sent.append((phone, text))

    @property
    def code(self) -> str:
        """The last one."""
        found = re.search("[0-9]{6}", self.sent[-1][1])
        assert found
        return found[0]

    @property
    def wrong(self) -> str:
        return f"{(int(self.code) + 1) % 10**6:06}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def sms() -> RecordingSms:
    return RecordingSms()


@pytest.fixture
def verification(database: Database, sms: RecordingSms, clock: FixedClock) -> Verification:
    return Verification(database, VAULT, sms, clock)


@pytest.fixture
async def conversation(database: Database, clock: FixedClock) -> str:
    return (await Conversations(database, clock).open_conversation("web", "wang")).id


@pytest.fixture
async def stranger(database: Database, clock: FixedClock) -> str:
    return (await Conversations(database, clock).open_conversation("web", "a stranger")).id


async def test_the_code_that_was_sent_verifies_the_phone(
    verification: Verification, sms: RecordingSms, conversation: str, stranger: str
) -> None:
    await verification.send_code(conversation, PHONE)
    assert [phone for phone, _ in sms.sent] == [PHONE]
    assert "不要告诉任何人" in sms.sent[0][1]
    assert await verification.list_verified(conversation) == set()
    assert await verification.check_code(conversation, sms.code) == ("verified", PHONE)
    assert await verification.list_verified(conversation) == {PHONE}
    assert await verification.list_verified(stranger) == set(), "it is this customer's, not everybody's"


async def test_a_code_is_of_use_only_where_it_was_asked_for(
    verification: Verification, sms: RecordingSms, conversation: str, stranger: str
) -> None:
    await verification.send_code(conversation, PHONE)
    assert await verification.check_code(stranger, sms.code) == ("over", "")


async def test_guessing_ends_after_a_few_tries_even_with_the_right_code(
    verification: Verification, sms: RecordingSms, conversation: str
) -> None:
    await verification.send_code(conversation, PHONE)
    results = [await verification.check_code(conversation, sms.wrong) for _ in range(TRIES_MAX)]
    assert results == [("wrong", PHONE)] * (TRIES_MAX - 1) + [("over", PHONE)], "the last says that it was the last"
    assert await verification.check_code(conversation, sms.code) == ("over", PHONE)


async def test_guessing_in_parallel_is_counted_too(
    verification: Verification, sms: RecordingSms, conversation: str
) -> None:
    await verification.send_code(conversation, PHONE)
    results = await asyncio.gather(*(verification.check_code(conversation, sms.wrong) for _ in range(12)))
    assert results.count(("wrong", PHONE)) == TRIES_MAX - 1


async def test_a_code_is_over_after_minutes_and_when_another_was_sent(
    verification: Verification, sms: RecordingSms, conversation: str, clock: FixedClock
) -> None:
    await verification.send_code(conversation, PHONE)
    first = sms.code
    clock.move(minutes=2)
    await verification.send_code(conversation, PHONE)
    if first != sms.code:
        assert await verification.check_code(conversation, first) == ("wrong", PHONE)
    clock.move(minutes=5, seconds=1)
    assert await verification.check_code(conversation, sms.code) == ("over", PHONE)


async def test_after_a_text_that_could_not_be_sent_another_is(
    verification: Verification, sms: RecordingSms, conversation: str
) -> None:
    sms.is_away = True
    with pytest.raises(ServiceUnavailable):
        await verification.send_code(conversation, PHONE)
    sms.is_away = False
    await verification.send_code(conversation, PHONE)
    assert await verification.check_code(conversation, sms.code) == ("verified", PHONE)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "' OR 1=1"])
async def test_anything_may_be_typed(
    verification: Verification, conversation: str, typed: str, sms: RecordingSms
) -> None:
    await verification.send_code(conversation, PHONE)
    assert (await verification.check_code(conversation, typed))[0] == "wrong"


def test_nothing_can_be_learned_from_the_hash_of_a_code(verification: Verification) -> None:
    hash_code: Callable[[str, str], str] = verification._hash
    assert hash_code("row-1", "123456") != hash_code("row-2", "123456")


async def test_who_verified_the_same_phone_elsewhere_is_the_same_customer(
    verification: Verification, sms: RecordingSms, database: Database, conversation: str, stranger: str
) -> None:
    for each in (conversation, stranger):
        await verification.send_code(each, PHONE)
        async with database.reading() as session:
            assert await list_same_customer(session, stranger) == {stranger}
        await verification.check_code(each, sms.code)
    async with database.reading() as session:
        assert await list_same_customer(session, stranger) == {conversation, stranger}
