"""Pictures in answers: encoded anew when they come, kept while anything names them, sent to whoever knows the name."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from documents.content import MEDIA_TYPE, clean_picture
from kit.database import Database
from kit.errors import RequestError
from kit.upserts import insert_into
from knowledge.links import PICTURES_PATH, find_picture_path
from knowledge.tables import AnswerPicture

EDGE_MAX = 1600
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=31536000, immutable",  # another content has another name
    "Referrer-Policy": "no-referrer",
}


def encode_picture(content: bytes) -> tuple[str, bytes]:
    """Its name, and the picture as it is kept: a JPEG of at most EDGE_MAX an edge, without metadata.

    RequestError as documents.decoding.decode_picture.
    """
    kept = clean_picture(content, edge_max=EDGE_MAX).content
    return f"{sha256(kept).hexdigest()[:32]}.jpg", kept


async def keep_picture(session: AsyncSession, name: str, content: bytes, now: datetime) -> None:
    """Keeps it; one that is there counts as new."""
    added = insert_into(session, AnswerPicture).values(name=name, content=content, added_at=now)
    await session.execute(added.on_conflict_do_update(index_elements=["name"], set_={"added_at": now}))


async def list_missing(session: AsyncSession, names: Collection[str]) -> set[str]:
    """Those that are not there."""
    found = await session.scalars(select(AnswerPicture.name).where(AnswerPicture.name.in_(names))) if names else ()
    return set(names) - set(found)


def build_router(database: Database) -> APIRouter:
    """GET /pictures/{name}. RequestError 404."""
    router = APIRouter(include_in_schema=False)

    @router.get(f"{PICTURES_PATH}{{name}}")
    async def send_picture(name: str) -> Response:
        content = None
        if find_picture_path(f"{PICTURES_PATH}{name}"):
            async with database.reading() as session:
                content = await session.scalar(select(AnswerPicture.content).where(AnswerPicture.name == name))
        if content is None:
            raise RequestError(404, "no_such_picture", "没有这张图片")
        return Response(content, media_type=MEDIA_TYPE, headers=HEADERS)

    return router
