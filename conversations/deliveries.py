"""A delivery as the process that sends it gets it from the outbox."""

from datetime import datetime

from conversations.schemas import MessageView, Value


class DueDelivery(Value):
    """A leased delivery to send now; `parts_sent` of its parts are already sent."""

    id: int
    conversation_id: str
    claimed_at: datetime
    channel: str
    channel_user_id: str
    messages: list[MessageView]
    parts_sent: int
    attempts: int
