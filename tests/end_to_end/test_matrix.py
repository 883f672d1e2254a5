"""Every pattern of conversation at every question of every form, over the web chat with everything behind it real."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from conversations.tables import Conversation, Customer
from dev.stack import Stack
from forms.catalogue import load_catalogue
from kit.database import Database
from kit.placeholders import Placeholders
from kit.security import hash_token
from tests.end_to_end.customer import read_words
from tests.end_to_end.matrix_cells import PATTERNS, Cell, list_talks
from tests.end_to_end.matrix_places import Expected, Slots, Step
from tests.end_to_end.wording import find_hints, list_questions, says
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.exhaustive

AT_ONCE = 8


class Talk:
    """One customer's talk, and what is known of it inside."""

    def __init__(self, stack: Stack, client: httpx.AsyncClient, database: Database) -> None:
        self._gateway, self._rasa = stack.urls["gateway"], stack.urls["rasa"]
        self._rasa_token = stack.environment["XIAOHE_RASA_TOKEN"]
        self._client, self._database = client, database
        self._token, self._buttons, self.before, self.heard, self.holder = "", dict[str, str](), "", "", ""

    async def take(self, step: Step) -> None:
        """Says a step's words, or presses its button."""
        if not self._token:
            opened = await self._client.post(f"{self._gateway}/webchat/sessions")
            self._token = opened.json()["token"]
        body = {"button": self._buttons.get(step.say, "")} if step.is_button else {"text": step.say}
        response = await self._client.post(
            f"{self._gateway}/webchat/messages",
            json={"message_id": str(uuid.uuid4()), **body},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert response.status_code == 200, f"{step.say}: {response.text}"
        turn = response.json()
        self.before, self.heard, self.holder = self.heard, read_words(turn), turn["holder"]
        self._buttons = {button["title"]: button["token"] for reply in turn["replies"] for button in reply["buttons"]}

    async def read(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The bot's slots, and where the gateway thinks the dialogue stands."""
        query = select(Conversation.id, Conversation.dialogue).join(Customer)
        async with self._database.reading() as session:
            theirs = query.where(Customer.channel_user_id == hash_token(self._token))
            conversation_id, dialogue = (await session.execute(theirs)).one()
        slots = await self._client.get(
            f"{self._rasa}/slots",
            params={"conversation_id": conversation_id},
            headers={"Authorization": f"Bearer {self._rasa_token}"},
        )
        return Placeholders(VAULT, conversation_id).put_back(slots.json()), dialogue


async def run(cells: list[Cell], talk: Talk) -> str:
    """What is wrong in a talk, which ends there; empty when nothing is."""
    stored: Slots | None = None
    for cell in cells:
        for step in cell.place.fill(stored):
            await talk.take(step)
            if problems := list(_check_words(step.expected, talk)):
                return _tell(cell, step, problems, talk)
        for step in cell.steps:
            await talk.take(step)
            slots, dialogue = await talk.read()
            problems = [*_check_words(step.expected, talk), *_check_state(step.expected, slots, dialogue)]
            if problems:
                return _tell(cell, step, problems, talk)
        stored = cell.steps[-1].expected.stored
    return ""


def _check_words(expected: Expected, talk: Talk) -> Iterator[str]:
    questions = load_catalogue().questions
    yield from (f"to hear {wanted}" for wanted in expected.hear if not says(talk.heard, wanted))
    wanted = {questions[expected.asks].role} if expected.asks else set()
    if list_questions(talk.heard) != wanted:
        yield f"to be asked {wanted or 'nothing'}, not {list_questions(talk.heard) or 'nothing'}"
    elif expected.asks and expected.hint and expected.hint not in find_hints(talk.heard, expected.asks):
        yield f"the question's wording '{expected.hint}', not {find_hints(talk.heard, expected.asks)}"
    if expected.is_new and talk.heard == talk.before:
        yield "other words than before"
    if talk.holder != expected.holder:
        yield f"holder {expected.holder}, not {talk.holder}"


def _check_state(expected: Expected, slots: dict[str, Any], dialogue: dict[str, Any]) -> Iterator[str]:
    stored = {slot: value for slot, value in slots.items() if slot in load_catalogue().questions}
    if stored != expected.stored:
        different = {slot for slot in stored.keys() | expected.stored.keys() if not _is_same(slot, stored, expected)}
        yield from (f"{slot}={expected.stored.get(slot)!r}, not {stored.get(slot)!r}" for slot in sorted(different))
    if expected.holder == "bot" and dialogue.get("asked") != expected.asks:
        yield f"to be at {expected.asks}, not {dialogue.get('asked')}"
    if expected.result and not _contains(slots.get(expected.result[0]), expected.result[1]):
        yield f"{expected.result[0]} with {expected.result[1]!r}, not {slots.get(expected.result[0])!r}"


def _is_same(slot: str, stored: dict[str, Any], expected: Expected) -> bool:
    return slot in stored and slot in expected.stored and bool(stored[slot] == expected.stored[slot])


def _contains(kept: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(kept, dict):
        return all(_contains(kept.get(key), value) for key, value in wanted.items())
    return wanted in kept if isinstance(kept, str) and isinstance(wanted, str) else bool(kept == wanted)


def _tell(cell: Cell, step: Step, problems: list[str], talk: Talk) -> str:
    return f"{cell}: to {step.say!r} expected {'; '.join(problems)}; was said {talk.heard!r}"


@pytest.mark.parametrize("pattern", PATTERNS)
async def test_pattern(pattern: str, stack: Stack) -> None:
    database, gate = stack.open_database(), asyncio.Semaphore(AT_ONCE)

    async def run_one(cells: list[Cell], client: httpx.AsyncClient) -> str:
        async with gate:
            return await run(cells, Talk(stack, client, database))

    try:
        async with httpx.AsyncClient(timeout=WAIT_SECONDS, trust_env=False) as client:
            found = await asyncio.gather(*(run_one(cells, client) for cells in list_talks(pattern)))
    finally:
        await database.close()
    failures = [failure for failure in found if failure]
    assert not failures, f"{len(failures)} of {len(found)} talks:\n" + "\n".join(failures)
