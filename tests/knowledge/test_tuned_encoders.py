"""Another encoder comes into force in all processes at one moment, and goes again."""

import asyncio
import itertools
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kit.database import Database
from knowledge.encoder import Encoder
from knowledge.record import count_editions
from knowledge.schemas import EvidenceView
from knowledge.service import Knowledge
from knowledge.tuned_encoders import TunedEncoders
from tests.knowledge.encoders import put_in_force
from tests.knowledge.entries import ENTRIES, LESSONS, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder
from tests.waiting import WAIT_SECONDS

TUNED, GONE = "a" * 64, "b" * 64
QUESTION = "卡丢了怎么办"


class MirroredEncoder(HashingEncoder):
    """Vectors of its own: with an index of the other encoder's they find nothing."""

    fingerprint = TUNED

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ascontiguousarray(super().encode(texts)[:, ::-1])


class OneTuned(TunedEncoders):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / TUNED).mkdir()

    def load(self, fingerprint: str) -> Encoder:
        return MirroredEncoder() if fingerprint == TUNED else super().load(fingerprint)


async def test_all_processes_change_at_one_moment_and_back(database: Database, tmp_path: Path) -> None:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    tuned = OneTuned(tmp_path)
    processes = [
        Knowledge(database, HashingEncoder(), lessons=LESSONS, tuned=tuned, refresh_seconds=0.3) for _ in range(2)
    ]
    for process in processes:
        await process.open()
    heard: list[EvidenceView] = []
    try:
        for fingerprint, wanted in ((TUNED, TUNED), (None, "hashing")):
            await put_in_force(database, fingerprint)
            async with asyncio.timeout(WAIT_SECONDS):
                while [each.fingerprint for each in heard[-2:]] != [wanted] * 2:
                    heard += [await process.read_evidence(QUESTION, ()) for process in processes]
    finally:
        for process in processes:
            await process.close()
    fingerprints = [key for key, _ in itertools.groupby(each.fingerprint for each in heard)]
    assert fingerprints == ["hashing", TUNED, "hashing"]
    # Never a vector of one encoder in an index of the other.
    assert {each.matches[0].entry_id for each in heard} == {"card-lost"}
    assert {each.matches[0].score > 0.9 for each in heard} == {True}


async def test_whoever_starts_later_reads_with_the_encoder_in_force(database: Database, tmp_path: Path) -> None:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    await put_in_force(database, TUNED)
    knowledge = Knowledge(database, HashingEncoder(), tuned=OneTuned(tmp_path))
    await knowledge.open()
    try:
        assert (await knowledge.encode([QUESTION])).fingerprint == TUNED
        assert (await knowledge.search(QUESTION, 1)).matches[0].entry_id == "card-lost"
        # By this the desk knows whether something was published since a trial.
        async with database.reading() as session:
            assert (await knowledge.try_out([])).version == await count_editions(session) == len(ENTRIES) + 1
    finally:
        await knowledge.close()


class InvalidProtobuf(Exception):
    """As onnxruntime's errors: of a kind of its own."""


class BrokenEncoder(MirroredEncoder):
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise InvalidProtobuf(self.fingerprint)


@pytest.mark.parametrize("encoder", [None, BrokenEncoder()])
async def test_an_encoder_that_is_gone_or_broken_stops_nobody(
    database: Database,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    encoder: Encoder | None,
) -> None:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    if encoder:
        monkeypatch.setattr(OneTuned, "load", lambda self, fingerprint: encoder)
    tuned = OneTuned(tmp_path)
    knowledge = Knowledge(database, HashingEncoder(), lessons=LESSONS, tuned=tuned, refresh_seconds=0.01)
    await knowledge.open()
    try:
        with caplog.at_level(logging.ERROR):
            await put_in_force(database, GONE)
            await store(database, make_entry("visit", "能不能预约上门", (), "可以"))
            await knowledge.refresh()
        assert ("InvalidProtobuf" if encoder else GONE) in caplog.text
        assert (await knowledge.search("能不能预约上门", 1)).matches[0].entry_id == "visit"
        assert (await knowledge.read_evidence(QUESTION, ())).fingerprint == "hashing"
        # Once it is there, the next edition has it.
        monkeypatch.setattr(OneTuned, "load", lambda self, fingerprint: MirroredEncoder())
        await put_in_force(database, TUNED)
        await knowledge.refresh()
        assert (await knowledge.read_evidence(QUESTION, ())).fingerprint == TUNED
    finally:
        await knowledge.close()


def test_the_newest_come_first_and_other_folders_are_none(tmp_path: Path) -> None:
    for age, name in enumerate((GONE, TUNED, "lost+found")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (age, age))
    tuned = TunedEncoders(tmp_path)
    assert tuned.list_all() == [TUNED, GONE]
    for name in (GONE, "../lost+found", "lost+found"):
        tuned.remove(name)
    assert tuned.list_all() == [TUNED]
    assert (tmp_path / "lost+found").is_dir()
    with pytest.raises(FileNotFoundError, match=GONE):
        tuned.load(GONE)
