"""Plain values of the shared record, as other packages and the web see them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Holder = Literal["bot", "queue", "agent"]
Direction = Literal["inbound", "outbound"]
Author = Literal["customer", "bot", "agent", "system"]
State = Literal["requested", "queued", "assigned", "active", "callback", "closed", "returned"]
Reason = Literal[
    "customer_request",
    "account_manager",
    "complaint",
    "not_understood",
    "credit_review",
    "quota_review",
    "large_amount",
    "withdrawal",
    "appeal",
    "sensitive",
    "bot_unavailable",
]
MessageKind = Literal["text", "voice", "image", "sticker", "video", "file", "location", "link", "event"]
ENTRY_MAX = 80
# Of what staff typed or sent. No customer's message id has a colon on the web, and platforms' ids are numbers.
STAFF_KEY = "desk:"
# The subject of a signal of every message to or from who waits for staff or is served, by the conversation's id.
TALKS = "talks"
# Kinds the bot reads: typed or spoken text, pressed buttons, and events that stand for a text.
READABLE: frozenset[MessageKind] = frozenset({"text", "voice", "event"})


class Value(BaseModel):
    """Base of all values: immutable, no unknown fields, and errors that do not repeat what customers said.

    Those whose fields are columns are read from rows with `model_validate`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, from_attributes=True)


class ButtonView(Value):
    """A quick reply: its title, the opaque token that presses it, and the number to type where there are no buttons.

    It has no number if the question itself is answered by one. A `lasting` one stays usable when others are shown.
    """

    title: str
    token: str
    lasting: bool = False
    number: int | None = Field(None, exclude=True)


def find_entry_id(entry: str) -> str:
    """The entry whose revision has this name: card-lost of card-lost@3."""
    return entry.rpartition("@")[0]


class CardRow(Value):
    """A line of a card; `say` is what a customer would say to change it."""

    label: str
    value: str
    say: str | None = None


class Card(Value):
    """What a page shows in place of a reply's text: what was filled in, a quota, a copy of their data to download, or
    an answer's list.

    Rows of a result are quota, rate, term and valid until; its notes are the reasons and, last, the next step.
    """

    kind: Literal["summary", "result", "copy", "list"]
    title: str
    rows: list[CardRow] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


class Progress(Value):
    """The step of an open form that a reply asks for, of how many, and what the form is for: 3 of 7, 测额度."""

    step: int
    of: int
    form: str


class PushGrant(Value):
    """The window a customer's act opens: so many `messages` within `seconds`, on platforms that limit us."""

    seconds: int
    messages: int


class InboundMessage(Value):
    """What a customer did on a channel, as that channel's parser understood it.

    `message_id` is the platform's own id and unique in the conversation: the same one again is the same message.
    `text` is what staff see of it. At most one of `button_token` (a button of ours was pressed) and `payload` (an
    entry of a menu that we made, or what was sent besides words; never from what a customer typed) is given.
    `may_be_choice`: a text that repeats a title or a number of the last choices shown is that choice, for channels
    without real buttons.
    """

    message_id: str = Field(min_length=1, max_length=64)
    kind: MessageKind = "text"
    text: str = ""
    button_token: str = ""
    payload: str | None = None
    may_be_choice: bool = False
    source: str | None = Field(None, max_length=64, description="The village or manager whose code was scanned.")
    grant: PushGrant | None = None


Thumb = Literal["up", "down"]
MISSING_MAX = 200


class MessageView(Value):
    """One message; ids grow with time, `message_id` is the id its author gave it.

    `text` says all that a card does. `document` is what was sent besides words. `staff_id` is the staff member who
    wrote it, `entry` the revision of the knowledge that it says; customers never see these. `thumb` is what the
    customer gave that answer, `open` nothing yet; None where there is no answer to rate.
    """

    id: int
    direction: Direction
    author: Author
    text: str
    document: str | None = None
    buttons: list[ButtonView] = Field(default_factory=list)
    card: Card | None = None
    progress: Progress | None = None
    message_id: str | None = None
    at: datetime
    staff_id: str | None = Field(None, exclude=True)
    entry: str | None = Field(None, exclude=True)
    thumb: Thumb | Literal["open"] | None = None


class Window(Value):
    """How long and how often the platform still lets us write before the customer does."""

    until: datetime
    left: int


class ConversationView(Value):
    """A conversation, its customer and its holder; `window` is None where the platform sets no limit."""

    id: str
    customer_id: str
    holder: Holder
    window: Window | None = None


