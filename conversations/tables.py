"""Tables of the shared record."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from conversations.schemas import ENTRY_MAX, Holder, State, Window
from conversations.windows import view_window
from kit.database import Base, UtcDateTime, index_where
from kit.encrypted import Digests, EncryptedJson, EncryptedText


class Customer(Base):
    """Somebody who writes on a channel; `channel_user_id` is the channel's id of them.

    `manager_id` is the account manager who owns the customer, `contact_on` the day on which staff mean to be in touch
    next, `notice_version` the privacy notice they have seen.
    """

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("channel", "channel_user_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    channel_user_id: Mapped[str] = mapped_column(String(128))
    source: Mapped[str | None] = mapped_column(String(64))
    manager_id: Mapped[str | None] = mapped_column(String(36), index=True)
    contact_on: Mapped[date | None]
    notice_version: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CustomerMerge(Base):
    """Staff say that two customers are one person, and why; undone, the row goes, as it does with either customer."""

    __tablename__ = "customer_merges"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(EncryptedText("customer_merges.reason"))
    merged_by: Mapped[str] = mapped_column(String(36))
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Conversation(Base):
    """One customer's conversation with the bank on a channel, and who answers now.

    The process `lease_owner` answers its messages until `lease_until`, and renews that while it works. A `lease_until`
    in the past means a stalled message, None that every message is answered. `window_until` and `window_left`
    say how long and how often the platform still lets us write first (None: it does not count).
    `failures` counts the customer's last messages that the bot did not understand, in a row. `dialogue` is where the
    bot's dialogue stands: the open form, the question it asked, what it offered.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), unique=True)
    holder: Mapped[Holder] = mapped_column(String(8))
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    window_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    window_left: Mapped[int | None]
    failures: Mapped[int] = mapped_column(default=0)
    dialogue: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("conversations.dialogue"), default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)

    @property
    def channel(self) -> str:
        """The customer's channel."""
        return self.customer.channel

    @property
    def window(self) -> Window | None:
        """The platform's window."""
        return view_window(self)


