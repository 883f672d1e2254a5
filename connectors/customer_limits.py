"""How often customers may write, open sessions and event streams, and ask for humans: by customer, address and in all.

An address may be a bank branch or a village behind a mobile carrier's gateway, with hundreds of customers: what one
customer may do is counted by customer, and addresses are limited to what such a place needs.
"""

import hashlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from connectors.settings import GatewaySettings
from connectors.wording import (
    BUSY,
    CODE_TOO_SOON,
    CODES_BUSY,
    HUMANS_BUSY,
    TOO_FAST,
    TOO_MANY_CALLS,
    TOO_MANY_CODES,
    TOO_MANY_HANDOFFS,
    TOO_MANY_PICTURES,
    TOO_MANY_REQUESTS,
)
from conversations.schemas import ClaimedMessage, TurnOutcome
from kit.errors import RequestError
from kit.limits import Limit, Limiter, RateLimit, Refused, group_address, is_loopback

log = logging.getLogger(__name__)

# A message that was received is cheap to receive again (a page on a bad line, WeChat's own three calls), not free.
REPEAT_COST = 0.25
REMEMBERED = 10_000  # message ids, and customers' addresses

HANDOFFS = Limit("handoffs of a customer", 6, 3600)
CALLS = Limit("calls to a number", 5, 86_400)
CALLS_OF_CUSTOMER = Limit("calls of a customer", 10, 86_400)
CODES = Limit("codes to a number at once", 1, 60)
CODES_OF_DAY = Limit("codes to a number in a day", 5, 86_400)
CODES_OF_CUSTOMER = Limit("codes of a customer in a day", 5, 86_400)
CODES_OF_ADDRESS = Limit("codes at an address", 30, 3600)
PICTURES = Limit("pictures of a customer", 10, 60)
PICTURES_OF_ADDRESS = Limit("pictures at an address", 120, 60)
READS = Limit("history and streams of a session", 60, 60)
READS_OF_ADDRESS = Limit("history and streams at an address", 1200, 60)
# A stream counts once when it is opened and once a minute while it is: so many a session has on all gateways.
STREAMS = Limit("streams of a session", 12, 60)
CALCULATIONS = Limit("calculations at an address", 300, 60)
STRANGERS = Limit("tokens looked up at an address", 600, 60)
ALL = "all"

# At the same time, in one process, whose connections and memory they take.
STREAMS_OF_SESSION = 6  # open tabs
STREAMS_OF_ADDRESS = 300
STREAMS_MAX = 3000
STREAM_RETRY_SECONDS = 10

DEMO_PER_SECOND = 300  # tests and measuring come from this machine
BURST_SECONDS = 5
# Never refused: a danger, and what is our own fault.
ALWAYS_HANDED_OVER = frozenset({"sensitive", "bot_unavailable"})


