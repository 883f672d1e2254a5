"""What the measuring of pictures reports."""

from concurrent.futures import Future
from random import Random
from typing import Any

import pytest

from bench import pictures
from pictures.schemas import PictureReading
from tests.pictures.made_up import make_up_person


class AnsweringReader:
    """Stands for the reader's process: of ten cards one is misread, two are not read, and each takes a second more."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def submit(self, read: Any, number: bytes) -> Future[tuple[PictureReading, float]]:
        self._seconds += 1
        said = {1.0: {"id_number": "another"}, 2.0: {}, 3.0: {}}.get(self._seconds, {"id_number": number.decode()})
        future: Future[tuple[PictureReading, float]] = Future()
        future.set_result((PictureReading(kind="identity_card", quality="good", fields=dict(said)), self._seconds))
        return future


def test_numbers_right_wrong_and_refused_and_the_seconds_of_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_up_person(Random(1))  # noqa: S311 (repeatable on purpose)
    monkeypatch.setattr(pictures, "make_card", lambda seed: (person.id_number.encode(), person))
    reader: Any = AnsweringReader()
    report = pictures.measure_readable(reader, 1, 10)
    assert report["id_number"] == {"right": 7, "wrong": 1, "refused": 2}
    assert report["name"] == {"right": 0, "wrong": 0, "refused": 10}
    assert (report["seconds_median"], report["seconds_p90"], report["seconds_max"]) == (5.5, 9.9, 10.0)


def test_memory_is_told_in_megabytes() -> None:
    memory = pictures.read_memory()
    assert 10 < memory["memory_mb"] <= memory.get("memory_peak_mb", memory["memory_mb"]) + 1 < 100_000
