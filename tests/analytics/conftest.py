"""The shared record, on a clock that stands still until it is moved."""

from tests.conversations.conftest import conversation, inbox, record

__all__ = ["conversation", "inbox", "record"]
