"""Pictures that a helper (帮办) brings: kept with the application, and read only to say whether they can be used."""

import hashlib
from typing import NamedTuple

from connectors.pictures import PictureReader, note_reading, read_document
from connectors.wording import PICTURE_QUALITY
from delegation.service import Checklist, Delegations
from documents.service import Documents


class Received(NamedTuple):
    """What the helper sees once a picture is stored: the papers, and whether it should be taken again."""

    checklist: Checklist
    said: str


class HelperPictures:
    """Takes pictures of papers from whoever has an applicant's code."""

    def __init__(self, delegations: Delegations, documents: Documents, reader: PictureReader) -> None:
        self._delegations = delegations
        self._documents = documents
        self._reader = reader

    @property
    def bytes_max(self) -> int:
        """How large one may be."""
        return self._documents.bytes_max

    async def take(self, code: str, paper: str, content: bytes) -> Received:
        """Stores a picture; the same one again changes nothing. RequestError as Delegations and Documents.store."""
        delegation = await self._delegations.get_delegation(code, paper)
        # A form has no message of its own: the same picture of the same paper is the same message.
        digest = hashlib.sha256(f"{delegation.id} {paper} ".encode() + content).hexdigest()
        message_id = f"help-{digest[:40]}"
        stored = await self._documents.store(
            delegation.conversation_id, message_id, content, paper=paper, application_id=delegation.application_id
        )
        reading = await read_document(self._reader, await self._documents.read(stored.id))
        if reading:
            await note_reading(self._documents, stored, reading)
        quality = reading.quality if reading else "good"
        checklist = await self._delegations.receive_picture(code, paper, stored.id, is_legible=quality == "good")
        return Received(checklist, PICTURE_QUALITY[quality].format(paper=paper))
