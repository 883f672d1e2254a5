"""Plain values of the ledger and of customers' rights."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

RecordKind = Literal[
    "notice_shown",
    "consent_given",
    "consent_withdrawn",
    "looked_up",
    "exported",
    "corrected",
    "erased",
    "requested",
    "answered",
    "refused",
    "held",
    "released",
]
RequestKind = Literal["access", "correction", "withdrawal", "erasure"]
RequestState = Literal["open", "done", "refused"]

REQUEST_NAMES: dict[RequestKind, str] = {
    "access": "查阅复制",
    "correction": "更正",
    "withdrawal": "撤回同意",
    "erasure": "删除",
}
# How a consent was given: by a button, or by words that were nothing but a yes.
HOW_NAMES = {"button": "点按钮", "words": "回复同意"}
RECORD_NAMES: dict[RecordKind, str] = {
    "notice_shown": "告知",
    "consent_given": "同意",
    "consent_withdrawn": "撤回同意",
    "looked_up": "查找",
    "exported": "导出",
    "corrected": "更正",
    "erased": "删除",
    "requested": "提出请求",
    "answered": "答复请求",
    "refused": "未予办理",
    "held": "法定保留",
    "released": "解除保留",
}


class Value(BaseModel):
    """Base of these values: immutable, read from rows, and errors that do not repeat what customers said."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, from_attributes=True)


class LedgerView(Value):
    """A record of the ledger."""

    id: int
    at: datetime
    kind: RecordKind
    customer_id: str
    channel: str
    purpose: str
    wording_version: str
    wording_hash: str | None
    withdraws_id: int | None
    staff_id: str | None
    details: dict[str, Any]
    key: str | None
    hash: str


class RetentionRunView(Value):
    """What was deleted on a day, by kind; not finished while it runs."""

    day: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]


Identity = Literal["papers", "call"]
IDENTITY_NAMES: dict[Identity, str] = {"papers": "当面看过证件", "call": "回拨登记的电话核对过"}


class RequestView(Value):
    """A request that a human has to decide, as staff see it."""

    id: int
    conversation_id: str
    customer_id: str
    kind: RequestKind
    claim: str
    state: RequestState
    asked_at: datetime
    due_at: datetime
    decided_at: datetime | None
    staff_id: str | None
    identity: Identity | None
    answer: str
