"""Documents as they are kept, and what customers and staff send: recordings and files."""

import subprocess
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

import imageio_ffmpeg

from documents.schemas import Document, DocumentView
from tests.waiting import WAIT_SECONDS

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


@cache
def record_voice(form: str = "amr", seconds: float = 1.0) -> bytes:
    """A tone as a phone would record it: amr (WeChat), ogg (Telegram), mp3."""
    tone = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}")
    how = {"amr": ("-ar", "8000", "-c:a", "libopencore_amrnb"), "ogg": ("-c:a", "libopus"), "mp3": ()}[form]
    command = imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *tone, *how, "-ac", "1", "-f", form, "pipe:1"
    return subprocess.run(command, capture_output=True, check=True, timeout=WAIT_SECONDS).stdout


def pack_office(part: str = "word/document.xml", *others: str) -> bytes:
    """A docx or xlsx, as far as anybody looks into one."""
    written = BytesIO()
    with ZipFile(written, "w") as packed:
        for name in ("[Content_Types].xml", part, *others):
            packed.writestr(ZipInfo(name), "<xml/>")  # without the time, so that it is the same each time
    return written.getvalue()


def make_document(content: bytes, file_name: str = "", **more: Any) -> Document:
    """A picture, or with a name a file."""
    now = datetime(2026, 7, 1, tzinfo=UTC)
    media_type = "application/pdf" if file_name else "image/jpeg"
    nothing = dict.fromkeys(("application_id", "kind", "paper", "sent_by", "expires_at"))
    values = {"id": "document-1", "conversation_id": "c", "message_id": "m", "fields": {}, "created_at": now} | nothing
    view = DocumentView(**values | {"media_type": media_type, "file_name": file_name, "size": len(content)} | more)
    return Document(view=view, content=content)
