"""Keeps what customers' messages bring besides words, whatever channel they come by: fetched, checked, stored."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from connectors.wording import NOT_FETCHED, refuse
from conversations.attachments import KINDS, Kind, read_file_name, read_reference, write_payload
from conversations.schemas import ClaimedMessage, Holder, Reply
from documents.schemas import Document
from documents.service import GONE, Documents
from kit.errors import RequestError, ServiceUnavailable
from privacy.rights.service import Rights

PURPOSE = "application"
ATTEMPTS_MAX = 3  # to fetch one from its platform
AWAY = 503


@runtime_checkable
class MediaSource(Protocol):
    """A channel whose platform keeps what customers send until we fetch it."""

    async def fetch_media(self, media: str, bytes_max: int) -> bytes:
        """The bytes of what the platform calls `media`.

        Raises ServiceUnavailable when they may be had later, RequestError with a reason for the customer if never.
        """
        ...


class Attachments:
    """What is sent while a human answers, or is waited for, is a part of that talk.

    The bot takes pictures and files, once their customer has agreed to an application.
    """

    def __init__(self, documents: Documents, rights: Rights, sources: Mapping[str, MediaSource]) -> None:
        """`sources` are the channels whose content has to be fetched, by name."""
        self._documents = documents
        self._rights = rights
        self._sources = sources

    @property
    def bytes_max(self) -> int:
        """How large one may be."""
        return self._documents.bytes_max

    async def may_keep(self, conversation_id: str, holder: Holder, kind: Kind = "image") -> bool:
        """Whether one may be taken at all."""
        return holder != "bot" or (kind != "voice" and await self._rights.has_agreed(conversation_id, PURPOSE))

    async def read(self, conversation_id: str, document_id: str) -> Document:
        """What was sent in a conversation, by its customer or to them; RequestError 404."""
        document = await self._documents.read(document_id)
        if document.view.conversation_id != conversation_id:
            raise RequestError(404, "no_such_document", GONE)
        return document

    async def keep(
        self, conversation_id: str, message_id: str, content: bytes, kind: Kind = "image", name: str = ""
    ) -> str:
        """Stores one, and gives the payload of its message. Raises as Documents.store."""
        stored = await self._documents.store(conversation_id, message_id, content, medium=kind, name=name)
        return write_payload(kind, document=stored.id)

    async def take(self, message: ClaimedMessage) -> Document | Reply | None:
        """What a message brings, stored by now; a reply why it was not taken; None if it may not be kept.

        ServiceUnavailable when it may be had by another try.
        """
        try:
            return await self._find(message)
        except RequestError as refused:
            if refused.status == AWAY and message.attempt < ATTEMPTS_MAX and message.channel in self._sources:
                raise ServiceUnavailable(str(refused)) from None  # the worker tries again
            return refuse(refused.reason)
        except ServiceUnavailable:
            if message.attempt < ATTEMPTS_MAX:
                raise
            return NOT_FETCHED[message.kind]

    async def _find(self, message: ClaimedMessage) -> Document | None:
        """Fetched and stored if that was not done before."""
        conversation_id, message_id = message.conversation_id, message.message.message_id or ""
        reference, kind = read_reference(message.payload or ""), KINDS[message.kind]
        if "document" in reference:
            return await self._documents.read(reference["document"])
        stored = await self._documents.find(conversation_id, message_id)
        if stored is None:
            if "media" not in reference or not await self.may_keep(conversation_id, message.holder, kind):
                return None
            source = self._sources.get(message.channel)
            if source is None:
                raise ServiceUnavailable(f"{message.channel} is switched off")
            content = await source.fetch_media(reference["media"], self.bytes_max)
            name = read_file_name(message.message.text)
            stored = await self._documents.store(conversation_id, message_id, content, medium=kind, name=name)
        return await self._documents.read(stored.id)
