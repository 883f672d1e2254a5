"""Another encoder comes into force while customers write, together with what Rasa reads with, and goes again."""

import asyncio
import os
import shutil
from pathlib import Path

import httpx
import pytest

from dev.stack import Stack
from kit.clock import read_clock
from kit.settings import ROOT
from knowledge.encoder import load_encoder
from knowledge.index_builder import name_lesson_files
from knowledge.lessons import read_lessons
from knowledge.settings import KnowledgeSettings
from knowledge.tuned_encoders import ENCODER, UNDERSTANDING
from knowledge.tuning.understanding import train_understanding
from tests.end_to_end.customer import Customer, read_words
from tests.knowledge.encoders import put_in_force
from tests.waiting import WAIT_SECONDS

LATE = "资料库暂时连不上"
# What only the vector tells, and what the entries answer.
ASKED = {"银行卡丢了怎么办": "挂失", "我要转人工": "人工"}


@pytest.fixture
def fingerprint(stack: Stack) -> str:
    """Of an encoder that was as good as tuned: the shipped one, in a folder with one file more."""
    folder = Path(stack.environment["XIAOHE_TUNED_ENCODERS"])
    made = folder / ".made"
    shutil.copytree(ROOT / "models" / "encoder", made / ENCODER, copy_function=os.link)
    (made / ENCODER / "tuned.json").write_text("{}")
    encoder = load_encoder(str(made / ENCODER))
    train_understanding(encoder, made / UNDERSTANDING)
    made.rename(folder / encoder.fingerprint)
    # What a tuning would have learned ahead: the vectors are the same.
    kept, lessons = Path(KnowledgeSettings().knowledge_cache), read_lessons()
    shipped = load_encoder(str(ROOT / "models" / "encoder")).fingerprint
    files = [name_lesson_files(each, lessons, kept) for each in (shipped, encoder.fingerprint)]
    for source, target in zip(*files, strict=True):
        assert source
        assert target
        shutil.copyfile(source, target)
    return encoder.fingerprint


def change_encoder(stack: Stack, fingerprint: str | None) -> None:
    """As an editor and an approver would."""

    async def change() -> None:
        database = stack.open_database()
        await put_in_force(database, fingerprint, read_clock())
        await database.close()

    asyncio.run(change())


def read_fingerprint(stack: Stack) -> str:
    headers = {"Authorization": f"Bearer {stack.environment['XIAOHE_KNOWLEDGE_TOKEN']}"}
    url = f"{stack.urls['knowledge']}/v1/vectors"
    found = httpx.post(
        url, json={"texts": ["卡"]}, headers=headers, timeout=WAIT_SECONDS, trust_env=False
    ).raise_for_status()
    return str(found.json()["fingerprint"])


def ask_until(stack: Stack, fingerprint: str) -> None:
    """Asks all the while, and once more after the change: every answer is right.

    Where it comes too late, as an index is built on the same busy machine, that is said, and it is asked again.
    """
    is_changed = False
    while not is_changed:
        is_changed = read_fingerprint(stack) == fingerprint
        for asked, words in ASKED.items():
            with Customer(stack.urls["gateway"]) as customer:
                said = read_words(customer.say(asked))
                if LATE in said:
                    is_changed = False
                else:
                    assert words in said, asked


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)  # trains what Rasa reads with: minutes on a busy machine
def test_encoder_and_model_change_together_and_back(stack: Stack, fingerprint: str) -> None:
    shipped = read_fingerprint(stack)
    assert shipped != fingerprint
    change_encoder(stack, fingerprint)
    try:
        ask_until(stack, fingerprint)
        loaded = f"{fingerprint}/{UNDERSTANDING}"
        assert f"loaded {stack.environment['XIAOHE_TUNED_ENCODERS']}/{loaded}" in stack.log_path("rasa").read_text()
    finally:  # other tests use the same stack
        change_encoder(stack, None)
        ask_until(stack, shipped)
