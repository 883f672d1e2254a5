"""The web application of the process that reads pictures. It stores nothing, and logs nothing of what it reads."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, get_args

from fastapi import FastAPI, Request

from kit.errors import RequestError
from kit.web import create_web_app
from pictures.queue import Read, ReadingQueue
from pictures.schemas import MediaType, PictureReading
from pictures.settings import PicturesSettings

BYTES_MAX = 15 * 1024 * 1024
_REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"description": "The picture has over 15 MB"},
    415: {"description": "`unknown_media_type`: image/jpeg, image/png and image/webp are read"},
    422: {"description": "`not_a_picture`, `picture_broken`, `picture_too_detailed`, `picture_too_small`"},
    503: {"description": "`busy`: too many pictures wait; Retry-After says when to ask again"},
}
_BODY = {"requestBody": {"required": True, "content": {each: {} for each in get_args(MediaType)}}}


def create_app(settings: PicturesSettings, *, load: Callable[[], Read] | None = None) -> FastAPI:
    """The application; `load` makes what reads pictures, by default by the models that ship with rapidocr."""
    queue = ReadingQueue(load or (lambda: _load_models(settings.pictures_threads)))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        queue.close()

    token = settings.pictures_token.get_secret_value()
    app = create_web_app("小禾 pictures", checks={}, lifespan=lifespan, token=token, bytes_max=BYTES_MAX)

    @app.post("/v1/readings", responses=_REFUSALS, openapi_extra=_BODY, tags=["readings"])
    async def read(request: Request) -> PictureReading:
        """What the picture in the body says."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in get_args(MediaType):
            raise RequestError(415, "unknown_media_type", "image/jpeg, image/png and image/webp are read")
        reading = await queue.read(await request.body(), request.is_disconnected)
        if reading is None:
            raise RequestError(400, "disconnected", "the caller went away")
        return reading

    return app


def _load_models(threads: int) -> Read:
    # They load OpenCV and onnxruntime: only when there is a picture.
    from pictures.reading import read_picture
    from pictures.recogniser import Recogniser

    return partial(read_picture, recognise=Recogniser(threads))