class CustomerLimits:
    """The limits of one gateway process; what is counted over time is counted with the other processes.

    In the demo this machine's own address is not limited, and all customers together only to 300 a second.
    """

    def __init__(self, settings: GatewaySettings, limiter: Limiter) -> None:
        self._limiter = limiter
        self._is_demo = settings.environment == "demo"
        # Shared by all gateways, and unknown to whoever reads the table of limits.
        self._secret = hashlib.sha256(b"limits" + settings.rasa_token.get_secret_value().encode()).digest()
        self._messages = Limit("messages of a customer", settings.messages_per_minute, 60)
        self._messages_of_address = Limit("messages at an address", settings.address_messages_per_minute, 60)
        self._all_messages = self._limit_all("all messages", settings.messages_per_second * BURST_SECONDS)
        self._sessions_of_address = Limit("sessions at an address", settings.address_sessions_per_minute, 60)
        self._all_sessions = self._limit_all("all sessions", settings.sessions_per_second * BURST_SECONDS)
        self._handoffs_of_address = Limit("handoffs at an address", settings.address_handoffs_per_hour, 3600)
        self._all_handoffs = self._limit_all("all handoffs", settings.handoffs_per_hour, 3600)
        self._all_codes = self._limit_all("all codes", settings.codes_per_hour, 3600)
        self._recent: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._addresses: OrderedDict[str, str] = OrderedDict()  # by conversation
        self._streams: Counter[str] = Counter()
        self._warnings = RateLimit(times=1, seconds=60)

    async def count_session(self, address: str) -> None:
        """Counts a new session; RequestError 429."""
        refused = await self._take(*self._at(self._sessions_of_address, address), (self._all_sessions, ALL))
        if refused:
            _refuse("too_many_sessions", BUSY if refused.limit == self._all_sessions else TOO_MANY_REQUESTS, refused)

    async def count_message(self, conversation_id: str, message_id: str, address: str = "") -> None:
        """Counts a message before it is recorded; RequestError 429. `address` is empty where the platform calls."""
        refused = await self._take(
            (self._messages, conversation_id),
            *self._at(self._messages_of_address, address),
            (self._all_messages, ALL),
            cost=REPEAT_COST if (conversation_id, message_id) in self._recent else 1,
        )
        if refused:
            _refuse("too_many_messages", BUSY if refused.limit == self._all_messages else TOO_FAST, refused)
        _remember(self._recent, (conversation_id, message_id), None)
        if address:
            _remember(self._addresses, conversation_id, address)

    async def count_picture(self, conversation_id: str, address: str) -> None:
        """Counts a picture before it is received; RequestError 429. As a message it counts besides."""
        refused = await self._take((PICTURES, conversation_id), *self._at(PICTURES_OF_ADDRESS, address))
        if refused:
            _refuse("too_many_pictures", TOO_MANY_PICTURES, refused)

    async def count_read(self, token_hash: str, address: str, *, is_stream: bool = False) -> None:
        """Counts a page that reads its history or opens its stream; RequestError 429."""
        asked = [(STREAMS, token_hash)] if is_stream else []
        if not self._is_free(address):
            asked += [(READS, token_hash), *self._at(READS_OF_ADDRESS, address)]
        if refused := await self._take(*asked):
            _refuse("too_many_streams" if is_stream else "too_many_requests", TOO_MANY_REQUESTS, refused)

    async def count_code(self, conversation_id: str, phone: str) -> None:
        """Counts a code before it is sent to a phone; RequestError 429 with what the customer may do."""
        refused = await self._take(
            (CODES, phone),
            (CODES_OF_DAY, phone),
            (CODES_OF_CUSTOMER, conversation_id),
            *self._at(CODES_OF_ADDRESS, self._addresses.get(conversation_id, "")),
            (self._all_codes, ALL),
        )
        if refused:
            reasons = {CODES: CODE_TOO_SOON, CODES_OF_DAY: TOO_MANY_CODES, CODES_OF_CUSTOMER: TOO_MANY_CODES}
            _refuse("too_many_codes", reasons.get(refused.limit, CODES_BUSY), refused)

    async def count_unknown_token(self, address: str) -> None:
        """Counts a token that has to be looked up; RequestError 429."""
        await self._count_at(STRANGERS, address)

    async def count_calculation(self, address: str) -> None:
        """Counts a page of the calculator, for which nobody need have a session; RequestError 429."""
        await self._count_at(CALCULATIONS, address)

    async def check_outcome(self, message: ClaimedMessage, outcome: TurnOutcome) -> TurnOutcome:
        """The outcome, or an honest refusal if it would be one handoff or call too many."""
        handoff, update = outcome.handoff, outcome.handoff_update
        if handoff and message.holder == "bot" and handoff.reason not in ALWAYS_HANDED_OVER:
            address = self._addresses.get(message.conversation_id, "")
            refused = await self._take(
                (HANDOFFS, message.conversation_id),
                *self._at(self._handoffs_of_address, address),
                (self._all_handoffs, ALL),
            )
            if refused:
                reply = TOO_MANY_HANDOFFS if refused.limit == HANDOFFS else HUMANS_BUSY
                return outcome.model_copy(update={"handoff": None, "replies": [reply]})
        if update and update.phone and update.act in ("book_callback", "change_callback"):
            asked = ((CALLS_OF_CUSTOMER, message.conversation_id), (CALLS, update.phone))
            if await self._take(*asked):
                changed = {"handoff_update": None, "consents": [], "replies": [TOO_MANY_CALLS]}
                return outcome.model_copy(update=changed)
        return outcome

    async def renew_stream(self, token_hash: str, seconds: float) -> bool:
        """Whether a stream that was open for the last `seconds` may stay open."""
        return await self._take((STREAMS, token_hash), cost=seconds / STREAMS.seconds) is None

    @contextmanager
    def hold_stream(self, token_hash: str, address: str) -> Iterator[None]:
        """Counts an event stream while it is open; RequestError 429."""
        most = {f"session {token_hash}": STREAMS_OF_SESSION, ALL: STREAMS_MAX}
        if not self._is_free(address):
            most[f"address {group_address(address)}"] = STREAMS_OF_ADDRESS
        if any(self._streams[key] >= times for key, times in most.items()):
            raise RequestError(429, "too_many_streams", TOO_MANY_REQUESTS, retry_after=STREAM_RETRY_SECONDS)
        self._streams.update(most.keys())
        try:
            yield
        finally:
            for key in most:
                self._streams[key] -= 1
                if not self._streams[key]:
                    del self._streams[key]

    async def _count_at(self, limit: Limit, address: str) -> None:
        if refused := await self._take(*self._at(limit, address)):
            _refuse("too_many_requests", TOO_MANY_REQUESTS, refused)

    async def _take(self, *asked: tuple[Limit, str], cost: float = 1) -> Refused | None:
        if not asked:
            return None
        refused = await self._limiter.take(*((limit, self._hide(subject)) for limit, subject in asked), cost=cost)
        if refused and self._warnings.allow(refused.limit.name):
            log.warning("a limit is reached: %s", refused.limit.name)
        return refused

    def _hide(self, subject: str) -> str:
        return hashlib.blake2b(subject.encode(), key=self._secret, digest_size=16).hexdigest()

    def _at(self, limit: Limit, address: str) -> list[tuple[Limit, str]]:
        return [] if not address or self._is_free(address) else [(limit, group_address(address))]

    def _is_free(self, address: str) -> bool:
        return self._is_demo and is_loopback(address)

    def _limit_all(self, name: str, times: int, seconds: int = BURST_SECONDS) -> Limit:
        return Limit(name, max(times, DEMO_PER_SECOND * seconds) if self._is_demo else times, seconds)


def _refuse(code: str, reason: str, refused: Refused) -> NoReturn:
    raise RequestError(429, code, reason, retry_after=refused.seconds)


def _remember(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
