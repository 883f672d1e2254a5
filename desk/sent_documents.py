"""Pictures and files that agents send to customers, kept as customers' documents are: checked, scanned, encrypted."""

import asyncio

from conversations.attachments import FILE, PICTURE
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.service import Handoffs
from conversations.schemas import STAFF_KEY, MessageView
from desk.schemas import StaffView
from desk.talk_access import find_required_agent
from documents.content import clean_picture, require_size
from documents.files import check_file, clean_name
from documents.service import Documents
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError

PREVIEW_EDGE = 800
NO_FILES = frozenset({"wechat"})  # an Official Account can send none (客服消息)
REFUSED = "微信公众号发不了文件，请改发图片"


class SentDocuments:
    """Sends pictures and files. RequestError 403 and 409 as Talks.say, 413, 422 and 503 as Documents.store."""

    def __init__(self, database: Database, documents: Documents, clock: Clock = read_clock) -> None:
        self.bytes_max = documents.bytes_max
        self._database = database
        self._documents = documents
        self._handoffs = Handoffs(clock)
        self._queries = HandoffQueries(database, clock)

    async def preview(self, content: bytes) -> bytes:
        """The picture as a small JPEG, for a last look before it is sent."""
        require_size(len(content), self.bytes_max)
        return (await asyncio.to_thread(clean_picture, content, edge_max=PREVIEW_EDGE)).content

    async def describe(self, channel: str, content: bytes, name: str) -> str:
        """The name under which a file would be sent. RequestError 413, 422, also where the channel takes none."""
        if channel in NO_FILES:
            raise RequestError(422, "no_files", REFUSED)
        require_size(len(content), self.bytes_max)
        return clean_name(name, await asyncio.to_thread(check_file, content))

    async def send(
        self, staff: StaffView, handoff_id: str, content: bytes, key: str, *, file_name: str = ""
    ) -> MessageView:
        """Sends a picture, or with a name a file, once for each key; a supervisor may join another agent's talk."""
        only_of, handoff = find_required_agent(staff), await self._queries.get(handoff_id)
        if handoff.state != "active" or (only_of and handoff.agent_id != only_of):
            raise RequestError(409, "handoff_moved_on", "这个会话已经不在您这里了，没有发出")
        if file_name:
            file_name = await self.describe(handoff.channel, content, file_name)
        stored = await self._documents.store(
            handoff.conversation_id,
            STAFF_KEY + key,
            content,
            medium="file" if file_name else "image",
            name=file_name,
            sent_by=staff.id,
        )
        words = f"{FILE} {file_name}" if file_name else PICTURE
        async with self._database.transaction() as session:
            return await self._handoffs.say(
                session, handoff_id, staff.id, words, key, document=stored.id, only_of=only_of
            )
