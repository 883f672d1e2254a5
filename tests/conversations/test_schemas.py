"""Values of the shared record: what fits the tables, and errors that repeat nothing."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from conversations.schemas import ConsentGiven, HandoffRequest, Holder, Notice, Reason, Reply, ReplyButton, State, Value
from conversations.tables import Conversation, Customer, Handoff, MessageButton
from privacy.tables import LedgerRecord


@pytest.mark.parametrize(
    ("value", "field", "column", "others"),
    [
        (HandoffRequest, "topic", Handoff.topic, {"reason": "sensitive"}),
        (ConsentGiven, "purpose", LedgerRecord.purpose, {}),
        (Notice, "version", Customer.notice_version, {"text": "1"}),
        (ReplyButton, "title", MessageButton.title, {"payload": "/greet"}),
    ],
)
def test_what_is_taken_fits_its_column(value: type[Value], field: str, column: Any, others: dict[str, str]) -> None:
    length = column.type.length
    value.model_validate({field: "字" * length, **others})
    with pytest.raises(ValidationError, match="at most"):
        value.model_validate({field: "字" * (length + 1), **others})


@pytest.mark.parametrize(
    ("kind", "column"), [(Reason, Handoff.reason), (State, Handoff.state), (Holder, Conversation.holder)]
)
def test_every_word_of_a_list_fits_its_column(kind: Any, column: Any) -> None:
    assert max(map(len, get_args(kind))) <= column.type.length


def test_an_error_does_not_repeat_what_was_said() -> None:
    with pytest.raises(ValidationError) as raised:
        Reply.model_validate({"text": ["我叫张三"], "note": "13800001234"})
    assert "张三" not in str(raised.value)
    assert "13800001234" not in str(raised.value)


def test_values_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Reply(text="您好").text = "再见"  # type: ignore[misc]
