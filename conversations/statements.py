"""The statements of the message path, built once: a turn runs them without the cost of the ORM.

Whatever a transaction reads comes after LOCK: PostgreSQL would show a join from before the wait for the lock.
"""

from typing import Any

from sqlalchemy import Table, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversations.tables import Conversation, Customer, Message, MessageButton

conversations: Table = Conversation.metadata.tables[Conversation.__tablename__]
customers: Table = Customer.metadata.tables[Customer.__tablename__]
messages: Table = Message.metadata.tables[Message.__tablename__]
buttons: Table = MessageButton.metadata.tables[MessageButton.__tablename__]

_THIS = conversations.c.id == bindparam("conversation_id")
_UNANSWERED = (
    messages.c.conversation_id == bindparam("conversation_id"),
    messages.c.direction == "inbound",
    messages.c.answered_at.is_(None),
)

# A conversation with its customer's channel, kept from other writers (SQLite locks the whole file).
LOCK = (
    select(conversations, customers.c.channel, customers.c.notice_version)
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(_THIS)
    .with_for_update(of=conversations)
)
LEASE = update(conversations).where(_THIS).values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
LEASE_AND_WINDOW = LEASE.values(window_until=bindparam("open_until"), window_left=bindparam("left"))
LEASE_AND_DIALOGUE = LEASE.values(failures=bindparam("in_a_row"), dialogue=bindparam("stands_at"))
SET_WINDOW_LEFT = update(conversations).where(_THIS).values(window_left=bindparam("left"))
GIVE_BACK = LEASE.where(conversations.c.lease_owner == bindparam("former_owner"))
# Only unfinished ones the owner still has. A locked row is renewed the next time.
RENEW = (
    update(conversations)
    .where(
        conversations.c.id.in_(
            select(conversations.c.id)
            .where(
                conversations.c.id.in_(bindparam("conversation_ids", expanding=True)),
                conversations.c.lease_owner == bindparam("owner"),
                conversations.c.lease_until.is_not(None),
            )
            .with_for_update(skip_locked=True)
        )
    )
    .values(lease_until=bindparam("until"))
)
LIST_STALLED = (
    select(conversations.c.id)
    .where(conversations.c.lease_until <= bindparam("now"))
    .order_by(conversations.c.lease_until)
    .limit(bindparam("limit"))
)
SET_SOURCE = update(customers).where(customers.c.id == bindparam("customer_id")).values(source=bindparam("from_where"))

# What was said last, and the buttons of that turn, or of that message if it answers none. System messages may follow.
FIND_LAST_SAID = (
    select(messages.c.id, messages.c.answers_id)
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.direction == "outbound",
        messages.c.author != "system",
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)
LIST_CHOICES = (
    select(buttons)
    .join(messages, messages.c.id == buttons.c.message_id)
    .where(
        or_(messages.c.id == bindparam("last_id"), messages.c.answers_id == bindparam("answers_id")),
        messages.c.author != "system",
    )
    .order_by(buttons.c.message_id, buttons.c.position)
)
LIST_BUTTONS = (
    select(buttons)
    .where(buttons.c.message_id.in_(bindparam("message_ids", expanding=True)))
    .order_by(buttons.c.position)
)

# Inserts a customer's message; a known one returns no row.
_ID = ["conversation_id", "channel_message_id"]
INSERT_INBOUND: dict[str, Any] = {
    "sqlite": sqlite.insert(messages).on_conflict_do_nothing(index_elements=_ID).returning(messages.c.id),
    "postgresql": postgresql.insert(messages).on_conflict_do_nothing(index_elements=_ID).returning(messages.c.id),
}
FIND_INBOUND = select(messages).where(
    messages.c.conversation_id == bindparam("conversation_id"),
    messages.c.channel_message_id == bindparam("channel_message_id"),
)
FIND_MESSAGE = (
    select(messages, conversations.c.holder)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(messages.c.id == bindparam("key"))
)
LIST_REPLIES = select(messages).where(messages.c.answers_id == bindparam("key")).order_by(messages.c.id)
FIND_UNANSWERED = select(messages).where(*_UNANSWERED).order_by(messages.c.id).limit(1)
COUNT_ATTEMPT = (
    update(messages).where(messages.c.id == bindparam("key")).values(attempts=messages.c.attempts + bindparam("more"))
)
# Ends a claimed message, unless another process has claimed it since. `next_id` waits behind it.
_other = messages.alias()
CLOSE_INBOUND = (
    update(messages)
    .where(
        messages.c.id == bindparam("key"),
        messages.c.attempts == bindparam("attempt"),
        messages.c.answered_at.is_(None),
    )
    .values(
        answered_at=bindparam("now"),
        is_understood=bindparam("understood"),
        is_given_up=bindparam("given_up"),
        choice=bindparam("chosen"),
    )
    .returning(
        select(func.min(_other.c.id))
        .where(
            _other.c.conversation_id == bindparam("in_conversation"),
            _other.c.direction == "inbound",
            _other.c.answered_at.is_(None),
            _other.c.id != bindparam("key"),
        )
        .scalar_subquery()
        .label("next_id")
    )
)
INSERT_OUTBOUND = insert(messages).returning(messages.c.id, sort_by_parameter_order=True)
INSERT_BUTTONS = insert(buttons)
# The question that was answered: the last one before a message that had a button for its slot, or what was said last.
FIND_CONSENT_ASKED = (
    select(messages.c.text)
    .join(buttons, buttons.c.message_id == messages.c.id)
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.id < bindparam("before_id"),
        buttons.c.payload.like(bindparam("asked")),
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)
FIND_TEXT_BEFORE = (
    select(messages.c.text)
    .where(
        messages.c.conversation_id == bindparam("conversation_id"),
        messages.c.id < bindparam("before_id"),
        messages.c.direction == "outbound",
    )
    .order_by(messages.c.id.desc())
    .limit(1)
)
SET_NOTICE = update(customers).where(customers.c.id == bindparam("key")).values(notice_version=bindparam("version"))
