"""The client of the bot: an act in, its turn outcome out."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from conversations.schemas import (
    ClaimedMessage,
    HandoffRequest,
    Progress,
    Reply,
    ReplyButton,
    TurnOutcome,
)
from forms.catalogue import PERSONAL_KINDS, load_catalogue
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from kit.placeholders import Placeholders
from kit.vault import Vault
from privacy.rights.dialogue import forget_dialogue
from products.catalogue import find_product, list_products
from understanding.schemas import Act
from understanding.situation import AMOUNT_MAX

LATE_SECONDS = 1.0  # a server that is down refuses at once
LATE_IN_A_ROW = 3
PAUSE_SECONDS = 3.0
# Responses of domain.yml that the bank may put into words of its own.
CUSTOMER_TEXTS = {"utter_greet": "welcome"}


class Bot(Protocol):
    """Something that answers customers."""

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        """What an act leads to. Raises ServiceUnavailable when the bot cannot answer, or has no reply.

        It is not done twice for one message, however often that is tried.
        """
        ...

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        """The slots filled so far. Raises ServiceUnavailable."""
        ...

    async def forget(self, conversation_id: str) -> None:
        """Deletes the dialogue. Raises ServiceUnavailable when it may not be deleted."""
        ...

    async def forget_before(self, moment: datetime) -> None:
        """Deletes dialogues in which nothing was said since. Raises ServiceUnavailable."""
        ...


async def read_known_slots(bot: Bot, conversation_id: str) -> dict[str, Any]:
    """The slots filled so far; none while the bot is unavailable, for what must not wait for it."""
    try:
        return await bot.read_slots(conversation_id)
    except ServiceUnavailable:
        return {}


class RasaBot:
    """The Rasa server, through our channel in bot/server/channel.py; it gets placeholders for personal data.

    After several turns in a row without an answer in time it is not asked for a moment: customers who write then
    get an apology at once, instead of waiting behind one another.
    """

    def __init__(
        self,
        client: ServiceClient,
        vault: Vault,
        *,
        slots_seconds: float = 0.5,  # the first reply to a sensitive topic must not wait for slots
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._vault = vault
        self._slots_seconds = slots_seconds
        self._clock = clock
        self._late_in_a_row = 0
        self._paused_until = 0.0

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        """See Bot.do."""
        placeholders = Placeholders(self._vault, message.conversation_id)
        facts = tuple(
            fact.model_copy(update={"text": placeholders.hide(fact.text)}) if fact.kind in PERSONAL_KINDS else fact
            for fact in act.facts
        )
        body = {
            "conversation_id": message.conversation_id,
            "message_id": str(message.message.id),
            "act": act.model_copy(update={"facts": facts}).model_dump(mode="json", exclude_defaults=True),
            "is_repeated": message.attempt > 1,
            "channel": message.channel,
        }
        outcome = read_outcome(placeholders.put_back(await self._ask(body)))
        if not outcome.replies:
            # Rasa swallows a failing action: the customer would get no reply.
            raise ServiceUnavailable("rasa had nothing to say")
        return outcome

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        """See Bot.read_slots."""
        if self._clock() < self._paused_until:
            raise ServiceUnavailable("rasa was late several times in a row")
        try:
            async with asyncio.timeout(self._slots_seconds):
                slots = await self._client.get("/slots", dict[str, Any], {"conversation_id": conversation_id})
                return dict(Placeholders(self._vault, conversation_id).put_back(slots))
        except (ServiceRefused, TimeoutError) as error:
            raise ServiceUnavailable(f"rasa told no slots: {error!r}") from error

    async def forget(self, conversation_id: str) -> None:
        """See Bot.forget."""
        await forget_dialogue(self._client, conversation_id)

    async def forget_before(self, moment: datetime) -> None:
        """See Bot.forget_before."""
        await self._client.post("/forget", {"before": moment.timestamp()}, dict[str, Any])

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        started = self._clock()
        if started < self._paused_until:
            raise ServiceUnavailable("rasa was late several times in a row")
        try:
            turn = await self._client.post("/turns", body, dict[str, Any])
        except ServiceUnavailable:
            if self._clock() - started > LATE_SECONDS:
                self._late_in_a_row += 1
                if self._late_in_a_row >= LATE_IN_A_ROW:
                    self._paused_until = self._clock() + PAUSE_SECONDS
            raise
        self._late_in_a_row = 0
        return turn


def read_outcome(turn: dict[str, Any]) -> TurnOutcome:
    """Reads the outcome from the answer of our Rasa channel; raises ServiceUnavailable on another shape."""
    catalogue = load_catalogue()
    try:
        replies = [
            Reply(
                text=message["text"],
                buttons=[ReplyButton(title=b["title"], payload=b["payload"]) for b in message.get("buttons") or []],
                awaits_number=catalogue.awaits_number(message.get("asked_slot")),
                card=message.get("card"),
                entry=message.get("entry"),
                text_key=CUSTOMER_TEXTS.get(message.get("response")),
            )
            for message in turn["messages"]
            if message.get("text")
        ]
        state = turn.get("state") or {}
        if replies and state.get("form") and state.get("asked"):
            shown = {"progress": count_progress(state), "asked": f"{state['form']}.{state['asked']}"}
            replies[-1] = replies[-1].model_copy(update=shown)
        handoff = turn.get("handoff")
        return TurnOutcome(
            replies=replies,
            is_understood=turn.get("understood", True),
            handoff=HandoffRequest(**handoff) if handoff else None,
            dialogue=turn.get("state"),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ServiceUnavailable(f"rasa answered in an unknown shape: {error}") from error


def count_progress(state: dict[str, Any]) -> Progress | None:
    """How far the open form is: the step that is asked, of all that this customer will be asked.

    What may be left open counts while it is being asked.
    """
    form = load_catalogue().forms.get(state.get("form") or "")
    if form is None:
        return None
    product = find_product(state.get("product") or "")
    products = [product.id] if product else [product.id for product in list_products()]
    has_product = any(question.kind == "product" for question in form.questions)
    # Whether the spouse has to consent is known late: the question for it is counted in.
    steps = max((form.list_answers({"product": each, "amount": AMOUNT_MAX}) for each in products), key=len)
    asked = state.get("asked")
    left_out = frozenset() if asked in form.optional else form.optional
    steps = [*(["product"] if has_product else []), *(slot for slot in steps if slot not in left_out)]
    if asked == form.questions[-1].slot and form.questions[-1].kind == "confirmation":
        asked = steps[-1]  # all is answered, and can be gone back to
    return Progress(step=steps.index(asked) + 1, of=len(steps), form=form.name) if asked in steps else None
