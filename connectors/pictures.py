"""Pictures that customers send: kept if they may be, read, and told to the bot as an act."""

import logging
from collections.abc import Mapping
from typing import Protocol, get_args, runtime_checkable

from applications.client import ApplicationsClient
from applications.stages import OPEN_STAGES
from connectors.picture_message import ACT, read_reference, write_payload
from connectors.wording import PICTURE_BEFORE_CONSENT, PICTURE_NOT_FETCHED, PICTURE_UNASKED, refuse_picture
from conversations.schemas import ClaimedMessage, Holder, TurnOutcome
from documents.schemas import Document, DocumentView
from documents.service import Documents
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from pictures.schemas import MediaType, PictureReading
from privacy.rights.service import Rights
from understanding.papers import list_facts
from understanding.schemas import Act, State

log = logging.getLogger(__name__)

PURPOSE = "application"
FORM = "application_form"
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


class PictureReader(Protocol):
    """Something that reads pictures of papers."""

    async def read(self, content: bytes, media_type: MediaType) -> PictureReading:
        """What a picture says. Raises ServiceUnavailable or ServiceRefused."""
        ...


class Pictures:
    """Takes pictures, whatever channel they come by.

    The bot gets one only once its customer agreed to an application. What is sent while a human answers, or is waited
    for, is a part of that talk: it is kept, and not read.
    """

    def __init__(
        self,
        documents: Documents,
        rights: Rights,
        reader: PictureReader,
        applications: ApplicationsClient,
        sources: Mapping[str, MediaSource],
    ) -> None:
        """`sources` are the channels whose pictures have to be fetched, by name."""
        self._documents = documents
        self._rights = rights
        self._reader = reader
        self._applications = applications
        self._sources = sources

    @property
    def bytes_max(self) -> int:
        """How large one may be."""
        return self._documents.bytes_max

    async def may_keep(self, conversation_id: str, holder: Holder) -> bool:
        """Whether a picture may be taken at all."""
        return holder != "bot" or await self._rights.has_agreed(conversation_id, PURPOSE)

    async def keep(self, conversation_id: str, message_id: str, content: bytes) -> str:
        """Stores a picture, and gives the payload of its message. Raises as Documents.store."""
        stored = await self._documents.store(conversation_id, message_id, content)
        return write_payload(document=stored.id)

    async def receive(self, message: ClaimedMessage) -> TurnOutcome | Act | None:
        """What a message's picture leads to: an outcome, or what the bot has to do; None where a human will see it."""
        try:
            document = await self._find(message)
        except RequestError as refused:
            if refused.status == AWAY and message.attempt < ATTEMPTS_MAX and message.channel in self._sources:
                raise ServiceUnavailable(str(refused)) from None  # the worker tries again
            return TurnOutcome(replies=[refuse_picture(refused.reason)])
        except ServiceUnavailable:
            if message.attempt < ATTEMPTS_MAX:
                raise
            return TurnOutcome(replies=[PICTURE_NOT_FETCHED])
        if document is None:
            is_asked = message.dialogue.get("form") == FORM
            return TurnOutcome(replies=[PICTURE_BEFORE_CONSENT if is_asked else PICTURE_UNASKED])
        if message.holder != "bot":
            return None
        reading = await read_document(self._reader, document)
        facts = list_facts(reading) if reading else ()
        if reading:
            await note_reading(self._documents, document.view, reading)
        state = State.model_validate(message.dialogue)
        number = "" if FORM in (state.form, *state.paused) else await self._attach(message.conversation_id)
        values = {
            "document": document.view.id,
            "is_read": reading is not None,
            "kind": reading.kind if reading else "unknown",
            "quality": reading.quality if reading else "good",
            "number": number,
        }
        return Act(name=ACT, row="picture", values=values, facts=facts, language=state.language)

    async def _find(self, message: ClaimedMessage) -> Document | None:
        """The document of a message, fetched and stored if that was not done before; None if it may not be kept."""
        conversation_id, message_id = message.conversation_id, message.message.message_id or ""
        reference = read_reference(message.payload or "")
        if "document" in reference:
            return await self._documents.read(reference["document"])
        stored = await self._documents.find(conversation_id, message_id)
        if stored is None:
            if "media" not in reference or not await self.may_keep(conversation_id, message.holder):
                return None
            source = self._sources.get(message.channel)
            if source is None:
                raise ServiceUnavailable(f"{message.channel} is switched off")
            content = await source.fetch_media(reference["media"], self.bytes_max)
            stored = await self._documents.store(conversation_id, message_id, content)
        return await self._documents.read(stored.id)

    async def _attach(self, conversation_id: str) -> str:
        """Gives what was sent to the open application that came back, else to the newest; its number, or nothing."""
        try:
            found = await self._applications.list_applications(conversation_id)
        except (ServiceUnavailable, ServiceRefused) as error:
            log.warning("a picture stays without its application: %s", error)
            return ""
        is_open = sorted((each for each in found if each.stage in OPEN_STAGES), key=lambda a: a.stage != "incomplete")
        if not is_open:
            return ""
        await self._documents.attach(conversation_id, is_open[0].id)
        return is_open[0].number


async def read_document(reader: PictureReader, document: Document) -> PictureReading | None:
    """What a document says; None while nobody can read it: the account manager will look at it."""
    media_type = document.view.media_type
    try:
        if media_type not in get_args(MediaType):
            return None
        return await reader.read(document.content, media_type)  # type: ignore[arg-type]  # it is one
    except (ServiceUnavailable, ServiceRefused) as error:
        log.warning("a picture was not read: %s", error)
        return None


async def note_reading(documents: Documents, view: DocumentView, reading: PictureReading) -> None:
    """Keeps with a document what it shows and says, for the account manager and for checks."""
    if reading.kind != view.kind:
        await documents.describe(view.id, reading.kind, reading.fields)
