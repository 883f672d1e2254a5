"""Plain values of customers' documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

# What a picture turns out to show once it is read.
DocumentKind = Literal[
    "identity_card", "identity_card_back", "business_licence", "land_contract", "bank_statement", "unknown"
]
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

    `fields` is what was read of it (pictures/schemas.py); `paper` is a helper's name for it.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    conversation_id: str
    application_id: str | None
    message_id: str
    kind: DocumentKind | None
    paper: str | None
    fields: dict[str, Value]
    media_type: str
    size: int
    created_at: datetime
    expires_at: datetime | None

    @property
    def name(self) -> str:
        """What it is called: a helper's name for it where nobody could read what it is."""
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
