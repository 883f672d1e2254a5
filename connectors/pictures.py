"""Pictures and files that customers send: kept if they may be, read if they can be, and told to the bot as an act."""

import logging
from typing import Protocol, get_args

from applications.client import ApplicationsClient
from applications.stages import OPEN_STAGES
from connectors.attachments import Attachments
from connectors.wording import PAPER_BEFORE_CONSENT, PAPER_UNASKED
from conversations.attachments import ACT
from conversations.schemas import ClaimedMessage, Reply, TurnOutcome
from documents.schemas import Document, DocumentView
from documents.service import Documents
from kit.errors import ServiceRefused, ServiceUnavailable
from pictures.schemas import MediaType, PictureReading
from understanding.papers import list_facts
from understanding.schemas import Act, State

log = logging.getLogger(__name__)

FORM = "application_form"


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
        attachments: Attachments,
        documents: Documents,
        reader: PictureReader,
        applications: ApplicationsClient,
    ) -> None:
        self._attachments = attachments
        self._documents = documents
        self._reader = reader
        self._applications = applications

    async def keep_for_staff(self, message: ClaimedMessage) -> Reply | None:
        """Keeps a voice message for the human who serves its customer; a reply why it was not taken."""
        taken = None if message.holder == "bot" else await self._attachments.take(message)
        return taken if isinstance(taken, Reply) else None

    async def receive(self, message: ClaimedMessage) -> TurnOutcome | Act | None:
        """What a picture or a file leads to: an outcome, or what the bot has to do; None where a human will see it."""
        document = await self._attachments.take(message)
        if isinstance(document, Reply):
            return TurnOutcome(replies=[document])
        if document is None:
            is_asked = message.dialogue.get("form") == FORM
            return TurnOutcome(replies=[PAPER_BEFORE_CONSENT if is_asked else PAPER_UNASKED])
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
            "medium": document.view.medium,
            "is_read": reading is not None,
            "kind": reading.kind if reading else "unknown",
            "quality": reading.quality if reading else "good",
            "number": number,
        }
        return Act(name=ACT, row="picture", values=values, facts=facts, language=state.language)

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