class ReplyButton(Value):
    """A quick reply to be sent; the payload never leaves us."""

    title: str = Field(max_length=64)
    payload: str


class Reply(Value):
    """One reply to the customer, whose text and buttons say all that a card does.

    `awaits_number`: a typed number is the answer, not the choice of a button. `asked` is the form and the slot that it
    asks for, such as application_form.amount. `entry` names the revision of the knowledge that it says, such as
    loan-rates@3. `document` is what is sent besides words, of which `text` says what it is. `text_key` names the
    text that it says in default words, which the bank may have put otherwise (conversations/customer_texts.py), and
    `text_values` what stands in its places.
    """

    text: str
    buttons: list[ReplyButton] = Field(default_factory=list)
    awaits_number: bool = False
    card: Card | None = None
    progress: Progress | None = None
    asked: str | None = Field(None, max_length=64)
    entry: str | None = Field(None, max_length=ENTRY_MAX)
    document: str | None = None
    text_key: str | None = None
    text_values: dict[str, str] = Field(default_factory=dict)
    author: Author = "bot"


class HandoffRequest(Value):
    """Why a human is wanted, and what the customer has already filled in.

    `is_open` says whether the office is; `due_at` is what the customer was promised.
    """

    reason: Reason
    topic: str | None = Field(None, max_length=32)
    slots: dict[str, Any] = Field(default_factory=dict)
    is_open: bool = True
    due_at: datetime | None = None


class HandoffUpdate(Value):
    """What a customer did about their handoff, or that they were `reassured` about the queue.

    `escalate`: they raised a sensitive topic while waiting, and move to the front. `wish` is when they would like
    to be called, as `conversations/wished_time.py` writes it. `change_callback`: the promised call goes to another
    number, or comes at another time. `cancel_callback`: they want no call any more, promised or asked for while
    waiting. `comment`: what they say about the talk they have just rated.
    """

    act: Literal[
        "return",
        "ask_callback",
        "book_callback",
        "change_callback",
        "cancel_callback",
        "reassured",
        "escalate",
        "rate",
        "comment",
    ]
    topic: str | None = None
    phone: str | None = None
    wish: str | None = Field(None, max_length=20)
    due_at: datetime | None = None
    handoff_id: str | None = None
    rating: int | None = Field(None, ge=1, le=5)
    comment: str | None = None


class ConsentGiven(Value):
    """What the customer agreed to (privacy/purposes.yml). `wording` is what they were shown; empty: the question they
    have just answered, that for the slot `asked`.
    """

    purpose: str = Field(max_length=32)
    wording: str = ""
    asked: str = ""


class Notice(Value):
    """The privacy notice that a customer is shown."""

    version: str = Field(max_length=16)
    text: str


class TurnOutcome(Value):
    """All that one inbound message led to; recorded in one transaction.

    `dialogue` is where the bot's dialogue stands now (None: where it stood), `choice` what was chosen to be done
    (understanding/choice.py; None: nothing had to be chosen). `notice` was shown, here or by the page.
    """

    replies: list[Reply] = Field(default_factory=list)
    is_understood: bool = True
    handoff: HandoffRequest | None = None
    handoff_update: HandoffUpdate | None = None
    consents: list[ConsentGiven] = Field(default_factory=list)
    notice: Notice | None = None
    dialogue: dict[str, Any] | None = None
    choice: dict[str, Any] | None = None


class ClaimedMessage(Value):
    """A message that this process is answering. `attempt` counts from 1; above 1 an earlier try may have acted.

    `holder` is the conversation's at that time. `failures`: how many messages in a row the bot has not
    understood just before; `dialogue`: where its dialogue stood after them.
    """

    conversation_id: str
    message: MessageView
    channel: str
    kind: MessageKind
    payload: str | None
    holder: Holder
    attempt: int
    failures: int = 0
    dialogue: dict[str, Any] = Field(default_factory=dict)
    notice_version: str | None = None


class Answer(Value):
    """A recorded message, the replies to it, and who answers from now on.

    `is_answered` is false until a process has answered it. `passive_reply_id` names the delivery of the replies
    when the request that brought the message may be answered with them. The web chat gets all but these two.
    """

    message: MessageView
    holder: Holder
    is_answered: bool = Field(False, exclude=True)
    replies: list[MessageView] = Field(default_factory=list)
    passive_reply_id: int | None = Field(None, exclude=True)
