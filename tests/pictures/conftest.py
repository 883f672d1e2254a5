"""The API in process, with a scripted reader."""

from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from pictures.api import create_app
from pictures.queue import Read
from pictures.settings import PicturesSettings

TOKEN = "a-token-of-the-pictures"


@pytest.fixture
def make_transport() -> Callable[[Read], httpx.ASGITransport]:
    def make(read: Read) -> httpx.ASGITransport:
        settings = PicturesSettings(pictures_token=SecretStr(TOKEN))
        return httpx.ASGITransport(create_app(settings, load=lambda: read), raise_app_exceptions=False)

    return make
