"""The API over HTTP, in process."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from pictures.api import BYTES_MAX
from pictures.queue import WAITING_MAX, Read
from pictures.reading import read_picture
from pictures.schemas import PictureReading
from tests.pictures.conftest import TOKEN
from tests.pictures.fakes import ScriptedRecogniser
from tests.pictures.pages import make_lines
from tests.pictures.test_identity_card import NUMBER, write_card
from tests.pictures.test_image import encode, make_image
from tests.waiting import WAIT_SECONDS

Make = Callable[[Read], httpx.ASGITransport]
JPEG = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/jpeg"}
read_card: Read = partial(read_picture, recognise=ScriptedRecogniser(make_lines(write_card())))


def connect(transport: httpx.ASGITransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=transport, base_url="http://pictures")


async def test_a_reading_has_the_agreed_shape(make_transport: Make) -> None:
    async with connect(make_transport(read_card)) as api:
        response = await api.post("/v1/readings", content=encode(make_image()), headers=JPEG)
    assert response.status_code == 200
    assert response.json() == {
        "kind": "identity_card",
        "quality": "good",
        "fields": {
            "id_number": NUMBER,
            "birth_date": "1985-06-17",
            "sex": "女",
            "name": "李秀英",
            "address": "清泉省白石市柳溪县柳溪镇南湾村3组12号",
        },
    }


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"x", {**JPEG, "Authorization": "Bearer another"}, 401, "unauthorised"),
        (b"x", {"Content-Type": "image/jpeg"}, 401, "unauthorised"),
        (b"x", {**JPEG, "Content-Type": "application/pdf"}, 415, "unknown_media_type"),
        (b"x", {"Authorization": f"Bearer {TOKEN}"}, 415, "unknown_media_type"),
        (b"", JPEG, 422, "not_a_picture"),
        (b"no picture", JPEG, 422, "not_a_picture"),
        (b"\xff" * (BYTES_MAX + 1), JPEG, 413, "http_error"),
    ],
)
async def test_refusals(make_transport: Make, content: bytes, headers: dict[str, str], status: int, code: str) -> None:
    async with connect(make_transport(read_card)) as api:
        response = await api.post("/v1/readings", content=content, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_when_too_many_wait_it_says_when_to_come_back(make_transport: Make) -> None:
    gate = threading.Event()

    def read(content: bytes) -> PictureReading:
        gate.wait(WAIT_SECONDS)
        return PictureReading(kind="unknown", quality="good", fields={})

    async with connect(make_transport(read)) as api:
        calls = [
            asyncio.create_task(api.post("/v1/readings", content=b"x", headers=JPEG)) for _ in range(WAITING_MAX + 2)
        ]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        gate.set()
        responses = await asyncio.gather(*calls)
    refused = done.pop().result()
    assert (refused.status_code, refused.json()["error"]["code"], refused.headers["Retry-After"]) == (503, "busy", "5")
    assert sorted(each.status_code for each in responses) == [200] * (WAITING_MAX + 1) + [503]


async def test_it_is_healthy_without_a_model(make_transport: Make) -> None:
    async with connect(make_transport(read_card)) as api:
        assert (await api.get("/healthz")).status_code == 200


async def test_a_fault_of_the_reader_is_told_as_one(make_transport: Make) -> None:
    def fail(content: bytes) -> PictureReading:
        raise ValueError("a fault")

    async with connect(make_transport(fail)) as api:
        for _ in range(2):  # the next picture is read all the same
            response = await api.post("/v1/readings", content=b"x", headers=JPEG)
            assert (response.status_code, response.json()["error"]["code"]) == (500, "fault")
