"""Pictures that editors put into answers."""

import asyncio
from collections.abc import Iterable

from desk.roles import require
from desk.schemas import StaffView
from documents.content import require_size
from kit.clock import Clock, read_clock
from kit.database import Database
from knowledge.answer_pictures import encode_picture, keep_picture
from knowledge.links import list_pictures
from knowledge.schemas import ANSWERS
from revisions.schemas import Content

BYTES_MAX = 1024 * 1024


class AnswerPictures:
    """Takes pictures; RequestError 403 without the right to draft."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, staff: StaffView, content: bytes) -> str:
        """Keeps a picture and gives its name. RequestError 413 for more than BYTES_MAX, 422 for what is no picture."""
        require(staff.role, "draft_entries", "您的角色不能修改知识")
        require_size(len(content), BYTES_MAX)
        name, kept = await asyncio.to_thread(encode_picture, content)
        async with self._database.transaction() as session:
            await keep_picture(session, name, kept, self._clock())
        return name


def list_all_pictures(contents: Iterable[Content]) -> set[str]:
    """The names of all pictures in the answers of some entries."""
    return {name for content in contents for field in ANSWERS for name in list_pictures(str(content.get(field) or ""))}
