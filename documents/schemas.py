"""Plain values of customers' documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

# What a picture turns out to show once it is read.
DocumentKind = Literal[
    "identity_card", "identity_card_back", "business_licence", "land_contract", "bank_statement", "unknown"
]
Medium = Literal["image", "voice", "file"]
_MEDIA: Mapping[str, Medium] = {"image": "image", "audio": "voice"}  # of what we encoded ourselves
Value = str | int | float  # of a field that is read
KIND_NAMES: dict[DocumentKind, str] = {
    "identity_card": "身份证正面",
    "identity_card_back": "身份证背面",
    "business_licence": "营业执照",
    "land_contract": "土地承包合同",
    "bank_statement": "银行流水",
    "unknown": "其他材料",
}


class ReadPaper(NamedTuple):
    """What was read of one picture: its kind, and the fields of that kind that are certain (pictures/schemas.py)."""

    kind: DocumentKind
    fields: Mapping[str, Value]


class DocumentView(BaseModel):
    """A stored document without its content; `size` in bytes. Without `expires_at` it goes with its application.

    `fields` is what was read of it (pictures/schemas.py); `file_name` is a file's, `paper` a helper's name for it,
    `sent_by` who of the staff sent it.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    conversation_id: str
    application_id: str | None
    message_id: str
    kind: DocumentKind | None
    paper: str | None
    sent_by: str | None
    fields: dict[str, Value]
    media_type: str
    file_name: str
    size: int
    created_at: datetime
    expires_at: datetime | None

    @property
    def medium(self) -> Medium:
        """What sort of thing it is."""
        return _MEDIA.get(self.media_type.partition("/")[0], "file")

    @property
    def name(self) -> str:
        """What it is called: a file's own name, or a helper's where nobody could read what it is."""
        if self.medium != "image":
            return self.file_name or "语音"
        name = KIND_NAMES[self.kind or "unknown"]
        if self.paper is None:
            return name
        is_known = self.kind not in (None, "unknown")
        return f"{name if is_known else self.paper}（帮办人传）"


class Document(BaseModel):
    """A document with its content."""

    model_config = ConfigDict(frozen=True)

    view: DocumentView
    content: bytes