class WebSession(Base):
    """A customer's visit to the web chat. It ends when it was not used for a while (a short one on a shared phone)."""

    __tablename__ = "web_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    is_shared: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Delivery(Base):
    """Replies of one turn, or an agent's message, on their way to a push channel.

    `state`: `passive` as the answer to a request that is still open, `pending` to be sent when due, `deferred` until
    the customer writes again, `sent`, `failed` for good (`problem` says why) or `expired`. `due_at` is when the next
    process may claim it: the end of a lease or of a pause, or its expiry.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_conversation_id_id", "conversation_id", "id"),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    state: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    parts_sent: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Message(Base):
    """One message. Its id is unique in the conversation, so an inbound one acts once and an agent's is sent once.

    `card` and `progress` are what a page shows beside the text, `asked` is the form and the slot that it asks for,
    `entry` the revision of the knowledge that it says (conversations/schemas.py), `document` what an agent
    sent. `thumb` is what the customer gave that answer, `missing` what they missed in it. `staff_id` is the agent who
    wrote it. `is_understood` is false if the bot had no answer to it, `is_given_up` true if no process could answer it.
    `choice` is what was chosen to be done about it (understanding/choice.py).
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "channel_message_id"),
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index("ix_messages_answers_id", "answers_id"),
        Index("ix_messages_delivery_id", "delivery_id"),
        index_where("direction = 'inbound' AND answered_at IS NULL", "ix_messages_unanswered", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    direction: Mapped[str] = mapped_column(String(8))
    author: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8), default="text")
    text: Mapped[str] = mapped_column(EncryptedText("messages.text"))
    payload: Mapped[str | None] = mapped_column(Text)
    card: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("messages.card"))
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    asked: Mapped[str | None] = mapped_column(String(64))
    entry: Mapped[str | None] = mapped_column(String(ENTRY_MAX))
    document: Mapped[str | None] = mapped_column(String(36))
    thumb: Mapped[str | None] = mapped_column(String(4))
    missing: Mapped[str | None] = mapped_column(EncryptedText("messages.missing"))
    thumbed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    channel_message_id: Mapped[str | None] = mapped_column(String(64))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    attempts: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff_id: Mapped[str | None] = mapped_column(String(36))
    is_understood: Mapped[bool] = mapped_column(default=True)
    is_given_up: Mapped[bool] = mapped_column(default=False)
    choice: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("messages.choice"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class MessageButton(Base):
    """A quick reply under an outbound message; the customer sees the token, never the payload.

    `number` presses it where there are no real buttons; None where the question itself is answered by a number.
    A `lasting` one keeps its payload when later buttons are shown, any other counts as its words then.
    """

    __tablename__ = "message_buttons"

    token: Mapped[str] = mapped_column(String(43), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    position: Mapped[int]
    number: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(64))
    payload: Mapped[str] = mapped_column(Text)
    lasting: Mapped[bool]


class Handoff(Base):
    """A request for a human, the slots filled by then, and what came of it (conversations/handoff/states.py).

    `agent_id` is the agent assigned, talking, last talking or about to call. `due_at` is what the customer was
    promised.
    `is_asked_phone`: the next number the customer writes is the one to call. `callback_phone` is where they may be
    called, `callback_wish` when they would like to be (11月26日下午), `callback_booked_at` when it was promised,
    `missed_calls` how often nobody answered.
    `search_keys` find it by the name and the number to call, or else the one told.
    `labels` are those that staff put on it; from `snoozed_at` until `snoozed_until` its agent has put it aside.
    `wanted_skill`: the reason or product whose people a colleague wanted it to go to.
    `is_routed`: the account manager was looked up. `reminded_at`: staff were reminded of the promised call, or told
    that it is off.
    """

    __tablename__ = "handoffs"
    __table_args__ = (
        Index("ix_handoffs_state_requested_at", "state", "requested_at"),
        index_where("NOT is_routed", "ix_handoffs_unrouted", "requested_at"),
        index_where("state = 'callback' AND reminded_at IS NULL", "ix_handoffs_unreminded", "state", "due_at"),
        index_where(
            "state = 'returned' AND callback_booked_at IS NOT NULL AND reminded_at IS NULL",
            "ix_handoffs_cancelled",
            "state",
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    topic: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[State] = mapped_column(String(16))
    slots: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("handoffs.slots"))
    name: Mapped[str | None] = mapped_column(EncryptedText("handoffs.name"))
    search_keys: Mapped[str] = mapped_column(Digests, default="")
    product: Mapped[str | None] = mapped_column(String(32))
    region: Mapped[str | None] = mapped_column(String(100))
    agent_id: Mapped[str | None] = mapped_column(String(36), index=True)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_to_wait_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_asked_phone: Mapped[bool] = mapped_column(default=False)
    callback_phone: Mapped[str | None] = mapped_column(EncryptedText("handoffs.callback_phone"))
    callback_wish: Mapped[str | None] = mapped_column(String(20))
    callback_booked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missed_calls: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wanted_skill: Mapped[str | None] = mapped_column(String(32))
    is_routed: Mapped[bool] = mapped_column(default=False)
    labels: Mapped[list[str]] = mapped_column(JSON, default=list)
    snoozed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disposition: Mapped[str | None] = mapped_column(String(32))
    summary: Mapped[str | None] = mapped_column(EncryptedText("handoffs.summary"))
    rating: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(EncryptedText("handoffs.comment"))


class HandoffEvent(Base):
    """One event of a handoff, and who did it (`staff_id` None: the customer or the clock)."""

    __tablename__ = "handoff_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), index=True)
    event: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[str | None] = mapped_column(String(36))
    agent_id: Mapped[str | None] = mapped_column(String(36))
    note: Mapped[str] = mapped_column(EncryptedText("handoff_events.note"), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class InternalNote(Base):
    """A note of staff about a conversation; the customer never sees it."""

    __tablename__ = "internal_notes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    staff_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(EncryptedText("internal_notes.text"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DayOff(Base):
    """A day on which the office is closed beside weekends and known holidays, as staff entered it."""

    __tablename__ = "days_off"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), default="")
