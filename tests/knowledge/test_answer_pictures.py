"""Pictures in answers: nothing but pixels is kept, and whoever knows the name gets them."""

import httpx
import pytest

from kit.database import Database
from kit.errors import RequestError
from kit.web import create_web_app
from knowledge.answer_pictures import build_router, encode_picture, keep_picture
from tests.documents.pictures import claim_size, draw, encode, take_photograph
from tests.knowledge.entries import NOW


def test_what_is_kept_is_pixels_and_named_by_them() -> None:
    name, kept = encode_picture(take_photograph())
    assert kept.startswith(b"\xff\xd8")
    assert b"Canary" not in kept
    assert len(name) == 36
    assert encode_picture(take_photograph()) == (name, kept)
    assert encode_picture(encode(draw(colour="red"), "PNG"))[0] != name


@pytest.mark.parametrize("content", [b"", b"<svg onload=x>", claim_size(60_000, 60_000)])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(RequestError):
        encode_picture(content)


async def test_it_is_sent_by_name_and_may_be_cached_for_ever(database: Database) -> None:
    name, kept = encode_picture(take_photograph())
    async with database.transaction() as session:
        await keep_picture(session, name, kept, NOW)
        await keep_picture(session, name, kept, NOW)
    app = create_web_app("gateway", checks={})
    app.include_router(build_router(database))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as browser:
        sent = await browser.get(f"/pictures/{name}")
        missing = await browser.get(f"/pictures/{name.replace(name[0], 'g')}")
    assert (sent.status_code, sent.content, missing.status_code) == (200, kept, 404)
    assert sent.headers["content-type"] == "image/jpeg"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in sent.headers["cache-control"]
