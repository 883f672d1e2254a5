"""Plain values: what a message says, what else is known of it, where the dialogue stands, and the act that follows."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from conversations.schemas import Holder
from knowledge.schemas import Match
from lending.schedule import Method

FactKind = Literal[
    "sum",
    "span",
    "area",
    "number",
    "people",
    "product",
    "place",
    "name",
    "phone",
    "purpose",
    "identity_number",
    "credit_code",
    "livelihood",
    "company",
    "choice",
    "none",
    "some",
    "since",
    "time",
]
Period = Literal["", "day", "month", "year", "odd"]
Bound = Literal["", "under", "almost", "over", "about"]
Language = Literal["zh", "en"]


class Value(BaseModel):
    """Base of these values: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Fact(Value):
    """One thing a message states, said in text[start:end].

    `role` is the slot that the words around it name (existing_debt for 欠信用社2万), "" for a bare value that may
    answer any question of its kind, or `other` for something no form asks (a monthly instalment, a rent). `low` and
    `high` are yuan, months, mu or people, equal unless it is a range; a `number` has no unit. `text` is the value of
    the other kinds (product, place, name …). A `time` is wished for in the words `text`: when that is, in seconds since
    1970, is known once it is counted from today (bot/actions/message.py). `none` says that there is none of what `role`
    names (没有农机), `some` that there is some without saying how much; `since` from when on (beginnings.py). `period`:
    how often a sum comes; `bound`: 不到, 快, 超过, 大概.
    `is_negative`: a loss. `is_part`: a part of a whole named beside it. `change`: a difference to the value before
    (再加3万). `note` says what else matters of a text: why a purpose is forbidden, that a name is odd, a place outside,
    what is wrong with an identity number.
    """

    kind: FactKind
    role: str = ""
    low: float | None = None
    high: float | None = None
    text: str = ""
    start: int = 0
    end: int = 0
    period: Period = ""
    bound: Bound = ""
    is_negative: bool = False
    is_part: bool = False
    change: Literal["", "more", "less"] = ""
    note: str = ""


class Reading(Value):
    """All that one message says by itself, whatever was said before.

    `text` is the message without unprintable characters, `plain` the same in simplified, half-width, lower-case
    characters. `acts` are what the message as a whole does: yes, no, cancel, not_cancel, ... (acts.yml); `mentions`
    what it does before or after its facts. `facts` stand in the order of the text; facts that were taken back
    (不是8万) are not among them. `edits` are slots that the whole message names to be changed, without saying to what;
    `named` those that a correction mentions. `rest` is what remains of `plain` without facts, their roles and fillers.
    `danger` is the topic that its phrases name, `secret` what it gave away: a password, a code, a card number;
    `tells_identity`: an identity number, which is kept but not needed. `rate` is a yearly rate in percent that the
    customer named, `method` a way of repaying. `language` is None if it does not tell (ok, 8w).
    """

    text: str
    plain: str
    language: Language | None = None
    acts: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    rest: str = ""
    is_question: bool = False
    is_correction: bool = False
    edits: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    danger: str = ""
    secret: str = ""
    tells_identity: bool = False
    application_number: str = ""
    rate: str = ""
    method: Method | Literal[""] = ""


class Evidence(Value):
    """What the classifiers make of a message; empty where it was not needed or they are down.

    Probabilities of intents (Rasa), of knowledge matches' being right, of dangers and acts (knowledge service).
    `parts` are entries that surely answer single clauses of the message, `unsure_parts` those that perhaps answer the
    other clauses. `lacks_entries`: the knowledge service did not answer, so that nobody knows what would have been
    found.
    """

    intents: dict[str, float] = Field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    parts: tuple[Match, ...] = ()
    unsure_parts: tuple[Match, ...] = ()
    dangers: dict[str, float] = Field(default_factory=dict)
    acts: dict[str, float] = Field(default_factory=dict)
    lacks_entries: bool = False


Verifying = Literal["", "phone", "code"]


class State(Value):
    """Where the dialogue stands: told by the Rasa server with each turn, kept in the conversation's record.

    `form` is open and asked for the slot `asked`; `filled` are slots with values; `paused` are forms left in the
    middle, the last one last. `question` is an act that a yes would confirm (cancel, withdraw, request_human,
    complain). `offered` are the entries last suggested. `last` is what was done last (quota, calculation, submitted),
    `topic` the question of the entry last answered, `entry` its id. `version` is that of the content under the
    confirmation that was asked. `misses`: how often in a row the asked question was not answered. `proposed` is a
    value that was asked back for it (20万元, 牛满仓). `has_former`: the asked question had an answer, which is about to
    be changed. `is_interrupted`: something else was said last than the question. `failures`: how many messages in a row
    were not understood just before. `is_aside`: the gateway itself said something else last, so a yes answers nothing
    that was asked before. `rated`: the talk they have just rated badly. `verifying`: what is awaited to verify a phone;
    `after_code` is the button to offer then. `withdraws`: the purpose whose consent a yes would withdraw; empty: of
    all. `loan`: what is spoken of about a loan that the customer has, by the names that connectors/loan_replies.py
    gives it.
    """

    holder: Holder = "bot"
    form: str | None = None
    asked: str | None = None
    filled: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()
    product: str | None = None
    question: str = ""
    offered: tuple[str, ...] = ()
    last: str = ""
    topic: str = ""
    entry: str = ""
    version: str = ""
    misses: int = 0
    proposed: str = ""
    has_former: bool = False
    is_interrupted: bool = False
    failures: int = 0
    language: Language = "zh"
    is_aside: bool = False
    rated: str = ""
    verifying: Verifying = ""
    after_code: str = ""
    withdraws: str = ""
    loan: dict[str, Any] = Field(default_factory=dict)


class Act(Value):
    """What is to be done: an intent of the domain with what it needs, and the row of the table that chose it.

    `facts` name in `role` the slots they answer. `offers` are entries offered beside the answer. `language` is that of
    the dialogue from now on.
    """

    name: str
    row: str = ""
    facts: tuple[Fact, ...] = ()
    matches: tuple[Match, ...] = ()
    offers: tuple[Match, ...] = ()
    form: str | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    language: Language = "zh"
