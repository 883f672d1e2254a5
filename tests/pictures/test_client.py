"""The client against the real application, and against one that is away, busy or broken."""

from collections.abc import Callable
from functools import partial

import httpx
import pytest

from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from pictures.client import PicturesClient
from pictures.queue import Read
from pictures.reading import read_picture
from tests.pictures.conftest import TOKEN
from tests.pictures.fakes import ScriptedRecogniser
from tests.pictures.pages import make_lines
from tests.pictures.test_identity_card import NUMBER, write_card
from tests.pictures.test_image import encode, make_image

Make = Callable[[Read], httpx.ASGITransport]
PICTURE = encode(make_image())
read_card: Read = partial(read_picture, recognise=ScriptedRecogniser(make_lines(write_card())))


def make_client(transport: httpx.AsyncBaseTransport) -> PicturesClient:
    return PicturesClient(ServiceClient("pictures", "http://pictures", deadline=60, token=TOKEN, transport=transport))


async def test_a_picture_is_read(make_transport: Make) -> None:
    reading = await make_client(make_transport(read_card)).read(PICTURE, "image/jpeg")
    assert (reading.kind, reading.fields["id_number"]) == ("identity_card", NUMBER)


async def test_what_is_no_picture_is_refused(make_transport: Make) -> None:
    with pytest.raises(ServiceRefused) as refusal:
        await make_client(make_transport(read_card)).read(b"no picture", "image/jpeg")
    assert (refusal.value.status, refusal.value.code) == (422, "not_a_picture")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503, json={"error": {"code": "busy", "reason": ""}}),
        httpx.Response(500),
        httpx.Response(200, json={"kind": "a cat"}),
        httpx.Response(200, content=b"<html>"),
    ],
)
async def test_a_service_that_does_not_read_is_unavailable(answer: httpx.Response) -> None:
    with pytest.raises(ServiceUnavailable):
        await make_client(httpx.MockTransport(lambda request: answer)).read(PICTURE, "image/jpeg")


async def test_one_that_was_away_for_a_moment_is_asked_again() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.headers["Content-Type"], len(request.content)))
        if len(asked) == 1:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json={"kind": "unknown", "quality": "blurred", "fields": {}})

    reading = await make_client(httpx.MockTransport(answer)).read(PICTURE, "image/jpeg")
    assert reading.quality == "blurred"
    assert asked == [("image/jpeg", len(PICTURE))] * 2
